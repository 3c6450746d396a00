"""One user across hubs, as lines: homes, owners, sizes against quotas, servers and what they mount."""

from __future__ import annotations

from collections.abc import Sequence

from console.chain.marks import SHAPES, Mark
from console.chain.model import FleetState
from console.chain.users import UserHome, not_listed, user_lines
from console.chain.words import some
from console.tui.present.clock import Clock
from console.tui.present.lines import Item, Line, fit, wrap
from console.tui.present.marks import ROLE

LABEL = 10


def user_items(homes: Sequence[UserHome], state: FleetState, width: int, clock: Clock) -> list[Item]:
    """A block for each hub, then where nobody has looked yet."""
    items = [Item(f"{one.cluster}/{one.hub}", (*user_block(one, width, clock), ())) for one in homes]
    unknown = not_listed(state)
    if unknown:
        words = f"Not known on {some(unknown, 6)}: nobody has looked inside there, and no exporter tells."
        items.append(Item(None, tuple(((f"   {text}", "quiet"),) for text in wrap(words, width - 6))))
    return items


def user_block(one: UserHome, width: int, clock: Clock) -> list[Line]:
    """What is known of the user on one hub."""
    mark = user_mark(one)
    lines: list[Line] = [((f" {SHAPES[mark]} ", ROLE[mark]), (f"{one.cluster}/{one.hub}", "strong"))]
    last = ""
    for label, words in user_lines(one, now=clock.now()):
        shown, last = ("" if label == last else label), label
        role = (
            ROLE["broken"]
            if label == "wrong" and mark == "broken"
            else ROLE["warning"]
            if label in ("wrong", "finding")
            else ""
        )
        for y, text in enumerate(wrap(words, width - LABEL - 6)):
            lines.append(((f"   {fit(shown if y == 0 else '', LABEL)}", "quiet"), (text, role)))
    return lines


def user_mark(one: UserHome) -> Mark:
    """Broken where a server does not run for what is told; else the home's own, not observed where nothing tells of
    it."""
    waits = any(server.phase != "Running" for server in one.servers)
    if waits and any(finding.severity == "error" for finding in one.findings):
        return "broken"
    if one.home is not None:
        return one.home.mark
    return "warning" if one.known and one.servers else "unlooked"


def nowhere(user: str, state: FleetState) -> tuple[str, ...]:
    """Why there is nothing to show, and what to do next."""
    busy = any(cluster.state in ("pending", "observing") for cluster in state.clusters)
    unknown = not_listed(state)
    if busy:
        return (f"No home and no server of {user} so far; clusters are still being asked.",)
    if unknown:
        return (
            f"{user} has no server, and no home where homes are known.",
            f"Not known on {some(unknown, 4)}: p on a hub looks inside.",
        )
    return (f"{user} has no server and no home on any hub. Is the name spelled as the hub spells it?",)
