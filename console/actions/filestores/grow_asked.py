"""What was asked of grow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from console.actions.protocol import Parameter, Refused

PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        name="to",
        kind="count",
        help="Its new size in GiB; default: the least that leaves 10 to 15 % free.",
        settled=True,
    ),
    Parameter(name="live", kind="flag", help="Change it in the cloud now, instead of declaring it for Terraform."),
    Parameter(
        name="watch",
        kind="flag",
        help="Edit nothing: wait until the server has grown the file system to the size of its disk.",
    ),
    Parameter(name="commit", kind="flag", help="Commit the edit on a branch of its own; nothing is pushed."),
)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of the action. `filestore` is the id or the name of one of the cluster's filestores; `to` is in
    GiB, None or 0: what is suggested."""

    filestore: str
    to: int | None = None
    live: bool = False
    watch: bool = False
    commit: bool = False

    def parameters(self) -> Mapping[str, Any]:
        """As they are recorded: planned again, they ask for the same."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


def asked_of(parameters: Mapping[str, Any]) -> Asked:
    """PARAMETERS in their own types. Raises Refused for what contradicts itself."""
    given = {key: value for key, value in parameters.items() if value is not None}
    try:
        asked = msgspec.convert(given, Asked)
    except msgspec.ValidationError as error:
        raise Refused(f"grow was not asked for in its own words: {error}") from error
    if asked.live and asked.commit:
        raise Refused("--live edits no file: there is nothing to commit", next_step="leave out one of the two")
    if asked.watch and (asked.live or asked.commit):
        raise Refused("--watch changes nothing: not with --live or --commit", next_step="leave out one of the two")
    return asked
