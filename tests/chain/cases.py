"""Every rule of the catalogue with at least one cluster that breaks it, and nothing else: code → the cases."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from console.chain.filestores import FilestoreGap
from console.chain.model import ClusterError, ClusterState
from console.inventory.model import Problem, Setting
from providers.errors import ErrorKind
from providers.kubernetes.objects import Labels, Metadata, NfsSource, Pod, PodCondition, PodStatus
from providers.kubernetes.observation import Listing
from tests.chain.builders import (
    ALLUSERS,
    CLUSTER,
    SERVER,
    SHARED_RO,
    SHARED_RW,
    ago,
    claim,
    cluster,
    declared,
    declared_mounts,
    deployment,
    event,
    forbidden,
    hub,
    inventory,
    job,
    log,
    observation,
    origin,
    pod,
    service,
    store,
    stuck,
    values,
    volume,
)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster, and the codes that stand on its hub `prod`, or on the cluster itself where `hub` is None."""

    name: str
    state: Callable[[], ClusterState]
    codes: tuple[str, ...]
    hub: str | None = "prod"
    message: str = ""


def _error(kind: ErrorKind) -> Callable[[], ClusterState]:
    error = ClusterError(kind=kind, message=f"cluster says {kind}", next_step="sign in")
    return lambda: cluster(offline=True, state="failed", error=error)


def _problem(kind: str, hub_name: str | None = "prod") -> Callable[[], ClusterState]:
    problem = Problem(
        kind=kind, cluster=CLUSTER, hub=hub_name, origin=origin(), message="line 7: mapping values", next_step="mend"
    )
    return lambda: cluster(tree=declared(problems=(problem,)))


def _failing(words: str, **options: object) -> Callable[[], ClusterState]:
    def build() -> ClusterState:
        events = (event("bo", words), event("chi", words))
        return cluster(observation(user_pods=(pod("ana"), stuck("bo"), stuck("chi")), mount_events=events))

    return build


def _helper(phase: str, minutes: float) -> Pod:
    labels = Labels(helper_owner="jo", helper_purpose="look")
    metadata = Metadata(name="hubhomes-x", namespace="prod", labels=labels, creation_timestamp=ago(minutes=minutes))
    return Pod(metadata=metadata, status=PodStatus(phase=phase))


CLUSTER_CASES = (
    Case(name="unreachable", state=_error("unreachable"), codes=("CLU01",), hub=None),
    Case(name="timeout", state=_error("timeout"), codes=("CLU01",), hub=None),
    Case(name="expired", state=_error("unauthorized"), codes=("CLU02",), hub=None),
    Case(name="no context", state=_error("no_context"), codes=("CLU03",), hub=None),
    Case(name="certificate", state=_error("tls"), codes=("CLU04",), hub=None),
    Case(name="refused", state=_error("forbidden"), codes=("CLU05",), hub=None),
    Case(name="throttled", state=_error("throttled"), codes=("CLU06",), hub=None),
    Case(name="internal", state=_error("internal"), codes=("CLU06",), hub=None),
    Case(
        name="a list is forbidden",
        state=lambda: cluster(observation(hub_values=Listing(refusals=(forbidden("secrets"),)))),
        codes=("CLU05",),
        hub=None,
        message="may not list secrets",
    ),
    Case(
        name="helper pod done",
        state=lambda: cluster(observation(helper_pods=(_helper("Succeeded", 1),))),
        codes=("CLU07",),
        hub=None,
    ),
    Case(
        name="helper pod too old",
        state=lambda: cluster(observation(helper_pods=(_helper("Running", 90),))),
        codes=("CLU07",),
        hub=None,
        message="helper pod of jo is left in prod",
    ),
    Case(
        name="filestores forbidden",
        state=lambda: cluster(
            stores=msgspec.structs.replace(
                inventory(),
                listed=("home-nfs",),
                gaps=(FilestoreGap(backend="gcp-filestore", kind="forbidden", message="may not list instances"),),
            )
        ),
        codes=("CLU08",),
        hub=None,
    ),
    Case(name="cluster.yaml", state=_problem("missing-key", None), codes=("CFG04",), hub=None),
)

