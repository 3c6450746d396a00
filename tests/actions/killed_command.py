"""Mends permissions on a real node as a process of its own that is killed: N CONTEXT HUB, when line N of the record is
about to be written."""

from __future__ import annotations

import asyncio
import sys

from console.actions.engine import Engine
from console.actions.folders import state_folder
from console.actions.protocol import Target
from console.actions.record import utc_now
from console.actions.surroundings import Surroundings
from console.fleet.start import start_fleet
from console.settings import Settings
from tests.actions.killed import DeadlyRecord


async def main(number: int, context: str, hub: str) -> None:
    fleet = start_fleet(Settings(), config=None, cluster=context, contexts=(context,), offline=False)
    surroundings = Surroundings(fleet, Settings(), now=utc_now)
    engine = Engine(surroundings.observe, DeadlyRecord(state_folder(), "before", number))
    target = Target(action="fix-permissions", cluster=context, hub=hub, parameters={"deep": True})
    fleet.grant(context, "write")
    plan = (await engine.preview(target)).plan
    await engine.run(target, approved=plan)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
