"""Cluster: can be asked, may be asked, and nothing of ours is left on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from console.chain.filestores import FilestoreGap, FilestoreInventory
from console.chain.model import ClusterError, Finding
from console.chain.needs import CLOUDS
from console.chain.policy import Policy
from console.chain.rule import Rule
from console.chain.words import age, kubectl, some
from providers.errors import ErrorKind
from providers.kubernetes.objects import Pod
from providers.kubernetes.observation import ClusterObservation, Refusal


def _rule(code: str, title: str, meaning: str, mends: str) -> Rule:
    return Rule(
        code=code,
        severity="warning",
        link="cluster",
        title=title,
        meaning=meaning,
        found_by="Asking the cluster's API server.",
        mends=mends,
    )


_UNKNOWN = "Nothing live is known of its hubs but what their cloud tells of filestores; they may be well."
UNREACHABLE = _rule("CLU01", "Cluster is unreachable", _UNKNOWN, "Check network, VPN and the server's address.")
CREDENTIALS = _rule("CLU02", "Credentials are missing or expired", _UNKNOWN, "Sign in again.")
NO_CONTEXT = _rule(
    "CLU03", "No kubeconfig context", _UNKNOWN, "Create the context by the command shown, or map one in the settings."
)
CERTIFICATE = _rule("CLU04", "Certificate does not verify", _UNKNOWN, "Renew the kubeconfig context.")
FORBIDDEN = _rule(
    "CLU05",
    "Permission is missing",
    "The links that need it are not observed.",
    "Ask for the right that the message names.",
)
FAILING = _rule("CLU06", "API server fails", "What it did not answer is not known.", "Try again; see its state.")
HELPER_ORPHAN = Rule(
    code="CLU07",
    severity="warning",
    link="cluster",
    title="Helper pod is orphaned",
    meaning="A helper pod of this console was left behind; it may hold a mount.",
    found_by="Pods with the console's labels that are done or older than their deadline.",
    mends="Remove it.",
    action="remove-helper-pods",
)
STORES_UNKNOWN = Rule(
    code="CLU08",
    severity="warning",
    when="info where every hub of the cluster is known to live on something else",
    link="cluster",
    title="Filestores cannot be listed",
    meaning="Which filestore hubs are on, its state and how full it is, is not known.",
    found_by="Asking the backend's own API.",
    mends="Sign in again, or ask for the right that the message names.",
)
RULES = (UNREACHABLE, CREDENTIALS, NO_CONTEXT, CERTIFICATE, FORBIDDEN, FAILING, HELPER_ORPHAN, STORES_UNKNOWN)

_NO_ANSWER = "Look again; if it stays so, see whether the backend's own status page tells of trouble."

_BY_KIND: dict[ErrorKind, Rule] = {
    "no_context": NO_CONTEXT,
    "unreachable": UNREACHABLE,
    "timeout": UNREACHABLE,
    "tls": CERTIFICATE,
    "unauthorized": CREDENTIALS,
    "forbidden": FORBIDDEN,
    "throttled": FAILING,
    "internal": FAILING,
}


def findings(
    *,
    name: str,
    error: ClusterError | None,
    observation: ClusterObservation | None,
    filestores: FilestoreInventory | None,
    policy: Policy,
    now: datetime,
    needed: frozenset[str],
) -> Iterator[Finding]:
    """NEEDED are the clouds' backends that some hub of the cluster lives on, or may."""
    if error is not None:
        yield _BY_KIND[error.kind].finding(
            error.message, cluster=name, next_step=error.next_step, since=error.since, subject=f"cluster/{name}"
        )
    if observation is not None:
        yield from _refusals(name, observation)
        for pod in observation.helper_pods.items:
            if _orphaned(pod, policy, now):
                yield _orphan(name, pod, now, observation.context)
    if filestores is not None:
        yield from _gaps(name, filestores, observation, needed)


