"""Gives one path inside a hub's directory another name, by the script beside this module."""

from __future__ import annotations

from functools import cache
from importlib import resources

from providers.errors import ProviderError
from providers.kubernetes.looks.framing import as_words
from providers.kubernetes.mending.pods import Inside, encoded
from providers.kubernetes.moving.protocol import Move, Moved, Verb

_ENDS: dict[int, Moved] = {0: "moved", 3: "missing", 4: "no-folder", 5: "taken"}


@cache
def script() -> str:
    """The text of the packaged script."""
    return resources.files("providers.kubernetes.moving").joinpath("move.sh").read_text()


def move_command(inside: Inside, verb: Verb, one: Move, *more: bytes) -> tuple[str, ...]:
    """The whole argument list: names travel as base64, never as text of the shell."""
    names = (one.folder, one.old, one.into, one.new, *more)
    return ("sh", "-c", script(), "move", verb, *inside.words(), *map(encoded, names))


async def rename(inside: Inside, one: Move) -> Moved:
    """Renames, and overwrites nothing. Raises ProviderError."""
    return await _moved(inside, move_command(inside, "rename", one))


async def retire(inside: Inside, one: Move, manifest: bytes) -> Moved:
    """Makes the folder INTO, with MANIFEST in it, and renames into it. Raises ProviderError."""
    return await _moved(inside, move_command(inside, "retire", one, manifest))


async def restore(inside: Inside, one: Move) -> Moved:
    """Renames out of FOLDER, which goes where nothing else is in it; "moved" also where only that was left to do.

    Raises ProviderError.
    """
    return await _moved(inside, move_command(inside, "restore", one))


async def _moved(inside: Inside, command: tuple[str, ...]) -> Moved:
    done = await inside.run(command)
    outcome = _ENDS.get(done.exit_code)
    if outcome is None:
        said = as_words(done.stderr) or f"exit code {done.exit_code}"
        raise ProviderError("internal", f"it could not be renamed: {said}", next_step="look inside, then try again")
    return outcome
