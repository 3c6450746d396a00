from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from console.chain.catalogue import RULES
from console.chain.findings import terraform
from console.chain.model import ClusterState
from console.inventory.model import Inventory
from providers.errors import ProviderError
from providers.simulated.demo import World, demo_world
from providers.simulated.hub import SECRETS
from providers.simulated.incidents import INCIDENTS
from tests.simulated.observing import NOW, fleet_of, inventory_of, observation_of, opened_world, state_of

WORLD = opened_world()
INVENTORY = inventory_of(WORLD)
CLUSTERS = {cluster.name: cluster for cluster in INVENTORY.clusters}
FLEET: dict[str, ClusterState] = {}
"""Filled by the first test that needs it: a look at all clusters takes a second."""


def test_the_tree_reads_with_just_the_planted_problem() -> None:
    problems = [problem for cluster in INVENTORY.clusters for problem in cluster.problems]
    assert INVENTORY.problems == ()
    assert [(problem.kind, problem.cluster, problem.hub) for problem in problems] == [("yaml", "summit", "cirque")]
    unresolved = [hub.name for cluster in INVENTORY.clusters for hub in cluster.hubs if not hub.resolved]
    assert unresolved == ["cirque"]


def test_the_tree_has_the_shapes_that_real_ones_have() -> None:
    hubs = {f"{hub.cluster}/{hub.name}": hub for cluster in INVENTORY.clusters for hub in cluster.hubs}
    assert 30 <= len(hubs) <= 40
    assert {cluster.provider for cluster in INVENTORY.clusters} == {"gcp", "aws", "azure", "kubeconfig"}
    assert (hubs["ocean/currents"].chart, hubs["ocean/currents"].path.value) == ("daskhub", "/currents")
    assert [mount.key for mount in hubs["ocean/kelp"].admin_mounts] == [None, None]
    assert [mount.key for mount in hubs["reef/prod"].admin_mounts] == [
        "1-shared-readwrite",
        "2-shared-readwrite-rstudio",
    ]
    assert hubs["forest/understory"].path.value == "/foresthomes/archive/canopy"
    assert not hubs["earth/public"].nfs_enabled.value
    assert hubs["earth/prod"].secret_files == ("config/clusters/earth/enc-prod.secret.values.yaml",)


@pytest.mark.parametrize("name", sorted(CLUSTERS))
async def test_what_is_found_is_what_is_planted_and_nothing_else(name: str) -> None:
    if not FLEET:
        FLEET.update(await fleet_of(WORLD, INVENTORY))
    state = FLEET[name]
    planted = {(incident.hub, incident.link, incident.code) for incident in INCIDENTS if incident.cluster == name}
    assert found_in(state) == planted


def found_in(state: ClusterState) -> set[tuple[str | None, str, str]]:
    """A filestore's trouble stands on its hubs and on the cluster: here once, on the hubs where it has any."""
    on_hubs = {(hub.name, finding.link, finding.code) for hub in state.hubs for finding in hub.findings}
    told = {(finding.filestore, finding.code) for hub in state.hubs for finding in hub.findings if finding.filestore}
    own = {
        (None, finding.link, finding.code)
        for finding in state.findings
        if (finding.filestore, finding.code) not in told
    }
    return on_hubs | own


def test_every_incident_is_in_the_catalogue_on_its_link() -> None:
    rules = {rule.code: rule.link for rule in RULES}
    assert [incident for incident in INCIDENTS if rules.get(incident.code) != incident.link] == []


def test_around_a_third_of_the_hubs_has_nothing_wrong() -> None:
    serious = {rule.code for rule in RULES if rule.severity != "info"}
    broken = {(each.cluster, each.hub) for each in INCIDENTS if each.hub and each.code in serious}
    reached = [hub for cluster in INVENTORY.clusters if cluster.name not in ("polar", "desert") for hub in cluster.hubs]
    healthy = [hub for hub in reached if (hub.cluster, hub.name) not in broken]
    assert len(healthy) >= len(reached) * 0.3


def test_the_demo_has_every_kind_of_terraforms_drift() -> None:
    assert {rule.code for rule in terraform.RULES} <= {incident.code for incident in INCIDENTS}


async def test_a_declaration_under_another_name_and_disks_are_in_the_demo() -> None:
    earth, reef = [await state_of(WORLD, CLUSTERS[name]) for name in ("earth", "reef")]
    assert earth.terraform is not None
    assert earth.terraform.workspace == "earth-hubs"
    assert reef.terraform is not None
    disks = {(one.kind, one.found, one.capacity_gib, one.key) for one in reef.terraform.resources}
    assert disks == {
        ("disk", "unknown", 500, "prod"), ("disk", "unknown", 120, "anemone"), ("disk", "unknown", 200, "coral"),
        ("disk", "unknown", 500, "lagoon"),
    }  # fmt: skip


async def test_no_secret_gets_out_of_the_secrets() -> None:
    for declared in (cluster for cluster in INVENTORY.clusters if cluster.name not in ("polar", "desert")):
        told = msgspec.json.encode([await observation_of(WORLD, declared), await state_of(WORLD, declared)]).decode()
        assert "allusers" in told or "shared-readwrite" in told
        assert [secret for secret in SECRETS if secret in told] == []


async def test_clusters_that_cannot_be_asked_say_what_to_do() -> None:
    with pytest.raises(ProviderError) as expired:
        await observation_of(WORLD, CLUSTERS["polar"])
    with pytest.raises(ProviderError) as away:
        await observation_of(WORLD, CLUSTERS["desert"])
    assert (expired.value.kind, expired.value.next_step) == ("unauthorized", "aws sso login")
    assert away.value.kind == "unreachable"


async def test_only_reading_requests_arrive() -> None:
    world = opened_world()
    await state_of(world, CLUSTERS["earth"])
    methods = {(request.method, request.path) for request in world.connector().servers["earth"].requests}
    posted = {path for method, path in methods if method != "GET"}
    assert posted <= {
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    }


async def test_the_same_moment_gives_the_same_world() -> None:
    assert await everything(opened_world(), INVENTORY) == await everything(opened_world(), INVENTORY)


async def everything(world: World, inventory: Inventory) -> list[bytes]:
    bodies = []
    connector = world.connector()
    for context in connector.contexts():
        await connector.connect(context.name)
    for server in connector.servers.values():
        if server.faults.failure is None:
            bodies.append((await server.request("GET", "/api/v1/namespaces/prod/pods", timeout_s=1)).body)
            bodies.append((await server.request("GET", "/api/v1/events", timeout_s=1)).body)
    return bodies


async def test_clusters_answer_one_after_another_within_a_second() -> None:
    waits: dict[str, set[float]] = {}
    current = ""

    async def note(seconds: float) -> None:
        waits.setdefault(current, set()).add(seconds)

    world = demo_world(NOW, sleep=note)
    for name, declared in CLUSTERS.items():
        current = name
        await state_of(world, declared)
    first = [min(each) for each in waits.values()]
    assert len(set(first)) == len(CLUSTERS)
    assert max(first) < 1


async def test_an_unknown_context_is_refused() -> None:
    with pytest.raises(ProviderError) as refused:
        await WORLD.connector().connect("nowhere")
    assert refused.value.kind == "no_context"


def test_opening_the_demo_imports_nothing_heavy() -> None:
    heavy = ("kubernetes", "yaml", "_gojsonnet", "aiohttp", "textual", "boto3", "grpc")
    code = f"import sys, providers.simulated.demo; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
