"""`hubhomes check`: the findings, and an exit code for alerts."""

from __future__ import annotations

from collections.abc import Sequence

from console.chain.marks import SEVERITIES, Severity
from console.chain.model import Finding, FleetState
from console.chain.words import count
from console.cli.contract.chain import Unobserved
from console.cli.exits import Exit
from console.cli.observing import observed_state
from console.cli.output import narrate, print_json, print_lines, takes_colour, takes_unicode, terminal_width
from console.cli.request import Request
from console.cli.scope import Scope


def run(request: Request, fail_on: Severity) -> Exit:
    """Prints the findings within the request's scope; says by the exit code whether any is FAIL_ON or worse."""
    state = observed_state(request)
    findings = sorted_findings(request.scope.findings(state))
    reached = [one for one in findings if at_least(one.severity, fail_on)]
    missing = () if request.offline else unobserved(state, request.scope)
    outcome = outcome_of(reached, findings, missing)
    if request.json:
        from console.cli.documents.chain import check

        print_json(check(state, findings, missing, fail_on, outcome))
        return outcome
    width, colour, unicode = terminal_width(), takes_colour(), takes_unicode()
    if reached:
        print_lines(finding_lines(reached, width=width, colour=colour, unicode=unicode))
    for one in missing:
        place = f"{one.cluster}/{one.hub}" if one.hub else one.cluster
        narrate(f"not observed: {place} {one.link}: {one.why}")
    narrate(summary(len(reached), len(findings) - len(reached), fail_on))
    return outcome


def outcome_of(reached: list[Finding], findings: list[Finding], missing: Sequence[Unobserved]) -> Exit:
    """What was found wins over what was not observed. A cluster or a right that is missing is no trouble found, and
    one that no hub needs (info) leaves nothing unobserved."""
    from console.chain.findings.cluster import HELPER_ORPHAN, RULES

    blind = {rule.code for rule in RULES} - {HELPER_ORPHAN.code}
    unseen = [one for one in findings if one.code in blind and one.severity != "info"]
    if any(one not in unseen for one in reached):
        return Exit.FOUND
    return Exit.UNOBSERVED if missing or unseen else Exit.NONE


def summary(shown: int, rest: int, fail_on: Severity) -> str:
    """How many findings there are, in one line."""
    below = f"; {rest} below {fail_on} not shown" if rest else ""
    return f"{count(shown, 'finding')}{below}"


def at_least(severity: Severity, limit: Severity) -> bool:
    """Whether SEVERITY is LIMIT or worse."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(limit)


def sorted_findings(findings: tuple[Finding, ...]) -> list[Finding]:
    """Worst first, then by place and code."""
    return sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), one.cluster, one.hub or "", one.code))


def unobserved(state: FleetState, scope: Scope) -> tuple[Unobserved, ...]:
    """What within SCOPE could not be observed: whole clusters, else single links of hubs."""
    missing = []
    for cluster in scope.clusters(state):
        if cluster.error is not None:
            why = cluster.error.message
            missing.append(Unobserved(cluster=cluster.name, hub=None, link="cluster", why=why))
            continue
        missing += [
            Unobserved(cluster=cluster.name, hub=hub.name, link=link.link, why=link.why)
            for hub in scope.hubs(cluster)
            for link in hub.links
            if link.mark == "unobserved"
        ]
    return tuple(missing)


def finding_lines(findings: list[Finding], *, width: int | None, colour: bool, unicode: bool) -> list[str]:
    """A table of FINDINGS."""
    from console.cli.marks import COLOURS, SEVERITY_MARKS
    from console.cli.table import Cell, Column, table

    columns = [
        Column(heading="severity"),
        Column(heading="code"),
        Column(heading="where", least=12),
        Column(heading="link"),
        Column(heading="finding", least=20, sentences=True),
        Column(heading="next", least=16, sentences=True),
    ]
    rows = [
        [
            Cell(one.severity, COLOURS.get(SEVERITY_MARKS[one.severity])),
            Cell(one.code),
            Cell(place),
            Cell(one.link),
            Cell(one.message),
            Cell(one.next_step),
        ]
        for one, place in places(findings)
    ]
    return table(columns, rows, width=width, colour=colour, unicode=unicode)


def places(findings: list[Finding]) -> list[tuple[Finding, str]]:
    """FINDINGS with where each stands; one about a filestore stands once, with all hubs that live on it."""
    from console.cli.marks import finding_place

    hubs: dict[tuple[str | None, ...], list[str]] = {}
    firsts: list[tuple[Finding, tuple[str | None, ...] | None]] = []
    for one in findings:
        key = (one.cluster, one.code, one.filestore, one.message) if one.link == "filestore" else None
        if key is None or key not in hubs:
            firsts.append((one, key))
        if key is not None:
            hubs.setdefault(key, []).extend([one.hub] if one.hub else [])
    return [
        (one, f"{one.cluster}: {', '.join(hubs[key])}" if key and hubs[key] else finding_place(one))
        for one, key in firsts
    ]
