"""What an instance of Filestore is asked to be: as it is recorded, as Google is asked for it, and held against one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from providers.filestores.gcp_filestore.capacity import tier_named

if TYPE_CHECKING:
    from google.cloud.filestore_v1 import Instance

INSTANCE_NAME = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
LOCATION = re.compile(r"[a-z0-9-]+")
SHARE_NAME = re.compile(r"[A-Za-z]([A-Za-z0-9_]{0,61}[A-Za-z0-9])?")


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """`instance` is its whole resource name, projects/P/locations/L/instances/NAME. `connect_mode` "": Google's own."""

    instance: str
    tier: str
    share: str
    capacity_gib: int
    network: str
    connect_mode: str = ""
    labels: Mapping[str, str] = {}

    @property
    def parent(self) -> str:
        return self.instance.rpartition("/instances/")[0]

    @property
    def name(self) -> str:
        return self.instance.rpartition("/")[2]

    def words(self) -> str:
        location = self.parent.rpartition("/")[2]
        return f"{self.tier}, {self.capacity_gib} GiB, share {self.share}, in {location}, network {self.network}"


def asked(shape: Shape) -> Instance:
    """SHAPE as Google is asked for it. Raises KeyError for a tier that the package does not know."""
    from google.cloud.filestore_v1 import FileShareConfig, Instance, NetworkConfig

    mode = shape.connect_mode or "CONNECT_MODE_UNSPECIFIED"
    network = NetworkConfig(network=shape.network, modes=["MODE_IPV4"], connect_mode=mode)
    return Instance(
        tier=shape.tier,
        file_shares=[FileShareConfig(name=shape.share, capacity_gb=shape.capacity_gib)],
        networks=[network],
        labels=dict(shape.labels),
    )


def shape_of(instance: Instance) -> Shape:
    """What INSTANCE is; its first share and network: there is one of each."""
    share = next(iter(instance.file_shares), None)
    network = next(iter(instance.networks), None)
    mode = str(getattr(network.connect_mode, "name", "")) if network is not None else ""
    return Shape(
        instance=instance.name,
        tier=tier_named(str(getattr(instance.tier, "name", instance.tier))),
        share=share.name.strip("/") if share is not None else "",
        capacity_gib=share.capacity_gb if share is not None else 0,
        network=network.network if network is not None else "",
        connect_mode="" if mode == "CONNECT_MODE_UNSPECIFIED" else mode,
        labels=dict(instance.labels),
    )


def differences(there: Shape, wanted: Shape) -> tuple[str, ...]:
    """Where THERE is not what was WANTED, in words; what WANTED leaves open ("", 0) is not held against it, nor that
    it is larger."""
    return tuple(_differences(there, wanted))


def _differences(there: Shape, wanted: Shape) -> Iterator[str]:
    if wanted.tier and there.tier != wanted.tier:
        yield f"its tier is {there.tier}, not {wanted.tier}"
    if wanted.share and there.share != wanted.share:
        yield f"its share is {there.share or 'none'}, not {wanted.share}"
    if wanted.network and _bare(there.network) != _bare(wanted.network):
        yield f"its network is {there.network or 'none'}, not {wanted.network}"
    if there.capacity_gib < wanted.capacity_gib:
        yield f"it has {there.capacity_gib} GiB, less than {wanted.capacity_gib}"


def _bare(network: str) -> str:
    """A network's own name: Google gives it with or without its project."""
    return network.rpartition("/")[2]
