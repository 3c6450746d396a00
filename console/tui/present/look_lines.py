"""A look inside a hub in words: how far it is, what it came to, who looked and when."""

from __future__ import annotations

from typing import Protocol

from console.chain.filestore_words import whole_percent
from console.chain.marks import SHAPES, Mark
from console.chain.model import HubState
from console.chain.seen_model import SeenLook
from console.chain.seen_words import milliseconds
from console.chain.words import size, some
from console.tui.present.clock import Clock
from console.tui.present.lines import Item, Line, wrap
from console.tui.present.marks import ROLE

THROUGH = {
    "claim": "through the claim, as users' servers do",
    "export": "through the export itself",
    "server": "in the in-cluster server",
}
AS_USER = "as an ordinary user: what others closed stays unseen"


class Look(Protocol):
    """A look under way, as far as it is shown."""

    @property
    def sentence(self) -> str: ...


def look_sentence(hub: HubState, running: Look) -> str:
    """What the look at HUB does now."""
    return f"looking inside {hub.key}: {running.sentence}"


def inside_item(hub: HubState, running: Look | None, ended: str, width: int, clock: Clock) -> Item:
    """What is known of looks at HUB, in as few lines as say it."""
    mark, words, after = _inside(hub, running, ended, clock)
    first, *more = wrap(f"{words}{'   ' if after else ''}{after}", width - 4)
    lines: list[Line] = [((f" {SHAPES[mark]} ", ROLE[mark]), (first, "" if mark != "unlooked" else "quiet"))]
    return Item("inside", (*lines, *((("   " + text, ""),) for text in more)))


def _inside(hub: HubState, running: Look | None, ended: str, clock: Clock) -> tuple[Mark, str, str]:
    look = hub.look
    if running is not None:
        return "pending", f"looking inside: {running.sentence}", "Esc stops it"
    if ended:
        return "unobserved", f"the look came to nothing: {ended}", ""
    if look is None:
        if hub.homes is not None:
            return "unlooked", "sizes are told without a look; nobody has looked at owners", "p looks, h lists"
        return "unlooked", "nobody has looked inside", "p looks, by what only reads"
    told = told_by(look, clock)
    if look.failure is not None:
        return "broken", f"{told}: {look.failure.message}", look.failure.next_step and f"next: {look.failure.next_step}"
    partly: Mark = "broken" if look.claim_failure else "ok" if look.complete else "unobserved"
    if look.claim_failure is not None:
        told = f"{told} through the export, since {look.claim_failure.message}"
    return (
        partly,
        f"{told}{'' if look.complete else f', not all: {look.why}'}",
        "h lists the homes" if hub.homes else "",
    )


def told_by(look: SeenLook, clock: Clock) -> str:
    """`looked 3 min ago by jo@bastion`."""
    return f"looked {clock.age(look.looked_at)} ago by {look.looked_by or 'somebody'}"


def look_pairs(hub: HubState, clock: Clock) -> list[tuple[str, str]]:
    """What else a look told, as names and values."""
    look = hub.look
    if look is None:
        return []
    pairs = [("looked", f"{clock.time_of_day(look.looked_at)}, {THROUGH[look.through]}")]
    if look.looked_as == "user":
        pairs.append(("", AS_USER))
    if look.start_s is not None:
        trip = f", then {milliseconds(look.round_trip_s)} a question" if look.round_trip_s is not None else ""
        pairs.append(("mount", f"answered after {look.start_s:.1f} s{trip}"))
    if look.space is not None and look.space.capacity_bytes < 2**60:
        space = look.space
        full = whole_percent(space.used_bytes / max(space.used_bytes + space.free_bytes, 1))
        pairs.append(("share", f"{full} % used, {size(space.free_bytes)} free, says statfs"))
    if look.base is not None:
        pairs.append(("base path", f"holds {some(look.base, 8)}" if look.base else "holds no directory"))
    return pairs


def homes_source(hub: HubState, clock: Clock) -> Line:
    """Who tells the table, and when that was: true by itself, as long as it stands."""
    look, homes = hub.look, hub.homes
    words = []
    if look is not None:
        partly = "" if look.complete else f", not all: {look.failure.message if look.failure else look.why}"
        words.append(f"looked {clock.time_of_day(look.looked_at)} by {look.looked_by or 'somebody'}{partly}")
    elif homes is not None:
        words.append("nobody has looked at owners: p looks")
    if homes is not None and homes.quotas_at is not None:
        words.append(f"quotas of {clock.time_of_day(homes.quotas_at)}")
    elif homes is not None and homes.quotas_why:
        words.append(f"no quotas: {homes.quotas_why}")
    if homes is not None and homes.sizes_at is not None:
        words.append(f"exporter's sizes of {clock.time_of_day(homes.sizes_at)}")
    return ((" · ".join(words), "quiet"),)


def why_no_homes(hub: HubState, ended: str, clock: Clock, *, no_sizes: str = "") -> tuple[str, ...]:
    """Why the table is empty, and what to do next. NO_SIZES: why no exporter tells of homes; "" before it was asked."""
    look = hub.look
    if ended:
        return (f"The look came to nothing: {ended}", "p looks again.")
    if hub.homes is not None:
        return ("The hub's directory is empty: nobody has a home here yet.",)
    if look is not None and look.failure is not None:
        return (f"{told_by(look, clock)}: {look.failure.message}", look.failure.next_step or "p looks again.")
    if look is not None and hub.directory is not None and not (hub.directory.exists and look.why):
        return (f"{told_by(look, clock)}: {hub.link('homes').why}", "The findings of the hub say what to do.")
    if look is not None:
        return (f"{told_by(look, clock)}: {look.why or 'the listing was not reached'}", "p looks again.")
    return (
        f"Nobody has looked inside, and {no_sizes or 'no exporter of directory sizes has told yet'}.",
        "p looks: it asks first, and says what will run.",
    )
