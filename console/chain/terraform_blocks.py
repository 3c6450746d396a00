"""A filestore that a folder's variables cannot declare, as a resource of its own.

All clusters of a cloud share the folder, so the resource is for one workspace alone, and is not destroyed by mistake.
"""

from __future__ import annotations

import re

import msgspec

from console.chain.terraform import gib, location
from console.inventory.terraform import DeclaredTerraform
from console.inventory.terraform.strings import quoted
from providers.filestores.protocol import Filestore

_LABEL = re.compile(r"[^A-Za-z0-9_-]")
_FILES = {"gcp": "storage.tf", "aws": "efs.tf", "azure": "storage.tf"}


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of a resource, the file that they go to, and the resource's address."""

    file: str
    lines: tuple[str, ...]
    address: str


def own_resource(declaration: DeclaredTerraform, store: Filestore) -> Block:
    """STORE as a resource beside those that the variables make."""
    kind, body = _BODIES[declaration.cloud](declaration, store)
    label = _LABEL.sub("_", store.name)
    label = label if label[:1].isalpha() else f"filestore_{label}"
    return Block(
        file=f"{declaration.folder}/{_FILES[declaration.cloud]}",
        lines=(
            f'resource "{kind}" "{label}" {{',
            f"  count = terraform.workspace == {quoted(declaration.name)} ? 1 : 0",
            *(f"  {line}" for line in body),
            "  lifecycle {",
            "    prevent_destroy = true",
            "  }",
            "}",
        ),
        address=f"{kind}.{label}[0]",
    )


def _of_gcp(declaration: DeclaredTerraform, store: Filestore) -> tuple[str, list[str]]:
    share = (store.exports[0] if store.exports else "/homes").strip("/")
    network = dict(store.facts).get("network", "default").partition(" (")[0]
    lines = [
        f"name = {quoted(store.name)}",
        f"location = {quoted(location(store) or declaration.zone)}",
        f"tier = {quoted(store.tier)}",
        "project = var.project_id",
        "file_shares {",
        f"  name = {quoted(share)}",
        *([f"  capacity_gb = {gib(store.capacity_bytes):g}"] if store.capacity_bytes else []),
        "}",
        "networks {",
        f"  network = {quoted(network)}",
        '  modes = ["MODE_IPV4"]',
        "}",
    ]
    return "google_filestore_instance", lines


def _of_aws(declaration: DeclaredTerraform, store: Filestore) -> tuple[str, list[str]]:  # noqa: ARG001 - as its siblings
    encrypted = [] if store.encrypted is None else [f"encrypted = {'true' if store.encrypted else 'false'}"]
    return "aws_efs_file_system", [*encrypted, f"tags = {{ Name = {quoted(store.name)} }}"]


def _of_azure(declaration: DeclaredTerraform, store: Filestore) -> tuple[str, list[str]]:
    account, _, share = store.name.partition("/")
    parents = {one.parent.lower() for one in declaration.resources}
    named = "azurerm_storage_account.homes.name" if account.lower() in parents else quoted(account)
    lines = [
        f"name = {quoted(share)}",
        f"storage_account_name = {named}",
        *([f"quota = {gib(store.capacity_bytes):g}"] if store.capacity_bytes else []),
        'enabled_protocol = "NFS"',
    ]
    return "azurerm_storage_share", lines


_BODIES = {"gcp": _of_gcp, "aws": _of_aws, "azure": _of_azure}
