"""One filestore as lines: state and fullness, what is wrong, who lives on it, where it is mounted from, all else."""

from __future__ import annotations

from collections.abc import Sequence

from console.chain.filestore_words import (
    FULLNESS_CODES,
    STATE_MARK,
    Fullness,
    MountPlace,
    about_pairs,
    filestore_mark,
    findings_on,
    fullness,
    fullnesses,
    hubs_on,
    mount_places,
    state_words,
    unused_words,
    usage_note,
)
from console.chain.marks import OF_SEVERITY, SHAPES, Mark
from console.chain.model import ClusterState, Finding, HubState, findings_mark
from console.tui.present.clock import Clock
from console.tui.present.finding_lines import error_lines, finding_lines
from console.tui.present.lines import Item, Line, Role, Span, crop, cut, fit, join, wrap
from console.tui.present.marks import ROLE
from providers.filestores.protocol import Filestore

NAME_WIDTH = 15
"""Cells of the names at the left, their marks before them not counted."""


def title(cluster: ClusterState, store: Filestore) -> tuple[Line, Line]:
    """Mark, cluster and name; then what kind it is."""
    mark = filestore_mark(store, findings_on(cluster, store))
    name: Line = ((f"{SHAPES[mark]} ", ROLE[mark]), (f"{cluster.name} / {store.name}", "strong"))
    kind = join([((word, "quiet"),) for word in (store.backend, store.tier, ", ".join(store.zones)) if word])
    return name, (("   ", ""), *kind)


def filestore_items(cluster: ClusterState, store: Filestore, width: int, clock: Clock) -> list[Item]:
    """The whole page for WIDTH cells."""
    findings = findings_on(cluster, store)
    items = [_state(store, width, clock), _capacity(cluster, store, findings, width, clock)]
    if cluster.error:
        items.append(Item("error", tuple(error_lines(cluster, width, clock))))
    items.append(_rule(_counted("FINDING", len(findings)), width))
    items += [
        Item(f"finding:{y}:{one.code}", tuple(finding_lines(one, width, clock))) for y, one in enumerate(findings)
    ]
    items += _hubs(cluster, store, width)
    items += _places(store, cluster, width)
    items += _terraform(cluster, store, width)
    return [*items, _rule("ABOUT", width), *_about(store, width, clock)]


def _counted(noun: str, number: int) -> str:
    return f"NO {noun}S" if number == 0 else f"{noun}S {number}"


def _rule(text: str, width: int) -> Item:
    return Item(None, ((("── ", "rule"), (text, "strong"), (" " + "─" * max(width - len(text) - 4, 0), "rule")),))


def _named(mark: Mark | None, name: str, text: str, width: int, role: Role = "") -> list[Line]:
    """TEXT behind its NAME, wrapped."""
    lines: list[Line] = []
    for y, piece in enumerate(wrap(text, width - NAME_WIDTH - 4)):
        shape: Span = (f" {SHAPES[mark]} ", ROLE[mark]) if mark and y == 0 else ("   ", "")
        lines.append((shape, (fit(name if y == 0 else "", NAME_WIDTH), "quiet"), (piece, role)))
    return lines


def _state(store: Filestore, width: int, clock: Clock) -> Item:
    mark = STATE_MARK[store.state]
    return Item("state", tuple(_named(mark, "state", state_words(store, clock.now()), width, "strong")))


def _capacity(cluster: ClusterState, store: Filestore, findings: Sequence[Finding], width: int, clock: Clock) -> Item:
    """How full: a bar with its numbers and who says so; below it every other source."""
    told = fullness(cluster, store)
    mark = _fullness_mark(told, findings)
    head: Line = ((f" {SHAPES[mark]} ", ROLE[mark]), (fit("used", NAME_WIDTH), "quiet"))
    room = width - NAME_WIDTH - 3
    lines: list[Line] = []
    if told.share is not None:
        bar = min(max(room - 44, 10), 60)
        role: Role = ROLE[mark] if mark in ("warning", "broken") else ""
        spans = (*head, *bar_spans(told.share, bar, role), (f" {told.percent:>5}", role), (f"  {told.words}", "strong"))
        lines.append(crop(spans, width))
    else:
        lines += _named(mark, "used", told.words, width, "strong")
    said = told.said_by(clock.now())
    lines += _named(None, "", f"says {said}", width, "quiet") if said else []
    for other in fullnesses(cluster, store)[1:]:
        text = f"{other.percent + ': ' if other.percent else ''}{other.words}, says {other.said_by(clock.now())}"
        lines += _named(None, "also", text, width)
    note = usage_note(cluster, store)
    lines += _named(None, "", note, width, "warning" if told.share is not None else "quiet") if note else []
    return Item("capacity", tuple(lines))


def _fullness_mark(told: Fullness, findings: Sequence[Finding]) -> Mark:
    if told.used_bytes is None:
        return "unobserved"
    full = findings_mark(one for one in findings if one.code in FULLNESS_CODES)
    return full if full != "none" else "ok"


def bar_spans(share: float, cells: int, role: Role) -> list[Span]:
    """How full as a bar of CELLS; what is not empty shows a cell, what is not full leaves one."""
    filled = min(max(round(share * cells), 1 if share > 0 else 0), cells if share >= 1 else cells - 1)
    return [("█" * filled, role or "quiet"), ("░" * (cells - filled), "rule")]


