"""What is on the demo's shares: directories in memory, with what goes wrong in real ones planted on purpose.

earth/prod: the hub's directory and some homes are root's, a file and names of odd bytes stand among the homes, and
five homes are nobody's. earth/glacier: no `_shared`. earth/climate: a link that leads to another hub. earth/course: a
home that nobody may enter. ocean/kelp: `_shared` is root's, ocean/staging: the directory itself is. reef/anemone:
root's files inside a home. reef/prod: one user is over quota, one nearly. earth/delta has no directory at all, but
one of nearly its name.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from providers.simulated.described import Cluster, Hub
from providers.simulated.release import Release
from providers.simulated.userpods import escaped

_GIB_KIB = 1024**2
_QUOTA_GIB = 10
_CLASSES = ("course-a", "course-b", "workshop")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Something in a directory. `size_kib` is what `du` counts below it; `inode` 0: of no hub's directory."""

    kind: Literal["directory", "file", "link"] = "directory"
    uid: int = 1000
    gid: int = 1000
    mode: int = 0o755
    modified_at: datetime
    target: bytes = b""
    size_kib: int = 4
    inode: int = 0
    inside: dict[bytes, Place] = {}


class Shares:
    """Every share of one cluster: base paths by server, hub directories below them. `hubs` are those of the cluster, by
    name, with what their shares hold now. `watchers` are told of what is made, by server and path."""

    def __init__(self, cluster: Cluster, now: datetime) -> None:
        self._now = now
        self._inodes = itertools.count(131)
        self.watchers: list[Callable[[str, str], None]] = []
        self._bases: dict[tuple[str, str], dict[bytes, Place]] = {}
        self.hubs = {hub.name: hub for hub in cluster.hubs}
        for hub in cluster.hubs:
            if hub.store is not None:
                self._put(cluster, hub)

    def directory(self, server: str, path: str) -> Place | None:
        """What is at PATH of SERVER, a base path or a directory directly below one; None where nothing is."""
        whole = f"/{path.strip('/')}"
        base = self._bases.get((server, whole))
        if base is not None:
            return Place(uid=0, gid=0, modified_at=self._now - timedelta(days=90), inside=base)
        above, _, name = whole.rpartition("/")
        return self._bases.get((server, above or "/"), {}).get(name.encode())

    def change(self, server: str, path: str, below: tuple[bytes, ...], **fields: int) -> None:
        """Gives other FIELDS to what is BELOW the directory at PATH of SERVER; () is that itself. A base path itself
        stays as it is."""
        whole = f"/{path.strip('/')}"
        inside, names = self._bases.get((server, whole)), below
        if inside is None:
            above, _, name = whole.rpartition("/")
            inside, names = self._bases[server, above or "/"], (name.encode(), *below)
        if not names:
            return
        for each in names[:-1]:
            inside = inside[each].inside
        inside[names[-1]] = msgspec.structs.replace(inside[names[-1]], **fields)

    def make(self, server: str, path: str, *, uid: int, gid: int, mode: int) -> bool | None:
        """Makes the directory at PATH, with what leads to it; False: it is there; None: something is in the way."""
        found = self._below(server, path)
        if found is None:
            return None
        inside, parts = found
        made = False
        for part in parts:
            if part not in inside:
                inside[part] = Place(
                    uid=uid, gid=gid, mode=mode, modified_at=self._now, inode=next(self._inodes), inside={}
                )
                made = True
            if inside[part].kind != "directory":
                return None
            inside = inside[part].inside
        if made:
            for watcher in self.watchers:
                watcher(server, f"/{path.strip('/')}")
        return made

    def remove_empty(self, server: str, path: str) -> bool | None:
        """Takes the directory at PATH away; False: something is in it; None: there is none."""
        found = self._below(server, path)
        if found is None:
            return None
        inside, parts = found
        for part in parts[:-1]:
            if part not in inside:
                return None
            inside = inside[part].inside
        if parts[-1] not in inside:
            return None
        if inside[parts[-1]].inside or inside[parts[-1]].kind != "directory":
            return False
        del inside[parts[-1]]
        return True

    def _below(self, server: str, path: str) -> tuple[dict[bytes, Place], list[bytes]] | None:
        """What is in the base path that PATH is below, and the parts of PATH from there on."""
        whole = f"/{path.strip('/')}"
        bases = [base for at, base in self._bases if at == server and f"{whole}/".startswith(f"{base.rstrip('/')}/")]
        if not bases:
            return None
        base = max(bases, key=len)
        below = whole.removeprefix(base.rstrip("/")).strip("/")
        return self._bases[server, base], [part.encode() for part in below.split("/")]

    def _put(self, cluster: Cluster, hub: Hub) -> None:
        store = hub.store
        assert store is not None  # noqa: S101 - the caller's own condition
        release = Release(
            name=hub.name, server=hub.server, base_share=store.base_share, share_name_override=hub.override
        )
        base, _, name = release.path.rpartition("/")
        directories = self._bases.setdefault((hub.server, base or "/"), {})
        if any(failing.cause == "no-directory" for failing in hub.failing):
            directories[f"{name}_old".encode()] = self._made(hub, self._now - timedelta(days=300))
            return
        planted = _planted(f"{cluster.name}/{hub.name}", self._made(hub, self._now), self._now)
        directories.setdefault(name.encode(), planted)
        if hub.volume is not None and hub.volume.path is not None:
            older = hub.volume.path.rpartition("/")[2]
            directories[older.encode()] = self._made(hub, self._now - timedelta(days=340))

    def _made(self, hub: Hub, at: datetime) -> Place:
        """A hub's directory as it should be, last used AT."""
        failing = [user for failing in hub.failing for user in failing.users]
        users = dict.fromkeys((*hub.users, *hub.admins, *hub.older_admins, *failing))
        users |= dict.fromkeys(f"{kind}-{number:02}" for kind in _CLASSES for number in range(1, 9))
        inside = {b"_shared": Place(modified_at=at - timedelta(days=12), size_kib=6 * _GIB_KIB)}
        for number, user in enumerate(users):
            used_kib = (number * 7919 % 900 + 20) * 10_000
            age = timedelta(hours=number * number % 1500 + 1)
            files = Place(kind="file", mode=0o644, modified_at=at - age, size_kib=used_kib)
            inside[escaped(user).encode()] = Place(
                modified_at=at - age, size_kib=used_kib, inside={b"notebook.ipynb": files}
            )
        return Place(modified_at=at - timedelta(hours=2), inode=next(self._inodes), inside=inside)


