"""PersistentVolumes and claims in trouble."""

from __future__ import annotations

from providers.kubernetes.objects import NfsSource
from tests.chain.builders import (
    SERVER,
    ago,
    claim,
    cluster,
    declared,
    deployment,
    event,
    hub,
    observation,
    pod,
    stuck,
    values,
    volume,
)
from tests.chain.cases.case import Case

_NO_CLAIM = 'persistentvolumeclaim "home-nfs" not found'

VOLUME_CASES = (
    Case(
        name="PV and PVC made by hand, in the place of a release",
        state=lambda: cluster(
            observation(persistent_volumes=(volume(marked=False),), persistent_volume_claims=(claim(marked=False),))
        ),
        codes=("PV10",),
        message="PV and PVC lack Helm's marks",
    ),
    Case(
        name="only PVC made by hand",
        state=lambda: cluster(observation(persistent_volume_claims=(claim(marked=False),))),
        codes=("PV10",),
        message="PVC lacks Helm's marks",
    ),
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
