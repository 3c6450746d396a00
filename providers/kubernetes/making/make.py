"""Makes directories below a share, or takes empty ones away, by the script beside this module."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources

from providers.errors import ProviderError
from providers.kubernetes.looks.framing import as_words
from providers.kubernetes.mending.pods import Inside, encoded

_IN_THE_WAY, _NO_ROOT, _NOT_MADE = 3, 4, 5
_SQUASHED = "where the server squashes root, the directory has to be made on the server itself"


@cache
def script() -> str:
    """The text of the packaged script."""
    return resources.files("providers.kubernetes.making").joinpath("make.sh").read_text()


def make_command(inside: Inside, paths: Sequence[bytes], *, owner: str, mode: str) -> tuple[str, ...]:
    """The whole argument list: paths travel as base64, never as text of the shell."""
    return ("sh", "-c", script(), "make", encoded(inside.root), owner, mode, *map(encoded, paths))


async def make(inside: Inside, paths: Sequence[bytes], *, uid: int, gid: int, mode: int) -> tuple[bytes, ...]:
    """Makes those of PATHS, below INSIDE's root, that are not there, with what leads to them; gives which they were.

    Raises ProviderError.
    """
    said = await _said(inside, make_command(inside, paths, owner=f"{uid}:{gid}", mode=f"{mode:04o}"), len(paths))
    return tuple(path for path, word in zip(paths, said, strict=True) if word == "made")


async def remove_empty(inside: Inside, paths: Sequence[bytes]) -> tuple[bytes, ...]:
    """Takes those of PATHS away that are empty, in their order; gives which stay, since something is in them.

    Raises ProviderError.
    """
    said = await _said(inside, make_command(inside, paths, owner="remove", mode="-"), len(paths))
    return tuple(path for path, word in zip(paths, said, strict=True) if word == "kept")


async def _said(inside: Inside, command: Sequence[str], lines: int) -> list[str]:
    done = await inside.run(command)
    said = done.stdout.decode(errors="replace").split()
    if done.exit_code == 0 and len(said) == lines:
        return said
    words = as_words(done.stderr) or f"exit code {done.exit_code}"
    if done.exit_code == _IN_THE_WAY:
        raise ProviderError(
            "internal", f"a link, or what is no directory, is in the way: {words}", next_step="look inside"
        )
    if done.exit_code == _NO_ROOT:
        raise ProviderError("internal", f"the share cannot be entered: {words}", next_step="try again")
    step = _SQUASHED if done.exit_code == _NOT_MADE else "look inside, then try again"
    raise ProviderError("forbidden", f"the directory could not be made: {words}", next_step=step)
