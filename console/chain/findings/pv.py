"""PersistentVolume: there, bound, pointing where the configuration says, kept when its claim goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from console.chain.addresses import same_host, same_path
from console.chain.model import Finding, LiveVolume
from console.chain.rule import ANY_MOUNT, Rule
from console.chain.sight import HubSight, LiveHub
from console.inventory.model import DeclaredHub
from providers.kubernetes.objects import Metadata

MISSING = Rule(
    code="PV01",
    severity="error",
    link="pv",
    title="PersistentVolume is missing",
    meaning="Servers cannot start: the claim has no volume to bind.",
    found_by="The cluster's list of PersistentVolumes has none of the name that the chart gives.",
    mends="Create PersistentVolume and claim as the chart renders them, or deploy the hub again.",
    action="create-share",
    explains=("claim", "unbound", *ANY_MOUNT),
)
RELEASED = Rule(
    code="PV02",
    severity="error",
    link="pv",
    title="PersistentVolume is Released",
    meaning="Servers cannot start: a new claim does not bind to a volume that remembers the old one.",
    found_by="The PersistentVolume's phase is Released.",
    mends="Clear its claimRef, so that the hub's claim can bind to it; the data is untouched. Where it "
    "remembers another claim than the hub's, rebind.",
    action="clear-claim-ref",
    or_action="rebind",
    explains=("claim", "unbound", *ANY_MOUNT),
)
FAILED = Rule(
    code="PV03",
    severity="error",
    link="pv",
    title="PersistentVolume is Failed",
    meaning="Servers cannot start: nothing binds to a failed volume.",
    found_by="The PersistentVolume's phase is Failed; its status says why.",
    mends="Make PersistentVolume and claim again on the same directory, with reclaim policy Retain.",
    action="rebind",
    explains=("claim", "unbound", *ANY_MOUNT),
)
ELSEWHERE = Rule(
    code="PV04",
    severity="warning",
    or_severity="error",
    when="user pods cannot mount it",
    link="pv",
    title="PersistentVolume points elsewhere than declared",
    meaning="Homes are not where the configuration says, and the next deploy fails: a volume's source is immutable.",
    found_by="Server or path of the PersistentVolume against nfs.pv in the hub's values.",
    mends="Rebind to the declared directory, or declare the one in use.",
    action="rebind",
    explains=("export", "server", *ANY_MOUNT),
)
OPTIONS = Rule(
    code="PV05",
    severity="warning",
    or_severity="error",
    when="the node refuses the options",
    link="pv",
    title="Mount options differ",
    meaning="Homes are mounted otherwise than declared, until the volume is changed.",
    found_by="mountOptions of the PersistentVolume against nfs.pv.mountOptions, whatever their order.",
    mends="Rebind with the declared options, or declare those in use.",
    action="rebind",
    explains=("options", "protocol"),
)
DELETE = Rule(
    code="PV06",
    severity="warning",
    link="pv",
    title="Reclaim policy is Delete",
    meaning="Whoever deletes the claim loses the volume with it.",
    found_by="persistentVolumeReclaimPolicy of the PersistentVolume.",
    mends="Set it to Retain.",
    action="rebind",
)
SHARED = Rule(
    code="PV07",
    severity="error",
    link="pv",
    title="PersistentVolume belongs to another hub's claim",
    meaning="A volume binds to one claim: the other hub's servers cannot start.",
    found_by="The claim's volumeName against the claimRef of that PersistentVolume.",
    mends="Give each hub a PersistentVolume of its own.",
    action="rebind",
    explains=("claim", "unbound", "export", "server", *ANY_MOUNT),
)
NOT_NFS = Rule(
    code="PV08",
    severity="error",
    link="pv",
    title="PersistentVolume is not NFS",
    meaning="Homes are on another kind of volume than the configuration says.",
    found_by="The PersistentVolume has no nfs source, though nfs is enabled.",
    mends="Rebind to the declared directory.",
    action="rebind",
    explains=ANY_MOUNT,
)
DELETING = Rule(
    code="PV09",
    severity="warning",
    link="pv",
    title="PersistentVolume is being deleted",
    meaning="It goes when its claim goes; servers cannot start then.",
    found_by="The PersistentVolume has a deletionTimestamp.",
    mends="Back up its definition, and rebind at a quiet time.",
    action="rebind",
)
UNMARKED = Rule(
    code="PV10",
    severity="warning",
    link="pv",
    title="Volume or claim is not marked as Helm's",
    meaning="Nothing today. The next deploy refuses what its release does not hold yet: invalid ownership metadata.",
    found_by="The label app.kubernetes.io/managed-by and the annotations meta.helm.sh/release-name and "
    "release-namespace of volume and claim, where the hub's Deployment has its release's. Marks of another release are "
    "left to their owner.",
    mends="Mark them as the release's: nothing else of them changes, and servers keep running.",
    action="create-share",
    or_action="rebind",
)
RULES = (MISSING, RELEASED, FAILED, ELSEWHERE, OPTIONS, DELETE, SHARED, NOT_NFS, DELETING, UNMARKED)

_DEFAULT_OPTIONS = frozenset({"hard", "rw"})


def findings(hub: HubSight) -> Iterator[Finding]:
    live = hub.live
    if live is None or hub.absent or not hub.on_nfs:
        return
    if live.holder:
        yield _held(hub, live)
    elif live.volume.exists:
        found = list(_existing(hub, live))
        yield from found
        yield from _unmarked(hub, live, rebound=any(one.action == "rebind" for one in found))
    elif live.volume.exists is False and not hub.dynamic and _wanted(live):
        yield _missing(hub, live)


def _wanted(live: LiveHub) -> bool:
    """A claim that is bound to another volume is the claim's fault, told there."""
    return live.claim.exists is not True or live.claim.volume in ("", live.volume.name)


