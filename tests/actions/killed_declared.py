"""Declares something in Terraform's variables as a process of its own that is killed: N CONFIG CLUSTER ACTION
PARAMETERS, when line N of the record is about to be written. PARAMETERS are JSON."""

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


async def main(number: int, config: str, cluster: str, action: str, parameters: dict[str, Any]) -> None:
    fleet = start_fleet(Settings(), config=Path(config), cluster=cluster, contexts=(), offline=False)
    surroundings = Surroundings(fleet, Settings(), now=utc_now)
    engine = Engine(surroundings.observe, DeadlyRecord(state_folder(), "before", number))
    target = Target(action=action, cluster=cluster, parameters=parameters)
    plan = (await engine.preview(target)).plan
    await engine.run(target, approved=plan)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], json.loads(sys.argv[5])))
