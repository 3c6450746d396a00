"""Holds what Terraform declares against the filestores that are live: which is which, what differs, what lacks.

Nothing is called missing where the cloud was not asked completely, and in the very place that the file names.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

import msgspec

from console.chain.filestores import FilestoreInventory
from console.chain.terraform_model import TerraformDrift, TerraformResource, TerraformState
from console.chain.words import size
from console.inventory.terraform import Cloud, DeclaredTerraform, TerraformSide
from console.inventory.terraform import TerraformResource as Declared
from console.inventory.terraform.matching import account_in
from providers.filestores.protocol import Filestore

BACKENDS: Mapping[Cloud, str] = {"gcp": "gcp-filestore", "aws": "aws-efs", "azure": "azure-files"}
"""The backend that lists what each cloud's Terraform makes; none lists disks."""

_TIERS = {"STANDARD": "BASIC_HDD", "PREMIUM": "BASIC_SSD"}
_GIB = 2**30


class TerraformPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a cluster's filestores were asked for: `account` is its provider's block, as the backends were given it."""

    cluster: str
    provider: str
    account: Mapping[str, str] = {}

    def account_in(self, cloud: Cloud) -> str:
        """The project, account or subscription; "" where it is not known."""
        return account_in(cloud, self.account)


def terraform_state(
    side: TerraformSide | None,
    *,
    place: TerraformPlace,
    inventory: FilestoreInventory | None,
    used: Container[str],
) -> TerraformState | None:
    """What SIDE declares for the cluster at PLACE, and which of it is live; None where it has no file.

    USED has the ids of the filestores that the cluster's hubs live on.
    """
    if side is None or not side.own:
        return None
    compared = [
        _Comparison(one, place, inventory, used, [each for each in side.others if _may_share(each, one, place)])
        for one in side.own
    ]
    error = next((one.error for one in side.own if one.error is not None), None)
    resources = [resource for one in compared for resource in one.resources()]
    mine = {store for one in compared for store in one.taken}
    undeclared = [] if error else _undeclared(side, place, inventory, used, mine)
    resources, undeclared = _renamed(resources, undeclared, used)
    first = side.own[0]
    return TerraformState(
        file=first.file,
        folder=first.folder,
        workspace=first.name,
        error=f"{error.origin}: {error.message}" if error else None,
        resources=tuple(resources),
        undeclared=tuple(store.id for store in undeclared),
    )


class _Comparison:
    """One variables file against the filestores of its cloud. `taken` are those that may be of its resources."""

    def __init__(
        self,
        declaration: DeclaredTerraform,
        place: TerraformPlace,
        inventory: FilestoreInventory | None,
        used: Container[str],
        neighbours: Sequence[DeclaredTerraform],
    ) -> None:
        self._declaration = declaration
        self._unknown = _why_unknown(declaration, place, inventory)
        self._stores = _stores_of(declaration.cloud, inventory)
        self._used = used
        self._elsewhere = [resource for other in neighbours for resource in other.resources]
        self.taken: set[str] = set()

    def resources(self) -> list[TerraformResource]:
        return [self._resource(declared) for declared in self._declaration.resources]

    def _resource(self, declared: Declared) -> TerraformResource:
        shown = _shown(declared, self._declaration.file)
        if declared.kind == "disk":
            return msgspec.structs.replace(shown, why="disks are not listed")
        hits = [store for store in self._stores if is_of(declared, store)]
        self.taken.update(store.id for store in hits)
        chosen = hits if len(hits) < 2 else [store for store in hits if store.id in self._used]
        if len(chosen) == 1 and self._is_anothers(chosen[0]):
            return msgspec.structs.replace(shown, why=f"{declared.name} may be that of another cluster of the account")
        if len(chosen) == 1:
            return _live(shown, chosen[0])
        if hits:
            return msgspec.structs.replace(shown, why=f"{len(hits)} filestores are named {declared.name}")
        if self._unknown:
            return msgspec.structs.replace(shown, why=self._unknown)
        return msgspec.structs.replace(shown, found="missing")

    def _is_anothers(self, store: Filestore) -> bool:
        """Whether a file of another cluster declares the very same, and no hub of this one lives on it."""
        return store.id not in self._used and any(is_of(resource, store) for resource in self._elsewhere)


def is_of(declared: Declared, store: Filestore) -> bool:
    """Whether STORE is what DECLARED makes, by all that its name consists of."""
    if declared.parent:
        return store.name.lower() == f"{declared.parent}/{declared.name}".lower()
    same_zone = not declared.zone or location(store) in ("", declared.zone)
    return store.name == declared.name and same_zone


def location(store: Filestore) -> str:
    """The zone or region in the name of a Filestore instance; "" elsewhere."""
    parts = store.id.split("/")
    return parts[3] if store.backend == "gcp-filestore" and len(parts) > 5 and parts[2] == "locations" else ""


def gib(capacity_bytes: int) -> int | float:
    """Bytes in GiB, whole where they are."""
    return capacity_bytes // _GIB if capacity_bytes % _GIB == 0 else capacity_bytes / _GIB


def capacity(amount_gib: float) -> str:
    """`1,024 GiB (1.0 TiB)`: as the variables have it, and as people say it."""
    words = f"{amount_gib:,g} GiB" if amount_gib != int(amount_gib) else f"{int(amount_gib):,} GiB"
    return f"{words} ({size(amount_gib * _GIB)})" if amount_gib >= 1024 else words


def _why_unknown(declaration: DeclaredTerraform, place: TerraformPlace, inventory: FilestoreInventory | None) -> str:
    """Why a declared filestore that is not listed may be there all the same; "" where it is surely missing."""
    backend = BACKENDS.get(declaration.cloud, "")
    if inventory is None:
        return "filestores were not asked"
    if place.provider != declaration.cloud:
        return f"{place.cluster} is reached as {place.provider}: {declaration.cloud} is not asked for it"
    gap = inventory.gap(backend)
    if gap is not None:
        return f"{backend}: {gap.message}"
    if backend not in inventory.listed:
        return f"{backend} was not asked"
    account, region = place.account_in(declaration.cloud), place.account.get("region", "")
    if account and declaration.account and account.lower() != declaration.account.lower():
        return f"it is declared in {declaration.account}, and {account} was asked"
    if declaration.cloud == "aws" and region and declaration.region and region != declaration.region:
        return f"it is declared in {declaration.region}, and {region} was asked"
    return ""


def _stores_of(cloud: Cloud, inventory: FilestoreInventory | None) -> list[Filestore]:
    backend = BACKENDS.get(cloud)
    return [store for store in inventory.filestores if store.backend == backend] if inventory is not None else []


def _shown(declared: Declared, file: str) -> TerraformResource:
    return TerraformResource(
        address=declared.address,
        name=declared.name,
        kind=declared.kind,
        file=file,
        origin=declared.origin,
        capacity_gib=declared.capacity_gib,
        tier=declared.tier,
        zone=declared.zone,
        region=declared.region,
        parent=declared.parent,
        key=declared.key,
    )


def _live(shown: TerraformResource, store: Filestore) -> TerraformResource:
    return msgspec.structs.replace(shown, found="live", live=store.id, drift=tuple(_drift(shown, store)))


def _drift(shown: TerraformResource, store: Filestore) -> Iterable[TerraformDrift]:
    wanted, there = shown.capacity_gib, store.capacity_bytes
    if wanted is not None and there is not None and wanted * _GIB != there:
        yield TerraformDrift(what="capacity", declared=capacity(wanted), live=capacity(gib(there)))
    if shown.tier and store.tier and not _same_tier(shown.tier, store.tier):
        yield TerraformDrift(what="tier", declared=shown.tier, live=store.tier)


def _same_tier(declared: str, live: str) -> bool:
    return _tier(declared) == _tier(live)


def _tier(name: str) -> str:
    """Google has two names for its basic tiers; Azure's live one says how it is replicated, too."""
    bare = name.upper().removesuffix("_LRS").removesuffix("_ZRS")
    return _TIERS.get(bare, bare)


