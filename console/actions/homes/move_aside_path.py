"""A path in a home, as it is typed and as bytes, and the name that it gets aside."""

from __future__ import annotations

from console.actions.hub_directory import by_shell
from console.actions.protocol import Context, Refused
from console.chain.home_names import raw

_LONGEST_BYTES = 255


def aside(name: bytes, context: Context) -> bytes:
    """The name that it gets. Raises Refused where that would be too long."""
    found = name + f".moved-aside-{context.now():%Y%m%d}".encode()
    if len(found) > _LONGEST_BYTES:
        raise Refused(
            "its name is too long to get a suffix", next_step=f"rename it by hand: {by_shell(context)} --writable"
        )
    return found


def raw_path(text: str) -> tuple[bytes, ...]:
    """The parts of a path inside a home, typed, or written as the console shows it: `.config/jos\\xe9`.

    Raises Refused for what leads elsewhere, or names nothing.
    """
    path = raw(text)
    parts = tuple(path.rstrip(b"/").split(b"/")) if path else ()
    if not parts or b"\0" in path or any(part in (b"", b".", b"..") for part in parts):
        raise Refused(f"{text!r} is no path inside a home", next_step="--path .bashrc, from the home on")
    return parts
