"""The homes of a hub as a table: in which order, and which of them a filter keeps. Made for 100,000 of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple

from rich.cells import cell_len

from console.chain.homes_table import sorted_in_runs
from console.chain.marks import Mark
from console.chain.seen_model import SeenHome
from console.tui.present.filters import Filter

HomeOrder = Literal["trouble", "name", "owner", "size", "age"]
ORDERS: tuple[HomeOrder, ...] = ("trouble", "name", "owner", "size", "age")
ORDER_WORDS: dict[HomeOrder, str] = {
    "trouble": "trouble first",
    "name": "by name",
    "owner": "by owner",
    "size": "largest first",
    "age": "longest unchanged first",
}

FIRST = 1000
LARGE = 20_000
"""From how many rows on what takes longer than a key press is worked out aside."""

_IS: dict[Mark, tuple[str, ...]] = {
    "broken": ("broken", "error", "trouble"),
    "warning": ("warning", "trouble"),
    "ok": ("ok", "fine", "healthy"),
}


class Shape(NamedTuple):
    """What the rows have, for the widths of the columns: the longest name, and which columns any of them fills."""

    name: int
    owner: int
    sizes: bool
    quotas: bool
    problems: bool


class HomeTable:
    """Rows of one snapshot. What is worked out of all of them is worked out once; while they are STILL_READ, and where
    they are very many, the first of them tell how wide the columns are."""

    def __init__(self, homes: Sequence[SeenHome], *, still_read: bool = False) -> None:
        self.homes = homes
        self._measured = homes[:FIRST] if still_read or len(homes) > LARGE else homes
        self._ordered: dict[HomeOrder, list[int]] = {}

    @cached_property
    def shape(self) -> Shape:
        homes = self._measured
        return Shape(
            name=max((_cells(home.shown) for home in homes), default=4),
            owner=max(map(len, {owner(home) for home in homes}), default=9),
            sizes=any(home.usage for home in self.homes),
            quotas=any(home.quota for home in self.homes),
            problems=any(home.problems for home in homes),
        )

    @cached_property
    def _texts(self) -> list[str]:
        """What free words are looked for in."""
        return [_text(home) for home in self.homes]

    def arranged(self, order: HomeOrder, wanted: Filter) -> list[SeenHome]:
        """Those that match WANTED, in ORDER."""
        homes, places = self.homes, self._places(order)
        if not wanted:
            return [homes[at] for at in places]
        texts, words = self._texts, _Words()
        found: list[SeenHome] = []
        for at in places:
            words.home, words.text = homes[at], texts[at]
            if wanted.matches(words):
                found.append(words.home)
        return found

    def _places(self, order: HomeOrder) -> Sequence[int]:
        """The rows come sorted by trouble; every other order is kept once it was asked for."""
        if order == "trouble":
            return range(len(self.homes))
        if order not in self._ordered:
            self._ordered[order] = self._sorted(_KEYS[order])
        return self._ordered[order]

    def _sorted(self, key: Callable[[SeenHome], Any]) -> list[int]:
        """By KEY, among equals by trouble; those of which nothing is told (None) last. No tuple a row: a hundred
        thousand of them would keep the garbage collector busy."""
        keys = [key(home) for home in self.homes]
        known = [at for at, each in enumerate(keys) if each is not None]
        return [*sorted_in_runs(known, key=keys.__getitem__)] + [at for at, each in enumerate(keys) if each is None]


class Arranged(NamedTuple):
    """Rows as they are shown, and where each is, by its key. `stamp` says of what and how they were arranged."""

    stamp: tuple[object, ...] = ()
    shown: Sequence[SeenHome] = ()
    places: Mapping[str, int] = {}


def arranged(stamp: tuple[object, ...], table: HomeTable, order: HomeOrder, wanted: Filter) -> Arranged:
    """What of TABLE matches WANTED, in ORDER."""
    shown = table.arranged(order, wanted)
    return Arranged(stamp, shown, {home_key(home): at for at, home in enumerate(shown)})


def takes_long(table: HomeTable, order: HomeOrder, wanted: Filter) -> bool:
    """Whether a screen would stand still for it: as they come, rows are shown at once, however many."""
    return len(table.homes) > LARGE and (order != "trouble" or bool(wanted))


def home_key(home: SeenHome) -> str:
    """What tells rows apart: the escaped name, which no two names have in common."""
    return home.shown


class _Words:
    """What one home can be found by; its fields are worked out when a filter asks for one."""

    home: SeenHome
    text: str

    @property
    def fields(self) -> Mapping[str, tuple[str, ...]]:
        home = self.home
        states = _IS.get(home.mark, ())
        if home.running:
            states = (*states, "running")
        if not home.home:
            states = (*states, "other")
        return {"user": (home.shown.lower(), home.user.lower()), "owner": (owner(home),), "is": states}


def _text(home: SeenHome) -> str:
    user = home.user if home.user != home.shown else ""
    return f"{home.shown} {user} {home.uid}:{home.gid} {home.kind or ''} {' '.join(home.problems)}".lower()


def _cells(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def owner(home: SeenHome) -> str:
    """`1000:1000`; "" where no look saw it."""
    return "" if home.uid is None else f"{home.uid}:{home.gid}"


def used_share(home: SeenHome) -> float | None:
    """Used of the quota, 1.0 full; None where one of them is not known."""
    limit = (home.quota.hard_bytes or home.quota.soft_bytes) if home.quota else None
    return home.usage.used_bytes / limit if home.usage and limit else None


_KEYS: dict[HomeOrder, Callable[[SeenHome], Any]] = {
    "name": lambda home: home.shown.lower(),
    "owner": lambda home: None if home.uid is None else (home.uid << 32) | (home.gid or 0),
    "size": lambda home: -home.usage.used_bytes if home.usage else None,
    "age": lambda home: home.active_at,
}
