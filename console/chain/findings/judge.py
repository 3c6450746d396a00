"""A hub's findings put together: each cause once, with its consequences in its text."""

from __future__ import annotations

import msgspec

from console.chain.findings import (
    address,
    admins,
    care,
    configuration,
    directory,
    export,
    filestore,
    homes,
    inside,
    mounts,
    pv,
    pvc,
    reachability,
    usage,
)
from console.chain.model import Finding
from console.chain.pods import Trouble
from console.chain.rule import Rule, Symptom
from console.chain.sight import HubSight
from console.chain.words import plain, worst_first

RULES: dict[str, Rule] = {
    rule.code: rule
    for module in (configuration, filestore, usage, export, directory, inside, pv, pvc, admins, mounts, homes)
    for rule in module.RULES
}

_SYMPTOM_OF: dict[str, Symptom] = {
    pvc.MISSING.code: "claim",
    pvc.PENDING.code: "claim",
    pvc.LOST.code: "claim",
    pv.MISSING.code: "volume",
    directory.CREATOR_FAILED.code: "creator",
    directory.CREATOR_RUNNING.code: "creator",
    inside.MISSING.code: "directory",
    inside.WRONG_OWNER.code: "directory",
    export.NOT_EXPORTED.code: "export",
    export.OLD_ADDRESS.code: "server",
    address.UNKNOWN.code: "server",
}
"""The findings that may be consequences of another one."""


def hub_findings(hub: HubSight, *, tree: bool) -> tuple[Finding, ...]:
    """Worst first; equals in the order of the chain."""
    found = [
        *configuration.findings(hub, tree=tree),
        *filestore.findings(hub),
        *usage.findings(hub),
        *export.findings(hub),
        *directory.findings(hub),
        *inside.findings(hub),
        *pv.findings(hub),
        *pvc.findings(hub),
    ]
    causes = _without_consequences(hub, found)
    failing = []
    for trouble in hub.live.pods.troubles if hub.live and not hub.absent else ():
        cause = _cause(hub, [each for each in causes if _could_be(hub, each, trouble)], trouble.symptom)
        if cause is None:
            failing.append(mounts.trouble_finding(hub, trouble))
        else:
            causes[causes.index(cause)] = _with_users(cause, mounts.consequence(hub, trouble), trouble.words)
    told = _with_failed_look(hub, [*causes, *failing])
    return worst_first((*told, *admins.findings(hub), *homes.findings(hub)))


def _with_failed_look(hub: HubSight, found: list[Finding]) -> list[Finding]:
    """That a look cannot mount: part of its cause, or of what users meet by the same; else a finding of its own."""
    look = hub.seen.look
    failure = look.failure or look.claim_failure if look is not None else None
    if look is None or failure is None or hub.absent or inside.outdated(hub, look):
        return found
    symptom: Symptom | None = "unbound" if failure.kind == "unbound" else None
    if failure.kind == "mount":
        symptom = failure.symptom or "other"
    if symptom is None:
        return found
    same = next((each for each in found if each.code == mounts.code_of(symptom)), None)
    cause = _cause(hub, found, symptom) or same
    looked = inside.looked_words(hub, look)
    if cause is None:
        return [*found, mounts.look_finding(hub, failure, symptom, looked=looked)]
    lines = (plain(line) for line in (f"a look, too: {failure.message}", failure.words) if line)
    told = msgspec.structs.replace(cause, detail=tuple(dict.fromkeys((*cause.detail, *lines))))
    return [told if each is cause else each for each in found]


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
    """It weighs as much as the worst that follows, where its rule knows such a weight."""
    if not consequences:
        return cause
    lines = tuple(line for each in consequences for line in (f"so: {each.message}", *each.detail))
    hit = RULES[cause.code].or_severity == "error" and any(each.severity == "error" for each in consequences)
    told = msgspec.structs.replace(cause, detail=(*cause.detail, *lines))
    return _as_error(told) if hit else told


def _cause(hub: HubSight, findings: list[Finding], symptom: Symptom) -> Finding | None:
    """The finding that brings SYMPTOM about: the worst, then the first along the chain."""
    return next((each for each in worst_first(findings) if symptom in _explains(hub, each)), None)


def _explains(hub: HubSight, finding: Finding) -> tuple[Symptom, ...]:
    explained = RULES[finding.code].explains
    first_deploy = hub.live is not None and hub.live.deployment is None and not hub.live.deployment_why
    if finding.code == directory.CREATOR_FAILED.code and not first_deploy:
        return tuple(symptom for symptom in explained if symptom not in ("volume", "claim", "unbound"))
    if finding.code == care.ROOT_SQUASH.code and not _chown_refused(hub):
        return tuple(symptom for symptom in explained if symptom != "creator")
    return explained


def _chown_refused(hub: HubSight) -> bool:
    """Whether the share creator says that it was not allowed to."""
    lines = hub.live.log.lines if hub.live is not None and hub.live.log is not None else ()
    return any("not permitted" in line.lower() or "denied" in line.lower() for line in lines)


def _could_be(hub: HubSight, finding: Finding, trouble: Trouble) -> bool:
    """Not a mount target of other zones than those where the pods are."""
    if finding.code not in reachability.BY_ADDRESS:
        return True
    if hub.live is None or hub.store is None:
        return False
    pods = hub.live.cluster.pods.get(hub.namespace, [])
    nodes = {pod.spec.node_name for pod in pods if pod.metadata.name in trouble.pods}
    zones = hub.live.cluster.zones
    hit = reachability.unreached_zones(hub.store) if finding.code == reachability.NO_TARGET.code else (
        reachability.refusing_zones(hub.store)
    )  # fmt: skip
    return bool(nodes) and all(zones.get(node or "", "") in hit for node in nodes)


def _with_users(cause: Finding, consequence: str, words: tuple[str, ...]) -> Finding:
    """The cause, now an error, since users are hit."""
    rule = RULES[cause.code]
    told = msgspec.structs.replace(
        cause, consequence=f"{consequence} {cause.consequence}", detail=(*cause.detail, *words)
    )
    return _as_error(told) if "error" in (rule.severity, rule.or_severity) else told


def _as_error(finding: Finding) -> Finding:
    action = directory.OVERRIDE.or_action if finding.code == directory.OVERRIDE.code else finding.action
    return msgspec.structs.replace(finding, severity="error", action=action)
