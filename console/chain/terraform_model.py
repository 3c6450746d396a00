"""What Terraform declares for a cluster, held against what is live. Frozen values."""

from __future__ import annotations

from typing import Literal

import msgspec

from console.inventory.model import Origin


class TerraformDrift(msgspec.Struct, frozen=True, kw_only=True):
    """One value that Terraform declares otherwise than it is, both in words."""

    what: Literal["name", "capacity", "tier"]
    declared: str
    live: str


class TerraformResource(msgspec.Struct, frozen=True, kw_only=True):
    """A filestore, or the disk of an in-cluster server, that Terraform declares.

    `live` is the id of the filestore that it is; where `found` is "unknown" it may be there or not, and `why` says why
    (disks are never listed). `origin` is where it is declared, `file` the cluster's variables file, `key` its key in
    the map of the variable. `parent` is the storage account of an Azure share.
    """

    address: str
    name: str
    kind: Literal["filestore", "disk"]
    file: str
    origin: Origin
    capacity_gib: int | float | None = None
    tier: str = ""
    zone: str = ""
    region: str = ""
    parent: str = ""
    key: str | None = None
    found: Literal["live", "missing", "unknown"] = "unknown"
    live: str | None = None
    why: str = ""
    drift: tuple[TerraformDrift, ...] = ()


class TerraformState(msgspec.Struct, frozen=True, kw_only=True):
    """What Terraform declares for a cluster, held against what is live.

    `file` is the variables file, `workspace` its own name, `folder` where Terraform is run; all relative to the
    checkout. `error` is FILE:LINE:COLUMN and why that could not be read: then `resources` are not all. `undeclared`
    are the ids of live filestores that no file declares.
    """

    file: str
    folder: str
    workspace: str
    error: str | None = None
    resources: tuple[TerraformResource, ...] = ()
    undeclared: tuple[str, ...] = ()

    def of(self, filestore: str) -> TerraformResource | None:
        """What declares the live filestore of this id."""
        return next((one for one in self.resources if one.live == filestore), None)

    def words(self, filestore: str) -> str:
        """The address of the filestore of this id, or that it has none; "" where that is not known."""
        known = self.of(filestore)
        if known is not None:
            return known.address
        return "not in Terraform" if filestore in self.undeclared else ""