def _hubs(cluster: ClusterState, store: Filestore, width: int) -> list[Item]:
    hubs = hubs_on(cluster, store)
    if not hubs:
        return [_rule("NO HUBS", width), Item("unused", tuple(_plain(unused_words(cluster, store), width)))]
    name = min(max(len(hub.name) for hub in hubs), width // 3)
    return [_rule(_counted("HUB", len(hubs)), width), *(_hub(hub, store, name, width) for hub in hubs)]


def _hub(hub: HubState, store: Filestore, name: int, width: int) -> Item:
    """A hub with its worst finding that is not the filestore's own, which stands above."""
    mark = hub.mark
    worst = next((one for one in hub.findings if one.severity != "info" and one.filestore != store.id), None)
    head: Line = ((f" {SHAPES[mark]} ", ROLE[mark]), (fit(hub.name, name, middle=True), "strong"))
    badge: Span = (" PROD  " if hub.production else "       ", "badge")
    if worst is not None:
        told: Line = ((f"{worst.code}  ", ROLE[OF_SEVERITY[worst.severity]]), (worst.message, ""))
    else:
        running = f"{hub.pods.running:,} server{'' if hub.pods.running == 1 else 's'} running" if hub.pods else ""
        told = ((running, "quiet"),)
    return Item(f"hub:{hub.key}", (crop((*head, badge, *told), width),))


def _places(store: Filestore, cluster: ClusterState, width: int) -> list[Item]:
    places = mount_places(store, cluster.node_zones)
    targets = store.mount_targets is not None
    head = f"{_counted('MOUNT TARGET', len(store.mount_targets or ()))}" if targets else "MOUNTED FROM"
    return [_rule(head, width), *_addresses(store, width), *(_place(one, width) for one in places)]


def _addresses(store: Filestore, width: int) -> list[Item]:
    """What clients mount, whole where that is not much; the address of a mount target stands with it."""
    own = {address for target in store.mount_targets or () for address in target.addresses}
    addresses = [address for address in store.addresses if address not in own]
    if not store.addresses:
        return [Item("mount", tuple(_plain(f"it has no address; it exports {', '.join(store.exports)}", width)))]
    if len(addresses) * len(store.exports) <= 2:
        whole = [f"{address}:{export}" for address in addresses for export in store.exports]
        return [Item(f"mount:{text}", tuple(_plain(text, width))) for text in whole]
    lines = _named(None, "addresses", ", ".join(addresses), width)
    return [Item("mount", (*lines, *_named(None, "exports", ", ".join(store.exports), width)))]


def _place(place: MountPlace, width: int) -> Item:
    head: Line = ((f" {SHAPES[place.mark]} ", ROLE[place.mark]), (fit(place.zone, NAME_WIDTH, middle=True), "strong"))
    lines: list[Line] = [crop((*head, (place.words, "")), width)]
    target = place.target
    if target is not None:
        groups = ", ".join(target.security_groups)
        parts = (", ".join(target.addresses), target.subnet, f"group {groups}" if groups else "", target.network)
        lines += _named(None, "", "  ".join(part for part in parts if part), width, "quiet")
        lines += _named(None, "", target.detail, width, "warning") if target.detail else []
    return Item(f"place:{place.zone}:{target.id if target else ''}", tuple(lines))


def _terraform(cluster: ClusterState, store: Filestore, width: int) -> list[Item]:
    """What Terraform declares of it, and where that is otherwise."""
    made = cluster.terraform
    if made is None:
        return []
    known, words = made.of(store.id), made.words(store.id)
    mark: Mark = "unobserved" if not words else "ok" if known and not known.drift else "warning"
    lines = _named(mark, "address", words or "not known whether Terraform declares it", width, "strong")
    if known is not None:
        lines += _named(None, "declared in", str(known.origin), width)
        for drift in known.drift:
            lines += _named("warning", drift.what, f"declared {drift.declared}, live {drift.live}", width)
    else:
        lines += _named(None, "variables", made.file, width)
    if made.error:
        lines += _named("unobserved", "not read", made.error, width)
    return [_rule("TERRAFORM", width), Item("terraform", tuple(lines))]


def _about(store: Filestore, width: int, clock: Clock) -> list[Item]:
    items = [
        Item(f"about:{y}", tuple(_named(None, name, text, width)))
        for y, (name, text) in enumerate(about_pairs(store, clock.now()))
    ]
    if store.page:
        items.append(Item("page", tuple(_named(None, "cloud's page", store.page, width, "accent"))))
    return items


def _plain(text: str, width: int) -> list[Line]:
    return [((f"   {piece}", ""),) for piece in wrap(text, width - 4)]


def missing_items(words: str, why: str, near: Sequence[str], width: int) -> list[Item]:
    """In the place of a filestore that is not there: WORDS, WHY it may be missing, and those that it may be."""
    head: list[Line] = [(), *_plain(words, width)]
    if why:
        head += [((f" {SHAPES['unobserved']} {cut(why, width - 4)}", "accent"),)]
    items = [Item(None, tuple(head))]
    if near:
        items.append(Item(None, ((), ((f"   {len(near)} have that name; Enter opens one:", "quiet"),))))
        items += [Item(f"store:{key}", (((f"   {key}", "strong"),),)) for key in near]
    return [*items, Item(None, (((("   Esc goes back.", "quiet"),)),))]
