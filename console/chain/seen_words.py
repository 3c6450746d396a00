"""The seen side of a chain in words: what a look, quotas and exporters tell of export, directory and homes."""

from __future__ import annotations

import msgspec

from console.chain.marks import Mark
from console.chain.seen_model import SeenDirectory, SeenLook
from console.chain.sight import HubSight
from console.chain.words import age, count


class Inside(msgspec.Struct, frozen=True, kw_only=True):
    """A link's mark and its seen side in words; `why` where it is not observed."""

    mark: Mark
    words: tuple[str, ...] = ()
    why: str = ""


def seen_export(hub: HubSight) -> tuple[str, ...]:
    """That it was mounted, and how fast it answers; () where no look could tell."""
    look = hub.seen.look
    if look is None or look.failure is not None or look.round_trip_s is None:
        return ()
    where = "answers" if look.through == "server" else "mounted"
    return (f"{where}, {milliseconds(look.round_trip_s)}", seen_ago(hub, look))


def seen_directory(hub: HubSight) -> Inside | None:
    """Owner and mode; None: nobody looked."""
    look, directory = hub.seen.look, hub.seen.directory
    if look is None:
        return None
    if directory is None:
        return Inside(mark="unobserved", words=(seen_ago(hub, look),), why=_why(look))
    if not directory.exists or directory.kind != "directory":
        return Inside(mark="broken", words=(in_its_place(directory), seen_ago(hub, look)))
    owner = f"{directory.uid}:{directory.gid} {directory.mode or 0:04o}"
    return Inside(mark="ok", words=(owner, seen_ago(hub, look)))


def in_its_place(directory: SeenDirectory) -> str:
    """What there is where a hub's directory should be, and is none: `missing`, `a file`."""
    if not directory.exists:
        return "missing"
    return {"file": "a file", "link": "a link"}.get(directory.kind, "no directory")


def seen_homes_words(hub: HubSight) -> Inside | None:
    """How many homes, and how many of them are wrong; None: nothing tells of them."""
    look, homes = hub.seen.look, hub.seen.homes
    if homes is None:
        if look is None:
            return None
        directory = hub.seen.directory
        nowhere = directory is not None and (not directory.exists or directory.kind != "directory")
        return Inside(mark="unobserved", why="there is no hub directory to look into" if nowhere else _why(look))
    words = [count(homes.total, "home") + (f", {homes.wrong:,} wrong" if homes.wrong else "")]
    if homes.quotas_at is not None:
        words.append(f"quotas {age(homes.quotas_at, hub.now)} ago")
    elif homes.sizes_at is not None:
        words.append(f"sizes {age(homes.sizes_at, hub.now)} ago")
    if not homes.listed:
        if look is not None:
            return Inside(mark="unobserved", words=tuple(words), why=_why(look))
        return Inside(mark="unlooked", words=tuple(words), why="owners need a look inside")
    if look is not None and not look.complete:
        return Inside(mark="unobserved", words=tuple(words), why=look.why)
    return Inside(mark="ok", words=tuple(words))


def seen_ago(hub: HubSight, look: SeenLook) -> str:
    """`2 h ago by ana`."""
    return f"{age(look.looked_at, hub.now)} ago by {look.looked_by or 'somebody'}"


def milliseconds(seconds: float) -> str:
    """`0.4 ms`, `12 ms`."""
    return f"{seconds * 1000:.1f} ms" if seconds < 0.01 else f"{seconds * 1000:.0f} ms"


def _why(look: SeenLook) -> str:
    return look.failure.message if look.failure is not None else look.why or "the look did not come so far"
