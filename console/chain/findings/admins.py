"""Mounts for admins: allusers and shared-readwrite, declared, live and mounted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from console.chain.allusers import is_shared_readwrite, mount_words, shared_paths
from console.chain.model import Allusers, Finding
from console.chain.rule import Rule
from console.chain.sight import HubSight, LiveHub
from console.chain.words import count, some
from console.inventory.model import DeclaredHub

_COMPARED = "custom.singleuserAdmin.extraVolumeMounts in the merged values against the hub's Secret."

ALLUSERS_ON = Rule(
    code="MNT01",
    severity="info",
    link="mounts",
    title="allusers is on",
    meaning="Admins have every home in their own server: that is what it is for.",
    found_by="An entry for the home volume without subPath among the admin mounts.",
    mends="Nothing is broken. Turn it off, or make it read-only, where it is not needed.",
    action="allusers",
)
NOT_DECLARED = Rule(
    code="MNT02",
    severity="warning",
    link="mounts",
    title="allusers is live, not declared",
    meaning="Admins reach every home although the configuration says otherwise; the next deploy ends it.",
    found_by=_COMPARED,
    mends="Turn it off live, or declare it.",
    action="allusers",
)
NOT_LIVE = Rule(
    code="MNT03",
    severity="warning",
    link="mounts",
    title="allusers is declared, not live",
    meaning="Admins miss a mount that the configuration promises, until the next deploy.",
    found_by=_COMPARED,
    mends="Deploy the hub, or turn it on live.",
    action="allusers",
)
SHARED_DROPPED = Rule(
    code="MNT04",
    severity="warning",
    link="mounts",
    title="shared-readwrite is dropped",
    meaning="Admins cannot write to the shared folder: a list in a values file replaced the chart's mounts.",
    found_by="The chart's admin mounts against the merged values, or the merged values against the hub's Secret.",
    mends="Copy the chart's entries into the list, or use a map.",
)
OLDER = Rule(
    code="MNT05",
    severity="warning",
    link="mounts",
    title="Servers with older mounts",
    meaning="Running servers keep the mounts that they started with, until they restart.",
    found_by="The mounts of running user pods against those that the hub gives now.",
    mends="Restart those servers at a quiet time.",
    action="restart-server",
)
DIFFERS = Rule(
    code="MNT06",
    severity="warning",
    link="mounts",
    title="allusers differs, declared and live",
    meaning="Admins have it otherwise than declared: writable or read-only, or at another place.",
    found_by=_COMPARED,
    mends="Deploy the hub, or declare what is live.",
    action="allusers",
)
VALUES_UNREADABLE = Rule(
    code="MNT07",
    severity="warning",
    link="mounts",
    title="What the hub runs with cannot be read",
    meaning="Which mounts the hub gives to servers is not known.",
    found_by="The Secret hub is there, and its values.yaml could not be decoded.",
    mends="Deploy the hub again.",
)
MOUNTED_NOT_DECLARED = Rule(
    code="MNT08",
    severity="warning",
    link="mounts",
    title="allusers is mounted, not declared",
    meaning="Running servers have every home mounted although the configuration says otherwise.",
    found_by="The mounts of running user pods against the merged values; the hub's Secret may not be read.",
    mends="Find out who turned it on; restart those servers.",
    action="restart-server",
)
RULES = (ALLUSERS_ON, NOT_DECLARED, NOT_LIVE, SHARED_DROPPED, OLDER, DIFFERS, VALUES_UNREADABLE,
         MOUNTED_NOT_DECLARED)  # fmt: skip
_OFF_LIVE: Mapping[str, Any] = {"state": "off", "live": True}


def findings(hub: HubSight) -> Iterator[Finding]:
    if hub.absent or hub.on_nfs is not True:
        return
    live = hub.live.allusers if hub.live else None
    declared = hub.declared_allusers if hub.known is not None else Allusers(enabled=None)
    yield from _compared(hub, declared, live)
    yield from _shared(hub)
    if hub.live is not None:
        yield from _seen(hub, hub.live, declared)


def _compared(hub: HubSight, declared: Allusers, live: Allusers | None) -> Iterator[Finding]:
    effective = live if live is not None else declared
    if effective.enabled:
        # Where both say so the file comes first: what is changed live alone comes back with the next deploy.
        asks = {"state": "off"} if declared.enabled else _OFF_LIVE
        yield _finding(ALLUSERS_ON, hub, f"allusers is on, {_kind(effective)}", *_sides(declared, live), asks=asks)
    if live is None or declared.enabled is None:
        return
    if live.enabled and not declared.enabled:
        yield _finding(NOT_DECLARED, hub, "allusers is live, not declared", *_sides(declared, live), asks=_OFF_LIVE)
    elif declared.enabled and not live.enabled:
        sides = _sides(declared, live)
        yield _finding(NOT_LIVE, hub, "allusers is declared, not live", *sides, asks=_as_declared(declared))
    elif live.enabled and (live.read_only, sorted(live.mount_paths)) != (
        declared.read_only,
        sorted(declared.mount_paths),
    ):
        told = f"{_kind(live)} live, {_kind(declared)} declared"
        same = live.read_only == declared.read_only
        yield _finding(DIFFERS, hub, f"allusers is {'elsewhere than declared' if same else told}",
                       *_sides(declared, live), asks=_as_declared(declared))  # fmt: skip


def _as_declared(declared: Allusers) -> Mapping[str, Any]:
    """What makes the running hub as the configuration says."""
    return {"state": "on", "live": True, **({"read_only": True} if declared.read_only else {})}


def _kind(allusers: Allusers) -> str:
    return "read-only" if allusers.read_only else "writable"


def _sides(declared: Allusers, live: Allusers | None) -> tuple[str, ...]:
    def said(side: Allusers) -> str:
        return f"{_kind(side)} at {', '.join(side.mount_paths)}" if side.enabled else "off"

    lines = [f"live      {said(live)}"] if live is not None else []
    if declared.enabled is not None:
        lines.append(f"declared  {said(declared)}" + (f"  ({declared.source})" if declared.source else ""))
    return tuple(lines)


def _finding(
    rule: Rule,
    hub: HubSight,
    message: str,
    *detail: str,
    next_step: str = "",
    asks: Mapping[str, Any] | None = None,
) -> Finding:
    return rule.finding(
        message,
        cluster=hub.cluster,
        hub=hub.name,
        detail=detail,
        next_step=next_step,
        asks=asks,
        subject=f"Secret/{hub.namespace}/hub",
    )


def _shared(hub: HubSight) -> Iterator[Finding]:
    """Dropped in the configuration, else in the running hub only: once, where it began."""
    declared = hub.known
    if declared is None:
        return
    chart, own = shared_paths(declared.chart_admin_mounts), shared_paths(declared.admin_mounts)
    if chart and not own and _replaced(declared):
        yield _finding(
            SHARED_DROPPED,
            hub,
            "shared-readwrite is dropped for admins",
            f"the chart mounts {', '.join(chart)}",
            f"the merged values mount {mount_words(declared.admin_mounts) or 'nothing for admins: an empty list'}",
            next_step="Copy the chart's entries into the list under custom.singleuserAdmin.extraVolumeMounts",
        )
    values = hub.live.values if hub.live else None
    if own and values is not None and not values.error and not shared_paths(values.admin_mounts):
        yield _finding(
            SHARED_DROPPED,
            hub,
            "shared-readwrite is declared, not live",
            f"declared  {', '.join(own)}",
            f"live      {mount_words(values.admin_mounts) or '(no admin mounts)'}",
            next_step="deploy the hub again",
        )


def _replaced(declared: DeclaredHub) -> bool:
    """Whether the chart's entry went by accident: a list took the map's place, or another entry took its key.
    An entry that was set to null went on purpose."""
    keys = {mount.key for mount in declared.chart_admin_mounts if is_shared_readwrite(mount)}
    return declared.admin_mounts_replace or any(mount.key in keys for mount in declared.admin_mounts)


def _seen(hub: HubSight, live: LiveHub, declared: Allusers) -> Iterator[Finding]:
    if live.values is not None and live.values.error:
        yield _finding(VALUES_UNREADABLE, hub, "hub's values cannot be read", live.values.error)
    if live.pods.older:
        yield _pods_finding(OLDER, hub, f"older mounts: {count(len(live.pods.older), 'server')}", live.pods.older)
    if live.allusers is None and declared.enabled is False and live.pods.with_allusers:
        message = f"allusers mounted, not declared: {count(len(live.pods.with_allusers), 'server')}"
        yield _pods_finding(MOUNTED_NOT_DECLARED, hub, message, live.pods.with_allusers)


def _pods_finding(rule: Rule, hub: HubSight, message: str, users: tuple[str, ...]) -> Finding:
    return rule.finding(
        message,
        cluster=hub.cluster,
        hub=hub.name,
        detail=(f"users: {some(users, 5)}",),
        asks={"user": users[0]},
        subject=f"Deployment/{hub.namespace}/hub",
    )
