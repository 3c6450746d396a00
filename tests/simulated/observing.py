"""Looks at the demo's clusters as the console does, without a fleet: inventory, observation, filestores, chain."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from console.chain.filestores import FilestoreInventory
from console.chain.index import ObservedCluster
from console.chain.join import cluster_state
from console.chain.model import ClusterError, ClusterState
from console.chain.orphans import with_orphans
from console.chain.policy import Policy
from console.chain.usage import hub_shares, shares_to_ask
from console.fleet.contexts import choose_context
from console.inventory.model import DeclaredCluster, Inventory
from console.inventory.read import read_inventory
from console.inventory.terraform import read_terraform, terraform_sides
from providers.errors import ProviderError
from providers.filestores.protocol import FilestoreListing, FilestoreScope
from providers.filestores.registry import backends
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.observation import ClusterObservation
from providers.kubernetes.observe import observe
from providers.kubernetes.usage.ask import ask_usage
from providers.kubernetes.usage.shares import UsageAnswers
from providers.simulated import demo
from providers.simulated.demo import World, demo_world

NOW = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)

_TREE = Path(demo.__file__).parent / "tree" / "config" / "clusters"
_DECLARED = read_terraform(_TREE.parents[1], cache_dir=None)
TERRAFORM = terraform_sides(_DECLARED, read_inventory(_TREE, cache_dir=None).clusters)
"""What the demo's Terraform declares, by cluster."""


async def at_once(seconds: float) -> None:
    """A sleep that does not wait."""


def opened_world() -> World:
    return demo_world(NOW, sleep=at_once)


def inventory_of(world: World) -> Inventory:
    return read_inventory(world.root, cache_dir=None)


async def observation_of(world: World, declared: DeclaredCluster) -> ClusterObservation:
    """Raises ProviderError where the cluster cannot be asked."""
    choice = choose_context(declared, root=world.root, offered=world.connector().contexts(), mapping={})
    api = KubernetesApi(await world.connector().connect(choice.context))
    return await observe(
        api, context=choice.context, namespaces=[hub.namespace for hub in declared.hubs], now=lambda: NOW
    )


async def state_of(world: World, declared: DeclaredCluster) -> ClusterState:
    observation = usages = error = None
    try:
        observation = await observation_of(world, declared)
        usages = await _usages(world, declared, observation)
    except ProviderError as failure:
        error = ClusterError(kind=failure.kind, message=failure.message, next_step=failure.next_step, since=NOW)
    return cluster_state(
        name=declared.name,
        provider=declared.provider,
        context=declared.name,
        declared=declared,
        observation=observation,
        filestores=await _filestores(world, declared, observation),
        state="observed" if observation else "failed",
        error=error,
        policy=Policy(),
        now=NOW,
        terraform=TERRAFORM.get(declared.name),
        usages=usages,
    )


async def fleet_of(world: World, inventory: Inventory) -> dict[str, ClusterState]:
    """Every cluster by its name, with what only the whole fleet can tell of it."""
    states = [await state_of(world, declared) for declared in inventory.clusters]
    return {state.name: state for state in with_orphans(states, now=NOW)}


async def _usages(world: World, declared: DeclaredCluster, observation: ClusterObservation) -> UsageAnswers:
    shares = shares_to_ask(hub_shares(declared, ObservedCluster.of(observation)))
    api = KubernetesApi(await world.connector().connect(observation.context))
    return await ask_usage(api, shares, observation, now=lambda: NOW, deadline_s=5)


async def _filestores(
    world: World, declared: DeclaredCluster, observation: ClusterObservation | None
) -> FilestoreInventory:
    scope = FilestoreScope(
        cluster=declared.name,
        provider=declared.provider,
        account=declared.account,
        observation=observation,
        now=NOW,
    )
    answers: dict[str, FilestoreListing | ProviderError] = {}
    for backend in (*backends(["home-nfs"]), *world.backends()):
        try:
            answers[backend.name] = await backend.list_filestores(scope)
        except ProviderError as failure:
            answers[backend.name] = failure
    return FilestoreInventory.of(answers)
