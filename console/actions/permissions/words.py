"""What a plan to mend permissions says: paths with what they were and what they get, or counts and a sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from console.actions.permissions.scope import Part, Scope
from console.chain.home_names import shown
from console.chain.words import count, kubectl, some
from providers.kubernetes.mending.protocol import TOP, Change, Owned

if TYPE_CHECKING:
    from providers.kubernetes.looks.protocol import LookRequest

LISTED = 20
SAMPLE = 5
_NAMES: dict[Part, str] = {
    "directory": "the hub's directory",
    "shared": "shared directories",
    "homes": "homes",
}


def what(part: Part, changes: Sequence[Change], *, undoing: bool) -> str:
    verb = "give back the owners of" if undoing else "mend"
    number = "" if part == "directory" else f" ({count(len(changes), 'path')})"
    return f"{verb} {_NAMES[part]}{number}"


def before(changes: Sequence[Change]) -> str:
    return _side(changes, lambda change: f"{change.was.uid}:{change.was.gid} {change.was.mode:04o}", sample=True)


def after(changes: Sequence[Change]) -> str:
    return _side(changes, _left, sample=False)


def _left(change: Change) -> str:
    mode = change.was.mode if change.mode is None else change.mode
    return f"{change.uid}:{change.gid} {mode:04o}"


def _side(changes: Sequence[Change], words: Callable[[Change], str], *, sample: bool) -> str:
    ordered = sorted(changes, key=lambda change: change.was.path)
    if len(ordered) <= LISTED:
        return "\n".join(f"{path_words(change.was.path)}  {words(change)}" for change in ordered)
    kinds = Counter(f"{_plural(change.was)} {words(change)}" for change in ordered)
    lines = [f"{number:,} {kind}" for kind, number in kinds.most_common(LISTED)]
    lines += [f"and {len(kinds) - LISTED:,} other kinds"] * (len(kinds) > LISTED)
    return "\n".join([*lines, *(f"e.g. {path_words(change.was.path)}" for change in ordered[:SAMPLE] if sample)])


def _plural(owned: Owned) -> str:
    return {"directory": "directories", "file": "files", "link": "links"}.get(owned.kind, "others")


def path_words(path: bytes) -> str:
    return "." if path == TOP else shown(path.removeprefix(b"./"))


def notes(where: LookRequest, linked: Sequence[Owned], unread: Sequence[str], scope: Scope) -> tuple[str, ...]:
    """What else to know before it is approved."""
    found: list[str] = []
    if where.through == "server":
        found.append(f"in the container of the in-cluster server, pod {where.pod}: through a mount it squashes users")
    if where.through == "export":
        found.append("through the export: the claim is not bound")
    if linked:
        names = some((path_words(owned.path) for owned in linked), SAMPLE)
        found.append(
            f"left as they are: {count(len(linked), 'file')} with several names, of which some may be elsewhere"
            f" ({names}); --hard-links takes them, too"
        )
    found += [f"could not be read: {line}" for line in unread[:SAMPLE]]
    if scope.deep:
        found.append("links are never followed, other file systems never entered")
    return tuple(found)


def command(context: str | None, where: LookRequest, scope: Scope) -> str:
    """What would do the same by hand."""
    owner = f"{scope.uid}:{scope.gid}"
    if where.through == "server":
        from providers.kubernetes.looks.command import server_root

        top = f"{server_root(where.base_path).decode()}/{where.hub_directory.strip('/')}"
        inside: tuple[str, ...] = ("exec", where.pod, "-c", "nfs-server", "--")
    else:
        top, inside = "/homes", ("exec", "POD-THAT-MOUNTS-IT", "--")
    starts = [f"{top}/{shown(name)}" for name in scope.homes] or [top]
    depth = () if scope.deep else ("-maxdepth", "0" if scope.homes else "1")
    wrong = ("(", "!", "-user", str(scope.uid), "-o", "!", "-group", str(scope.gid), ")")
    return kubectl(
        context, "-n", where.namespace, *inside, "find", *starts, "-xdev", *depth, *wrong,
        "-exec", "chown", "-h", owner, "{}", "+",
    )  # fmt: skip
