"""The homes as lines: columns by width, one row each; names escaped, what no source tells as a dot."""

from __future__ import annotations

from typing import NamedTuple

from console.chain.marks import SHAPES
from console.chain.seen_model import SeenHome, SeenHomes
from console.chain.words import size
from console.tui.present.clock import Clock
from console.tui.present.home_rows import Shape, owner, used_share
from console.tui.present.lines import Line, Role, Span, crop, cut, fit
from console.tui.present.marks import ROLE

UNKNOWN = "·"
LEAST_NAME, LEAST_PROBLEM = 16, 24
FULL, NEAR = 1.0, 0.9


class HomeColumns(NamedTuple):
    """How wide each column is, and 0: not there."""

    name: int
    owner: int
    mode: int = 4
    changed: int = 7
    size: int = 0
    source: int = 0
    quota: int = 0
    limit: int = 0
    server: int = 6
    problem: int = 0


def home_columns(shape: Shape, width: int) -> HomeColumns:
    """The columns for WIDTH cells. What no row tells has none; what is left is the problem's, and the name's."""
    wide = {"size": 8 if shape.sizes else 0, "quota": 5 if shape.quotas else 0}
    owned = min(max(shape.owner, 5), 13)
    room = width - 4 - sum(each + 2 for each in (owned, 4, 7, 6, *(one for one in wide.values() if one)))
    name = max(LEAST_NAME, min(shape.name, room, max(room - LEAST_PROBLEM - 2, width // 3)))
    room -= name
    for column, needs in (("source", 8 if shape.sizes else 0), ("limit", 8 if shape.quotas else 0)):
        if needs and room >= needs + 2 and (width >= 100 or not shape.problems):
            wide[column] = needs
            room -= needs + 2
    problem = room - 2 if shape.problems and room - 2 >= 12 else 0
    return HomeColumns(name, owned, problem=problem, **wide)


def home_head(columns: HomeColumns, width: int) -> Line:
    """The columns' names."""
    words = [f"    {fit('name', columns.name)}", fit("owner", columns.owner), fit("mode", columns.mode)]
    words.append(fit("changed", columns.changed, right=True))
    if columns.size:
        words.append(fit("size", columns.size, right=True))
    if columns.source:
        words.append(fit("says", columns.source))
    if columns.quota:
        words.append(fit("quota", columns.quota, right=True))
    if columns.limit:
        words.append(fit("of", columns.limit, right=True))
    words.append(fit("server", columns.server))
    if columns.problem:
        words.append(cut("what is wrong", columns.problem))
    return ((cut("  ".join(words), width), "quiet"),)


def home_line(home: SeenHome, columns: HomeColumns, width: int, clock: Clock, *, chosen: bool) -> Line:
    """One row; CHOSEN for counting its size."""
    name: Role = "strong" if home.mark in ("broken", "warning") else "" if home.home else "quiet"
    spans: list[Span] = [
        (f" {SHAPES[home.mark]} ", ROLE[home.mark]),
        ("*" if chosen else " ", "accent"),
        (fit(home.shown, columns.name, middle=True), name),
        ("  " + fit(owner(home) or UNKNOWN, columns.owner), "error" if home.uid == 0 and home.mark == "broken" else ""),
        ("  " + fit(mode(home), columns.mode), ""),
        ("  " + fit(clock.age(home.active_at or home.modified_at) or UNKNOWN, columns.changed, right=True), "quiet"),
    ]
    if columns.size:
        told = size(home.usage.used_bytes) if home.usage else UNKNOWN
        spans.append(("  " + fit(told, columns.size, right=True), "" if home.usage else "quiet"))
    if columns.source:
        spans.append(("  " + fit(home.usage.source if home.usage else "", columns.source), "quiet"))
    if columns.quota:
        spans.append(_quota(home, columns.quota))
    if columns.limit:
        limit = (home.quota.hard_bytes or home.quota.soft_bytes) if home.quota else None
        spans.append(("  " + fit(size(limit) if limit else "", columns.limit, right=True), "quiet"))
    spans.append(("  " + fit(server_word(home), columns.server), "quiet" if home.running is None else ""))
    if columns.problem:
        spans.append(("  " + cut(home.problems[0] if home.problems else "", columns.problem), ROLE[home.mark]))
    return crop(tuple(spans), width)


def _quota(home: SeenHome, width: int) -> Span:
    share = used_share(home)
    if share is None:
        return "  " + fit("" if home.quota is None else UNKNOWN, width, right=True), "quiet"
    role: Role = "error" if share >= FULL else "warning" if share >= NEAR else ""
    return "  " + fit(f"{int(100 * share + 1e-6)} %", width, right=True), role


def mode(home: SeenHome) -> str:
    """`0755` without its zero; what it is, where it is no directory."""
    if home.kind in ("link", "file", "other"):
        return home.kind[:4]
    return UNKNOWN if home.mode is None else f"{home.mode:03o}"


def server_word(home: SeenHome) -> str:
    """Whether the user's server runs."""
    if not home.home:
        return ""
    return UNKNOWN if home.running is None else "runs" if home.running else ""


def homes_words(homes: SeenHomes) -> Line:
    """`412 homes · 3 wrong · 12 running`."""
    spans: list[Span] = [(f"{homes.total:,} home{'' if homes.total == 1 else 's'}", "strong")]
    if homes.wrong:
        spans += [(" · ", "quiet"), (f"{homes.wrong:,} wrong", "error")]
    if homes.running is not None:
        spans += [(" · ", "quiet"), (f"{homes.running:,} running", "")]
    return tuple(spans)


def home_panel(home: SeenHome, width: int, height: int, clock: Clock) -> list[Line]:
    """All that is known of HOME, in at most HEIGHT lines; what is wrong first."""
    whose = f"  home of {home.user}" if home.user and home.user != home.shown else ""
    lines: list[Line] = [((f" {home.shown}", "strong"), (whose, "quiet"))]
    lines += [((f" {SHAPES[home.mark]} ", ROLE[home.mark]), (problem, "")) for problem in home.problems]
    for name, text in _facts(home, clock):
        lines.append(((f"   {fit(name, 10)}", "quiet"), (text, "")))
    return [crop(line, width) for line in lines[:height]]


def _facts(home: SeenHome, clock: Clock) -> list[tuple[str, str]]:
    facts: list[tuple[str, str]] = []
    if home.kind is None:
        facts.append(("directory", "not looked at: p looks at owners and modes"))
    else:
        bits = "" if home.mode is None else f" {home.mode:04o}"
        target = f" to {home.link_target}" if home.link_target is not None else ""
        changed = f", changed {clock.age(home.modified_at)} ago" if home.modified_at else ""
        facts.append((home.kind, f"{owner(home)}{bits}{target}{changed}"))
    if home.usage:
        entries = f", {home.entries:,} entries" if home.entries is not None else ""
        told = f"says {home.usage.source} {clock.age(home.usage.observed_at)} ago"
        facts.append(("size", f"{size(home.usage.used_bytes)}{entries}, {told}"))
    else:
        facts.append(("size", "not known: z counts it"))
    if home.quota:
        limits = [
            f"{size(limit)} {word}"
            for word, limit in (("hard", home.quota.hard_bytes), ("soft", home.quota.soft_bytes))
            if limit
        ]
        share = used_share(home)
        used = f"{int(100 * share + 1e-6)} % of " if share is not None else ""
        facts.append(("quota", f"{used}{', '.join(limits) or 'no limit'}"))
    if home.home:
        server = {None: "not observed", True: "runs: Enter shows its mounts", False: "none runs"}[home.running]
        facts.append(("server", server))
    if home.deeper:
        facts.append(("inside", ", ".join(home.deeper)))
    return facts
