"""Which hubs live on which filestore, and what each is told of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from console.chain.findings.reachability import BY_ADDRESS
from console.chain.marks import SEVERITIES
from console.chain.model import Finding, HubState
from console.chain.sight import HubSight
from console.chain.store_sight import StoreSight


def filestore_hubs(sights: Iterable[HubSight]) -> Mapping[str, tuple[str, ...]]:
    """The names of the hubs on each filestore, by its id."""
    on: defaultdict[str, list[str]] = defaultdict(list)
    for sight in sights:
        for store in sight.match.filestores:
            on[store.id].append(sight.name)
    return {store: tuple(names) for store, names in on.items()}


def running_on(sights: Iterable[HubSight]) -> Mapping[str, int]:
    """How many servers run on each filestore, by its id."""
    running: Counter[str] = Counter()
    for sight in sights:
        pods = sight.live.pods.seen if sight.live is not None else None
        for store in sight.match.filestores:
            running[store.id] += pods.running if pods is not None else 0
    return running


def hubs_known(sights: Iterable[HubSight], *, observed: bool, declared: bool) -> bool:
    """Whether it is known which hubs live on the filestores of a cluster: it was OBSERVED or, where it was not, every
    hub of it is DECLARED, all of it read, and its filestore was found by its address."""
    return observed or (declared and all(_placed(sight) for sight in sights))


def _placed(sight: HubSight) -> bool:
    return sight.known is not None and (sight.on_nfs is False or sight.match.filestore is not None)


def with_store(sight: HubSight, stores: Mapping[str, StoreSight]) -> HubSight:
    """The hub with its filestore as it is told of it."""
    store = stores.get(sight.match.filestore.id) if sight.match.filestore is not None else None
    if store is None:
        return sight
    pods = sight.live.pods.seen if sight.live is not None else None
    told = store.told_to(sight.name, server=sight.server, running=pods.running if pods is not None else None)
    return msgspec.structs.replace(sight, store=told)


def as_told_to(hubs: Iterable[HubState], findings: Iterable[Finding], *, used: bool) -> Iterator[Finding]:
    """A filestore's findings for the list of its cluster: each with the weight that it has on the hub that it hits
    most. What depends on how a hub mounts it is told only where one does so."""
    told = [each for hub in hubs for each in hub.findings if each.filestore]
    for finding in findings:
        same = [each.severity for each in told if (each.filestore, each.code) == (finding.filestore, finding.code)]
        if same or not used or finding.code not in BY_ADDRESS:
            worst = min((finding.severity, *same), key=SEVERITIES.index)
            yield msgspec.structs.replace(finding, severity=worst) if worst != finding.severity else finding
