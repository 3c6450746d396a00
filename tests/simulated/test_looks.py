"""Looks at the demo's shares: what is planted is seen, by the real code of a look over the simulated API server."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from providers.kubernetes.looks.look import looked
from providers.kubernetes.looks.protocol import DirectoryLook, Entry, LookRequest, Missing
from providers.kubernetes.looks.quotas import exports, quotas
from providers.kubernetes.permission import Permission
from providers.kubernetes.protocol import Transport
from providers.simulated.directories import Shares
from providers.simulated.fleet import CLUSTERS
from providers.simulated.look_script import Space, answer
from tests.kubernetes.looks.scripts import NONCE, command_of, read, said
from tests.simulated.observing import NOW, opened_world

SERVER_POD = "storage-quota-home-nfs-6c9f7d8b5-q4x2m"


async def transport_of(cluster: str) -> Transport:
    (context,) = [each.context for each in CLUSTERS if each.name == cluster]
    return await opened_world().connector().connect(context, permission=Permission(probe_always=True))


async def look_at(where: str, **changes: object) -> DirectoryLook:
    cluster, _, hub = where.partition("/")
    usual = {"namespace": hub, "claim": "home-nfs", "owner": "jo", "silence_s": 2.0}
    return await looked(await transport_of(cluster), LookRequest(**(usual | changes)))  # type: ignore[arg-type]


def entries_of(look: DirectoryLook) -> dict[bytes, Entry]:
    assert look.complete, look.why
    assert look.entries is not None
    return {entry.name: entry for entry in look.entries}


async def test_a_hub_directory_and_homes_of_root() -> None:
    look = await look_at("earth/prod")
    entries = entries_of(look)
    assert isinstance(look.hub, Entry)
    assert (look.hub.uid, look.hub.mode) == (0, 0o755)
    assert {name for name, entry in entries.items() if entry.uid == 0} == {b"kim", b"lou"}
    assert entries[b"hal"].kind == "file"
    assert {b"jos\xe9", b"two\nlines", b"former-01"} < set(entries)


async def test_what_else_is_planted() -> None:
    assert b"_shared" not in entries_of(await look_at("earth/glacier"))
    assert entries_of(await look_at("earth/climate"))[b"elsewhere"].link_target == b"../glacier/bo"
    assert entries_of(await look_at("earth/course"))[b"tom"].mode == 0
    deeper = (await look_at("reef/anemone", deep=True)).deeper or ()
    assert [(deep.parent, deep.entry.name) for deep in deeper] == [(b"eli", b".cache")]


async def test_a_look_through_a_claim_sees_what_the_volume_leads_to() -> None:
    assert b"dee" not in entries_of(await look_at("earth/soils"))
    fjord = entries_of(await look_at("ocean/gulf"))
    assert b"zoe" in fjord


@pytest.mark.parametrize(
    ("where", "kind", "symptom"),
    [
        ("earth/delta", "mount", "missing-directory"),
        ("earth/staging", "unbound", None),
        ("ocean/reefwatch", "unbound", None),
        ("forest/staging", "mount", "denied"),
        ("reef/atoll", "mount", "refused"),
    ],
)
async def test_what_cannot_be_mounted_says_why(where: str, kind: str, symptom: str | None) -> None:
    look = await look_at(where)
    assert look.failure is not None
    assert (look.failure.kind, look.failure.symptom) == (kind, symptom)


async def test_the_export_shows_what_stands_beside_a_missing_directory() -> None:
    asked = {"server": "10.2.0.2", "base_path": "/homes", "hub_directory": "delta"}
    look = await look_at("earth/delta", through="export", **asked)
    assert isinstance(look.hub, Missing)
    assert b"delta_old" in [entry.name for entry in look.base or ()]


async def test_the_in_cluster_server_tells_directories_quotas_and_exports() -> None:
    server = await transport_of("reef")
    look = await look_at("reef/prod", through="server", pod=SERVER_POD, base_path="/", hub_directory="prod")
    assert b"bo" in entries_of(look)
    report = await quotas(server, namespace="prod", pod=SERVER_POD, hub_directory="prod")
    rows = {row.directory: row for row in report.rows}
    assert rows[b"bo"].used_bytes == rows[b"bo"].hard_bytes == 10 * 2**30
    assert 0.95 < rows[b"chi"].used_bytes / rows[b"chi"].hard_bytes < 1
    assert report.unread == 0
    assert await exports(server, namespace="prod", pod=SERVER_POD) == ("/export",)


async def test_helper_pods_are_gone_after_a_look() -> None:
    transport = await transport_of("earth")
    before = await _helpers(transport)
    await looked(transport, LookRequest(namespace="prod", claim="home-nfs", owner="jo"))
    assert await _helpers(transport) == before


async def _helpers(transport: Transport) -> bytes:
    query = {"labelSelector": "hubhomes/owner,hubhomes/purpose=look", "fieldSelector": "metadata.namespace=prod"}
    answer = await transport.request("GET", "/api/v1/namespaces/prod/pods", query=query, timeout_s=5)
    return answer.body.partition(b'"items"')[2]


def test_the_simulated_script_says_what_the_real_one_says(tmp_path: Path) -> None:
    """The same tree on a disk, read by the packaged script: but for owners, which only root may give."""
    (cluster,) = [each for each in CLUSTERS if each.name == "earth"]
    place = Shares(cluster, NOW).directory("10.2.0.2", "/homes/prod")
    assert place is not None
    for name, inside in place.inside.items():
        path = bytes(tmp_path) + b"/" + name
        _make(path, inside.kind, inside.mode)
    asked = LookRequest(namespace="prod", claim="home-nfs")
    real, _ = read(said(tmp_path, asked), asked)
    command = command_of(asked, tmp_path)
    played = "".join(answer(command, place, Space(used_gib=1, size_gib=2)))
    simulated, _ = read(played.encode(), asked)

    assert NONCE in command
    assert _shape(simulated) == _shape(real)
    assert simulated.complete


def _make(path: bytes, kind: str, mode: int) -> None:
    target = Path(path.decode(errors="surrogateescape"))
    if kind == "directory":
        target.mkdir()
    else:
        target.touch()
    target.chmod(mode)


def _shape(look: DirectoryLook) -> set[tuple[bytes, str, int]]:
    return {(entry.name, entry.kind, stat.S_IMODE(entry.mode)) for entry in look.entries or ()}
