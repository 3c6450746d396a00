"""What was asked of create-filestore."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from console.actions.protocol import Parameter, Refused

PARAMETERS: tuple[Parameter, ...] = (
    Parameter(name="key", kind="text", help="Its key in Terraform's variables, in which its name ends."),
    Parameter(name="capacity_gib", option="capacity", kind="count", help="Its size in GiB; default: the tier's least."),
    Parameter(name="tier", kind="text", help="Its tier or class, in the cloud's own word."),
    Parameter(name="live", kind="flag", help="Make it in the cloud now, instead of declaring it for Terraform."),
    Parameter(name="location", kind="text", help="With --live: its zone or region, where not the cluster's."),
    Parameter(name="network", kind="text", help="With --live: its network, where not the nodes'."),
    Parameter(name="point", kind="texts", help="Edit this hub's values to live on it; may be given more than once."),
    Parameter(name="commit", kind="flag", help="Commit the edit on a branch of its own; nothing is pushed."),
)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of the action. `point` are names of hubs of the cluster."""

    key: str = ""
    capacity_gib: int | None = None
    tier: str = ""
    live: bool = False
    location: str = ""
    network: str = ""
    point: tuple[str, ...] = ()
    commit: bool = False

    def parameters(self) -> Mapping[str, Any]:
        """As they are recorded: planned again, they ask for the same."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return {**found, "point": list(self.point)}


def asked_of(parameters: Mapping[str, Any]) -> Asked:
    """PARAMETERS in their own types. Raises Refused for what contradicts itself."""
    given = {key: value for key, value in parameters.items() if value is not None}
    try:
        asked = msgspec.convert({**given, "point": sorted(given.get("point", ()))}, Asked)
    except msgspec.ValidationError as error:
        raise Refused(f"create-filestore was not asked for in its own words: {error}") from error
    if asked.live and asked.commit:
        raise Refused("--live edits no file: there is nothing to commit", next_step="leave out one of the two")
    if not asked.live and (asked.location or asked.network):
        raise Refused("--location and --network go with --live: Terraform's variables decide them otherwise")
    return asked
