"""Clusters that cannot be asked, configuration that cannot be read, hubs on one side only."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from console.chain.filestores import FilestoreGap
from console.chain.model import ClusterError, ClusterState
from console.inventory.model import Problem
from providers.errors import ErrorKind
from providers.kubernetes.objects import Labels, Metadata, Pod, PodStatus
from providers.kubernetes.observation import Listing
from tests.chain.builders import (
    CLUSTER,
    ago,
    cluster,
    declared,
    forbidden,
    hub,
    inventory,
    observation,
    origin,
)
from tests.chain.cases.case import Case


def _error(kind: ErrorKind) -> Callable[[], ClusterState]:
    error = ClusterError(kind=kind, message=f"cluster says {kind}", next_step="sign in")
    return lambda: cluster(offline=True, state="failed", error=error)


def _problem(kind: str, hub_name: str | None = "prod") -> Callable[[], ClusterState]:
    problem = Problem(
        kind=kind, cluster=CLUSTER, hub=hub_name, origin=origin(), message="line 7: mapping values", next_step="mend"
    )
    return lambda: cluster(tree=declared(problems=(problem,)))


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
