"""What grow is about: the filestore, its declaration or that of its server's disk, and the size that it is to have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from console.actions.filestores.grow_asked import Asked
from console.actions.protocol import Context, Refused
from console.chain.filestore_lookup import Wanted, filestores_called, may_still_come
from console.chain.growth import GIB, lasts_words, roomy_gib
from console.chain.terraform_model import TerraformResource
from console.chain.words import command, some
from providers.errors import ProviderError
from providers.filestores.protocol import Filestore

if TYPE_CHECKING:
    from collections.abc import Sequence

IN_CLUSTER = "home-nfs"
ENDLESS = "a file system of EFS grows by itself, and has no size: there is nothing to declare or to change"
_OPAQUE = re.compile(r"vol-[0-9a-f]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""The id of a disk in AWS and in OpenStack: Terraform's variables know disks by their names only."""
_FILLED = 0.985
_BACKENDS = {"google_filestore": "gcp-filestore", "aws_efs": "aws-efs", "azurerm_storage": "azure-files"}
_LIVE = "--live changes it in the cloud at once"


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How large a filestore is and is to be, in bytes; `used_bytes` None: not known. `now_bytes` is what its hubs see:
    the file system of an in-cluster server, the capacity of another."""

    used_bytes: int | None
    now_bytes: int | None
    days_left: float | None

    def has_grown_to(self, gib: float, *, from_bytes: int | None = None) -> bool:
        """Whether that shows. A file system is a little smaller than its disk: it has grown when it is larger than it
        was (FROM_BYTES), else when nearly all of the disk is in it."""
        if self.now_bytes is None:
            return False
        least = _FILLED * gib * GIB if from_bytes is None else (from_bytes + gib * GIB) / 2
        return self.now_bytes >= least

    def words(self, gib: int) -> str:
        """What a size of GIB leaves free, and until when that lasts; "" where it is not known how much is used."""
        if self.used_bytes is None or self.now_bytes is None:
            return ""
        return lasts_words(self.used_bytes, self.now_bytes, self.days_left, grown_bytes=gib * GIB)


def filestore_of(asked: Asked, context: Context) -> Filestore:
    """The one that was asked for, by its id or its name. Raises Refused."""
    cluster = context.cluster
    wanted = Wanted(asked.filestore, cluster.name)
    found = filestores_called((cluster,), wanted)
    if len(found) == 1:
        return found[0][1]
    if found:
        raise Refused(f"{asked.filestore} is the name of {len(found)} filestores",
                      next_step=f"by id: {', '.join(store.id for _, store in found)}")  # fmt: skip
    why = may_still_come(context.fleet, wanted)
    declared = _declared_as(asked.filestore, context)
    if declared is not None and why:
        return declared
    names = some((store.name for store in cluster.filestores), 8) or "none"
    raise Refused(
        f"{cluster.name} has no filestore {asked.filestore}" + (f"; {why}" if why else ""),
        next_step=f"there are: {names}",
    )


def _declared_as(name: str, context: Context) -> Filestore | None:
    """What Terraform declares under NAME, as a filestore of which nothing else is known: where none are listed, its
    size can be declared all the same."""
    made = context.cluster.terraform
    found = [one for one in (made.resources if made is not None else ()) if name in (one.name, one.address)]
    if len(found) != 1:
        return None
    backend = next((backend for start, backend in _BACKENDS.items() if found[0].address.startswith(start)), IN_CLUSTER)
    return Filestore(
        id=found[0].address,
        name=found[0].name,
        backend=backend,
        addresses=(),
        exports=(),
        state="unknown",
        tier=found[0].tier,
    )


def size_of(store: Filestore, context: Context) -> Size:
    """By the source whose word counts, with the pace of lately."""
    share = context.cluster.usages.get(store.id)
    usage = store.usage
    seen = usage.capacity_bytes if usage is not None else None
    return Size(
        used_bytes=usage.used_bytes if usage is not None else None,
        now_bytes=(seen or store.capacity_bytes) if store.backend == IN_CLUSTER else (store.capacity_bytes or seen),
        days_left=share.days_left if share is not None else None,
    )


def declared_of(store: Filestore, context: Context) -> TerraformResource:
    """What declares the size of STORE: itself, or the disk of its server. Raises Refused."""
    made = context.cluster.terraform
    if made is None:
        raise Refused(f"the tree has no variables file of Terraform for {context.cluster.name}", next_step=_LIVE)
    if made.error:
        raise Refused(f"what Terraform declares is not known: {made.error}", next_step="mend the line")
    by_address = next((one for one in made.resources if one.address == store.id), None)
    if by_address is not None:
        return by_address
    if store.backend == IN_CLUSTER:
        return _disk_of(store, context, [one for one in made.resources if one.kind == "disk"])
    found = made.of(store.id)
    if found is None:
        raise Refused(
            f"{store.name} is not in Terraform" if store.id in made.undeclared else f"nothing declares {store.name}",
            next_step=f"{_LIVE}; or import it first: its finding TFM02 has the lines",
        )
    return found


def _disk_of(store: Filestore, context: Context, disks: Sequence[TerraformResource]) -> TerraformResource:
    """The disk of an in-cluster server: by its name in the server's values; where they name none, or only an id that
    no variables know, by its hub's name."""
    volume = _volume_of(store, context)
    last = volume.rpartition("/")[2]
    found = [disk for disk in disks if last and last in (disk.name, disk.key)]
    if not last or _OPAQUE.fullmatch(last):
        found = found or [
            disk for disk in disks if disk.key == store.namespace or disk.name.endswith(f"-{store.namespace}")
        ]
    if len(found) == 1:
        return found[0]
    listed = some(f"{disk.key} ({disk.name})" for disk in disks) or "none"
    raise Refused(
        f"no disk of {store.name} is known"
        + (f": its values name the volume {volume}" if volume else ": its values name no volume")
        + f", and Terraform declares {listed}",
        next_step="declare the disk in Terraform's variables under the name that the values have, or import it",
    )


