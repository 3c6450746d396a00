"""Looks inside hubs over the embedded fleet: permitted, told as they go, cancelled, kept; nothing left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.chain.findings import homes, inside
from console.chain.model import HubState
from console.chain.seen_facts import SeenFacts
from console.fleet.fleet import Fleet
from console.fleet.looks import LookProgress
from console.fleet.looks_kept import FileLooks
from console.fleet.sources import DemoSources
from console.fleet.start import demo_settings
from console.settings import Settings
from providers.errors import ProviderError
from providers.kubernetes.guard import NotPermitted
from providers.kubernetes.looks.protocol import DirectoryLook
from providers.kubernetes.objects import Pod
from providers.kubernetes.protocol import Transport
from providers.simulated.incidents import INSIDE
from tests.chain.insides import entry, look
from tests.fleet.worlds import NOW


@asynccontextmanager
async def demo(*probed: str, only: str) -> AsyncIterator[Fleet]:
    """The demo's cluster ONLY, observed."""
    sources = DemoSources(lambda: NOW, at_once=True)
    fleet = Fleet(sources, demo_settings(Settings()), only=only, now=lambda: NOW, coalesce_s=0)
    try:
        for cluster in probed:
            fleet.grant(cluster, "probe")
        await fleet.refresh()
        yield fleet
    finally:
        await fleet.close()


def hub(fleet: Fleet, key: str) -> HubState:
    return next(one for one in fleet.state.hubs() if one.key == key)


async def looked(fleet: Fleet, key: str, **asked: object) -> HubState:
    cluster, _, name = key.partition("/")
    await fleet.look(cluster, name, **asked)  # type: ignore[arg-type]
    await fleet.refresh(cluster)
    return hub(fleet, key)


class _Pods(msgspec.Struct):
    items: list[Pod]


async def pods_of_ours(transport: Transport) -> list[str]:
    query = {"labelSelector": "hubhomes/owner"}
    answer = await transport.request("GET", "/api/v1/pods", query=query, timeout_s=1)
    found = msgspec.json.decode(answer.body, type=_Pods).items
    return [pod.metadata.name for pod in found if pod.metadata.name != "hubhomes-look-5tq2z"]


async def test_without_the_permission_nothing_runs_and_the_words_say_what_would() -> None:
    async with demo(only="earth") as fleet:
        with pytest.raises(NotPermitted, match="starts one pod of image busybox") as refusal:
            await fleet.look("earth", "prod")
        assert "grant the permission to probe" in refusal.value.next_step
        assert await pods_of_ours(await fleet.session("earth")) == []


async def test_what_is_planted_is_told_with_who_looked() -> None:
    async with demo("earth", only="earth") as fleet:
        prod = await looked(fleet, "earth/prod")
        assert prod.look is not None
        assert (prod.look.through, prod.look.complete, prod.look.looked_at) == ("claim", True, NOW)
        assert "@" in prod.look.looked_by
        assert prod.homes is not None
        rows = {row.name: row for row in prod.homes.rows}
        assert rows[b"kim"].problems == ("owned by root",)
        assert rows[b"jos\xe9"].shown == "jos\\xe9"
        assert {"HOM01", "HOM03", "HOM06"} <= {finding.code for finding in prod.findings}
        assert prod.link("homes").mark == "broken"
        assert await pods_of_ours(await fleet.session("earth")) == []


async def test_a_missing_hub_directory_is_told_with_what_stands_beside_it() -> None:
    async with demo("earth", only="earth") as fleet:
        runs = fleet.look_words("earth", "delta")
        delta = await looked(fleet, "earth/delta")
        assert delta.look is not None
        assert (delta.look.through, delta.look.complete) == ("export", True)
        (missing,) = [finding for finding in delta.findings if finding.code == "DIR03"]
        assert any("delta_old" in line for line in missing.detail)
        assert "where that leads nowhere, another one 10.2.0.2:/homes" in runs
        assert await pods_of_ours(await fleet.session("earth")) == []


async def test_an_in_cluster_server_tells_quotas_in_the_same_look() -> None:
    async with demo("reef", only="reef") as fleet:
        prod = await looked(fleet, "reef/prod")
        assert prod.look is not None
        assert prod.look.through == "server"
        assert prod.homes is not None
        assert prod.homes.quotas_at is not None
        (over,) = [finding for finding in prod.findings if finding.code == "HOM08"]
        assert over.message == "1 user cannot save: quota 10 GiB reached: bo"
        assert "quotaEnforcer.config.QuotaManager.hard_quota" in over.next_step


