"""One hub as lines: its chain link by link, with what is declared, live and seen side by side; its findings."""

from __future__ import annotations

from typing import NamedTuple

from console.chain.marks import SHAPES
from console.chain.model import ClusterState, HubState, Link, LinkState
from console.inventory.model import Origin
from console.tui.present.clock import Clock
from console.tui.present.finding_lines import error_lines, finding_lines
from console.tui.present.fleet_rows import own_findings
from console.tui.present.lines import Item, Line, Role, columns, cut, cut_middle, fit, wrap
from console.tui.present.look_lines import look_pairs
from console.tui.present.marks import ROLE

LINK_WORDS: dict[Link, str] = {
    "filestore": "filestore", "export": "export", "directory": "hub directory", "pv": "PV", "pvc": "PVC",
    "mounts": "mounts", "homes": "homes",
}  # fmt: skip
NAME_WIDTH = 18
QUIET_MARKS = ("ok", "none", "unlooked", "pending")


class Sides(NamedTuple):
    """How wide the columns are; `origin` 0: not beside them."""

    side: int
    origin: int


def sides(width: int) -> Sides:
    """Three columns, and a fourth for who decided where there is room for it."""
    room = width - NAME_WIDTH - 1
    if width < 150:
        return Sides((room - 4) // 3, 0)
    origin = min(room // 4, 48)
    return Sides((room - origin - 6) // 3, origin)


def head_line(width: int) -> Line:
    """The columns' names."""
    side, origin = sides(width)
    names = [fit(name, side) for name in ("declared", "live", "seen")] + ([fit("decided by", origin)] if origin else [])
    return ((" " * NAME_WIDTH + "  ".join(names), "quiet"),)


def hub_items(
    hub: HubState,
    cluster: ClusterState,
    width: int,
    height: int,
    clock: Clock,
    *,
    full: bool = False,
    inside: tuple[Item, ...] = (),
    foremost: bool = False,
) -> list[Item]:
    """The chain, INSIDE, then what is wrong. Links in order take one line each where HEIGHT lines would not hold all in
    full. What keeps a look from being had (`foremost`) is asked for just now: it stands first.

    `full` shows every value whole, with its origin.
    """
    first, then = (inside, ()) if foremost else ((), inside)
    findings = [*then, *_finding_items(hub, cluster, width, clock)]
    chain = [_link_item(hub, link, width, full=full, tall=True) for link in hub.links]
    if not full and sum(len(item.lines) for item in (*first, *chain, *findings)) > height:
        chain = [_link_item(hub, link, width, full=False, tall=False) for link in hub.links]
    return [*first, *chain, *findings, *_about(hub, width, clock)]


def chain_lines(hub: HubState, width: int, height: int) -> list[Line]:
    """The chain alone: in full where HEIGHT lines hold that, else one line for each link in order."""
    for tall in (True, False):
        items = [_link_item(hub, link, width, full=False, tall=tall) for link in hub.links]
        lines = [line for item in items for line in item.lines]
        if len(lines) <= height:
            break
    return lines


def _link_item(hub: HubState, link: LinkState, width: int, *, full: bool, tall: bool) -> Item:
    """One link; one in order takes a single line where lines are few."""
    whole = full or tall or link.mark not in QUIET_MARKS
    rows = _sides_of(link, origin_words(hub, link.link), width, whole=whole)
    if full and not sides(width).origin:
        decided = [f"decided by {text}" for text in origin_words(hub, link.link)]
        rows += [((cut(text, width - NAME_WIDTH - 1), "quiet"),) for text in decided]
    role = ROLE[link.mark]
    first: Line = ((f" {SHAPES[link.mark]} ", role), (fit(LINK_WORDS[link.link], NAME_WIDTH - 3), "strong"))
    bar: Line = ((" │ ", "rule"), (" " * (NAME_WIDTH - 3), ""))
    lines = [(*(first if y == 0 else bar), *row) for y, row in enumerate(rows or [()])]
    return Item(f"link:{link.link}", tuple(lines))


def _sides_of(link: LinkState, origins: list[str], width: int, *, whole: bool) -> list[Line]:
    """Declared, live and seen beside each other, and who decided; why nothing is live stands in its place.

    Live takes the room of seen where nothing was seen.
    """
    side, origin = sides(width)
    wide = side if link.seen else side * 2 + 2
    if link.live or not link.why:
        live = _cell(link.live, wide, whole=whole)
    else:
        live = wrap(link.why, wide) if whole else [cut(link.why, wide)]
    cells: list[tuple[list[str], int, Role]] = [
        (_cell(link.declared, side, whole=whole), side, ""),
        (live, wide, "" if link.live else "quiet"),
    ]
    if link.seen:
        cells.append((_cell(link.seen, side, whole=whole), side, ""))
    if origin:
        cells.append(([cut_middle(text, origin) for text in (origins if whole else origins[:1])], origin, "quiet"))
    return columns([cell for cell, _, _ in cells], [size for _, size, _ in cells], [role for _, _, role in cells])


def _cell(texts: tuple[str, ...], width: int, *, whole: bool) -> list[str]:
    if not whole:
        return [in_one_line(texts, width)] if texts else []
    return [piece for text in texts for piece in wrap(text, width)]


def in_one_line(texts: tuple[str, ...], width: int) -> str:
    """As many of TEXTS as WIDTH cells hold whole; … says that there are more."""
    shown = texts[0]
    for at, text in enumerate(texts[1:], start=1):
        longer = f"{shown}, {text}"
        if len(longer) + (2 if at < len(texts) - 1 else 0) > width:
            return cut_middle(f"{shown} …" if len(shown) + 2 <= width else shown, width)
        shown = longer
    return cut_middle(shown, width)


def _finding_items(hub: HubState, cluster: ClusterState, width: int, clock: Clock) -> list[Item]:
    own = own_findings(cluster)
    count = len(hub.findings) + (1 if cluster.error else 0)
    items = [Item(None, (_rule(f" FINDINGS {count} " if count else " NO FINDINGS ", width),))]
    if cluster.error:
        items.append(Item("error", tuple(error_lines(cluster, width, clock))))
    for index, finding in enumerate(hub.findings):
        items.append(Item(f"finding:{index}:{finding.code}", tuple(finding_lines(finding, width, clock))))
    own = tuple(one for one in own if not (cluster.error and cluster.error.message in one.message))
    if own:
        items.append(Item(None, (_rule(f" OF THE CLUSTER {len(own)} ", width),)))
        items += [Item(f"own:{i}:{one.code}", tuple(finding_lines(one, width, clock))) for i, one in enumerate(own)]
    return items


def _rule(text: str, width: int) -> Line:
    return (("──", "rule"), (text, "strong"), ("─" * max(width - len(text) - 2, 0), "rule"))


def _about(hub: HubState, width: int, clock: Clock) -> list[Item]:
    """What else is known of the hub, in pairs."""
    lines: list[Line] = []
    for name, text in (*look_pairs(hub, clock), *about_pairs(hub)):
        for y, piece in enumerate(wrap(text, width - NAME_WIDTH - 4)):
            lines.append(((f"   {fit(name if y == 0 else '', NAME_WIDTH)}", "quiet"), (piece, "")))
    return [Item(None, (_rule(" ABOUT ", width), *lines))]


def about_pairs(hub: HubState) -> list[tuple[str, str]]:
    """Names and values, in the order to read them."""
    pairs: list[tuple[str, str]] = []
    if hub.pods:
        pods = hub.pods
        pairs.append(
            ("user pods", f"{pods.running:,} running, {pods.pending:,} pending, {pods.failing:,} with failing mounts")
        )
        older = f", {pods.older_mounts:,} with older mounts" if pods.older_mounts else ""
        pairs.append(("admins' pods", f"{pods.admin_running:,} running, {pods.with_allusers:,} with allusers{older}"))
    if hub.hub_running is not None:
        pairs.append(("hub", "running" if hub.hub_running else "not running"))
    if hub.filestore_reason:
        pairs.append(("filestore", hub.filestore_reason))
    if hub.declared:
        pairs += _declared_pairs(hub)
    else:
        pairs.append(("declared", "nowhere in the configuration: found live"))
    return pairs


def _declared_pairs(hub: HubState) -> list[tuple[str, str]]:
    declared = hub.declared
    if declared is None:
        return []
    pairs = [("domain", declared.domain), ("chart", declared.chart)]
    pairs.append(("declared in", str(declared.origin) if declared.origin else ""))
    pairs.append(("values files", ", ".join(declared.values_files)))
    pairs.append(
        ("secret files", f"{', '.join(declared.secret_files)} (never opened)" if declared.secret_files else "")
    )
    if not declared.resolved:
        pairs.append(("not complete", "the configuration is still being read, or a file is broken"))
    return [(name, text) for name, text in pairs if text]


def origin_words(hub: HubState, link: Link) -> list[str]:
    """Who decided what is declared for LINK: `serverIP common.values.yaml:12:17`."""
    declared = hub.declared
    if declared is None:
        return []
    found: dict[str, Origin | None] = {}
    if link == "filestore":
        found = {"serverIP": declared.server.origin}
    elif link == "export":
        found = {"serverIP": declared.server.origin, "baseShareName": declared.base_share.origin}
    elif link == "directory":
        found = {"baseShareName": declared.base_share.origin, "shareNameOverride": declared.share_name_override.origin}
    elif link == "pv":
        found = {"nfs.enabled": declared.nfs_enabled.origin, "mountOptions": declared.mount_options.origin}
    elif link == "mounts":
        mounts = (*declared.user_mounts, *declared.admin_mounts)
        found = {mount.sub_path or mount.mount_path: mount.origin for mount in mounts}
    return [f"{name} {origin}" for name, origin in found.items() if origin is not None]
