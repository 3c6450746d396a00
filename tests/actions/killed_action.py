"""Runs an action on a real node as a process of its own that is killed: N CONTEXT ACTION HUB PARAMETERS (JSON) [TREE],
when line N of the record is about to be written. HUB "" is the cluster itself; where there is a TREE, the context is a
cluster of it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from console.actions.engine import Engine
from console.actions.folders import state_folder
from console.actions.protocol import Target
from console.actions.record import utc_now
from console.actions.surroundings import Surroundings
from console.fleet.start import start_fleet
from console.settings import Settings
from tests.actions.killed import DeadlyRecord


async def main(
    number: int, context: str, action: str, hub: str, parameters: dict[str, Any], tree: Path | None = None
) -> None:
    contexts = () if tree else (context,)
    fleet = start_fleet(Settings(), config=tree, cluster=context, contexts=contexts, offline=False)
    surroundings = Surroundings(fleet, Settings(), now=utc_now)
    engine = Engine(surroundings.observe, DeadlyRecord(state_folder(), "before", number))
    target = Target(action=action, cluster=context, hub=hub or None, parameters=parameters)
    fleet.grant(context, "write")
    plan = (await engine.preview(target)).plan
    await engine.run(target, approved=plan, confirmed=plan.place)


if __name__ == "__main__":
    _, line, where, what, which, asked, *config = sys.argv
    asyncio.run(main(int(line), where, what, which, json.loads(asked), *map(Path, config)))
