"""Which directory is meant by the name of a home: a user's name, escaped or not, or the directory's own."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

import msgspec

from console.actions.hub_directory import path_of
from console.actions.protocol import Refused
from console.chain.home_names import escaped, is_home, may_be_called, raw, shown, slug, unescaped

_LONGEST_BYTES = 255
_HASH = "---"

Scheme = Literal["older", "safe"]
"""KubeSpawner's two ways to escape a user: "-" and hex of each byte, or a name with a hash."""

SCHEME_WORDS: dict[Scheme, str] = {"older": "KubeSpawner's older escape", "safe": "its newer, safe form"}


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What `text` may mean, the likeliest first. `exact`: it is a directory, written as ./NAME; else `text` may be a
    user's name as well."""

    text: str
    names: tuple[bytes, ...]
    exact: bool

    def paths(self) -> tuple[bytes, ...]:
        return tuple(map(path_of, self.names))

    def there(self, found: Collection[bytes]) -> bytes | None:
        """The directory that is meant, of those whose paths are FOUND; None where there is none.

        Raises Refused where it may be more than one.
        """
        names = [name for name in self.names if path_of(name) in found]
        if len(names) > 1:
            listed = " or ".join(map(exactly, names))
            raise Refused(f"{self.text} may be more than one home here", next_step=f"name the directory: {listed}")
        return names[0] if names else None

    def words(self) -> str:
        """The directories looked for."""
        return ", ".join(map(shown, self.names))


def named(text: str) -> Named:
    """What TEXT may mean. Raises Refused for what no home is called."""
    exact = text.startswith("./")
    # An empty name, as of a variable that is not set, is nobody's: without this it would have its hash.
    every = (raw(text[2:]),) if exact else (raw(text), *sorted(may_be_called(text)))
    names = tuple(dict.fromkeys(name for name in every if text and _is_name(name)))
    if not names:
        raise Refused(
            f"{text!r} is no name of a home",
            next_step="a user's name, or a directory as the console shows it: ./NAME",
        )
    return Named(text=text, names=names, exact=exact)


def exactly(name: bytes) -> str:
    """NAME so that it means this directory and no other."""
    return f"./{shown(name)}"


def forms(user: str) -> dict[Scheme, bytes]:
    """The directory of USER in either way."""
    texts: dict[Scheme, str] = {"older": escaped(user), "safe": slug(user)}
    return {scheme: text.encode(errors="surrogateescape") for scheme, text in texts.items()}


def scheme_of(directory: bytes, user: str = "") -> Scheme | None:
    """The way in which DIRECTORY, of USER where that is known, is escaped; None where it may be either."""
    ways = forms(user) if user else {}
    fitting = [scheme for scheme, name in ways.items() if name == directory]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting and _HASH.encode() in directory:
        return "safe"
    return "older" if not fitting and unescaped(directory) != shown(directory) else None


def agreed(schemes: Iterable[Scheme | None]) -> Scheme | None:
    """What SCHEMES tell, where any of them does and they don't disagree."""
    told = {scheme for scheme in schemes if scheme is not None}
    return told.pop() if len(told) == 1 else None


def _is_name(name: bytes) -> bool:
    return (
        0 < len(name) <= _LONGEST_BYTES and is_home(name) and b"/" not in name and b"\0" not in name
    )  # "." and ".." begin with a dot: no home does