def _held(hub: HubSight, live: LiveHub) -> Finding:
    name = live.claim.volume or live.volume.name
    return SHARED.finding(
        f"PV belongs to {live.holder}",
        cluster=hub.cluster,
        hub=hub.name,
        detail=(f"{name} is claimed by {live.holder}; {hub.namespace}/{live.claim.name} asks for it, too.",),
        subject=f"PersistentVolume/{name}",
    )


def _missing(hub: HubSight, live: LiveHub) -> Finding:
    both = live.claim.exists is False
    return MISSING.finding(
        "PV and its claim are missing" if both else f"PV {live.volume.name} is missing",
        cluster=hub.cluster,
        hub=hub.name,
        detail=(f"PersistentVolume {live.volume.name} is not there.",)
        + ((f"PersistentVolumeClaim {hub.namespace}/{live.claim.name} is not there either.",) if both else ()),
        next_step=f"Deploy the hub {hub.name} again, or create {'both' if both else 'it'} as the chart renders "
        f"{'them' if both else 'it'}.",
        subject=f"PersistentVolume/{live.volume.name}",
    )


def _existing(hub: HubSight, live: LiveHub) -> Iterator[Finding]:
    volume, name = live.volume, live.volume.name
    subject = f"PersistentVolume/{name}"
    if volume.phase == "Released":
        yield _released(hub, live, subject)
    elif volume.phase == "Failed":
        yield _failed(hub, live, subject)
    if hub.known is not None and not hub.dynamic:
        yield from _declared(hub, live, hub.known, subject)
    if volume.reclaim_policy == "Delete" and volume.phase != "Failed" and not hub.dynamic:
        yield DELETE.finding(
            "PV has reclaim policy Delete",
            cluster=hub.cluster,
            hub=hub.name,
            next_step=_retain(hub, name),
            subject=subject,
        )
    if live.volume_object is not None and live.volume_object.metadata.deletion_timestamp is not None:
        yield DELETING.finding(
            "PV is being deleted",
            cluster=hub.cluster,
            hub=hub.name,
            since=live.volume_object.metadata.deletion_timestamp,
            subject=subject,
        )


def _unmarked(hub: HubSight, live: LiveHub, *, rebound: bool) -> Iterator[Finding]:
    """REBOUND: something else asks for volume and claim to be made anew, with their marks."""
    if hub.known is None or hub.dynamic or live.deployment is None:
        return
    if live.deployment.metadata.annotations.release_name != hub.release:
        return
    volume, claim = live.volume_object, live.claim_object
    lacking = [("PV", volume.metadata)] if volume is not None and _lacks_marks(hub, volume.metadata) else []
    lacking += [("PVC", claim.metadata)] if claim is not None and _lacks_marks(hub, claim.metadata) else []
    if lacking:
        names = " and ".join(kind for kind, _ in lacking)
        yield UNMARKED.finding(
            f"{names} {'lack' if len(lacking) > 1 else 'lacks'} Helm's marks",
            cluster=hub.cluster,
            hub=hub.name,
            detail=tuple(f"{kind} {made.name} is not marked as of release {hub.release}" for kind, made in lacking),
            subject=f"PersistentVolume/{live.volume.name}",
            action=UNMARKED.or_action if rebound else None,
        )


