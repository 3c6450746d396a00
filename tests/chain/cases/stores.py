"""Filestores and exports in trouble."""

from __future__ import annotations

from console.inventory.model import Setting
from providers.kubernetes.objects import NfsSource
from tests.chain.builders import (
    cluster,
    declared,
    event,
    hub,
    inventory,
    observation,
    service,
    store,
    stuck,
    volume,
)
from tests.chain.cases.case import Case

_NAMED = "nfs.prod.svc.cluster.local"
_DOWN = store(state="down", detail="nfs-server is in CrashLoopBackOff", backend="home-nfs", namespace="prod")

FILESTORE_CASES = (
    Case(name="down", state=lambda: cluster(stores=inventory(_DOWN)), codes=("FST01",)),
    Case(
        name="down, and mounts fail",
        state=lambda: cluster(
            observation(user_pods=(stuck("bo"),), mount_events=(event("bo", "mount.nfs: Connection refused"),)),
            stores=inventory(_DOWN),
        ),
        codes=("FST01",),
    ),
    Case(name="degraded", state=lambda: cluster(stores=inventory(store(state="degraded"))), codes=("FST02",)),
    Case(name="creating", state=lambda: cluster(stores=inventory(store(state="creating"))), codes=("FST02",)),
    Case(name="grace", state=lambda: cluster(stores=inventory(store(state="starting"))), codes=("FST03",)),
    Case(
        name="full",
        state=lambda: cluster(stores=inventory(store(used=0.97))),
        codes=("FST04",),
        message="share 97 % full (31 GiB left)",
    ),
    Case(name="nearly full", state=lambda: cluster(stores=inventory(store(used=0.9))), codes=("FST05",)),
    Case(
        name="unknown address",
        state=lambda: cluster(observation(user_pods=()), stores=inventory(store(address="10.9.9.9"))),
        codes=("FST06",),
    ),
    Case(
        name="unknown address, and mounts time out",
        state=lambda: cluster(
            observation(user_pods=(stuck("bo"),), mount_events=(event("bo", "mount.nfs: Connection timed out"),)),
            stores=inventory(),
        ),
        codes=("FST06",),
    ),
    Case(
        name="two filestores of one address",
        state=lambda: cluster(stores=inventory(store("a"), store("b"))),
        codes=("FST07",),
    ),
    Case(
        name="no such Service",
        state=lambda: cluster(
            observation(persistent_volumes=(volume(nfs=NfsSource(server=_NAMED, path="/export/prod")),)),
            declared(hub(server=Setting("nfs.prod.svc"), path=Setting("/export/prod"))),
        ),
        codes=("FST08",),
    ),
    Case(
        name="another share",
        state=lambda: cluster(stores=inventory(store(exports=("/vol1",)))),
        codes=("EXP01",),
        message="/homes/prod is not exported by homes-nfs",
    ),
    Case(
        name="no server declared",
        state=lambda: cluster(tree=declared(hub(server=Setting(None))), offline=True, state="offline"),
        codes=("EXP02",),
    ),
    Case(
        name="Service has another address",
        state=lambda: cluster(
            observation(
                services=(service("storage-quota-home-nfs", "prod", "10.3.0.9"),),
                user_pods=(stuck("bo"),),
                mount_events=(event("bo", "mount.nfs: Connection timed out"),),
            ),
            declared(hub(home_nfs_enabled=Setting(True))),
            stores=inventory(store(address="10.3.0.9", backend="home-nfs")),
        ),
        codes=("EXP03",),
    ),
)  # fmt: skip
