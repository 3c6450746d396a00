"""Four clusters on four backends, one cloud mute and one refusing: how long the other two take, against alone."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from bench.rows import Row, tell
from console.chain.model import FleetState
from providers import pool
from tests.fleet.clouds import CLOUDS, EARTH, FOREST, LAB, OCEAN, World, complete, four_clouds

_MUTE_S = 5.0
"""How long the mute cloud is waited for: far longer than the others may take."""
_LATENCY_S = 0.05
"""Of each answer of an API server, as over a network: all work of four clusters and their servers is this process's."""
_NAMES = {EARTH: "Filestore", OCEAN: "EFS", FOREST: "Azure Files"}


def run(*, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for mute, refusing in ((FOREST, EARTH), (EARTH, OCEAN), (OCEAN, FOREST)):
            ours, theirs = asyncio.run(_measured(Path(folder), mute, refusing, count=count))
            (third,) = set(CLOUDS) - {mute, refusing}
            what = f"{_NAMES[third]} and home-nfs, beside {_NAMES[mute]} mute and {_NAMES[refusing]} refusing"
            tell(Row(what, ours, theirs, "the two alone", 1.3))


async def _measured(folder: Path, mute: str, refusing: str, *, count: int) -> tuple[list[float], list[float]]:
    """Seconds until the two that answer are complete: in the fleet of four, and alone; after a round that imports."""
    two = [name for name in (*CLOUDS, LAB) if name not in (mute, refusing)]
    async with four_clouds(folder, mute=mute, refusing=refusing) as world:
        os.environ.update(world.environment)
        pairs = [
            (await _seconds(world, (mute, refusing, *two), two), await _seconds(world, tuple(two), two))
            for _ in range(count + 1)
        ]
        pool.shutdown()
    return [pair[0] for pair in pairs[1:]], [pair[1] for pair in pairs[1:]]


async def _seconds(world: World, names: tuple[str, ...], waited: list[str]) -> float:
    fleet = world.fleet(*names, filestores_s=_MUTE_S, latency_s=_LATENCY_S)
    reached: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def look(state: FleetState) -> None:
        if complete(state, waited) and not reached.done():
            reached.set_result(time.perf_counter())

    fleet.subscribe(look)
    started = time.perf_counter()
    running = asyncio.create_task(fleet.run())
    try:
        async with asyncio.timeout(30):
            return await reached - started
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
