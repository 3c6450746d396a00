"""How full shares are: which to ask of, whose word counts, whether the sources agree, how long a share will last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from console.chain.addresses import normal_host, normal_path, service_of
from console.chain.filestores import FilestoreInventory
from console.chain.index import ObservedCluster
from console.chain.matching import Matcher, shape_of
from console.chain.model import ClusterState, ShareUsage
from console.chain.volumes import claim_name, live_claim, live_volume, volume_name
from console.chain.words import count
from console.inventory.model import DeclaredCluster, DeclaredHub
from providers.filestores.protocol import Filestore, Usage
from providers.kubernetes.usage.shares import Claim, Share, UsageAnswers

DISAGREE_POINTS = 5.0
"""How many points of per cent two sources may be apart."""
_ALIKE_IN_AGE = timedelta(hours=1)
"""Figures further apart in time may differ because the share was filled meanwhile."""
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=7)
"""How far back a sample must and may be to tell how fast a share fills."""
FORESEEN_DAYS = 90.0
_ONLY_THE_CLOUD = "a file system of EFS has no size of its own: only the cloud's figure means something"


class Sample(msgspec.Struct, frozen=True, array_like=True):
    """One earlier figure of a share."""

    at: datetime
    used_bytes: int
    capacity_bytes: int | None
    source: str


class HubShare(msgspec.Struct, frozen=True, kw_only=True):
    """A hub's place on a share. `key` names what hubs have in common. `why`: no source in the cluster can tell."""

    hub: str
    key: str
    claim: Claim
    server: str
    path: str
    service: tuple[str, str] | None = None
    why: str = ""


