"""Mounts that fail in user pods, and mounts of admins that differ."""

from __future__ import annotations

from collections.abc import Callable

from console.chain.model import ClusterState
from providers.kubernetes.objects import PodCondition
from providers.kubernetes.observation import Listing
from tests.chain.builders import (
    ALLUSERS,
    SHARED_RO,
    SHARED_RW,
    cluster,
    declared,
    declared_mounts,
    event,
    forbidden,
    hub,
    observation,
    pod,
    stuck,
    values,
)
from tests.chain.cases.case import Case


def _failing(words: str, **options: object) -> Callable[[], ClusterState]:
    def build() -> ClusterState:
        events = (event("bo", words), event("chi", words))
        return cluster(observation(user_pods=(pod("ana"), stuck("bo"), stuck("chi")), mount_events=events))

    return build


_SUB_PATH = 'failed to prepare subPath for volumeMount "home" of container "notebook"'

MOUNT_CASES = (
    Case(name="no directory", state=_failing("mount.nfs: mounting x failed: No such file or directory"),
         codes=("MNT10",), message="no such directory: 2 users, for 9 min"),
    Case(name="denied", state=_failing("mount.nfs: access denied by server while mounting x"), codes=("MNT11",)),
    Case(name="timed out", state=_failing("mount.nfs: Connection timed out"), codes=("MNT12",)),
    Case(name="no route", state=_failing("mount.nfs: No route to host"), codes=("MNT12",)),
    Case(name="refused", state=_failing("mount.nfs: Connection refused"), codes=("MNT13",)),
    Case(name="protocol", state=_failing("mount.nfs: Protocol not supported"), codes=("MNT14",)),
    Case(name="stale", state=_failing("mount.nfs: Stale file handle"), codes=("MNT15",)),
    Case(name="own words", state=_failing("mount.nfs: something new"), codes=("MNT17",)),
    Case(name="name", state=_failing("mount.nfs: Failed to resolve server nfs.prod.svc"), codes=("MNT19",)),
    Case(name="options", state=_failing("mount.nfs: an incorrect mount option was specified"), codes=("MNT20",)),
    Case(
        name="hanging",
        state=lambda: cluster(observation(user_pods=(stuck("bo", minutes=4),))),
        codes=("MNT16",),
        message="mount hangs: 1 user, for 4 min",
    ),
    Case(
        name="claim not ready for the scheduler only",
        state=lambda: cluster(
            observation(
                user_pods=(pod("bo", phase="Pending", node="", conditions=(
                    PodCondition(type="PodScheduled", status="False",
                                 message='persistentvolumeclaim "home-nfs" is being deleted'),
                )),),
            )
        ),
        codes=("MNT18",),
    ),
    Case(
        name="folder refused",
        state=lambda: cluster(
            observation(
                user_pods=(pod("bo", phase="Pending", waiting="CreateContainerConfigError", waiting_message=_SUB_PATH),)
            )
        ),
        codes=("MNT21",),
    ),
)  # fmt: skip

_BOTH = declared_mounts(SHARED_RW, ALLUSERS, file="earth/prod.values.yaml")
_ON = observation(hub_values=(values(admin=(SHARED_RW, ALLUSERS)),))
_READ_ONLY = ("/home/jovyan/allusers", "", True)

ADMIN_CASES = (
    Case(
        name="allusers on both sides",
        state=lambda: cluster(_ON, declared(hub(admin_mounts=_BOTH))),
        codes=("MNT01",),
        message="allusers is on, writable",
    ),
    Case(
        name="allusers read-only",
        state=lambda: cluster(
            observation(hub_values=(values(admin=(SHARED_RW, _READ_ONLY)),)),
            declared(hub(admin_mounts=declared_mounts(SHARED_RW, _READ_ONLY))),
        ),
        codes=("MNT01",),
        message="allusers is on, read-only",
    ),
    Case(name="allusers live only", state=lambda: cluster(_ON), codes=("MNT02", "MNT01")),
    Case(
        name="allusers declared only",
        state=lambda: cluster(tree=declared(hub(admin_mounts=_BOTH))),
        codes=("MNT03",),
    ),
    Case(
        name="shared-readwrite dropped in the values",
        state=lambda: cluster(
            observation(hub_values=(values(admin=(ALLUSERS,)),)),
            declared(hub(admin_mounts=declared_mounts(ALLUSERS))),
        ),
        codes=("MNT04", "MNT01"),
    ),
    Case(
        name="shared-readwrite dropped live",
        state=lambda: cluster(observation(hub_values=(values(admin=()),))),
        codes=("MNT04",),
        message="shared-readwrite is declared, not live",
    ),
    Case(
        name="a server of before",
        state=lambda: cluster(
            observation(
                hub_values=(values(admin=(SHARED_RW, ALLUSERS)),),
                user_pods=(pod("ana"), pod("bo", mounts=(SHARED_RO, SHARED_RW))),
            ),
            declared(hub(admin_mounts=_BOTH)),
        ),
        codes=("MNT05", "MNT01"),
    ),
    Case(
        name="allusers otherwise",
        state=lambda: cluster(
            observation(hub_values=(values(admin=(SHARED_RW, _READ_ONLY)),)), declared(hub(admin_mounts=_BOTH))
        ),
        codes=("MNT06", "MNT01"),
        message="allusers is read-only live, writable declared",
    ),
    Case(
        name="values unreadable",
        state=lambda: cluster(observation(hub_values=(values(error="values.yaml is no YAML"),))),
        codes=("MNT07",),
    ),
    Case(
        name="allusers mounted, Secret forbidden",
        state=lambda: cluster(
            observation(
                hub_values=Listing(refusals=(forbidden("secrets"),)),
                user_pods=(pod("ana", mounts=(SHARED_RO, SHARED_RW, ALLUSERS)),),
            )
        ),
        codes=("MNT08",),
    ),
)
