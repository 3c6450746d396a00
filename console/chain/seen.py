"""The seen side of one hub: its directory, its newest look and its homes, from what is kept of its inside."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from console.chain.home_names import shown
from console.chain.pods import username
from console.chain.seen_facts import SeenFacts
from console.chain.seen_homes import HomeServer
from console.chain.seen_model import SeenDirectory, SeenHomes, SeenLook
from console.chain.words import plain
from providers.filestores.protocol import Usage
from providers.kubernetes.looks.protocol import DirectoryLook, Missing
from providers.kubernetes.objects import Pod

ENDLESS_BYTES = 2**60
"""From this size on (1 EiB) a file system has no limit of its own: EFS says 8 EiB."""
STATFS = "statfs of a look"


class SeenSide(msgspec.Struct, frozen=True, kw_only=True):
    """What a hub's state shows of its inside; None each: not observed."""

    directory: SeenDirectory | None = None
    look: SeenLook | None = None
    homes: SeenHomes | None = None


def seen_side(facts: SeenFacts, homes: SeenHomes | None) -> SeenSide:
    look = facts.look
    return SeenSide(
        directory=_directory(look) if look is not None else None,
        look=_look(look) if look is not None else None,
        homes=homes,
    )


def _directory(look: DirectoryLook) -> SeenDirectory | None:
    hub = look.hub
    if hub is None:
        # The claim is the directory itself: where that cannot be mounted for want of it, it is missing.
        missing = look.through == "claim" and look.failure is not None and look.failure.symptom == "missing-directory"
        return SeenDirectory(exists=False) if missing else None
    if isinstance(hub, Missing):
        return SeenDirectory(exists=False)
    return SeenDirectory(
        exists=True, kind=hub.kind, uid=hub.uid, gid=hub.gid, mode=hub.mode, modified_at=hub.modified_at
    )


def _look(look: DirectoryLook) -> SeenLook:
    return SeenLook(
        looked_at=look.looked_at,
        looked_by=plain(look.looked_by),
        through=look.through,
        looked_as=look.looked_as,
        complete=look.complete,
        why=plain(look.why),
        failure=look.failure,
        claim_failure=look.claim_failure,
        path=look.path,
        start_s=look.start_s,
        round_trip_s=look.round_trip_s,
        space=look.space,
        base=None if look.base is None else tuple(shown(one.name) for one in look.base if one.kind == "directory"),
    )


def looked_usage(facts: SeenFacts | None) -> Usage | None:
    """How full the share is by the look's statfs; None where that means nothing."""
    look = facts.look if facts is not None else None
    if look is None or look.space is None or not 0 < look.space.capacity_bytes < ENDLESS_BYTES:
        return None
    space = look.space
    # As df reckons: what is kept for root is neither used nor free.
    whole = space.used_bytes + space.free_bytes
    return Usage(used_bytes=space.used_bytes, capacity_bytes=whole, source=STATFS, observed_at=look.looked_at)


def home_servers(pods: Iterable[Pod], *, claim: str, below: str = "") -> dict[bytes, HomeServer]:
    """User pods by the directory of their home, which is BELOW the root of CLAIM. One that runs wins."""
    found: dict[bytes, HomeServer] = {}
    for pod in pods:
        if pod.status.phase in ("Succeeded", "Failed"):
            continue
        name = _home_of(pod, claim, below)
        if name is None:
            continue
        server = HomeServer(
            user=plain(username(pod)),
            pod=pod.metadata.name,
            running=pod.status.phase == "Running",
            began=pod.status.start_time or pod.metadata.creation_timestamp,
        )
        if name not in found or server.running:
            found[name] = server
    return found


def _home_of(pod: Pod, claim: str, below: str) -> bytes | None:
    volumes = {
        volume.name
        for volume in pod.spec.volumes
        if volume.persistent_volume_claim is not None and volume.persistent_volume_claim.claim_name == claim
    }
    for container in pod.spec.containers:
        for mount in container.volume_mounts:
            path = mount.sub_path.strip("/")
            inner = path.removeprefix(f"{below}/") if below else path
            if mount.name in volumes and inner and "/" not in inner and not inner.startswith(("_", ".")):
                return inner.encode(errors="surrogateescape")
    return None


def claim_directory(sub_path: str | None) -> str:
    """Where homes are below the claim's root, by the hub's template of a home's subPath."""
    above = (sub_path or "").strip("/").rpartition("/")[0]
    return "" if "{" in above else above
