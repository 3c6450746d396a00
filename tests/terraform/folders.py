"""Terraform's side of a checkout: variables of each cloud, in both shapes that trees have, and files for clusters."""

from __future__ import annotations

from pathlib import Path

GCP = """\
variable "prefix" {
  type = string
}

variable "project_id" {
  type        = string
  description = <<-EOT
    Which project to make all this in.

    It says "its id", not ${"its name"}.
  EOT
}

variable "zone" {
  type    = string
  default = "zone-b"
}

variable "region" {
  type    = string
  default = "zone"
}

variable "filestores" {
  type = map(object({
    name_suffix : optional(string, null),
    capacity_gb : optional(number, 1024),
    tier : optional(string, "BASIC_HDD"),
    source_backup : optional(string, null),
  }))
  default = {
    "filestore" : {}
  }
}

variable persistent_disks {
  type = map(object({
    size        = number
    type        = optional(string, "pd-balanced")
    name_suffix = optional(string, null)
    tags        = optional(map(string), {})
  }))
  default = {}
}
"""

OLD_GCP = """\
variable "prefix" { type = string }
variable "project_id" { type = string }
variable "zone" { type = string }
variable "region" { type = string }
variable "enable_filestore" {
  type    = bool
  default = false
}
variable "filestore_capacity_gb" {
  type    = number
  default = 1024
}
variable "filestore_tier" {
  type    = string
  default = "BASIC_HDD"
}
"""

AWS = """\
variable "region" { type = string }
variable "cluster_name" { type = string }
variable "cluster_nodes_location" { type = string }

variable "disable_cluster_wide_filestore" {
  type    = bool
  default = true
}

variable "filestores" {
  type = map(object({
    name_suffix : optional(string, null),
    tags : optional(map(string), {}),
  }))
  default = {}
}

variable "ebs_volumes" {
  type = map(object({
    size        = number
    type        = string
    name_suffix = optional(string, null)
    tags        = optional(map(string), {})
    iops        = optional(number, 3000)
    throughput  = optional(number)
  }))
  default = {}
}
"""

OLD_AWS = """\
variable "region" { type = string }
variable "cluster_name" { type = string }
"""

AZURE = """\
variable "subscription_id" { type = string }
variable "resourcegroup_name" { type = string }
variable "global_storage_account_name" { type = string }
variable "location" {
  type    = string
  default = "north"
}
variable "storage_size" { type = number }
"""

OPENSTACK = """\
variable "prefix" { type = string }

variable "persistent_disks" {
  type = map(object({
    size        = number
    name_suffix = optional(string, null)
    tags        = optional(map(string), {})
  }))
  default = {}
}
"""

GCP_START = 'prefix = "sea"\nproject_id = "sea-one"\n'
AWS_START = 'region = "coast-1"\ncluster_name = "sea"\ncluster_nodes_location = "coast-1a"\n'
AZURE_START = 'subscription_id = "0-1"\nresourcegroup_name = "sea"\nglobal_storage_account_name = "seahomes"\n'
"""How a cluster's file begins: what has no default."""


def write_folder(checkout: Path, cloud: str, variables: str | None, **files: str | bytes) -> Path:
    """Writes terraform/CLOUD: its variables.tf (None: without) and NAME.tfvars for each of FILES. Gives CHECKOUT."""
    projects = checkout / "terraform" / cloud / "projects"
    projects.mkdir(parents=True, exist_ok=True)
    if variables is not None:
        (projects.parent / "variables.tf").write_text(variables)
    for name, content in files.items():
        path = projects / f"{name}.tfvars"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return checkout