async def test_the_listener_hears_entries_as_they_are_read() -> None:
    told: list[LookProgress] = []
    async with demo("earth", only="earth") as fleet:
        await fleet.look("earth", "course", tell=told.append)
        homes = hub_rows(fleet, "earth/course")
    assert {row.name for one in told for row in one.rows} == homes
    assert max(one.read for one in told) == len(homes)


def hub_rows(fleet: Fleet, key: str) -> set[bytes]:
    found = fleet._store.joined(key.partition("/")[0])
    assert found is not None
    state = next(one for one in found.hubs if one.key == key)
    assert state.homes is not None
    return {row.name for row in state.homes.rows}


async def test_cancelling_leaves_no_pod() -> None:
    async with demo("earth", only="earth") as fleet:
        begun = asyncio.Event()

        def tell(progress: LookProgress) -> None:
            if "asked for" in progress.words:
                begun.set()

        task = asyncio.create_task(fleet.look("earth", "prod", tell=tell))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await pods_of_ours(await fleet.session("earth")) == []


async def test_one_hub_is_looked_at_once_at_a_time() -> None:
    async with demo("earth", only="earth") as fleet:
        first = asyncio.create_task(fleet.look("earth", "prod"))
        await asyncio.sleep(0)
        with pytest.raises(ProviderError, match="under way"):
            await fleet.look("earth", "prod")
        await first


async def test_sizes_are_added_to_what_was_listed() -> None:
    async with demo("earth", only="earth") as fleet:
        await fleet.look("earth", "prod")
        prod = await looked(fleet, "earth/prod", homes=(b"ana",), entries=False)
        assert prod.homes is not None
        rows = {row.name: row for row in prod.homes.rows}
        assert len(rows) > 20
        usage = rows[b"ana"].usage
        assert usage is not None
        assert usage.source == "du"


async def test_all_hubs_of_a_cluster_side_by_side() -> None:
    async with demo("earth", only="earth") as fleet:
        names = [one.name for one in fleet.state.hubs() if one.link("pvc").mark != "none"]
        outcomes = await asyncio.gather(*(fleet.look("earth", name) for name in names), return_exceptions=True)
        assert [one for one in outcomes if not isinstance(one, DirectoryLook | ProviderError)] == []
        assert await pods_of_ours(await fleet.session("earth")) == []


@given(st.lists(st.binary(min_size=1, max_size=255).filter(lambda name: b"/" not in name and b"\0" not in name)))
def test_any_names_are_kept(names: list[bytes]) -> None:
    import tempfile

    facts = SeenFacts(look=look(*(entry(name) for name in dict.fromkeys(names)), looked_at=NOW))
    with tempfile.TemporaryDirectory() as folder:
        FileLooks(Path(folder)).keep("earth", "prod", facts)
        assert FileLooks(Path(folder)).of("earth", now=NOW + timedelta(hours=2)) == {"prod": facts}


def test_kept_looks_are_private_and_forgotten_after_a_week(tmp_path: Path) -> None:
    kept = FileLooks(tmp_path / "looks")
    kept.keep("earth", "prod", SeenFacts(look=look(looked_at=NOW)))
    (file,) = (tmp_path / "looks").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert kept.of("mars", now=NOW) == {}
    assert kept.of("earth", now=NOW + timedelta(days=8)) == {}
    assert list((tmp_path / "looks").iterdir()) == []


def test_a_broken_file_is_nothing_kept(tmp_path: Path) -> None:
    kept = FileLooks(tmp_path)
    kept.keep("earth", "prod", SeenFacts(look=look(looked_at=NOW)))
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:40])
    assert kept.of("earth", now=NOW) == {}


@pytest.mark.parametrize("cluster", ["earth", "ocean", "forest", "reef"])
async def test_what_looks_find_in_the_demo_is_what_is_planted_and_nothing_else(cluster: str) -> None:
    async with demo(cluster, only=cluster) as fleet:
        before = {(one.name, finding.code) for one in fleet.state.hubs() for finding in one.findings}
        names = [one.name for one in fleet.state.hubs() if one.link("homes").mark != "none"]
        looks = (fleet.look(cluster, name, deep=True) for name in names)
        outcomes = await asyncio.gather(*looks, return_exceptions=True)
        await fleet.refresh()
        after = {(one.name, finding.code) for one in fleet.state.hubs() for finding in one.findings}
    assert [one for one in outcomes if isinstance(one, BaseException)] == []
    planted = {(one.hub, one.code) for one in INSIDE if one.cluster == cluster}
    assert after - before == planted


def test_the_demo_has_something_of_every_rule_about_the_inside() -> None:
    rules = {rule.code for rule in (*inside.RULES, *homes.RULES)}
    assert rules == {one.code for one in INSIDE}
