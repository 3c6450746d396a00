"""A hub's findings put together: each cause once, with its consequences in its text."""

from __future__ import annotations

import msgspec

from console.chain.findings import admins, configuration, directory, export, filestore, mounts, pv, pvc
from console.chain.model import Finding
from console.chain.rule import Rule, Symptom
from console.chain.sight import HubSight
from console.chain.words import worst_first

RULES: dict[str, Rule] = {
    rule.code: rule
    for module in (configuration, filestore, export, directory, pv, pvc, admins, mounts)
    for rule in module.RULES
}

_SYMPTOM_OF: dict[str, Symptom] = {
    pvc.MISSING.code: "claim",
    pvc.PENDING.code: "claim",
    pvc.LOST.code: "claim",
    pv.MISSING.code: "volume",
    directory.CREATOR_FAILED.code: "creator",
    directory.CREATOR_RUNNING.code: "creator",
    export.NOT_EXPORTED.code: "export",
    export.OLD_ADDRESS.code: "server",
    filestore.UNKNOWN.code: "server",
}
"""The findings that may be consequences of another one."""


def hub_findings(hub: HubSight, *, tree: bool) -> tuple[Finding, ...]:
    """Worst first; equals in the order of the chain."""
    found = [
        *configuration.findings(hub, tree=tree),
        *filestore.findings(hub),
        *export.findings(hub),
        *directory.findings(hub),
        *pv.findings(hub),
        *pvc.findings(hub),
    ]
    causes = _without_consequences(hub, found)
    failing = []
    for trouble in hub.live.pods.troubles if hub.live and not hub.absent else ():
        cause = _cause(hub, causes, trouble.symptom)
        if cause is None:
            failing.append(mounts.trouble_finding(hub, trouble))
        else:
            causes[causes.index(cause)] = _with_users(cause, mounts.consequence(hub, trouble), trouble.words)
    return worst_first((*causes, *failing, *admins.findings(hub)))


def _without_consequences(hub: HubSight, found: list[Finding]) -> list[Finding]:
    """The causes alone, each with what follows from it among its details."""
    cause_of: dict[str, Finding] = {}
    for finding in found:
        symptom = _SYMPTOM_OF.get(finding.code)
        cause = _cause(hub, [each for each in found if each is not finding], symptom) if symptom else None
        if cause is not None:
            cause_of[finding.code] = cause
    followed: dict[str, list[Finding]] = {}
    for finding in found:
        if finding.code in cause_of:
            followed.setdefault(_root(finding, cause_of).code, []).append(finding)
    return [_with_consequences(each, followed.get(each.code, [])) for each in found if each.code not in cause_of]


def _root(finding: Finding, cause_of: dict[str, Finding]) -> Finding:
    while finding.code in cause_of:
        finding = cause_of[finding.code]
    return finding


def _with_consequences(cause: Finding, consequences: list[Finding]) -> Finding:
    lines = tuple(line for each in consequences for line in (f"so: {each.message}", *each.detail))
    return msgspec.structs.replace(cause, detail=(*cause.detail, *lines)) if lines else cause


def _cause(hub: HubSight, findings: list[Finding], symptom: Symptom) -> Finding | None:
    """The finding that brings SYMPTOM about: the worst, then the first along the chain."""
    return next((each for each in worst_first(findings) if symptom in _explains(hub, each)), None)


def _explains(hub: HubSight, finding: Finding) -> tuple[Symptom, ...]:
    explained = RULES[finding.code].explains
    first_deploy = hub.live is not None and hub.live.deployment is None and not hub.live.deployment_why
    if finding.code == directory.CREATOR_FAILED.code and not first_deploy:
        return tuple(symptom for symptom in explained if symptom not in ("volume", "claim", "unbound"))
    return explained


def _with_users(cause: Finding, consequence: str, words: tuple[str, ...]) -> Finding:
    """The cause, now an error, since users are hit."""
    rule = RULES[cause.code]
    return msgspec.structs.replace(
        cause,
        severity="error" if rule.or_severity == "error" else cause.severity,
        consequence=f"{consequence} {cause.consequence}",
        detail=(*cause.detail, *words),
    )