CONFIGURATION_CASES = (
    Case(name="broken YAML", state=_problem("yaml"), codes=("CFG01",)),
    Case(name="unreadable", state=_problem("unreadable"), codes=("CFG01",)),
    Case(name="a list", state=_problem("not-a-map"), codes=("CFG01",)),
    Case(name="missing values file", state=_problem("missing-file"), codes=("CFG02",)),
    Case(name="jsonnet", state=_problem("jsonnet"), codes=("CFG03",)),
    Case(name="missing key", state=_problem("missing-key"), codes=("CFG04",)),
    Case(name="two hubs of one name", state=_problem("duplicate-hub"), codes=("CFG05",)),
    Case(name="chart elsewhere", state=_problem("missing-chart"), codes=("CFG06",)),
    Case(name="wrong type", state=_problem("wrong-type"), codes=("CFG07",)),
    Case(name="a kind of its own", state=_problem("something-new"), codes=("CFG08",)),
    Case(
        name="declared, not deployed",
        state=lambda: cluster(
            observation(persistent_volumes=(), persistent_volume_claims=(), hub_deployments=(), hub_values=(),
                        user_pods=())
        ),
        codes=("CFG10",),
    ),
    Case(
        name="live, not declared",
        state=lambda: cluster(tree=declared(hub("other"))),
        codes=("CFG11",),
    ),
)  # fmt: skip

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

DIRECTORY_CASES = (
    Case(
        name="share creator failed",
        state=lambda: cluster(
            observation(share_creator_jobs=(job(),), share_creator_logs=(log("mkdir: ok", "chown: not permitted"),))
        ),
        codes=("DIR01",),
        message="share creator failed: chown: not permitted",
    ),
    Case(
        name="share creator failed at the first deploy",
        state=lambda: cluster(
            observation(
                share_creator_jobs=(job(),), hub_deployments=(), persistent_volumes=(), persistent_volume_claims=(),
                hub_values=(), user_pods=(),
            )
        ),
        codes=("DIR01",),
    ),
    Case(
        name="share creator still there",
        state=lambda: cluster(observation(share_creator_jobs=(job(failed=False, minutes=8),))),
        codes=("DIR02",),
        message="share creator runs for 8 min",
    ),
    Case(
        name="name override",
        state=lambda: cluster(
            observation(persistent_volumes=(volume(nfs=NfsSource(server=SERVER, path="/homes/old")),)),
            declared(hub(share_name_override=Setting("old", origin()), path=Setting("/homes/old", origin()))),
        ),
        codes=("DIR05",),
    ),
    Case(
        name="name override, and no such directory",
        state=lambda: cluster(
            observation(
                persistent_volumes=(volume(nfs=NfsSource(server=SERVER, path="/homes/old")),),
                user_pods=(stuck("bo"),),
                mount_events=(event("bo", "mount.nfs: No such file or directory"),),
            ),
            declared(hub(share_name_override=Setting("old", origin()), path=Setting("/homes/old", origin()))),
        ),
        codes=("DIR05",),
    ),
    Case(
        name="two hubs on one directory",
        state=lambda: cluster(
            observation(
                persistent_volumes=(volume(), volume("staging", nfs=NfsSource(server=SERVER, path="/homes//prod/"))),
                persistent_volume_claims=(claim(), claim("staging")),
                hub_deployments=(deployment(), deployment("staging")),
                hub_values=(values(), values("staging")),
            ),
            declared(hub(), hub("staging", path=Setting("/homes/prod", origin()))),
        ),
        codes=("DIR06",),
        message="shares its directory with staging",
    ),
)  # fmt: skip

_NO_CLAIM = 'persistentvolumeclaim "home-nfs" not found'

