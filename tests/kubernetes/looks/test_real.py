"""Looks at real folders behind real nfs mounts, on a real node."""

# Names are bytes, which pathlib does not take.
# ruff: noqa: PTH101, PTH102
from __future__ import annotations

import os
from pathlib import Path

import pytest

from providers.kubernetes.looks.look import look, looked
from providers.kubernetes.looks.protocol import DirectoryLook, EntriesRead, Entry, Finished, Missing, Mounted, Requested
from tests.cluster.node import RealCluster
from tests.kubernetes.looks.real import SERVER, helper_pods, request, session, share

pytestmark = pytest.mark.node


def make(folder: Path, name: bytes, *, uid: int = 1000, mode: int = 0o755) -> None:
    path = bytes(folder) + b"/" + name
    os.mkdir(path)
    os.chown(path, uid, uid)
    os.chmod(path, mode)


def by_name(look: DirectoryLook) -> dict[bytes, Entry]:
    assert look.entries is not None
    return {entry.name: entry for entry in look.entries}


async def test_a_look_through_the_claim_tells_every_entry(real_node: RealCluster, real_namespace: str) -> None:
    folder = share(real_node, real_namespace)
    os.chown(folder, 1000, 1000)
    names = [b"alice", b"-rf", b"a\nb\n", b"\xff\xfe", b"$(id)'\"", b"x" * 255, b"_shared", "zo\u00eb".encode()]
    for name in names:
        make(folder, name)
    make(folder, b"locked", uid=0, mode=0o700)
    make(folder, b"locked/inside", uid=0)
    (folder / "afile").write_text("x")
    (folder / "away").symlink_to("../../etc' -> '")

    async with session(real_node) as transport:
        events = [event async for event in look(transport, request(real_namespace, deep=True))]

    assert isinstance(events[0], Requested)
    assert any(isinstance(event, Mounted) for event in events)
    assert any(isinstance(event, EntriesRead) for event in events)
    assert isinstance(events[-1], Finished)
    seen = events[-1].look
    assert seen.failure is None
    assert seen.complete, seen.why
    assert isinstance(seen.hub, Entry)
    assert (seen.hub.uid, seen.hub.gid, seen.hub.mode) == (1000, 1000, 0o755)
    entries = by_name(seen)
    assert set(entries) == {*names, b"locked", b"afile", b"away"}
    assert entries[b"away"].link_target == b"../../etc' -> '"
    assert (entries[b"locked"].uid, entries[b"locked"].mode) == (0, 0o700)
    assert [(deep.parent, deep.entry.name) for deep in seen.deeper or ()] == [(b"locked", b"inside")]
    assert seen.base is None
    assert seen.space is not None
    assert seen.looked_as == "reader"
    assert seen.start_s is not None
    assert helper_pods(real_node, real_namespace) == []


async def test_a_claim_that_leads_nowhere_is_followed_by_the_export_which_tells_what_stands_there(
    real_node: RealCluster, real_namespace: str
) -> None:
    share(real_node, real_namespace, exists=False)
    beside = f"{real_namespace}-old"
    homes = real_node.export(SERVER, f"/homes/{beside}").parent
    async with session(real_node) as transport:
        events = [event async for event in look(transport, request(real_namespace))]
        (homes / real_namespace).write_text("x")
        file = await looked(transport, request(real_namespace))

    assert sum(isinstance(event, Requested) for event in events) == 2
    assert isinstance(events[-1], Finished)
    seen = events[-1].look
    assert (seen.through, seen.complete, seen.failure) == ("export", True, None)
    assert seen.claim_failure is not None
    assert (seen.claim_failure.kind, seen.claim_failure.symptom) == ("mount", "missing-directory")
    assert "No such file or directory" in seen.claim_failure.words
    assert isinstance(seen.hub, Missing)
    assert beside.encode() in [entry.name for entry in seen.base or ()]
    assert isinstance(file.hub, Entry)
    assert file.hub.kind == "file"
    assert helper_pods(real_node, real_namespace) == []


async def test_homes_are_seen_through_the_export_where_there_is_no_claim(
    real_node: RealCluster, real_namespace: str
) -> None:
    make(real_node.export(SERVER, f"/homes/{real_namespace}"), b"ana")
    async with session(real_node) as transport:
        seen = await looked(transport, request(real_namespace))

    assert set(by_name(seen)) == {b"ana"}
    assert seen.claim_failure is not None
    assert seen.claim_failure.kind == "unbound"


async def test_sizes_are_counted_for_the_chosen_homes(real_node: RealCluster, real_namespace: str) -> None:
    folder = share(real_node, real_namespace)
    make(folder, b"big\xff\n")
    with open(bytes(folder) + b"/big\xff\n/data", "wb") as data:  # noqa: PTH123
        data.write(bytes(2_000_000))
    async with session(real_node) as transport:
        seen = await looked(transport, request(real_namespace, homes=(b"big\xff\n", b"nobody"), entries=False))

    sizes = {size.home: size.used_bytes for size in seen.sizes}
    assert 2_000_000 <= (sizes[b"big\xff\n"] or 0) < 2_200_000
    assert sizes[b"nobody"] is None
