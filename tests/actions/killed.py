"""Runs the lamps as a process of its own that is killed: python -m tests.actions.killed FOLDER SIDE N.

SIDE `before`: the N-th line of the record is about to be written; `torn`: only the half of it is on disk. Between two
lines stands each thing that the engine does, so that every boundary of a step is one of these.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from console.actions.engine import Engine
from console.actions.entries import Entry, Line
from console.actions.record import Record, encoded_line, utc_now
from tests.actions.toy import TARGET, LampAction, Lamps, Surroundings


class DeadlyRecord(Record):
    def __init__(self, folder: Path, side: str, number: int) -> None:
        super().__init__(folder)
        self._side = side
        self._left = number

    def append(self, entry: Entry) -> Line:
        self._left -= 1
        if self._left == 0:
            if self._side == "torn":
                whole, _ = encoded_line(Line(number=1, at=utc_now(), previous="", entry=entry))
                self.folder.mkdir(exist_ok=True)
                with self.file.open("ab") as stream:
                    stream.write(whole[: len(whole) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return super().append(entry)


async def main(folder: Path, side: str, number: int) -> None:
    lamps = Lamps(folder / "lamps.json")
    action = LampAction(lamps)
    engine = Engine(Surroundings(lamps).observe, DeadlyRecord(folder / "state", side, number), find=lambda name: action)
    plan = (await engine.preview(TARGET)).plan
    await engine.run(TARGET, approved=plan)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