def _lacks_marks(hub: HubSight, made: Metadata) -> bool:
    """Whether MADE has not all of them, and none of another owner."""
    has = (made.labels.managed_by, made.annotations.release_name, made.annotations.release_namespace)
    wants = ("Helm", hub.release, hub.namespace)
    return None in has and all(own in (None, wanted) for own, wanted in zip(has, wants, strict=True))


def _retain(hub: HubSight, name: str) -> str:
    return hub.kubectl("patch", "pv", name, "-p", '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}')


def _phase_since(live: LiveHub) -> datetime | None:
    return live.volume_object.status.last_phase_transition_time if live.volume_object else None


def _released(hub: HubSight, live: LiveHub, subject: str) -> Finding:
    patch = '[{"op":"remove","path":"/spec/claimRef"}]'
    own = live.volume.claim == f"{hub.namespace}/{live.claim.name}"
    told = RELEASED.finding(
        "PV is Released: its claim was deleted",
        cluster=hub.cluster,
        hub=hub.name,
        since=_phase_since(live),
        detail=(f"{live.volume.name} still remembers the deleted claim {live.volume.claim or '(unnamed)'}.",),
        next_step=hub.kubectl("patch", "pv", live.volume.name, "--type=json", "-p", patch)
        if own
        else ("see what claim that was, and rebind"),
        subject=subject,
    )
    return told if own else msgspec.structs.replace(told, action=RELEASED.or_action)


def _failed(hub: HubSight, live: LiveHub, subject: str) -> Finding:
    status = live.volume_object.status if live.volume_object else None
    words = " ".join(part for part in ((status.reason, status.message) if status else ()) if part)
    return FAILED.finding(
        f"PV is Failed: {words}" if words else "PV is Failed",
        cluster=hub.cluster,
        hub=hub.name,
        since=_phase_since(live),
        detail=(f"reclaim policy {live.volume.reclaim_policy}",) if live.volume.reclaim_policy != "Retain" else (),
        subject=subject,
    )


def _declared(hub: HubSight, live: LiveHub, declared: DeclaredHub, subject: str) -> Iterator[Finding]:
    volume = live.volume
    if not declared.nfs_enabled.value:
        return
    if not volume.server:
        yield NOT_NFS.finding("PV is not an NFS volume", cluster=hub.cluster, hub=hub.name, subject=subject)
        return
    differs = _differs(volume, declared, live)
    if differs:
        yield ELSEWHERE.finding(
            f"PV points to {differs[0]}, not {differs[1]}",
            cluster=hub.cluster,
            hub=hub.name,
            detail=(
                f"live      {volume.server}:{volume.path}",
                f"declared  {declared.server.value or '?'}:{declared.path.value or '?'}"
                f"{_where(declared.path.origin or declared.server.origin)}",
            ),
            subject=subject,
        )
    wanted, has = options(declared.mount_options.value), options(volume.mount_options)
    if wanted != has:
        yield _other_options(hub, declared, wanted, has, subject)


def _where(origin: object) -> str:
    return f"  ({origin})" if origin else ""


def _differs(volume: LiveVolume, declared: DeclaredHub, live: LiveHub) -> tuple[str, str] | None:
    """What the volume says and what is declared, of server or path or both; None where they agree."""
    server, path = declared.server.value, declared.path.value
    other_host = server is not None and not same_host(volume.server, server, live.cluster.services)
    other_path = path is not None and not same_path(volume.path, path)
    if other_host and other_path:
        return f"{volume.server}:{volume.path}", f"{server}:{path}"
    if other_host:
        return volume.server, server or ""
    return (volume.path, path or "") if other_path else None


def options(words: tuple[str, ...]) -> frozenset[str]:
    """Mount options as a set: what is the default anyway left out, nfsvers as vers."""
    parts = (part.strip() for word in words for part in word.split(","))
    named = {part.replace("nfsvers=", "vers=", 1) if part.startswith("nfsvers=") else part for part in parts}
    return frozenset(named - _DEFAULT_OPTIONS - {""})


def _other_options(
    hub: HubSight, declared: DeclaredHub, wanted: frozenset[str], has: frozenset[str], subject: str
) -> Finding:
    parts = [f"lacks {','.join(sorted(wanted - has))}"] if wanted - has else []
    parts += [f"has {','.join(sorted(has - wanted))}"] if has - wanted else []
    return OPTIONS.finding(
        f"PV mount options: {'; '.join(parts)}",
        cluster=hub.cluster,
        hub=hub.name,
        detail=(
            f"live      {','.join(sorted(has)) or '(none)'}",
            f"declared  {','.join(sorted(wanted)) or '(none)'}{_where(declared.mount_options.origin)}",
        ),
        subject=subject,
    )