def _undeclared(
    side: TerraformSide,
    place: TerraformPlace,
    inventory: FilestoreInventory | None,
    used: Container[str],
    mine: set[str],
) -> list[Filestore]:
    """The live filestores of the cluster that no file declares. What could be another cluster's is left out."""
    found: list[Filestore] = []
    for own in side.own:
        if own.cloud != place.provider:
            continue
        neighbours = [other for other in side.others if _may_share(other, own, place)]
        blind = any(other.error is not None for other in neighbours)
        declared = [resource for other in neighbours for resource in other.resources]
        for store in _stores_of(own.cloud, inventory):
            elsewhere = blind or any(is_of(resource, store) for resource in declared)
            ours = store.id in used or not neighbours
            if store.id not in mine and not elsewhere and ours and not _by_kubernetes(store) and store not in found:
                found.append(store)
    return found


def _may_share(other: DeclaredTerraform, own: DeclaredTerraform, place: TerraformPlace) -> bool:
    """Whether the filestores of OTHER may be listed among those of PLACE: same account, and same region on AWS."""
    if other.cloud != own.cloud:
        return False
    account = own.account or place.account_in(own.cloud)
    region = own.region or place.account.get("region", "")
    if other.account and account and other.account.lower() != account.lower():
        return False
    return not (own.cloud == "aws" and other.region and region and other.region != region)


def _by_kubernetes(store: Filestore) -> bool:
    """Made for a claim by a CSI driver: neither by hand nor by Terraform."""
    return store.name.rpartition("/")[2].startswith("pvc-")


def _renamed(
    resources: list[TerraformResource], undeclared: list[Filestore], used: Container[str]
) -> tuple[list[TerraformResource], list[Filestore]]:
    """Where just one is missing, and hubs live on just one that nobody declares, that is it under another name."""
    missing = [one for one in resources if one.found == "missing"]
    inhabited = [store for store in undeclared if store.id in used]
    if len(missing) != 1 or len(inhabited) != 1:
        return resources, undeclared
    wanted, store = missing[0], inhabited[0]
    if wanted.zone and location(store) not in ("", wanted.zone):
        return resources, undeclared
    name = f"{wanted.parent}/{wanted.name}" if wanted.parent else wanted.name
    found = _live(wanted, store)
    drift = (TerraformDrift(what="name", declared=name, live=store.name), *found.drift)
    found = msgspec.structs.replace(found, drift=drift)
    return [found if one is wanted else one for one in resources], [one for one in undeclared if one is not store]


def declared_words(made: TerraformState, store: Filestore) -> tuple[str, ...]:
    """What Terraform declares of STORE, in lines for the chain's declared side; () where that is not known."""
    known = made.of(store.id)
    if known is None:
        words = made.words(store.id)
        return (words,) if words else ()
    facts = [known.tier, capacity(known.capacity_gib) if known.capacity_gib is not None else ""]
    line = "  ".join(fact for fact in facts if fact)
    return (known.address, line) if line else (known.address,)