def disk_doubt(store: Filestore, declared: TerraformResource, context: Context) -> str:
    """That DECLARED is the disk of an in-cluster server by its hub's name alone; "" where its values name it so."""
    volume = _volume_of(store, context)
    if volume.rpartition("/")[2] in (declared.name, declared.key):
        return ""
    by_name = f"{declared.address} is taken for its disk by the name of its hub"
    if not volume:
        return f"{by_name}: the server's values name no volume"
    shows = ("aws", "ec2", "describe-volumes", "--volume-ids", volume, "--query", "Volumes[].Tags")
    told = f": {command(*shows)} tells its name" if volume.startswith("vol-") else ""
    return f"{by_name}: the server's values name {volume}, which no variables do{told}"


def _volume_of(store: Filestore, context: Context) -> str:
    """The disk of an in-cluster server, as its values name it; "" where they do not."""
    hub = next((one for one in context.cluster.hubs if one.namespace == store.namespace), None)
    return (hub.declared.home_nfs_volume_id.value or "") if hub is not None and hub.declared is not None else ""


async def wanted_gib(
    asked: Asked, store: Filestore, declared: TerraformResource, size: Size, context: Context
) -> int | None:
    """The size that was asked for, else the one that leaves room, or that is declared if larger; None: it has room
    enough. Raises Refused."""
    if asked.to:
        return asked.to
    least = roomy_gib(size.used_bytes) if size.used_bytes is not None else None
    waits = _to_come(declared, size)
    if asked.watch or (waits is not None and least is not None and least <= waits):
        return waits
    if least is None:
        raise Refused(f"how much of {store.name} is used is not known: no size can be suggested",
                      next_step="--to GIB says it")  # fmt: skip
    if size.now_bytes is not None and least * GIB <= size.now_bytes:
        return None
    return await _suitable(store, least, context)


def _to_come(declared: TerraformResource, size: Size) -> int | None:
    """The declared size, where that is more than there is."""
    wanted, now = declared.capacity_gib, size.now_bytes
    return int(wanted) if wanted is not None and now is not None and not size.has_grown_to(wanted) else None


async def _suitable(store: Filestore, least_gib: int, context: Context) -> int:
    """The next size that the cloud takes, where what knows that is there."""
    if store.backend == IN_CLUSTER or context.changing is None:
        return least_gib
    try:
        changing = await context.changing(store.backend)
    except ProviderError:
        return least_gib
    return changing.changes.suitable_gib(store, least_gib) or least_gib
