"""What Terraform's variables say should exist: the filestores and home disks of every cluster."""

from __future__ import annotations

from console.inventory.terraform.kept import read_terraform
from console.inventory.terraform.matching import Matched, TerraformSide, matched, terraform_sides
from console.inventory.terraform.model import CLOUDS, Cloud, DeclaredTerraform, TerraformError, TerraformResource

__all__ = [
    "CLOUDS",
    "Cloud",
    "DeclaredTerraform",
    "Matched",
    "TerraformError",
    "TerraformResource",
    "TerraformSide",
    "matched",
    "read_terraform",
    "terraform_sides",
]
