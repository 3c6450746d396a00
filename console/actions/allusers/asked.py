"""What was asked of allusers, and how mounts are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from console.actions.protocol import Parameter, Refused
from console.chain.words import plain
from console.inventory.model import is_every_home

if TYPE_CHECKING:
    from console.inventory.model import DeclaredMount
    from providers.kubernetes.objects import HubMount

PARAMETERS: tuple[Parameter, ...] = (
    Parameter(name="state", kind="choice", choices=("on", "off"), argument=True, required=True, help="On or off."),
    Parameter(name="read_only", kind="flag", help="Let admins read every home, and write to none."),
    Parameter(name="live", kind="flag", help="Change the running hub instead of the values file; restarts the hub."),
    Parameter(name="lasts_s", option="for", kind="duration", help="Be reminded to take it back after that: 2h."),
    Parameter(name="file", kind="text", help="The values file to edit, where it should not be the hub's own."),
    Parameter(name="commit", kind="flag", help="Commit the edit on a branch of its own; nothing is pushed."),
    Parameter(name="deploy", kind="flag", help="Run the settings' deploy command for each hub whose mounts change."),
    Parameter(
        name="stop_server",
        kind="texts",
        help="With --live: stop this user's server if it has the old mounts; may be given again.",
    ),
)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of the action. `lasts_s` is in seconds, `stop_server` are user names."""

    state: str
    read_only: bool = False
    live: bool = False
    lasts_s: float | None = None
    file: str | None = None
    commit: bool = False
    deploy: bool = False
    stop_server: tuple[str, ...] = ()

    @property
    def enabled(self) -> bool:
        return self.state == "on"

    @property
    def kind(self) -> str:
        """`on, writable`, `on, read-only` or `off`: which of them it is has always to be said."""
        return f"on, {'read-only' if self.read_only else 'writable'}" if self.enabled else "off"

    def parameters(self) -> Mapping[str, Any]:
        """As they are recorded: planned again, they ask for the same."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return {**found, "stop_server": list(self.stop_server)}


def asked_of(parameters: Mapping[str, Any]) -> Asked:
    """PARAMETERS in their own types. Raises Refused for what contradicts itself."""
    given = {key: value for key, value in parameters.items() if value is not None}
    try:
        asked = msgspec.convert({**given, "stop_server": sorted(given.get("stop_server", ()))}, Asked)
    except msgspec.ValidationError as error:
        raise Refused(f"allusers was not asked for in its own words: {error}") from error
    if asked.state not in ("on", "off"):
        raise Refused("allusers is turned on or off", next_step="hubhomes allusers C/H on")
    if asked.read_only and not asked.enabled:
        raise Refused("--read-only is about on: there is nothing to read when it is off")
    others = [name for name, said in (("file", asked.file), ("commit", asked.commit), ("deploy", asked.deploy)) if said]
    if asked.live and others:
        raise Refused(
            f"--live changes the running hub and no file: not with --{' --'.join(others)}",
            next_step="change the running hub first, then declare it with a second command",
        )
    if asked.stop_server and not asked.live:
        raise Refused("--stop-server goes with --live: before that no server has old mounts")
    return asked


def every_home(mount: DeclaredMount | HubMount) -> bool:
    return is_every_home(mount.name, mount.sub_path)


def mount_lines(mounts: Iterable[DeclaredMount | HubMount]) -> list[str]:
    """A line for each mount: where, of what, and whether it can be written to."""
    return [plain(_mount_line(mount)) for mount in mounts] or ["no admin mounts"]


def _mount_line(mount: DeclaredMount | HubMount) -> str:
    what = mount.sub_path if mount.name == "home" else f"volume {mount.name} {mount.sub_path}".rstrip()
    what = "every home" if every_home(mount) else what
    return f"{mount.mount_path}  {what}, {'read-only' if mount.read_only else 'writable'}"
