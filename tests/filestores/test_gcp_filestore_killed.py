"""A process that makes or grows an instance at Google is killed, and another goes on."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT

import msgspec
import pytest

from providers.filestores.changes import Piece
from tests.contracts.filestore_changes import check_whole, draft_of, finish, make
from tests.filestores.gcp_changes import PROJECT, homes, over_grpc, scope

SCRIPT = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
import msgspec
from providers.filestores.changes import Follow, Piece
from providers.filestores.gcp_filestore import GcpFilestore
from providers.filestores.protocol import FilestoreScope
from providers.kubernetes.permission import Permission

async def main():
    permission = Permission()
    permission.grant("write", until=datetime.now(UTC) + timedelta(hours=1))
    where = FilestoreScope(cluster="earth", provider="gcp", account={"project": "earth-hubs"}, observation=None,
                           now=datetime.now(UTC))
    changes = await GcpFilestore(environ={"FILESTORE_EMULATOR_HOST": sys.argv[1]}).changes()
    piece = msgspec.json.decode(sys.argv[2], type=Piece)
    await changes.make(where, piece, permission=permission, follow=Follow())

asyncio.run(main())
"""


@pytest.fixture
def cloud():
    with over_grpc(homes()) as running:
        yield running


async def killed(cloud, piece: Piece) -> None:
    """Another process makes PIECE, and is killed as soon as Google has begun; Google's packages say nothing there."""
    recorded = msgspec.json.encode(piece).decode()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SCRIPT, cloud.server.address, recorded, stdout=PIPE, stderr=STDOUT
    )
    began = await asyncio.to_thread(cloud.changing.begun.wait, 60)
    process.kill()
    printed, _ = await process.communicate()
    assert (began, printed, process.returncode) == (True, b"", -signal.SIGKILL)


@pytest.mark.parametrize("fault", [None, "mute"])
async def test_a_creation_goes_on_in_another_process(cloud, fault):
    (piece,) = (await draft_of(cloud)).pieces
    cloud.hold()
    if fault:
        cloud.changing.faults[1] = fault
    await killed(cloud, piece)
    assert (await draft_of(cloud)).pieces == (piece,)
    cloud.release()
    check_whole(await finish(cloud), cloud)
    assert cloud.changed() == 1


async def test_a_growth_goes_on_in_another_process(cloud):
    changes, store = await cloud.connect(), await cloud.filestore()
    (piece,) = (await changes.draft_growth(scope(project=PROJECT), store, 2048)).pieces
    cloud.hold()
    await killed(cloud, piece)
    cloud.release()
    assert await make(cloud, piece) == ["earth-homedirs has 2048 GiB"]
    assert (cloud.capacity_gib(), cloud.changed()) == (2048, 1)