class Usages(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of how full a cluster's shares are: by a filestore's id, and by a hub's name where its
    filestore is not known, `by_share` the same by the shares' keys. `inventory` has each filestore with the figure
    to go by."""

    inventory: FilestoreInventory | None
    by_filestore: Mapping[str, ShareUsage] = {}
    by_hub: Mapping[str, ShareUsage] = {}
    by_share: Mapping[str, ShareUsage] = {}


def hub_shares(declared: DeclaredCluster | None, seen: ObservedCluster) -> tuple[HubShare, ...]:
    """Where each hub's homes are, of all hubs whose server or claim is known."""
    hubs: dict[str, DeclaredHub | None] = {hub.namespace: hub for hub in (declared.hubs if declared else ())}
    hubs |= {namespace: None for namespace in sorted(seen.hubs) if namespace not in hubs}
    services = {address: name for name, address in seen.services.items()}
    found = (_hub_share(namespace, hub, seen, services) for namespace, hub in hubs.items())
    return tuple(share for share in found if share is not None)


def shares_to_ask(places: Iterable[HubShare]) -> tuple[Share, ...]:
    """Each share once, whichever hubs are on it."""
    by_key: dict[str, list[HubShare]] = {}
    for place in places:
        if not place.why:
            by_key.setdefault(place.key, []).append(place)
    return tuple(
        Share(key=key, claims=tuple(dict.fromkeys(one.claim for one in members)), server=members[0].service)
        for key, members in by_key.items()
    )


def _hub_share(
    namespace: str, hub: DeclaredHub | None, seen: ObservedCluster, services: Mapping[str, tuple[str, str]]
) -> HubShare | None:
    claim = live_claim(seen, namespace, claim_name(seen, namespace, hub))
    volume = live_volume(seen, volume_name(hub, hub.release if hub else namespace, claim))
    server, path = volume.server, volume.path
    if not server and hub is not None:
        server, path = hub.server.value or "", hub.path.value or ""
    if claim.exists is False or (not server and claim.exists is None):
        return None
    host = normal_host(server)
    service = service_of(host) or services.get(host)
    where = seen.services.get(service, host) if service else host
    key = f"{where}:{normal_path(path).rpartition('/')[0] or '/'}" if server else f"claim {namespace}/{claim.name}"
    return HubShare(
        hub=hub.name if hub else namespace,
        key=key,
        claim=Claim(namespace=namespace, name=claim.name),
        server=server,
        path=path,
        service=service,
        why=_ONLY_THE_CLOUD if shape_of(host, "") == "aws-efs" else "",
    )


def known_usages(
    provider: str,
    declared: DeclaredCluster | None,
    seen: ObservedCluster | None,
    inventory: FilestoreInventory | None,
    answers: UsageAnswers | None,
    history: Mapping[str, Sequence[Sample]],
    now: datetime,
    *,
    looked: Mapping[str, Usage] | None = None,
) -> Usages:
    """Every source's word, put to the filestore that it is about; else to the hubs whose share it is. LOOKED is what
    looks inside measured, by the hub's name."""
    measured = {} if looked is None else looked
    services = seen.services if seen is not None else {}
    matcher = Matcher(provider=provider, inventory=inventory, services=services)
    places = hub_shares(declared, seen) if seen is not None else ()
    told: dict[str, list[Usage]] = {}
    whys: dict[str, list[str]] = {}
    alone: list[HubShare] = []
    for place in places:
        store = matcher.match(place.server, place.path).filestore
        if store is None:
            alone.append(place)
            continue
        usage, why = _answer(place, answers)
        for each in (usage, measured.get(place.hub)):
            if each is not None and each not in told.setdefault(store.id, []):
                told[store.id].append(each)
        if why:
            whys.setdefault(store.id, []).append(why)
    by_filestore = {
        store.id: _share_usage(
            _of_store(store, told.get(store.id, [])), whys.get(store.id, ()), history.get(store.id, ()), now
        )
        for store in (inventory.filestores if inventory is not None else ())
    }
    by_share: dict[str, ShareUsage] = {}
    for place in alone:
        usage, why = _answer(place, answers)
        on_it = [measured[one.hub] for one in alone if one.key == place.key and one.hub in measured]
        known = [*([usage] if usage else []), *on_it]
        by_share[place.key] = _share_usage(known, (why,), history.get(place.key, ()), now)
    return Usages(
        inventory=_with_usages(inventory, by_filestore),
        by_filestore=by_filestore,
        by_hub={place.hub: by_share[place.key] for place in alone},
        by_share=by_share,
    )


def _answer(place: HubShare, answers: UsageAnswers | None) -> tuple[Usage | None, str]:
    if place.why:
        return None, place.why
    answer = answers.answers.get(place.key) if answers is not None else None
    return (answer.usage, answer.why) if answer is not None else (None, "not asked yet")


def _of_store(store: Filestore, told: Sequence[Usage]) -> list[Usage]:
    """The cloud's own figure and the cluster's, but for one of an endless file system of which the cloud tells."""
    own = [store.usage] if store.usage is not None else []
    return [*own, *(usage for usage in told if usage.capacity_bytes or not own)]


def _share_usage(usages: Iterable[Usage], whys: Iterable[str], samples: Sequence[Sample], now: datetime) -> ShareUsage:
    known = sorted((usage for usage in usages if usage.used_bytes is not None), key=_to_believe, reverse=True)
    left = days_left(known[0], samples, now) if known else None
    why = "" if known else "; ".join(dict.fromkeys(why for why in whys if why))
    return ShareUsage(usages=tuple(known), days_left=left, why=why)


def _to_believe(usage: Usage) -> tuple[bool, datetime, float]:
    """The freshest first, of those that tell a size, too; of equals the fuller."""
    return usage.capacity_bytes is not None, usage.observed_at, percent(usage) or 0.0


def _with_usages(inventory: FilestoreInventory | None, usages: Mapping[str, ShareUsage]) -> FilestoreInventory | None:
    if inventory is None:
        return None
    stores = (
        store
        if usages[store.id].chosen in (None, store.usage)
        else msgspec.structs.replace(store, usage=usages[store.id].chosen)
        for store in inventory.filestores
    )
    return msgspec.structs.replace(inventory, filestores=tuple(stores))


def percent(usage: Usage) -> float | None:
    """Used of capacity, in per cent; None where one is not known."""
    if usage.used_bytes is None or not usage.capacity_bytes:
        return None
    return 100 * usage.used_bytes / usage.capacity_bytes


def disagreement(usages: Sequence[Usage]) -> tuple[Usage, Usage] | None:
    """The one to go by and another of about the same time that is furthest from it, where that is too far."""
    if not usages or (first := percent(usages[0])) is None:
        return None
    others = [
        (abs(share - first), usage)
        for usage in usages[1:]
        if (share := percent(usage)) is not None and abs(usage.observed_at - usages[0].observed_at) <= _ALIKE_IN_AGE
    ]
    apart, furthest = max(others, key=lambda pair: pair[0], default=(0.0, usages[0]))
    return (usages[0], furthest) if apart > DISAGREE_POINTS else None


def days_left(usage: Usage, samples: Sequence[Sample], now: datetime) -> float | None:
    """Days until the share is full if it goes on filling as it has since it was last emptiest; None: it does not fill,
    not within 90 days, or too little is known. Only figures of one kind of source are compared."""
    if usage.used_bytes is None or not usage.capacity_bytes:
        return None
    earlier = [
        sample
        for sample in samples
        if source_kind(sample.source) == source_kind(usage.source)
        and SHORTEST <= usage.observed_at - sample.at <= LONGEST
    ]
    base = min(earlier, key=lambda sample: (sample.used_bytes, -sample.at.timestamp()), default=None)
    if base is None or base.used_bytes >= usage.used_bytes:
        return None
    a_day = (usage.used_bytes - base.used_bytes) / ((usage.observed_at - base.at) / timedelta(days=1))
    since = (now - usage.observed_at) / timedelta(days=1)
    left = max(0.0, (usage.capacity_bytes - usage.used_bytes) / a_day - since)
    return left if left <= FORESEEN_DAYS else None


def days_words(days: float) -> str:
    """`9 days`; `less than a day`."""
    return "less than a day" if days < 1 else count(int(days), "day")


def source_kind(source: str) -> str:
    """`kubelet` of `kubelet of node-a`: any node's kubelet measures the same file system."""
    return source.partition(" of ")[0]


def samples_of(cluster: ClusterState) -> Iterator[tuple[str, Sample]]:
    """What is worth keeping of a look: each figure under its filestore's id, else its share's key."""
    for identity, share in (*cluster.usages.items(), *cluster.shares.items()):
        for usage in share.usages:
            if usage.used_bytes is not None:
                yield identity, Sample(usage.observed_at, usage.used_bytes, usage.capacity_bytes, usage.source)
