"""PersistentVolumeClaim: there, bound, and to the hub's own volume."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from console.chain.model import Finding
from console.chain.rule import ANY_MOUNT, Rule
from console.chain.sight import HubSight, LiveHub
from providers.kubernetes.objects import Metadata

MISSING = Rule(
    code="PVC01",
    severity="error",
    link="pvc",
    title="PersistentVolumeClaim is missing",
    meaning="Servers cannot start: their pods wait for the claim.",
    found_by="The hub's namespace has no claim of the name that user pods mount.",
    mends="Create the claim as the chart renders it, or deploy the hub again.",
    action="create-share",
    explains=("unbound", *ANY_MOUNT),
)
PENDING = Rule(
    code="PVC02",
    severity="error",
    link="pvc",
    title="PersistentVolumeClaim is Pending",
    meaning="Servers cannot start: the claim has bound to no volume.",
    found_by="The claim's phase is Pending, and its volume is not at fault.",
    mends="Compare class, access modes and volumeName of claim and volume; rebind.",
    action="rebind",
    explains=("unbound", *ANY_MOUNT),
)
LOST = Rule(
    code="PVC03",
    severity="error",
    link="pvc",
    title="PersistentVolumeClaim is Lost",
    meaning="Servers cannot start: the volume that the claim was bound to is gone.",
    found_by="The claim's phase is Lost.",
    mends="Make PersistentVolume and claim again on the same directory.",
    action="rebind",
    explains=("unbound", *ANY_MOUNT),
)
OTHER_VOLUME = Rule(
    code="PVC04",
    severity="error",
    link="pvc",
    title="PersistentVolumeClaim is bound to another volume",
    meaning="Users' homes are on another volume than the hub's own: they may look empty.",
    found_by="The claim's volumeName against the name that the chart gives to the PersistentVolume.",
    mends="Rebind to the hub's own PersistentVolume.",
    action="rebind",
    explains=("unbound", *ANY_MOUNT),
)
DELETING = Rule(
    code="PVC05",
    severity="warning",
    link="pvc",
    title="PersistentVolumeClaim is being deleted",
    meaning="It goes when the last user pod stops; servers cannot start then.",
    found_by="The claim has a deletionTimestamp.",
    mends="Let running servers end at a quiet time, and rebind.",
    action="rebind",
)
RULES = (MISSING, PENDING, LOST, OTHER_VOLUME, DELETING)


def findings(hub: HubSight) -> Iterator[Finding]:
    """Without regard to the volume: whether that is the cause is weighed where the rules are put together."""
    live = hub.live
    if live is None or hub.absent or hub.on_nfs is not True or live.holder:
        return
    claim = live.claim
    if claim.exists is False:
        yield _finding(MISSING, hub, live, f"PVC {claim.name} is missing")
    elif claim.exists:
        yield from _existing(hub, live)


def _finding(rule: Rule, hub: HubSight, live: LiveHub, message: str, *detail: str) -> Finding:
    made = live.claim_object.metadata if live.claim_object else None
    describe = hub.kubectl("-n", hub.namespace, "describe", "pvc", live.claim.name)
    return rule.finding(
        message,
        cluster=hub.cluster,
        hub=hub.name,
        detail=detail,
        since=_since(rule, made) if made else None,
        next_step=describe if rule is PENDING else "",
        subject=f"PersistentVolumeClaim/{hub.namespace}/{live.claim.name}",
    )


def _terms(live: LiveHub) -> tuple[str, ...]:
    """What claim and volume must agree on to bind, where both are known."""
    claim, volume = live.claim_object, live.volume_object
    if claim is None or volume is None:
        return ()

    def said(kind: str, storage_class: str | None, modes: tuple[str, ...]) -> str:
        return f"{kind:8}class {storage_class or '(none)'}, {', '.join(modes) or '(no access modes)'}"

    return (
        said("claim", claim.spec.storage_class_name, claim.spec.access_modes),
        said("volume", volume.spec.storage_class_name, volume.spec.access_modes),
    )


def _since(rule: Rule, made: Metadata) -> datetime | None:
    """A claim that is Pending was so from the start; when one was Lost is not told."""
    if rule is DELETING:
        return made.deletion_timestamp
    return made.creation_timestamp if rule is PENDING else None


def _existing(hub: HubSight, live: LiveHub) -> Iterator[Finding]:
    claim, expected = live.claim, live.volume.name
    others = bool(claim.volume) and claim.volume != expected and not hub.dynamic and hub.declared is not None
    if others:
        verb = "is bound to" if claim.phase == "Bound" else "asks for"
        yield _finding(OTHER_VOLUME, hub, live, f"PVC {verb} {claim.volume}", f"the hub's own volume is {expected}")
    elif claim.phase == "Lost":
        yield _finding(LOST, hub, live, "PVC is Lost: its volume is gone", f"it was bound to {claim.volume or '?'}")
    elif claim.phase == "Pending":
        wanted = f"waits for volume {claim.volume}" if claim.volume else "names no volume"
        yield _finding(PENDING, hub, live, f"PVC is Pending: {wanted}", *_terms(live))
    if live.claim_object is not None and live.claim_object.metadata.deletion_timestamp is not None:
        yield _finding(DELETING, hub, live, "PVC is being deleted")
