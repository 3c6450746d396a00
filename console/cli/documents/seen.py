"""What was seen of a hub, as documents."""

from __future__ import annotations

from console.chain import model, seen_model
from console.cli.contract import seen as contract
from console.cli.documents.base import at, seconds
from providers.kubernetes.looks.protocol import LookFailure


def seen(state: model.HubState) -> contract.Seen | None:
    """The seen side; None when nothing of it was observed."""
    found = contract.Seen(
        directory=directory(state.directory),
        homes=homes(state.homes),
        pods=pods(state.pods),
        look=seen_by(state.look),
    )
    return None if (found.directory, found.homes, found.pods, found.look) == (None,) * 4 else found


def pods(known: seen_model.SeenPods | None) -> contract.Pods | None:
    if known is None:
        return None
    return contract.Pods(
        running=known.running,
        pending=known.pending,
        failing=known.failing,
        admin_running=known.admin_running,
        with_allusers=known.with_allusers,
        older_mounts=known.older_mounts,
    )


def directory(known: seen_model.SeenDirectory | None) -> contract.Directory | None:
    if known is None:
        return None
    return contract.Directory(
        exists=known.exists,
        kind=known.kind if known.exists else None,
        uid=known.uid,
        gid=known.gid,
        mode=octal(known.mode),
    )


def homes(known: seen_model.SeenHomes | None) -> contract.Homes | None:
    if known is None:
        return None
    return contract.Homes(
        total=known.total,
        listed=known.listed,
        wrong=known.wrong,
        running=known.running,
        quotas_at=at(known.quotas_at),
        sizes_at=at(known.sizes_at),
    )


def seen_by(known: seen_model.SeenLook | None) -> contract.SeenBy | None:
    if known is None:
        return None
    space = known.space
    return contract.SeenBy(
        looked_at=seconds(known.looked_at),
        looked_by=known.looked_by,
        through=known.through,
        looked_as=known.looked_as,
        complete=known.complete,
        why=known.why,
        failure=_failure(known.failure),
        claim_failure=_failure(known.claim_failure),
        round_trip_ms=None if known.round_trip_s is None else round(known.round_trip_s * 1000, 3),
        space=None
        if space is None
        else contract.Space(
            capacity_bytes=space.capacity_bytes,
            used_bytes=space.used_bytes,
            free_bytes=space.free_bytes,
            inodes=space.inodes,
            free_inodes=space.free_inodes,
        ),
        base=known.base,
    )


def _failure(known: LookFailure | None) -> contract.LookFailure | None:
    if known is None:
        return None
    return contract.LookFailure(
        kind=known.kind,
        symptom=known.symptom,
        message=known.message,
        words=known.words,
        next_step=known.next_step,
    )


def octal(mode: int | None) -> str | None:
    return None if mode is None else f"{mode:04o}"
