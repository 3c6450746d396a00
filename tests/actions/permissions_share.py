"""A hub's directory on this machine, reached as an in-cluster server reaches it, and the action on it.

As a program it runs the action and is killed: python -m tests.actions.permissions_share FOLDER N, when line N of the
record is about to be written.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from console.actions.engine import Engine
from console.actions.outcomes import Who
from console.actions.permissions.fix_permissions import FixPermissions
from console.actions.protocol import Action, Context, Target
from console.actions.record import Record
from console.chain.model import ClusterState, FleetState
from console.settings import Settings
from providers.kubernetes.looks.protocol import LookRequest
from providers.kubernetes.permission import Permission
from tests.actions.killed import DeadlyRecord
from tests.actions.toy import hub_state
from tests.kubernetes.mending.local import Local

TARGET = Target(action="fix-permissions", cluster="earth", hub="staging", parameters={"deep": True})
HUB = "staging"

Tree = dict[bytes, tuple[int, int, int]]
"""Uid, gid and mode of every path below the hub's directory, itself included as b""."""


class Share:
    """The share in FOLDER, and an engine for ACTION on it whose record is there as well."""

    def __init__(self, folder: Path, *, record: Record | None = None, action: Action | None = None) -> None:
        self.hub = folder / "export" / HUB
        self.state = folder / "state"
        self.record = record or Record(self.state)
        self.transport: Local = Local(export=folder / "export")
        self.permission = Permission()
        self.permission.grant("write", until=datetime(2100, 1, 1, tzinfo=UTC))
        self.engine = Engine(self.observe, self.record, find=lambda name: self.action, verify_deadline_s=5)
        self.action: Action = action or FixPermissions()

    async def observe(self, target: Target) -> Context:
        hub = hub_state(production=False)
        cluster = ClusterState(name="earth", provider="gcp", context="earth", state="observed", hubs=(hub,))
        now = datetime.now(UTC)
        return Context(
            fleet=FleetState(version=1, generated_at=now, clusters=(cluster,)),
            cluster=cluster,
            hub=hub,
            parameters=target.parameters,
            settings=Settings(),
            who=Who(os_user="ada", host="bastion"),
            now=lambda: now,
            transport=self.transport,  # type: ignore[arg-type]  # only commands are run
            permission=self.permission,
            way_in=self.way_in,
        )

    async def way_in(self) -> LookRequest:
        return LookRequest(
            namespace="staging", through="server", pod="nfs", base_path="/export", hub_directory=HUB, owner="ada"
        )

    def make(self, path: bytes, owner: tuple[int, int], mode: int, *, file: bool = False) -> None:
        whole = bytes(self.hub) + (b"/" + path if path else b"")
        if file:
            Path(os.fsdecode(whole)).touch()
        else:
            Path(os.fsdecode(whole)).mkdir(parents=True, exist_ok=True)
        os.chown(whole, *owner)
        Path(os.fsdecode(whole)).chmod(mode)

    def tree(self) -> Tree:
        top = bytes(self.hub)
        found: Tree = {b"": _owner(top)}
        for folder, folders, files in os.walk(top):
            for name in (*folders, *files):
                whole = folder + b"/" + name
                found[whole.removeprefix(top + b"/")] = _owner(whole)
        return found

    async def mend(self, target: Target = TARGET) -> str:
        plan = (await self.engine.preview(target)).plan
        return (await self.engine.run(target, approved=plan)).outcome

    async def undo(self, run: str, target: Target = TARGET) -> str:
        return await self.mend(msgspec.structs.replace(target, undoes=run))


def broken(folder: Path) -> Share:
    """Something wrong in each part: the directory, what is shared, and homes."""
    share = Share(folder)
    share.make(b"", (0, 0), 0o755)
    share.make(b".projects", (0, 0), 0o600, file=True)
    share.make(b"_shared", (0, 0), 0o755)
    share.make(b"kim", (0, 0), 0o700)
    share.make(b"kim/jos\xe9\n", (33, 44), 0o4755, file=True)
    share.make(b"lou", (1000, 1000), 0o050)
    share.make(b"max", (1000, 1000), 0o755)
    return share


MENDED: Tree = {
    b"": (1000, 1000, 0o755),
    b".projects": (0, 0, 0o600),
    b"_shared": (1000, 1000, 0o755),
    b"kim": (1000, 1000, 0o700),
    b"kim/jos\xe9\n": (1000, 1000, 0o755),
    b"lou": (1000, 1000, 0o750),
    b"max": (1000, 1000, 0o755),
}


def _owner(whole: bytes) -> tuple[int, int, int]:
    found = os.lstat(whole)
    return found.st_uid, found.st_gid, found.st_mode & 0o7777


async def main(folder: Path, number: int) -> None:
    share = Share(folder, record=DeadlyRecord(folder / "state", "before", number))
    await share.mend()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
