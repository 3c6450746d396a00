"""A process that makes a file system is killed while AWS works on a request of it, and another goes on."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from asyncio.subprocess import PIPE, STDOUT

import msgspec
import pytest

from tests.contracts.filestore_changes import check_whole, draft_of, finish
from tests.filestores.aws_efs.account import CHANGES
from tests.filestores.aws_efs.asking import ACCOUNT
from tests.filestores.aws_efs.wire import behind, mute

SCRIPT = f"""
import asyncio, sys
from datetime import UTC, datetime, timedelta
import msgspec
from providers.filestores.aws_efs import AwsEfs
from providers.filestores.changes import Follow, Piece
from providers.filestores.protocol import FilestoreScope
from providers.kubernetes.permission import Permission

async def main():
    permission = Permission()
    permission.grant("write", until=datetime.now(UTC) + timedelta(hours=1))
    account = {{"region": sys.argv[1], "clusterName": "ocean", "account": "{ACCOUNT}"}}
    where = FilestoreScope(cluster="ocean", provider="aws", account=account, observation=None, now=datetime.now(UTC))
    changes = await AwsEfs().changes()
    for piece in msgspec.json.decode(sys.argv[2], type=tuple[Piece, ...]):
        await changes.make(where, piece, permission=permission, follow=Follow())

asyncio.run(main())
"""


@pytest.mark.parametrize("change", [1, 2, 4])
async def test_a_creation_goes_on_in_another_process(account, change):
    pieces = msgspec.json.encode((await draft_of(account)).pieces).decode()
    worked = threading.Event()

    def done_and_no_answer(request):
        behind(request)
        worked.set()
        mute(request)

    account.at_change(change, done_and_no_answer)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SCRIPT, account.cloud.region, pieces, stdout=PIPE, stderr=STDOUT
    )
    began = await asyncio.to_thread(worked.wait, 60)
    process.kill()
    printed, _ = await process.communicate()
    assert (began, printed, process.returncode) == (True, b"", -signal.SIGKILL)
    assert account.changed() == change
    check_whole(await finish(account), account)
    assert account.sent() == [*CHANGES, "CreateMountTarget"]
