"""State of a filestore: up, ready, not in its grace period."""

from __future__ import annotations

from collections.abc import Iterator

from console.chain import cloud_commands
from console.chain.model import Finding
from console.chain.rule import NO_MOUNT, Rule
from console.chain.store_sight import StoreSight
from console.chain.words import kubectl

DOWN = Rule(
    code="FST01",
    severity="error",
    when="info where no hub lives on it",
    link="filestore",
    title="Filestore is down",
    meaning="Servers cannot start, and running ones hang at every file.",
    found_by="State of the filestore; for an in-cluster server its Deployment and pod.",
    mends="See why the server does not run: events, its disk, its node.",
    explains=NO_MOUNT,
)
NOT_READY = Rule(
    code="FST02",
    severity="warning",
    when="info where no hub lives on it",
    link="filestore",
    title="Filestore is not ready",
    meaning="New servers may not start until it is ready.",
    found_by="State of the filestore: being made, changed or deleted, or a part of it does not run.",
    mends="Wait while it changes; else see what its detail says.",
    explains=NO_MOUNT,
)
GRACE = Rule(
    code="FST03",
    severity="warning",
    when="info where no hub lives on it",
    link="filestore",
    title="NFS server is in its grace period",
    meaning="The server was restarted: for some seconds files seem missing or hang. It passes by itself.",
    found_by="How long the container of the in-cluster server has been running.",
    mends="Wait; see why it restarted.",
    explains=NO_MOUNT,
)
RULES = (DOWN, NOT_READY, GRACE)

_STATES = {"down": DOWN, "starting": GRACE, "degraded": NOT_READY, "creating": NOT_READY,
           "updating": NOT_READY, "deleting": NOT_READY}  # fmt: skip
_WORDS = {"down": "down", "starting": "in its grace period"}


def findings(sight: StoreSight) -> Iterator[Finding]:
    store = sight.store
    rule = _STATES.get(store.state)
    if rule is not None:
        yield sight.finding(
            rule,
            f"{store.name} is {_WORDS.get(store.state, f'not ready: {store.state}')}",
            detail=(store.detail,) if store.detail else (),
            next_step=_look(sight),
            since=store.state_since,
        )


def _look(sight: StoreSight) -> str:
    store = sight.store
    if not store.namespace:
        return cloud_commands.shown(store, profile=sight.profile)
    selector = "app.kubernetes.io/component=nfs-server"
    return kubectl(sight.context, "-n", store.namespace, "describe", "pods", "-l", selector)
