"""What Terraform's variables of one cluster declare: values, with where each stands."""

from __future__ import annotations

from typing import Literal

import msgspec

from console.inventory.model import Origin

Cloud = Literal["gcp", "aws", "azure", "openstack"]
CLOUDS: tuple[Cloud, ...] = ("gcp", "aws", "azure", "openstack")
"""The folders under terraform/ that are read."""


class TerraformError(msgspec.Struct, frozen=True, kw_only=True):
    """Why a declaration is not known. What is wrong with a folder's variables.tf is the same error on all its files."""

    origin: Origin
    message: str
    next_step: str


class TerraformResource(msgspec.Struct, frozen=True, kw_only=True):
    """A filestore, or the disk of an in-cluster server, that should exist.

    `name` is the one in the cloud: of a Filestore instance, of a share, else the tag `Name` (EFS, EBS). `parent` is
    the storage account of an Azure share, `share` the file share that Terraform makes in it, `account` the GCP project
    or the Azure subscription ("" elsewhere: cluster.yaml has it). `capacity_gib` None: no limit (EFS). `origin` is
    the entry's own line; that of the variable's default where the cluster's file is silent. `key` is the entry's in the
    map of its variable, None where it is in none.
    """

    address: str
    name: str
    kind: Literal["filestore", "disk"]
    origin: Origin
    capacity_gib: int | float | None = None
    tier: str = ""
    zone: str = ""
    region: str = ""
    account: str = ""
    parent: str = ""
    share: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    key: str | None = None


class DeclaredTerraform(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a cloud's projects folder.

    `file` is relative to the checkout, `name` is its own name without the ending: the workspace, and as a rule the
    cluster. With an `error` there are no resources, and nothing may be concluded from that. `cluster_name` is the
    cluster's name in the cloud, where the file tells it. `filestores` says whether the map of this name is assigned in
    the file, counts by the folder's default, or is no variable of the folder (azure, and older trees).
    """

    file: str
    cloud: Cloud
    name: str
    resources: tuple[TerraformResource, ...] = ()
    error: TerraformError | None = None
    prefix: str = ""
    account: str = ""
    region: str = ""
    zone: str = ""
    cluster_name: str = ""
    filestores: Literal["assigned", "default", "absent"] = "absent"

    @property
    def folder(self) -> str:
        """Where Terraform is run, relative to the checkout."""
        return f"terraform/{self.cloud}"

    @property
    def var_file(self) -> str:
        """The file as it is named from `folder`."""
        return self.file.removeprefix(f"{self.folder}/")