def quota_rows(directory: Place, hub: str) -> Iterable[tuple[bytes, int, int]]:
    """Name, KiB used and hard limit in KiB of each directory, as the server accounts them. HUB is CLUSTER/NAME."""
    hard_kib = _QUOTA_GIB * _GIB_KIB
    tight = {b"bo": hard_kib, b"chi": hard_kib * 96 // 100} if hub == "reef/prod" else {}
    for name, place in directory.inside.items():
        if place.kind == "directory":
            used_kib = tight.get(name, min(place.size_kib, hard_kib * 3 // 4))
            yield name, used_kib, 0 if name.startswith(b"_") else hard_kib


def _planted(hub: str, made: Place, now: datetime) -> Place:
    """MADE with what is wrong at HUB (CLUSTER/NAME)."""
    inside = dict(made.inside)
    old = now - timedelta(days=420)

    def change(name: bytes, **fields: object) -> None:
        inside[name] = msgspec.structs.replace(inside[name], **fields)

    if hub == "earth/prod":
        for home in (b"kim", b"lou"):
            change(home, uid=0, gid=0)
        change(b"hal", kind="file", mode=0o644, size_kib=12, inside={})
        for name in (b"jos\xe9", b"with space", b"two\nlines", b"-rf"):
            inside[name] = Place(modified_at=old)
        for number in range(1, 6):
            inside[b"former-%02d" % number] = Place(modified_at=old, size_kib=number * 2 * _GIB_KIB)
        return msgspec.structs.replace(made, uid=0, gid=0, inside=inside)
    if hub == "earth/glacier":
        del inside[b"_shared"]
    elif hub == "earth/climate":
        inside[b"elsewhere"] = Place(kind="link", mode=0o777, modified_at=old, target=b"../glacier/bo")
    elif hub == "earth/course":
        change(b"tom", mode=0o000)
    elif hub == "ocean/staging":
        return msgspec.structs.replace(made, uid=0, gid=0)
    elif hub == "ocean/kelp":
        change(b"_shared", uid=0, gid=0)
    elif hub == "reef/anemone":
        root = Place(kind="file", uid=0, gid=0, mode=0o600, modified_at=now - timedelta(days=3))
        change(b"eli", inside={**inside[b"eli"].inside, b".cache": root})
    return msgspec.structs.replace(made, inside=inside)
