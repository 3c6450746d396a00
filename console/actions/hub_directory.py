"""What actions on a hub's directory have in common: the way in, what it needs, and whose servers have homes mounted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from console.actions.api_objects import api_of
from console.actions.plan import Need
from console.actions.protocol import Context, Refused
from console.chain.home_names import shown
from console.chain.seen import home_servers
from console.chain.words import some
from providers.errors import ProviderError

if TYPE_CHECKING:
    from console.chain.model import HubState
    from console.chain.seen_homes import HomeServer
    from providers.kubernetes.looks.protocol import LookRequest
    from providers.kubernetes.mending.protocol import Owned

LASTS_S = 900
"""How long a helper pod may be left behind by a console that was killed."""

_SERVER = "component=singleuser-server"
_EXEC = (("get", "pods/exec"), ("create", "pods/exec"))
_PODS = (("create", "pods"), ("get", "pods"), ("delete", "pods"))


def by_look(context: Context) -> str:
    """The next step where a home is not there by that name."""
    return f"hubhomes look {hub_of(context).key} --homes --probe names the homes"


def by_shell(context: Context) -> str:
    """The command that shows what is there."""
    return f"hubhomes shell {hub_of(context).key}"


def hub_of(context: Context) -> HubState:
    assert context.hub is not None  # noqa: S101 - its target is a hub
    return context.hub


async def way_in(context: Context, *, purpose: str = "look") -> LookRequest:
    """Raises ProviderError where nothing leads to the hub's directory."""
    context.reached()
    if context.way_in is None:
        raise ProviderError("unreachable", f"{hub_of(context).key} was not observed", next_step="look again")
    return msgspec.structs.replace(await context.way_in(), purpose=purpose)


def needs(where: LookRequest) -> tuple[Need, ...]:
    """What a command there needs, in the server's own container or in a pod of ours: a GET, which newer API servers
    judge as a create as well."""
    verbs = _EXEC if where.through == "server" else (*_PODS, *_EXEC)
    return tuple(Need(verb, resource, where.namespace) for verb, resource in verbs)


async def pod_refusals(context: Context, *, purpose: str = "look") -> tuple[str, ...] | None:
    """Whether a pod that may write would be admitted; None where a server runs commands instead, which none can try."""
    from providers.kubernetes.mending.pods import refusal

    where = await way_in(context, purpose=purpose)
    if where.through == "server":
        return None
    words = await refusal(context.reached(), where)
    return (words,) if words else ()


async def states_of(context: Context, paths: Iterable[bytes]) -> dict[bytes, Owned]:
    """PATHS as they are now, by a look of its own; those that are gone are left out. Raises ProviderError."""
    from providers.kubernetes.mending.owners import states
    from providers.kubernetes.mending.pods import inside

    async with inside(context.reached(), await way_in(context), lasts_s=LASTS_S) as place:
        return await states(place, paths)


def path_of(*parts: bytes) -> bytes:
    """PARTS below the hub's directory, as the scripts take a path; b"" is that itself."""
    return b"/".join((b".", *(part for part in parts if part)))


def shown_path(path: bytes) -> str:
    return shown(path.removeprefix(b"./"))


def owned_words(owned: Owned) -> str:
    """`directory of 1000:1000, mode 0755`."""
    return f"{owned.kind} of {owned.uid}:{owned.gid}, mode {owned.mode:04o}"


def hubs_here(context: Context) -> tuple[HubState, ...]:
    """The hub, and those of its cluster whose volumes lead to the same directory."""
    hub = hub_of(context)
    own = hub.pv
    others = [
        other
        for other in context.cluster.hubs
        if other.key != hub.key
        and own is not None and own.server and other.pv is not None
        and (other.pv.server, other.pv.path) == (own.server, own.path)
    ]  # fmt: skip
    return (hub, *others)


async def servers_here(context: Context) -> dict[bytes, HomeServer]:
    """Who has a home mounted, or is about to, by its directory; of every hub on it. Raises ProviderError."""
    from providers.kubernetes.resources import PODS

    below = (await way_in(context)).claim_directory
    found: dict[bytes, HomeServer] = {}
    for hub in hubs_here(context):
        page = await api_of(context).list(PODS, namespace=hub.namespace, labels=_SERVER)
        claim = (hub.pvc.name if hub.pvc is not None else "") or "home-nfs"
        found |= home_servers(page.items or (), claim=claim, below=below)
    return found


async def refuse_mounted(context: Context, homes: Iterable[bytes], what: str) -> None:
    """Raises Refused where a server has one of HOMES mounted, or is about to: it can't be WHAT beneath it. Raises
    ProviderError where that can't be known."""
    servers = await servers_here(context)
    mounted = [(home, servers[home]) for home in homes if home in servers]
    if mounted:
        listed = some(f"{shown(home)} ({server.pod})" for home, server in mounted)
        raise Refused(
            f"servers have homes mounted that would be {what} beneath them: {listed}",
            next_step=f"hubhomes restart-server {hub_of(context).key} --user {mounted[0][1].user} ends one; plan again",
        )
