"""One hub for people: its chain link by link, then its findings with what mends them."""

from __future__ import annotations

from itertools import zip_longest

from console.actions.offers import command_of
from console.chain.model import ClusterState, Finding, HubState, LinkState
from console.chain.words import plain
from console.cli.marks import COLOURS, SEVERITY_MARKS, shapes
from console.cli.table import Cell, Column, styled, table

COLUMNS = (
    Column(heading=""),
    Column(heading="link"),
    Column(heading="declared", least=12),
    Column(heading="live", least=10),
    Column(heading="seen", least=8),
)


def hub_lines(cluster: ClusterState, hub: HubState, *, width: int | None, colour: bool, unicode: bool) -> list[str]:
    """HUB with its heading, its chain and its findings."""
    marks = shapes(unicode=unicode)
    words = [hub.key, "PROD" if hub.production else "", cluster.provider, hub.chart, f"namespace {hub.namespace}"]
    lines = [plain("  ".join(word for word in words if word))]
    error = cluster.error.message if cluster.error else ""
    if cluster.error is not None:
        lines += [plain(f"{marks['unobserved']} {error}"), *next_lines(cluster.error.next_step, indent=2)]
    rows = [row for link in hub.links for row in link_rows(link, marks[link.mark], COLOURS.get(link.mark), error)]
    lines += ["", *table(COLUMNS, rows, width=width, colour=colour, unicode=unicode)]
    for finding in hub.findings:
        lines += ["", *finding_lines(finding, marks[SEVERITY_MARKS[finding.severity]], colour=colour, cluster=cluster)]
    return lines


def link_rows(link: LinkState, mark: str, colour: str | None, error: str) -> list[list[Cell]]:
    """A link's sides beside each other, a row for each of their lines; what is not known says why.

    ERROR is the cluster's, told above the chain: it is not repeated on every link.
    """
    why = "not observed" if error and link.why == error else link.why
    live = link.live or ((why,) if why else ())
    rows = []
    for index, sides in enumerate(zip_longest(link.declared or ("",), live, link.seen, fillvalue="")):
        head = [Cell(mark, colour), Cell(link.link)] if index == 0 else [Cell(""), Cell("")]
        rows.append([*head, *(Cell(side) for side in sides)])
    return rows


def finding_lines(finding: Finding, mark: str, *, colour: bool, cluster: ClusterState) -> list[str]:
    """FINDING of CLUSTER in full: what is copied from here is never cut."""
    head = plain(f"{mark} {finding.severity} {finding.code}  {finding.message}")
    if colour:
        head = styled(head, fg=COLOURS.get(SEVERITY_MARKS[finding.severity]))
    below = [line for line in (finding.consequence, *finding.detail) if line]
    mends = command_of(finding, cluster=cluster)
    below += [f"mends it: {mends}"] * bool(mends)
    return [head, *(plain(f"    {line}") for line in below), *next_lines(finding.next_step, indent=4)]


def next_lines(next_step: str, *, indent: int) -> list[str]:
    return [plain(f"{' ' * indent}next: {next_step}")] if next_step else []
