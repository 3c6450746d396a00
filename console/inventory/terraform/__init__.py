"""What Terraform's variables say should exist: the filestores and home disks of every cluster."""

from __future__ import annotations

from console.inventory.terraform.matching import Matched, matched
from console.inventory.terraform.model import CLOUDS, Cloud, DeclaredTerraform, TerraformError, TerraformResource
from console.inventory.terraform.read import read_terraform

__all__ = [
    "CLOUDS",
    "Cloud",
    "DeclaredTerraform",
    "Matched",
    "TerraformError",
    "TerraformResource",
    "matched",
    "read_terraform",
]
