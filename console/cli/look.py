"""`hubhomes look`: what is inside a hub's directory, and `--user`: one user's homes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click
import msgspec

from console.chain.words import age, size
from console.cli.exits import Exit
from console.cli.output import narrate, print_json, print_lines, takes_colour, takes_unicode, terminal_width
from console.cli.request import Request
from console.cli.scope import NotThere

if TYPE_CHECKING:
    from console.chain.model import FleetState, HubState
    from console.chain.seen_model import SeenHome, SeenHomes
    from console.fleet.fleet import Fleet

_SHOWN = 20
"""How many homes with trouble are printed where not all are asked for."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a look is to tell. `homes`: every one; `sizes` whose to count, as given."""

    homes: bool = False
    deep: bool = False
    sizes: tuple[str, ...] = ()


def run(request: Request, asked: Asked) -> Exit:
    """Looks inside the hub of REQUEST's scope and prints what is there. Raises NotThere."""
    if request.scope.cluster is None or request.scope.hub is None:
        raise click.UsageError("a look is at one hub: look C/H, or look C --user NAME")
    if request.offline:
        raise click.UsageError("a look needs the cluster: not with --offline")
    from providers.errors import ProviderError
    from providers.kubernetes.guard import NotPermitted

    try:
        state = asyncio.run(_looked(request, asked))
    except NotPermitted as error:
        narrate(f"hubhomes: {error.message}")
        narrate("  next: say --probe to permit that for this run")
        return Exit.USAGE
    except ProviderError as error:
        narrate(f"hubhomes: {error.message}")
        if error.next_step:
            narrate(f"  next: {error.next_step}")
        return Exit.UNOBSERVED
    _print(request, asked, state)
    return Exit.NONE


async def _looked(request: Request, asked: Asked) -> FleetState:
    from console.cli.observing import observed, probing
    from console.cli.progress import StatusLine

    cluster, hub = request.scope.cluster or "", request.scope.hub or ""
    fleet = request.fleet()
    line = StatusLine(f"looking inside {cluster}/{hub}")
    try:
        await observed(fleet, request)
        with probing(fleet, (cluster,) if request.probe else ()):
            await fleet.look(cluster, hub, deep=asked.deep, tell=line.tell)
            if asked.sizes:
                homes = sized(fleet, cluster, hub, asked.sizes)
                await fleet.look(cluster, hub, homes=homes, entries=False, tell=line.tell)
        return fleet.state
    finally:
        line.end()
        await fleet.close()


def sized(fleet: Fleet, cluster: str, hub: str, names: tuple[str, ...]) -> tuple[bytes, ...]:
    """The homes of NAMES: users or directories, escaped or not. Raises NotThere for one that is none."""
    from console.chain.home_names import may_be_called

    state = next(one for one in fleet.state.hubs() if (one.cluster, one.name) == (cluster, hub))
    rows = state.homes.rows if state.homes is not None else ()
    found: dict[bytes, None] = {}
    for name in names:
        called = may_be_called(name)
        hits = [row.name for row in rows if row.name in called or name in (row.user, row.shown)]
        if not hits:
            raise NotThere(f"{cluster}/{hub} has no home {name}")
        found |= dict.fromkeys(hits)
    return tuple(found)


def _print(request: Request, asked: Asked, state: FleetState) -> None:
    from console.cli.hub_lines import hub_lines

    (cluster,) = request.scope.clusters(state)
    (hub,) = request.scope.hubs(cluster)
    if request.json:
        from console.cli.documents.looks import look

        print_json(look(state, hub, homes=asked.homes))
        return
    width, colour, unicode = terminal_width(), takes_colour(), takes_unicode()
    lines = hub_lines(cluster, hub, width=width, colour=colour, unicode=unicode)
    if hub.homes is not None:
        lines += ["", *home_lines(state, hub.homes, every=asked.homes, width=width, colour=colour)]
    print_lines(map(request.started.words, lines))
    narrate(summary(state, hub))


def home_lines(state: FleetState, homes: SeenHomes, *, every: bool, width: int | None, colour: bool) -> list[str]:
    """The homes sorted by trouble; only those with trouble unless EVERY one is asked for."""
    from console.cli.marks import COLOURS, shapes
    from console.cli.table import Cell, Column, table

    unicode = takes_unicode()
    marks = shapes(unicode=unicode)
    rows = list(homes.rows) if every else [row for row in homes.rows if row.problems][:_SHOWN]
    if not every:
        rows += [row for row in homes.rows if row.usage and row.usage.source == "du" and row not in rows]
    columns = [
        Column(heading=""),
        Column(heading="home", least=12),
        Column(heading="user", least=8),
        Column(heading="owner"),
        Column(heading="mode"),
        Column(heading="size", right=True),
        Column(heading="quota", right=True),
        Column(heading="active", right=True),
        Column(heading="server"),
        Column(heading="wrong", least=12, sentences=True),
    ]
    cells = [
        [
            Cell(marks[row.mark], COLOURS.get(row.mark)),
            Cell(row.shown),
            Cell("" if row.user == row.shown else row.user),
            Cell("" if row.uid is None else f"{row.uid}:{row.gid}"),
            Cell("" if row.mode is None else f"{row.mode:04o}"),
            Cell(size_word(row)),
            Cell(quota_word(row)),
            Cell(age(row.active_at, state.generated_at) if row.active_at else ""),
            Cell("runs" if row.running else ""),
            Cell("; ".join(row.problems)),
        ]
        for row in rows
    ]
    if not cells:
        return [f"{homes.total:,} homes, nothing wrong with them" if homes.listed else f"{homes.total:,} homes"]
    lines = table(columns, cells, width=width, colour=colour, unicode=unicode)
    left = sum(1 for row in homes.rows if row.problems) - _SHOWN
    return [*lines, f"{left:,} more with something to tell: --homes"] if left > 0 and not every else lines


def size_word(row: SeenHome) -> str:
    return "" if row.usage is None else size(row.usage.used_bytes)


def quota_word(row: SeenHome) -> str:
    limit = (row.quota.hard_bytes or row.quota.soft_bytes) if row.quota is not None else None
    return size(limit) if limit else ""


def summary(state: FleetState, hub: HubState) -> str:
    """How many homes, how many wrong, and how they were seen, in one line."""
    look, homes = hub.look, hub.homes
    parts = []
    if homes is not None:
        parts.append(f"{homes.total:,} homes, {homes.wrong:,} wrong")
    if look is not None:
        parts.append(f"seen {age(look.looked_at, state.generated_at)} ago by {look.looked_by}")
        if not look.complete:
            parts.append(f"not all: {look.why}")
    return "; ".join(parts)
