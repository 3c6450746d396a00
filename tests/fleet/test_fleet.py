"""The fleet: clusters side by side, the newest state, errors that keep what was known."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec

from console.chain.model import ClusterState, FleetState
from console.fleet.fleet import Fleet
from console.settings import Intervals, Settings, Timeouts
from providers.errors import ProviderError
from providers.filestores.protocol import Filestore, FilestoreListing
from providers.simulated.apiserver import Faults, SimulatedApiServer
from tests.fleet.worlds import NOW, Clock, Contexts, FakeSources, Filestores, cluster, hub, inventory

SETTINGS = Settings(intervals=Intervals(refresh_s=0))


def fleet_of(sources: FakeSources, settings: Settings = SETTINGS, **options: object) -> Fleet:
    return Fleet(sources, settings, **{"now": Clock(), "coalesce_s": 0.0, **options})  # type: ignore[arg-type]


def named(state: FleetState, name: str) -> ClusterState:
    return next(one for one in state.clusters if one.name == name)


async def state_when(fleet: Fleet, true: Callable[[FleetState], bool]) -> FleetState:
    """The first state from now on of which TRUE holds."""
    reached: asyncio.Future[FleetState] = asyncio.get_running_loop().create_future()

    def look(state: FleetState) -> None:
        if true(state) and not reached.done():
            reached.set_result(state)

    end = fleet.subscribe(look)
    look(fleet.state)
    async with asyncio.timeout(10):
        state = await reached
    end()
    return state


@asynccontextmanager
async def running(fleet: Fleet) -> AsyncIterator[None]:
    task = asyncio.create_task(fleet.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_once_observes_every_cluster() -> None:
    contexts = Contexts(earth=SimulatedApiServer(), ocean=SimulatedApiServer())
    state = await fleet_of(FakeSources(contexts, declared=inventory(cluster("earth"), cluster("ocean")))).once()
    assert [(one.name, one.state, one.context, one.observed_at) for one in state.clusters] == [
        ("earth", "observed", "earth", NOW),
        ("ocean", "observed", "ocean", NOW),
    ]
    pv = state.clusters[0].hubs[0].pv
    assert pv is not None
    assert pv.exists is False


async def test_a_mute_cluster_costs_the_others_nothing() -> None:
    contexts = Contexts(polar=None, earth=SimulatedApiServer())
    fleet = fleet_of(FakeSources(contexts, declared=inventory(cluster("polar"), cluster("earth"))))
    async with running(fleet):
        state = await state_when(
            fleet, lambda state: bool(state.clusters) and named(state, "earth").state == "observed"
        )
    assert named(state, "polar").state == "observing"
    assert [one.name for one in state.clusters] == ["polar", "earth"]


async def test_a_cluster_that_never_connects_ends_at_its_deadline() -> None:
    short = msgspec.structs.replace(SETTINGS, timeouts=Timeouts(connect_s=0.01, cluster_s=0.01, filestores_s=0.01))
    state = await fleet_of(FakeSources(Contexts(polar=None), declared=inventory(cluster("polar"))), short).once()
    error = state.clusters[0].error
    assert error is not None
    assert (state.clusters[0].state, error.kind, error.since) == ("failed", "timeout", NOW)


async def test_a_refusing_cluster_is_one_row_that_says_so() -> None:
    refusal = ProviderError("unauthorized", "the token has expired", next_step="aws sso login")
    contexts = Contexts(polar=refusal, earth=SimulatedApiServer())
    state = await fleet_of(FakeSources(contexts, declared=inventory(cluster("polar"), cluster("earth")))).once()
    error = named(state, "polar").error
    assert error is not None
    assert (error.kind, error.message, error.next_step) == ("unauthorized", "the token has expired", "aws sso login")
    assert named(state, "earth").state == "observed"


async def test_a_mistake_of_ours_is_an_error_without_its_text(caplog: object) -> None:
    contexts = Contexts(polar=RuntimeError("password is hunter2"))
    state = await fleet_of(FakeSources(contexts, declared=inventory(cluster("polar")))).once()
    error = state.clusters[0].error
    assert error is not None
    assert error.kind == "internal"
    assert "RuntimeError" in error.message
    assert "hunter2" not in error.message
    assert "hunter2" not in caplog.text  # type: ignore[attr-defined]
    assert "RuntimeError" in caplog.text  # type: ignore[attr-defined]


async def test_an_error_keeps_what_was_seen_and_since_when_it_stands() -> None:
    clock = Clock()
    server = SimulatedApiServer()
    fleet = fleet_of(FakeSources(Contexts(earth=server), declared=inventory(cluster("earth"))), now=clock)
    async with running(fleet):
        await state_when(fleet, lambda state: bool(state.clusters) and state.clusters[0].state == "observed")
        server.faults = Faults(refused=True)
        for _ in range(2):
            clock.pass_by(60)
            await fleet.refresh("earth")
    earth = fleet.state.clusters[0]
    assert earth.error is not None
    assert (earth.state, earth.error.kind, earth.observed_at) == ("failed", "unreachable", NOW)
    assert (earth.error.since - NOW).total_seconds() == 60  # type: ignore[operator]
    assert earth.hubs[0].pv is not None


async def test_a_cluster_that_recovers_has_no_error() -> None:
    contexts = Contexts(earth=ProviderError("tls", "certificate is not valid"))
    fleet = fleet_of(FakeSources(contexts, declared=inventory(cluster("earth"))))
    async with running(fleet):
        await state_when(fleet, lambda state: bool(state.clusters) and state.clusters[0].state == "failed")
        contexts.servers["earth"] = SimulatedApiServer()
        await fleet.refresh()
    assert (fleet.state.clusters[0].state, fleet.state.clusters[0].error) == ("observed", None)


async def test_refreshing_one_cluster_leaves_the_others_alone() -> None:
    servers = {"earth": SimulatedApiServer(), "ocean": SimulatedApiServer()}
    fleet = fleet_of(FakeSources(Contexts(**servers), declared=inventory(cluster("earth"), cluster("ocean"))))
    async with running(fleet):
        await state_when(fleet, lambda state: {one.state for one in state.clusters} == {"observed"})
        asked = {name: len(server.requests) for name, server in servers.items()}
        await fleet.refresh("ocean")
        assert len(servers["earth"].requests) == asked["earth"]
        assert len(servers["ocean"].requests) > asked["ocean"]


async def test_sessions_are_kept_from_look_to_look() -> None:
    contexts = Contexts(earth=SimulatedApiServer())
    fleet = fleet_of(FakeSources(contexts, declared=inventory(cluster("earth"))))
    async with running(fleet):
        await state_when(fleet, lambda state: bool(state.clusters) and state.clusters[0].state == "observed")
        await fleet.refresh()
    assert contexts.connected == ["earth"]


def outlined() -> FakeSources:
    """Sources of a tree of which only the outline is quick."""
    outline = inventory(cluster("earth", hub("earth", resolved=False, path="")), evaluated=False)
    whole = inventory(cluster("earth", hub("earth", path="/homes/prod")))
    return FakeSources(Contexts(earth=SimulatedApiServer()), declared=outline, resolved=whole)


def path_of(state: FleetState) -> str | None:
    found = state.clusters[0].hubs[0].declared
    return found.path.value if found else None


async def test_the_outline_is_shown_before_the_tree_is_read() -> None:
    sources = outlined()
    fleet = fleet_of(sources)
    states: list[FleetState] = []
    fleet.subscribe(states.append)
    async with running(fleet):
        state = await state_when(fleet, lambda state: state.resolved and state.clusters[0].state == "observed")
    assert (states[0].resolved, states[0].clusters[0].state, path_of(states[0])) == (False, "pending", "")
    assert path_of(state) == "/homes/prod"
    assert sources.readings == ["outline", "inventory"]


async def test_a_sketch_is_the_first_state_and_is_not_made_again() -> None:
    sources = outlined()
    fleet = fleet_of(sources)
    fleet.sketch()
    assert (fleet.state.version, fleet.state.resolved, fleet.state.clusters[0].state) == (1, False, "pending")
    async with running(fleet):
        await state_when(fleet, lambda state: state.resolved)
    assert sources.readings == ["outline", "inventory"]


async def test_a_sketch_without_a_tree_is_none() -> None:
    contexts = Contexts(lab=SimulatedApiServer())
    contexts.current = "lab"
    fleet = fleet_of(FakeSources(contexts))
    fleet.sketch()
    assert fleet.state.version == 0
    async with running(fleet):
        assert [one.name for one in (await state_when(fleet, lambda state: state.version > 0)).clusters] == ["lab"]


async def test_a_tree_that_is_kept_is_read_once() -> None:
    sources = FakeSources(Contexts(earth=SimulatedApiServer()), declared=inventory(cluster("earth")))
    fleet = fleet_of(sources)
    async with running(fleet):
        await state_when(fleet, lambda state: bool(state.clusters) and state.clusters[0].state == "observed")
    assert sources.readings == ["outline"]


async def test_once_needs_no_outline() -> None:
    sources = outlined()
    state = await fleet_of(sources).once()
    assert (state.resolved, path_of(state)) == (True, "/homes/prod")
    assert sources.readings == ["inventory"]


async def test_changed_files_are_noticed_on_refresh() -> None:
    sources = FakeSources(
        Contexts(earth=SimulatedApiServer(), ocean=SimulatedApiServer()), declared=inventory(cluster("earth"))
    )
    fleet = fleet_of(sources)
    async with running(fleet):
        await state_when(fleet, lambda state: bool(state.clusters) and state.clusters[0].state == "observed")
        sources.resolved = inventory(cluster("ocean"))
        await fleet.refresh()
    assert [(one.name, one.state) for one in fleet.state.clusters] == [("ocean", "observed")]


async def test_looks_are_repeated_on_the_interval() -> None:
    slept: asyncio.Queue[float] = asyncio.Queue()
    go_on = asyncio.Semaphore(0)

    async def sleep(seconds: float) -> None:
        await slept.put(seconds)
        await go_on.acquire()

    server = SimulatedApiServer()
    settings = Settings(intervals=Intervals(refresh_s=30))
    fleet = fleet_of(FakeSources(Contexts(earth=server), declared=inventory(cluster("earth"))), settings, sleep=sleep)
    async with running(fleet):
        assert await slept.get() == 30
        await state_when(fleet, lambda state: bool(state.clusters) and state.clusters[0].state == "observed")
        asked = len(server.requests)
        go_on.release()
        assert await slept.get() == 30
        await state_when(fleet, lambda state: state.clusters[0].state == "observing")
        await state_when(fleet, lambda state: state.clusters[0].state == "observed")
        assert len(server.requests) > asked


async def test_offline_connects_to_nothing() -> None:
    contexts = Contexts(earth=SimulatedApiServer())
    state = await fleet_of(FakeSources(contexts, declared=inventory(cluster("earth"))), offline=True).once()
    assert (state.clusters[0].state, contexts.connected) == ("offline", [])


async def test_only_one_cluster_of_the_tree() -> None:
    contexts = Contexts(earth=SimulatedApiServer(), ocean=SimulatedApiServer())
    fleet = fleet_of(FakeSources(contexts, declared=inventory(cluster("earth"), cluster("ocean"))), only="ocean")
    state = await fleet.once()
    assert [one.name for one in state.clusters] == ["ocean"]
    assert contexts.connected == ["ocean"]
    assert fleet.cluster_names() == ("earth", "ocean")


async def test_without_a_tree_the_current_context_is_looked_at() -> None:
    contexts = Contexts(lab=SimulatedApiServer(), other=SimulatedApiServer())
    contexts.current = "lab"
    state = await fleet_of(FakeSources(contexts)).once()
    assert [(one.name, one.state, one.declared) for one in state.clusters] == [("lab", "observed", None)]


async def test_without_a_tree_the_contexts_named_are_looked_at() -> None:
    contexts = Contexts(lab=SimulatedApiServer(), other=SimulatedApiServer())
    state = await fleet_of(FakeSources(contexts), contexts=["other", "gone"]).once()
    assert [(one.name, one.state) for one in state.clusters] == [("other", "observed"), ("gone", "failed")]
    error = state.clusters[1].error
    assert error is not None
    assert (error.kind, error.message) == ("no_context", "no kubeconfig has a context gone")


async def test_without_a_tree_and_contexts_the_one_row_says_so() -> None:
    state = await fleet_of(FakeSources(Contexts())).once()
    error = state.clusters[0].error
    assert error is not None
    assert error.kind == "no_context"
    assert "--config" in error.next_step


async def test_a_broken_kubeconfig_is_every_clusters_error() -> None:
    contexts = Contexts(earth=SimulatedApiServer())
    contexts.broken = ProviderError("no_context", "kubeconfig config, line 3: not YAML", next_step="mend it")
    state = await fleet_of(FakeSources(contexts, declared=inventory(cluster("earth")))).once()
    assert state.clusters[0].error is not None
    assert state.clusters[0].error.message == "kubeconfig config, line 3: not YAML"
    assert len(state.clusters[0].hubs) == 1


async def test_filestores_of_every_backend_are_listed() -> None:
    store = Filestore(
        id="homes", name="homes", backend="gcp-filestore", addresses=("10.2.0.2",), exports=("/homes",), state="ready"
    )
    sources = FakeSources(
        Contexts(earth=SimulatedApiServer()),
        declared=inventory(cluster("earth")),
        backends=[Filestores(FilestoreListing(filestores=(store,)))],
    )
    state = await fleet_of(sources).once()
    assert state.clusters[0].filestores == (store,)
    assert state.clusters[0].filestore_hubs["homes"] == ("prod",)


async def test_a_backend_that_fails_leaves_the_cluster_observed() -> None:
    sources = FakeSources(
        Contexts(earth=SimulatedApiServer()),
        declared=inventory(cluster("earth")),
        backends=[Filestores(ProviderError("forbidden", "file.instances.list is missing"))],
    )
    state = await fleet_of(sources).once()
    assert (state.clusters[0].state, state.clusters[0].error) == ("observed", None)
    assert "file.instances.list is missing" in state.clusters[0].filestores_unknown


async def test_versions_grow_and_a_listener_can_leave() -> None:
    fleet = fleet_of(FakeSources(Contexts(earth=SimulatedApiServer()), declared=inventory(cluster("earth"))))
    heard: list[int] = []
    gone: list[int] = []
    fleet.subscribe(lambda state: heard.append(state.version))
    fleet.subscribe(lambda state: gone.append(state.version))()
    await fleet.once()
    assert heard == sorted(set(heard))
    assert heard
    assert gone == []


async def test_cancelling_ends_every_task() -> None:
    fleet = fleet_of(FakeSources(Contexts(polar=None), declared=inventory(cluster("polar"))))
    async with running(fleet):
        await state_when(fleet, lambda state: bool(state.clusters) and state.clusters[0].state == "observing")
    assert asyncio.all_tasks() == {asyncio.current_task()}
