"""A filestore is nobody's only where that is certain, of every cluster that may know better."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from console.chain.filestores import FilestoreGap
from console.chain.model import ClusterError, ClusterState
from console.chain.orphans import with_orphans
from console.inventory.model import DeclaredCluster, Setting
from providers.filestores.protocol import Filestore
from providers.kubernetes.objects import NfsSource
from providers.kubernetes.observation import Listing
from tests.chain.builders import (
    NOW,
    changed,
    claim,
    cluster,
    declared,
    deployment,
    forbidden,
    hub,
    inventory,
    observation,
    store,
    values,
    volume,
)
from tests.chain.cases.store_troubles import archive

EARTH = {"project": "earth-hubs"}
ADDRESS = "10.2.0.9"


def on(project: str = "earth-hubs") -> DeclaredCluster:
    return changed(declared(), account={"project": project})


def earth(*stores: Filestore) -> ClusterState:
    return cluster(tree=on(), stores=inventory(*(stores or (store(), archive()))))


def named(state: ClusterState, name: str) -> ClusterState:
    return changed(state, name=name)


def orphans(*states: ClusterState, others: tuple[DeclaredCluster, ...] = ()) -> list[tuple[str, str]]:
    told = with_orphans(states, others, now=NOW)
    return [
        (state.name, finding.message.partition(":")[0])
        for state in told
        for finding in state.findings
        if finding.code == "FST19"
    ]


def unused() -> ClusterState:
    """Another cluster that lists the same filestores, with hubs elsewhere."""
    return named(earth(), "mars")


def test_one_cluster_that_knows_all_of_itself() -> None:
    assert orphans(earth()) == [("earth", "archive-2023")]


def test_what_it_holds_whose_it_may_be_and_how_to_see_it() -> None:
    store_of_old = archive(facts=(("network", "default"),), created_at=NOW - timedelta(days=700))
    state = with_orphans((earth(store(), store_of_old),), now=NOW)[0]
    finding = state.findings[0]
    assert finding.message == "archive-2023: no hub lives on it, holds 809 GiB of 1.0 TiB"
    assert finding.detail == ("says Cloud Monitoring", "made 2024-04-04", "in network default")
    assert finding.next_step == (
        "gcloud filestore instances describe archive-2023 --project earth-hubs --location us-central1-b"
    )


def test_it_is_said_once_where_clusters_share_an_account() -> None:
    assert orphans(earth(), unused()) == [("earth", "archive-2023")]


def elsewhere(server: str, path: str = "/homes/prod") -> ClusterState:
    """A cluster whose hub lives at SERVER, and which lists no filestores."""
    tree = declared(hub(server=Setting(server), path=Setting(path)))
    seen = observation(persistent_volumes=(volume(nfs=NfsSource(server=server, path=path)),))
    return named(cluster(seen, changed(tree, account={"project": "mars-hubs"}), stores=inventory()), "mars")


UNCERTAIN: dict[str, Callable[[], tuple[ClusterState, ...]]] = {
    "a hub lives on it": lambda: (earth(store(), archive(), store("third", address="10.2.0.3")), _living()),
    "a location did not answer": lambda: (
        cluster(
            tree=on(),
            stores=msgspec.structs.replace(
                inventory(store(), archive()),
                gaps=(FilestoreGap(backend="gcp-filestore", kind="unreachable", message="b did not answer"),),
            ),
        ),
    ),
    "volumes may not be listed": lambda: (
        cluster(
            observation(persistent_volumes=Listing(refusals=(forbidden("persistentvolumes"),))),
            on(),
            stores=inventory(store(), archive()),
        ),
    ),
    "another volume is bound to it": lambda: (
        cluster(
            observation(
                persistent_volumes=(
                    volume(),
                    volume("data", nfs=NfsSource(server=ADDRESS, path="/homes/data")),
                )
            ),
            on(),
            stores=inventory(store(), archive()),
        ),
    ),
    "a hub is declared to be on it": lambda: (
        cluster(
            tree=changed(declared(hub(server=Setting(ADDRESS), path=Setting("/homes/prod"))), account=EARTH),
            stores=inventory(store(), archive()),
        ),
    ),
    "the configuration of a hub is not read": lambda: (
        cluster(tree=changed(declared(hub(resolved=False)), account=EARTH), stores=inventory(store(), archive())),
    ),
    "the newest look failed": lambda: (
        changed(earth(), state="failed", error=ClusterError(kind="timeout", message="no answer")),
    ),
    "a neighbour in the account is not observed": lambda: (
        earth(),
        named(cluster(tree=on(), offline=True, state="pending"), "mars"),
    ),
    "a neighbour whose account is not known is not observed": lambda: (
        earth(),
        named(cluster(tree=declared(), offline=True, state="pending"), "mars"),
    ),
    "a hub elsewhere mounts its address": lambda: (earth(), elsewhere(ADDRESS)),
    "it is being made": lambda: (earth(store(), archive(state="creating")),),
    "it was made an hour ago": lambda: (earth(store(), archive(created_at=NOW - timedelta(hours=1))),),
}


def _living() -> ClusterState:
    """A cluster of the same account with a hub on the archive."""
    tree = changed(declared(hub(server=Setting(ADDRESS), path=Setting("/homes/prod"))), account=EARTH)
    seen = observation(persistent_volumes=(volume(nfs=NfsSource(server=ADDRESS, path="/homes/prod")),))
    return named(cluster(seen, tree, stores=inventory(store(), archive())), "mars")


@pytest.mark.parametrize("why", sorted(UNCERTAIN))
def test_nothing_is_said_where(why: str) -> None:
    assert ("earth", "archive-2023") not in orphans(*UNCERTAIN[why]())


def test_a_cluster_of_another_account_does_not_matter() -> None:
    away = named(cluster(tree=on("mars-hubs"), offline=True, state="pending"), "mars")
    assert orphans(earth(), away) == [("earth", "archive-2023")]
    cloudless = changed(declared(provider="kubeconfig"), name="lab")
    assert orphans(earth(), others=(cloudless,)) == [("earth", "archive-2023")]


def test_clusters_that_were_not_asked_for_may_live_on_it() -> None:
    assert orphans(earth(), others=(changed(on(), name="mars"),)) == []
    assert orphans(earth(), others=(changed(on("mars-hubs"), name="mars"),)) == [("earth", "archive-2023")]


def test_an_address_that_repeats_with_another_share_is_not_its() -> None:
    assert orphans(earth(), elsewhere(ADDRESS, "/vol1/prod")) == [("earth", "archive-2023")]


def test_in_cluster_servers_of_two_clusters_are_two() -> None:
    own = store("home-nfs/old/nfs", address="10.3.0.7", backend="home-nfs", namespace="old")
    one, other = earth(store(), own), named(earth(store(), own), "mars")
    assert orphans(one, other) == [("earth", "home-nfs/old/nfs"), ("mars", "home-nfs/old/nfs")]


def test_hubs_that_were_found_live_count() -> None:
    seen = observation(
        persistent_volumes=(volume(), volume("found", nfs=NfsSource(server=ADDRESS, path="/homes/found"))),
        persistent_volume_claims=(claim(), claim("found")),
        hub_deployments=(deployment(), deployment("found")),
        hub_values=(values(), values("found")),
    )
    assert orphans(cluster(seen, on(), stores=inventory(store(), archive()))) == []
