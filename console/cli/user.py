"""`hubhomes user NAME`: one user's homes, quotas, servers and mounts, across hubs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from console.chain.words import count, plain
from console.cli.exits import Exit
from console.cli.output import narrate, print_json, print_lines
from console.cli.request import Request

if TYPE_CHECKING:
    from console.chain.model import FleetState
    from console.chain.users import UserHome, UserServer


def run(request: Request, name: str) -> Exit:
    """Prints where NAME, escaped or not, has a home or a server; --probe looks inside the hubs for it first."""
    if request.offline:
        raise click.UsageError("a user is looked for in the clusters: not with --offline")
    if not name.strip():
        raise click.UsageError("an empty name is nobody's")
    from console.chain.users import homes_of, not_listed

    state, servers = asyncio.run(_found(request, name))
    keys = {hub.key for cluster in request.scope.clusters(state) for hub in request.scope.hubs(cluster)}
    found = tuple(one for one in homes_of(state, servers, name) if f"{one.cluster}/{one.hub}" in keys)
    unknown = tuple(key for key in not_listed(state) if key in keys)
    if request.json:
        from console.cli.documents.looks import user

        print_json(user(state, name, found, unknown))
    else:
        print_lines(lines(state, found))
        narrate(summary(name, found, unknown, probe=request.probe))
    if found:
        return Exit.NONE
    return Exit.UNOBSERVED if unknown else Exit.FOUND


async def _found(request: Request, name: str) -> tuple[FleetState, tuple[UserServer, ...]]:
    from console.cli.observing import looked_into_all, observed, to_look_at
    from providers.errors import ProviderError

    fleet = request.fleet()
    try:
        if request.probe:
            await looked_into_all(fleet, request)
        else:
            state = await observed(fleet, request)
            missing = [hub for hub in to_look_at(state, request) if hub.homes is None]
            asking = (fleet.ask_sizes(hub.cluster, hub.name) for hub in missing)
            for outcome in await asyncio.gather(*asking, return_exceptions=True):
                if isinstance(outcome, BaseException) and not isinstance(outcome, ProviderError):
                    raise outcome
        return fleet.state, fleet.user_servers(name)
    finally:
        await fleet.close()


def lines(state: FleetState, found: tuple[UserHome, ...]) -> list[str]:
    """A panel for each hub."""
    from console.chain.users import user_lines

    shown: list[str] = []
    for one in found:
        shown += [""] * bool(shown)
        shown.append(plain(f"{one.cluster}/{one.hub}"))
        shown += [plain(f"  {label:<8}{words}") for label, words in user_lines(one, now=state.generated_at)]
    return shown


def summary(name: str, found: tuple[UserHome, ...], unknown: tuple[str, ...], *, probe: bool) -> str:
    """On how many hubs, and on how many it is not known."""
    words = f"{plain(name)}: on {count(len(found), 'hub')}"
    if not unknown:
        return words
    left = f"; {count(len(unknown), 'hub')} not looked inside"
    return words + left + ("" if probe else ": --probe looks")
