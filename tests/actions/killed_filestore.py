"""Makes or grows a filestore in a cloud of the tests as a process of its own that is killed: FOLDER WHEN WORLD CLUSTER
ACTION PARAMETERS. WHEN is the line of the record that is about to be written, or "told": the cloud has taken a request.
WORLD and PARAMETERS are JSON; the environment leads to the clouds."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec

from console.actions import events
from console.actions.engine import Engine
from console.actions.filestores.create import CreateFilestore
from console.actions.filestores.grow import Grow
from console.actions.protocol import Action, Target
from console.actions.record import Record, utc_now
from console.actions.surroundings import Surroundings
from console.fleet.fleet import Fleet
from console.settings import Settings
from tests.actions.killed import DeadlyRecord
from tests.fleet.clouds import World

ACTIONS: dict[str, Action] = {"create-filestore": CreateFilestore(), "grow": Grow()}
NEVER = 10_000


def engine_over(fleet: Fleet, record: Record) -> Engine:
    surroundings = Surroundings(fleet, Settings(), now=utc_now)
    return Engine(surroundings.observe, record, find=ACTIONS.__getitem__, verify_deadline_s=20)


def dies_told(event: events.Event) -> None:
    if isinstance(event, events.Said):
        os.kill(os.getpid(), signal.SIGKILL)


async def main(folder: Path, when: str, world: World, cluster: str, action: str, parameters: dict[str, Any]) -> None:
    fleet = world.fleet(cluster)
    record = DeadlyRecord(folder, "before", NEVER if when == "told" else int(when))
    engine = engine_over(fleet, record)
    target = Target(action=action, cluster=cluster, parameters=parameters)
    plan = (await engine.preview(target)).plan
    fleet.grant(cluster, "write")
    tell = dies_told if when == "told" else lambda _event: None
    await engine.run(target, approved=plan, confirmed=plan.place, tell=tell)


if __name__ == "__main__":
    _, folder, when, world, *words = sys.argv
    cluster, action, parameters = words
    asyncio.run(
        main(
            Path(folder),
            when,
            msgspec.json.decode(world, type=World),
            cluster,
            action,
            msgspec.json.decode(parameters, type=dict[str, Any]),
        )
    )
