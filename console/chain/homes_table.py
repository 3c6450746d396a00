"""A hub's homes as one table, worked out once: later joins make only those rows anew whose user's server is another."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from console.chain.marks import Mark
from console.chain.policy import Policy
from console.chain.seen_facts import SeenFacts
from console.chain.seen_homes import HomeServer, Rows
from console.chain.seen_model import SeenHome, SeenHomes
from providers.kubernetes.looks.protocol import Entry

_RANK: Mapping[Mark, int] = {"broken": 0, "warning": 1}
_STANDS = timedelta(hours=1)
"""How long ages stand that are told in days."""
_RUN = 4096

T = TypeVar("T")

Servers = Mapping[bytes, HomeServer]


class HomesTable(msgspec.Struct, frozen=True, kw_only=True):
    """The homes of one hub, and what they were worked out of: as long as that is the same, they stand."""

    facts: SeenFacts
    servers: Servers | None
    policy: Policy
    worked_at: datetime
    maker: Rows
    named: Mapping[bytes, Entry | None]
    homes: SeenHomes


def homes_table(
    facts: SeenFacts, servers: Servers | None, *, policy: Policy, now: datetime, before: HomesTable | None = None
) -> HomesTable | None:
    """The homes; None where nothing tells of them. SERVERS None: user pods were not observed. BEFORE is what was worked
    out last."""
    stands = before is not None and before.facts is facts and before.policy == policy
    if before is None or not stands or now - before.worked_at > _STANDS:
        return _worked(facts, servers, policy=policy, now=now)
    if before.servers == servers:
        return before
    if before.servers is None or servers is None:
        return _worked(facts, servers, policy=policy, now=now)
    maker, gone = before.maker.with_servers(servers), _gone(facts, servers)
    rows = {row.name: row for row in before.homes.rows}
    for name in before.servers.keys() | servers.keys():
        if before.servers.get(name) == servers.get(name):
            continue
        if name in before.named or name in gone:
            rows[name] = maker.row(name, before.named.get(name))
        else:
            rows.pop(name, None)
    homes = _homes(facts, rows.values(), observed=True)
    return msgspec.structs.replace(before, servers=servers, maker=maker, homes=homes)


def _worked(facts: SeenFacts, servers: Servers | None, *, policy: Policy, now: datetime) -> HomesTable | None:
    look, quotas, figures = facts.look, facts.quotas, facts.figures
    listed = look is not None and look.entries is not None
    if not listed and quotas is None and figures is None:
        return None
    named: dict[bytes, Entry | None] = {}
    if look is not None and look.entries is not None:
        named = {entry.name: entry for entry in look.entries}
    else:
        named |= dict.fromkeys(row.directory for row in quotas.rows) if quotas is not None else {}
        named |= dict.fromkeys(each.directory.encode() for each in figures.sizes) if figures is not None else {}
    maker = Rows(facts, servers, listed=listed, policy=policy, now=now)
    names = dict.fromkeys((*named, *_gone(facts, servers)))
    rows = [maker.row(name, named.get(name)) for name in names]
    return HomesTable(
        facts=facts,
        servers=servers,
        policy=policy,
        worked_at=now,
        maker=maker,
        named=named,
        homes=_homes(facts, rows, observed=servers is not None),
    )


def _gone(facts: SeenFacts, servers: Servers | None) -> tuple[bytes, ...]:
    """The homes of running servers that began before a complete look, which saw them or did not: the kubelet makes a
    home when the pod begins."""
    look = facts.look
    if look is None or look.entries is None or not look.complete or servers is None:
        return ()
    at = look.looked_at
    return tuple(name for name, one in servers.items() if one.running and one.began is not None and one.began < at)


def _homes(facts: SeenFacts, rows: Iterable[SeenHome], *, observed: bool) -> SeenHomes:
    """ROWS counted and in order; OBSERVED says whether user pods were."""
    listed = facts.look is not None and facts.look.entries is not None
    ordered = by_trouble(rows)
    homes = [row for row in ordered if row.home]
    return SeenHomes(
        rows=tuple(ordered),
        listed=listed,
        total=sum(1 for row in homes if row.kind is not None or not listed),
        wrong=sum(1 for row in homes if row.mark in _RANK),
        running=sum(1 for row in homes if row.running) if observed else None,
        quotas_at=facts.quotas.reported_at if facts.quotas else None,
        quotas_why=facts.quotas_why,
        sizes_at=facts.figures.asked_at if facts.figures else None,
    )


def by_trouble(rows: Iterable[SeenHome]) -> list[SeenHome]:
    """The worst first, equals by name."""
    weighed: defaultdict[tuple[int, bool], list[SeenHome]] = defaultdict(list)
    for row in rows:
        weighed[_RANK.get(row.mark, 2), not row.problems].append(row)
    return [row for weight in sorted(weighed) for row in sorted_in_runs(weighed[weight], key=lambda row: row.name)]


def sorted_in_runs(items: Sequence[T], *, key: Callable[[T], Any]) -> Iterable[T]:
    """ITEMS by KEY as `sorted` has them. That sorts a hundred thousand without once letting another thread run, the one
    that draws the screen among them; this in runs, which are then merged."""
    runs = [sorted(items[at : at + _RUN], key=key) for at in range(0, len(items), _RUN)]
    return heapq.merge(*runs, key=key)