def _gaps(
    name: str, filestores: FilestoreInventory, observation: ClusterObservation | None, needed: frozenset[str]
) -> Iterator[Finding]:
    for gap in filestores.gaps:
        if gap.kind is None or (gap.backend == "home-nfs" and (observation is None or _lists_refused(observation))):
            continue  # what the cluster itself did not tell is told by its own finding
        yield _gap(name, gap, spare=gap.backend in CLOUDS and gap.backend not in needed)


def _gap(name: str, gap: FilestoreGap, *, spare: bool) -> Finding:
    """SPARE: every hub is known to live on something else."""
    leave_out = f"where no cluster needs it, leave {gap.backend} out of backends in settings.toml"
    return STORES_UNKNOWN.finding(
        f"{gap.backend}: not needed by its hubs: {gap.message}" if spare else f"{gap.backend}: {gap.message}",
        cluster=name,
        severity="info" if spare else None,
        consequence="" if spare else None,
        detail=(leave_out,) if spare else (),
        next_step=gap.next_step or ("" if gap.kind in ("unauthorized", "forbidden") else _NO_ANSWER),
        subject=gap.backend,
    )


def _lists_refused(observation: ClusterObservation) -> bool:
    """The in-cluster servers' own lists were refused: told as a missing permission already."""
    return any(
        listing.refusals
        for listing in (observation.home_nfs_deployments, observation.home_nfs_pods, observation.services)
    )


def _refusals(name: str, observation: ClusterObservation) -> Iterator[Finding]:
    """One finding for each kind of trouble: verbs and resources together, since one Role mends them all."""
    by_kind: dict[str, list[Refusal]] = {}
    for field in observation.__struct_fields__:
        for refusal in getattr(getattr(observation, field), "refusals", ()):
            by_kind.setdefault(_BY_KIND[refusal.kind].code, []).append(refusal)
    for refusals in by_kind.values():
        yield _refused(name, refusals, observation.context)


def _refused(name: str, refusals: list[Refusal], context: str) -> Finding:
    rule = _BY_KIND[refusals[0].kind]
    verbs = "/".join(dict.fromkeys(refusal.verb for refusal in refusals))
    resources = dict.fromkeys(refusal.resource for refusal in refusals)
    lead = "may not" if rule is FORBIDDEN else "no answer to"
    return rule.finding(
        f"{lead} {verbs} {some(resources, 2)}",
        cluster=name,
        detail=tuple(dict.fromkeys(f"{r.namespace or 'whole cluster'}: {r.message}" for r in refusals))[:20],
        next_step=refusals[0].next_step or (_ask(refusals[0], context) if rule is FORBIDDEN else ""),
        subject=f"cluster/{name}",
    )


def _ask(refusal: Refusal, context: str) -> str:
    scope = ["-n", refusal.namespace] if refusal.namespace else ["--all-namespaces"]
    return kubectl(context, "auth", "can-i", refusal.verb, refusal.resource, *scope)


def _orphaned(pod: Pod, policy: Policy, now: datetime) -> bool:
    if pod.metadata.deletion_timestamp is not None:
        return False
    if pod.status.phase in ("Succeeded", "Failed"):
        return True
    made = pod.metadata.creation_timestamp
    return made is not None and now - made > timedelta(seconds=policy.helper_deadline_s)


def _orphan(name: str, pod: Pod, now: datetime, context: str) -> Finding:
    namespace, made = pod.metadata.namespace, pod.metadata.creation_timestamp
    owner = pod.metadata.labels.helper_owner or "someone unknown"
    return HELPER_ORPHAN.finding(
        f"helper pod of {owner} is left in {namespace}",
        cluster=name,
        detail=(
            f"{pod.metadata.name}: {pod.metadata.labels.helper_purpose or 'purpose unknown'}, {pod.status.phase}"
            + (f", made {age(made, now)} ago" if made else ""),
        ),
        next_step=kubectl(context, "-n", namespace, "delete", "pod", pod.metadata.name),
        subject=f"Pod/{namespace}/{pod.metadata.name}",
        since=made,
    )
