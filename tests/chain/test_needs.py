"""A cloud that can't be asked matters where a hub may live on it, and nowhere else."""

from __future__ import annotations

import pytest

from console.chain.filestores import FilestoreGap, FilestoreInventory
from console.chain.findings.cluster import STORES_UNKNOWN
from console.chain.model import ClusterState
from console.cli.check import outcome_of, unobserved
from console.cli.exits import Exit
from console.cli.scope import Scope
from console.inventory.model import Setting
from providers.kubernetes.objects import NfsSource
from providers.kubernetes.observation import Listing
from tests.chain.builders import (
    cluster,
    declared,
    finding,
    forbidden,
    hub,
    marks,
    observation,
    only,
    service,
    store,
    volume,
)

OFF = FilestoreGap(
    backend="gcp-filestore", kind="forbidden", message="the API is off", next_step="gcloud services enable x"
)
NAMED = "storage-quota-home-nfs.prod.svc.cluster.local"
IN_CLUSTER = store("home-nfs/prod", address=(NAMED, "10.3.0.9"), exports=("/homes",), backend="home-nfs")
SERVICES = (service("storage-quota-home-nfs", "prod", "10.3.0.9"),)


def unasked(*stores, gap: FilestoreGap = OFF) -> FilestoreInventory:
    return FilestoreInventory(filestores=stores, listed=("home-nfs",), gaps=(gap,))


def on(server: str, *stores, seen: bool = True, **observed) -> ClusterState:
    """A cluster on Google whose one hub mounts from SERVER, and whose Filestore can't be asked."""
    live = observation(
        persistent_volumes=(volume(nfs=NfsSource(server=server, path="/homes/prod")),), services=SERVICES, **observed
    )
    return cluster(live, declared(hub(server=Setting(server))), stores=unasked(*stores), offline=not seen)


def exit_code(state: ClusterState) -> Exit:
    from datetime import UTC, datetime

    from console.chain.model import FleetState

    fleet = FleetState(version=1, generated_at=datetime.now(UTC), clusters=(state,))
    found = list(fleet.all_findings())
    return outcome_of([one for one in found if one.severity != "info"], found, unobserved(fleet, Scope()))


@pytest.mark.parametrize("server", [NAMED, "10.3.0.9"])
def test_a_cloud_that_no_hub_needs_is_a_remark(server: str) -> None:
    state = on(server, IN_CLUSTER)
    remark = finding(state, "CLU08")
    assert remark.severity == "info"
    assert remark.message == "gcp-filestore: not needed by its hubs: the API is off"
    assert remark.next_step == "gcloud services enable x"
    assert "leave gcp-filestore out of backends" in remark.detail[0]
    assert marks(only(state))["filestore"] == "ok"
    assert exit_code(state) == Exit.NONE


@pytest.mark.parametrize("server", ["10.2.0.2", "nfs.example.org"])
def test_a_cloud_that_a_hub_may_live_on_is_a_warning(server: str) -> None:
    state = on(server)
    warning = finding(state, "CLU08")
    assert (warning.severity, warning.message) == ("warning", "gcp-filestore: the API is off")
    assert marks(only(state))["filestore"] == "unobserved"
    assert exit_code(state) == Exit.UNOBSERVED


def test_a_part_that_is_not_known_matters_where_a_hub_lives_on_the_rest() -> None:
    gap = FilestoreGap(backend="gcp-filestore", kind="unreachable", message="europe-west4-c did not answer")
    assert finding(cluster(stores=unasked(store(), gap=gap)), "CLU08").severity == "warning"


def test_a_hub_on_another_cloud_does_not_need_this_one() -> None:
    gap = FilestoreGap(backend="azure-files", kind="unauthorized", message="no login")
    inventory = FilestoreInventory(filestores=(store(),), listed=("home-nfs", "gcp-filestore"), gaps=(gap,))
    assert finding(cluster(stores=inventory), "CLU08").severity == "info"


def test_where_no_hub_is_seen_there_may_be_one() -> None:
    empty = observation(persistent_volumes=(), persistent_volume_claims=(), hub_values=(), user_pods=(),
                        hub_deployments=())  # fmt: skip
    blind = observation(persistent_volumes=(), persistent_volume_claims=(), hub_values=(), user_pods=(),
                        hub_deployments=Listing(refusals=(forbidden("deployments"),)))  # fmt: skip
    for seen, severity in ((empty, "info"), (blind, "warning")):
        assert finding(cluster(seen, stores=unasked(), undeclared=True), "CLU08").severity == severity


def test_the_in_cluster_servers_are_needed_by_whoever_may_have_one() -> None:
    gap = FilestoreGap(backend="home-nfs", kind="timeout", message="no answer")
    inventory = FilestoreInventory(filestores=(store(),), listed=("gcp-filestore",), gaps=(gap,))
    assert finding(cluster(stores=inventory), "CLU08").severity == STORES_UNKNOWN.severity
