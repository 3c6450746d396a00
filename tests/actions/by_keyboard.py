"""An action by keyboard on the real node, through everything that may come of it: denied, changed between plan and run,
stopped, run and verified, nothing to do, undone. What is on the export and the audit log are the witnesses."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from console.actions.engine import Engine
from console.actions.entries import Entry, Intent, Line
from console.actions.record import Record, utc_now
from console.actions.surroundings import Surroundings
from console.fleet.start import start_fleet
from console.settings import Settings
from console.tui.app import HubhomesApp
from console.tui.jobs import Jobs
from tests.actions.real_cases import Broken
from tests.cluster.client import ApiClient
from tests.cluster.node import RealCluster
from tests.tui.hands import Hands


class Place(Protocol):
    """One hub on the real node, whose namespace has its name; `state` is the folder of the record."""

    @property
    def cluster(self) -> RealCluster: ...

    @property
    def api(self) -> ApiClient: ...

    @property
    def namespace(self) -> str: ...

    @property
    def state(self) -> Path: ...

    def changes(self, since: int) -> list[str]:
        """What was changed besides helper pods, what runs in them, and the lock, since so many audited requests."""
        ...

    def sent(self, since: int) -> list[str]:
        """As `changes`, with helper pods."""
        ...


class HeldRecord(Record):
    """A record in which a run's intent waits, while it is asked to, until it is let through."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.reached, self.through = threading.Event(), threading.Event()
        self.through.set()

    def append(self, entry: Entry) -> Line:
        if isinstance(entry, Intent):
            self.reached.set()
            assert self.through.wait(60)
        return super().append(entry)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Entered when a run that is under way has got there; it goes on afterwards."""
        assert await asyncio.to_thread(self.reached.wait, 60)
        yield
        self.through.set()


@asynccontextmanager
async def console(scene: Place, record: Record, *, tree: Path | None = None) -> AsyncIterator[Hands]:
    """The console over the node, as somebody with all rights and as somebody who may only look; with TREE both are
    clusters of it."""
    contexts = () if tree else ("admin", "reader")
    fleet = start_fleet(Settings(), config=tree, cluster=None, contexts=contexts, offline=False)
    engine = Engine(Surroundings(fleet, Settings(), now=utc_now).observe, record)
    app = HubhomesApp(fleet, Settings(), ascii_only=False, jobs=Jobs(engine, record))
    async with app.run_test(size=(120, 40)) as pilot:
        hands = Hands(app, fleet, pilot)  # type: ignore[arg-type]
        for user in ("admin", "reader"):
            await hands.observed(f"{user}/{scene.namespace}")
        yield hands


async def everything(place: Place, action: str, broken: Broken, *, undoable: bool, tree: Path | None = None) -> None:
    """All of it, one after the other, in one console."""
    record = HeldRecord(place.state)
    async with console(place, record, tree=tree) as hands:
        await denied(place, hands, action, broken)
        await refused(place, hands, action, broken)
        await stopped(place, hands, record, broken)
        await mended(place, hands, broken)
        if undoable:
            await undone(place, hands, broken)


async def denied(scene: Place, hands: Hands, action: str, broken: Broken) -> None:
    since = len(scene.cluster.audited())
    await hands.plan(f"reader/{scene.namespace}", action, broken.parameters)
    assert "missing" in hands.text or "ask for the right to create pods" in hands.text, hands.text
    if hands.job.preview is not None:
        await hands.permit()
        await hands.press("enter", "enter")
        await hands.settle()
        assert "It can't run: rights are missing" in hands.text, hands.text
    assert scene.changes(since) == []
    assert broken.as_before()


async def refused(scene: Place, hands: Hands, action: str, broken: Broken) -> None:
    """Planned, and the world is another one before it is approved: there is a new plan then."""
    since = len(scene.cluster.audited())
    await hands.plan(f"admin/{scene.namespace}", action, broken.parameters)
    assert hands.job.preview is not None, hands.text
    await hands.permit()
    assert scene.changes(since) == []
    broken.other()
    since = len(scene.cluster.audited())
    await hands.approve()
    await hands.settle()
    assert "has changed since you approved it" in hands.text, hands.text
    assert scene.changes(since) == []
    assert not scene.state.exists()


async def stopped(scene: Place, hands: Hands, record: HeldRecord, broken: Broken) -> None:
    """Approved, and stopped before its first step."""
    since = len(scene.cluster.audited())
    record.reached.clear()
    record.through.clear()
    await hands.approve()
    async with record.held():
        await hands.press("escape")
        assert "Stopping behind this step" in hands.text
    await hands.settle()
    assert "stopped" in hands.text, hands.text
    assert "0 of" in hands.text, hands.text
    assert scene.changes(since) == []
    assert broken.as_before()


async def mended(scene: Place, hands: Hands, broken: Broken) -> None:
    """Planned, run and verified; then there is nothing to do."""
    await hands.press("r")
    await hands.settle()
    since = len(scene.cluster.audited())
    await hands.approve()
    await hands.settle()
    assert "done and verified" in hands.text, hands.text
    assert Counter(scene.sent(since) if broken.sends else scene.changes(since)) == Counter(broken.sends)
    assert broken.whole()
    await hands.press("r")
    await hands.settle()
    assert "Nothing to do" in hands.text, hands.text


async def undone(scene: Place, hands: Hands, broken: Broken) -> None:
    await hands.press("H")
    await hands.settle()
    await hands.press("u")
    await hands.settle()
    await hands.approve()
    await hands.settle()
    assert "done and verified" in hands.text, hands.text
    scene.api.wait("it is as it was", broken.as_before)
