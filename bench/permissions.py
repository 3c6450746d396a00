"""A tree of which 1 % has the wrong owner, on a real node: finding and mending it, against a `find` that only reads."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.rows import Row, rounds, tell
from providers.kubernetes.exec import run as run_in_container
from providers.kubernetes.looks.protocol import LookRequest
from providers.kubernetes.mending.mend import batches, mend
from providers.kubernetes.mending.owners import wrong
from providers.kubernetes.mending.pods import Inside, inside
from providers.kubernetes.mending.protocol import Change, Question
from providers.kubernetes.permission import Permission
from providers.kubernetes.session import KubeconfigConnector
from tests.cluster.node import RealCluster, running, why_no_control_plane, why_no_node
from tests.kubernetes.looks.real import IMAGE, share

FILES = 300_000
"""HUBHOMES_BENCH_FILES in the environment says another number: a million takes a minute and a half to make."""
_AIMED_AT_FILES = 1_000_000
"""The aim is for so many: of fewer, three commands instead of one count for more than what they do."""
_IN_DIRECTORY, _EVERY = 100, 100
_OWNER = 1000


def run(*, count: int) -> None:
    if why := why_no_control_plane() or why_no_node():
        tell(f"left out: permissions on a real node: {why}")
        return
    files = int(os.environ.get("HUBHOMES_BENCH_FILES", FILES))
    with running(node=True) as cluster:
        cluster.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bench"}})
        folder = share(cluster, "bench")
        spoilt = _make(folder, files)
        asyncio.run(_measured(cluster, spoilt, files, count))


def _make(folder: Path, files: int) -> list[str]:
    """FILES empty files in homes of directories; gives those of which the owner is to be wrong, spread over all."""
    os.chown(folder, _OWNER, _OWNER)
    made, spoilt = 0, []
    while made < files:
        directory = folder / f"user-{made // 1000:04}" / f"work-{made // _IN_DIRECTORY:06}"
        directory.mkdir(parents=True)
        os.chown(directory.parent, _OWNER, _OWNER)
        os.chown(directory, _OWNER, _OWNER)
        for number in range(_IN_DIRECTORY):
            path = f"{directory}/{number:02}"
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
            os.chown(path, _OWNER, _OWNER)
            if (made + number) % _EVERY == 0:
                spoilt.append(path)
        made += _IN_DIRECTORY
    return spoilt


async def _measured(cluster: RealCluster, spoilt: list[str], files: int, count: int) -> None:
    permission = Permission()
    permission.grant("write", until=datetime.now(UTC) + timedelta(hours=2))
    transport = await KubeconfigConnector(str(cluster.kubeconfig)).connect("admin", permission=permission)
    where = LookRequest(namespace="bench", claim="home-nfs", image=IMAGE, owner="bench", purpose="permissions")
    try:
        async with inside(transport, where, writable=True) as place:

            def timed(measured: Callable[[Inside], Awaitable[None]], *, spoil: bool) -> float:
                for path in spoilt if spoil else ():
                    os.chown(path, 0, 0)
                started = time.perf_counter()
                asyncio.run_coroutine_threadsafe(_awaited(measured, place), loop).result()
                return time.perf_counter() - started

            loop = asyncio.get_running_loop()
            found = await asyncio.to_thread(
                lambda: rounds(lambda: timed(_mend, spoil=True), lambda: timed(_find, spoil=True), count=count)
            )
    finally:
        await transport.close()
    wrong_now = sum(os.lstat(path).st_uid != _OWNER for path in spoilt)
    if wrong_now != len(spoilt):  # the last `find` has left them as they were spoilt
        raise RuntimeError(f"not as it was left: {wrong_now} of {len(spoilt)}")
    tell(Row(f"{files:,} files, {len(spoilt):,} of them mended, list and looks after it included", *found,
             "find that only reads", 1.3 if files >= _AIMED_AT_FILES else None))  # fmt: skip


async def _awaited(measured: Callable[[Inside], Awaitable[None]], place: Inside) -> None:
    await measured(place)


async def _mend(place: Inside) -> None:
    answer = await wrong(place, Question(uid=_OWNER, gid=_OWNER, deep=True))
    for batch in batches([Change(was=owned, uid=_OWNER, gid=_OWNER) for owned in answer.wrong]):
        mended = await mend(place, batch)
        if not all(change.done(mended.now[change.was.path]) for change in batch):
            raise RuntimeError(f"not all were mended: {mended.words}")


async def _find(place: Inside) -> None:
    command = ["sh", "-c", "cd /homes && find . -xdev '(' ! -user 1000 -o ! -group 1000 ')' | wc -l"]
    done = await run_in_container(
        place.transport, place.namespace, place.pod, container=place.container, command=command, deadline_s=3600
    )
    if done.exit_code != 0:
        raise RuntimeError(done.stderr.decode())