VOLUME_CASES = (
    Case(
        name="PV missing, PVC Pending, pods wait",
        state=lambda: cluster(
            observation(
                persistent_volumes=(),
                persistent_volume_claims=(claim(phase="Pending"),),
                user_pods=(pod("bo", phase="Pending", node=""),),
                scheduling_events=(
                    event("bo", "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims",
                          reason="FailedScheduling"),
                ),
            )
        ),
        codes=("PV01",),
        message="PV prod-home-nfs is missing",
    ),
    Case(
        name="PV gone, PVC Lost",
        state=lambda: cluster(observation(persistent_volumes=(), persistent_volume_claims=(claim(phase="Lost"),))),
        codes=("PV01",),
    ),
    Case(
        name="PV and PVC missing",
        state=lambda: cluster(observation(persistent_volumes=(), persistent_volume_claims=())),
        codes=("PV01",),
        message="PV and its claim are missing",
    ),
    Case(
        name="PV Released, PVC missing",
        state=lambda: cluster(
            observation(persistent_volumes=(volume(phase="Released"),), persistent_volume_claims=())
        ),
        codes=("PV02",),
        message="PV is Released: its claim was deleted",
    ),
    Case(
        name="PV Released, PVC Pending",
        state=lambda: cluster(
            observation(
                persistent_volumes=(volume(phase="Released"),), persistent_volume_claims=(claim(phase="Pending"),)
            )
        ),
        codes=("PV02",),
    ),
    Case(
        name="PV Failed",
        state=lambda: cluster(
            observation(
                persistent_volumes=(volume(phase="Failed", message="no volume plugin matched"),),
                persistent_volume_claims=(claim(phase="Lost"),),
            )
        ),
        codes=("PV03",),
        message="PV is Failed: no volume plugin matched",
    ),
    Case(
        name="PV on another path",
        state=lambda: cluster(
            observation(persistent_volumes=(volume(nfs=NfsSource(server=SERVER, path="/homes/old")),))
        ),
        codes=("PV04",),
        message="PV points to /homes/old, not /homes/prod",
    ),
    Case(
        name="PV on another server, which nobody knows, and mounts hang",
        state=lambda: cluster(
            observation(
                persistent_volumes=(volume(nfs=NfsSource(server="10.9.9.9", path="/homes/prod")),),
                user_pods=(stuck("bo"),),
            )
        ),
        codes=("PV04",),
        message=f"PV points to 10.9.9.9, not {SERVER}",
    ),
    Case(
        name="PV of other options",
        state=lambda: cluster(observation(persistent_volumes=(volume(mount_options=("noatime", "vers=3")),))),
        codes=("PV05",),
        message="PV mount options: lacks vers=4.1; has vers=3",
    ),
    Case(
        name="PV to be deleted with its claim",
        state=lambda: cluster(
            observation(persistent_volumes=(volume(persistent_volume_reclaim_policy="Delete"),))
        ),
        codes=("PV06",),
    ),
    Case(
        name="PV of another hub",
        state=lambda: cluster(
            observation(
                persistent_volumes=(volume("staging"),),
                persistent_volume_claims=(claim(phase="Pending", asks="staging-home-nfs"), claim("staging")),
                hub_deployments=(deployment(), deployment("staging")),
                hub_values=(values(), values("staging")),
            ),
            declared(hub(), hub("staging")),
        ),
        codes=("PV07",),
        message="PV belongs to staging/home-nfs",
    ),
    Case(
        name="PV not NFS", state=lambda: cluster(observation(persistent_volumes=(volume(nfs=None),))), codes=("PV08",)
    ),
    Case(
        name="PV being deleted",
        state=lambda: cluster(observation(persistent_volumes=(volume(deleted=ago(minutes=3)),))),
        codes=("PV09",),
    ),
    Case(
        name="PVC missing, PV Available",
        state=lambda: cluster(
            observation(
                persistent_volumes=(volume(phase="Available", claim_ref=None),),
                persistent_volume_claims=(),
                user_pods=(pod("bo", phase="Pending", node=""),),
                scheduling_events=(event("bo", _NO_CLAIM, reason="FailedScheduling"),),
            )
        ),
        codes=("PVC01",),
    ),
    Case(
        name="PVC Pending beside a good PV",
        state=lambda: cluster(
            observation(
                persistent_volumes=(volume(phase="Available", claim_ref=None),),
                persistent_volume_claims=(claim(phase="Pending"),),
            )
        ),
        codes=("PVC02",),
    ),
    Case(
        name="PVC Lost beside a PV made again",
        state=lambda: cluster(
            observation(
                persistent_volumes=(volume(phase="Available", claim_ref=None),),
                persistent_volume_claims=(claim(phase="Lost"),),
            )
        ),
        codes=("PVC03",),
    ),
    Case(
        name="PVC on another PV",
        state=lambda: cluster(
            observation(
                persistent_volumes=(volume(phase="Available", claim_ref=None),),
                persistent_volume_claims=(claim(asks="pvc-7f3a"),),
            )
        ),
        codes=("PVC04",),
        message="PVC is bound to pvc-7f3a",
    ),
    Case(
        name="PVC being deleted",
        state=lambda: cluster(observation(persistent_volume_claims=(claim(deleted=ago(minutes=2)),))),
        codes=("PVC05",),
    ),
)  # fmt: skip

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

CASES = (
    *CLUSTER_CASES,
    *CONFIGURATION_CASES,
    *FILESTORE_CASES,
    *DIRECTORY_CASES,
    *VOLUME_CASES,
    *MOUNT_CASES,
    *ADMIN_CASES,
)
