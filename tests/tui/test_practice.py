"""Actions by keyboard over the demo: practice without risk, on the same screens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from console.fleet.fleet import Fleet, utc_now
from console.fleet.sources import DemoSources
from console.settings import Settings
from console.tui.app import HubhomesApp
from providers.kubernetes.leases import Leases
from providers.simulated.access import Denial, Identity
from providers.simulated.demo import DemoConnector
from tests.tui.hands import Hands


class Practice:
    """The demo's earth, driven by keys."""

    def __init__(self, folder: Path) -> None:
        self.sources = DemoSources(utc_now, at_once=True)
        self.fleet = Fleet(self.sources, Settings(), only="earth", now=utc_now)
        self.app = HubhomesApp(self.fleet, Settings(), ascii_only=False, record=folder)

    def deny(self, verb: str, resource: str) -> None:
        connector = self.sources.connector()
        assert isinstance(connector, DemoConnector)
        connector.servers["earth"].identity = Identity(denials=(Denial(verb=verb, resource=resource),))

    @property
    def codes(self) -> set[str]:
        return {one.code for one in self.app.state.all_findings()}

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Hands]:
        async with self.app.run_test(size=(80, 24)) as pilot:
            hands = Hands(self.app, self.fleet, pilot)  # type: ignore[arg-type]
            await hands.observed("earth/prod")
            yield hands


async def test_practised_in_the_demo_from_the_finding_to_why_it_cannot_be_undone(tmp_path: Path) -> None:
    demo = Practice(tmp_path)
    async with demo.opened() as hands:
        await hands.mend("CLU07")
        assert "REMOVE HELPER PODS" in hands.lines[0]
        assert "read-only" in hands.lines[0]
        assert "✓ delete pods in delta  allowed" in hands.text
        await hands.press("w")
        await hands.settle()
        await hands.press("enter", "enter")
        await hands.settle()
        assert "verified: it is as planned" in hands.text
        await hands.press("escape", "H")
        await hands.settle()
        await hands.press("u")
        assert "can't be undone" in hands.text
        assert "CLU07" not in demo.codes
        await hands.at("earth/prod")
        for key, title in (("a", "ACTIONS"), ("y", "YAML")):
            await hands.press(key)
            assert title in hands.lines[0]
            assert "WRITE" in hands.lines[0]  # what may be sent to that cluster, wherever one is
            await hands.press("escape")


async def test_a_missing_right_is_named_with_the_commands_that_give_it(tmp_path: Path) -> None:
    demo = Practice(tmp_path)
    async with demo.opened() as hands:
        await hands.mend("CLU07")
        demo.deny("delete", "pods")
        await hands.press("w")
        await hands.settle()
        assert "✗ delete pods in delta  missing: you may not" in hands.text
        assert "hubhomes-remove-helper-pods" in hands.text
        await hands.press("enter", "enter")
        await hands.settle()
        assert "It can't run: rights are missing" in hands.text
        assert "CLU07" in demo.codes


async def test_whoever_comes_second_sees_the_name_of_the_first(tmp_path: Path) -> None:
    demo = Practice(tmp_path)
    async with demo.opened() as hands:
        demo.fleet.grant("earth", "write")
        leases = Leases(await demo.fleet.session("earth"), timeout_s=5, now=utc_now)
        holding = await leases.acquire("staging", holder="grace@laptop #7", purpose="allusers", duration_s=60)
        await hands.mend("PV02")
        assert "grace@laptop" in hands.text
        assert "is at work there: allusers" in " ".join(hands.text.split())
        await hands.approve()
        await hands.settle()
        assert "grace@laptop" in hands.text
        assert "PV02" in demo.codes
        await leases.release(holding)
        await hands.press("r")
        await hands.settle()
        await hands.approve()
        await hands.settle()
        assert "done and verified" in hands.text


async def test_an_action_whose_name_is_typed_is_the_first(tmp_path: Path) -> None:
    async with Practice(tmp_path).opened() as hands:
        await hands.at("earth/climate")
        for typed, first in (("move", "move aside"), ("rename home", "rename home"), ("helper", "remove helper pods")):
            await hands.press("a", "slash")
            await hands.type(typed)
            await hands.press("enter")
            assert hands.lines[1].strip().startswith(first), hands.text
            await hands.press("escape", "escape")
            await hands.at("earth/climate")
