"""A hub with what is known of its inside: held against its user pods, and against where its homes are now."""

from __future__ import annotations

from collections.abc import MutableMapping

import msgspec

from console.chain.addresses import same_host, same_path
from console.chain.homes_table import HomesTable, homes_table
from console.chain.seen import SeenSide, claim_directory, home_servers, seen_side
from console.chain.seen_facts import SeenFacts
from console.chain.sight import HubSight
from console.chain.words import plain
from providers.kubernetes.looks.protocol import DirectoryLook


def with_seen(sight: HubSight, facts: SeenFacts | None, worked: MutableMapping[str, HomesTable]) -> HubSight:
    """SIGHT with FACTS. WORKED is what earlier joins made of hubs' homes, and is kept up to date."""
    if facts is None:
        return sight
    if facts.look is not None and _elsewhere(sight, facts.look):
        return msgspec.structs.replace(sight, seen=_of_elsewhere(sight, facts))
    servers = None
    if sight.live is not None and sight.live.pods.seen is not None:
        values = sight.live.values
        servers = home_servers(
            sight.live.cluster.pods.get(sight.namespace, ()),
            claim=sight.live.claim.name,
            below=claim_directory(values.sub_path if values is not None else None),
        )
    table = homes_table(facts, servers, policy=sight.policy, now=sight.now, before=worked.get(sight.name))
    if table is not None:
        worked[sight.name] = table
    return msgspec.structs.replace(sight, seen=seen_side(facts, table.homes if table is not None else None))


def _elsewhere(sight: HubSight, look: DirectoryLook) -> bool:
    """Whether LOOK was at another directory than that in which the homes are now: the hub was rebound since."""
    if not (look.server and look.path and sight.server and sight.path):
        return False
    services = sight.live.cluster.services if sight.live is not None else {}
    return not (same_path(look.path, sight.path) and same_host(look.server, sight.server, services))


def _of_elsewhere(sight: HubSight, facts: SeenFacts) -> SeenSide:
    """That somebody looked, and where: what they saw says nothing of the homes."""
    seen = seen_side(facts, None)
    look = seen.look
    assert look is not None and facts.look is not None  # noqa: S101, PT018 - only a look can be elsewhere
    place = plain(f"{facts.look.server}:{facts.look.path}")
    why = f"the look was at {place}, and homes are at {plain(f'{sight.server}:{sight.path}')} now: look again"
    emptied = msgspec.structs.replace(
        look, complete=False, why=why, elsewhere=True, failure=None, claim_failure=None, round_trip_s=None, base=None
    )
    return SeenSide(look=emptied)
