"""Each cloud's folder of Terraform, in the shapes that trees have, with strategies for the files of its clusters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from hypothesis import strategies as st

from tests.terraform import folders
from tests.terraform.hcl_text import (
    ANYTHING,
    BOOLS,
    NUMBERS,
    QUOTED,
    STRINGS,
    Text,
    files,
    list_of,
    map_of,
    object_of,
    or_null,
)

OPTIONAL_STRING, OPTIONAL_NUMBER = or_null(STRINGS), or_null(NUMBERS)
TAGS = or_null(map_of(STRINGS))
GCP_FILESTORES = map_of(
    object_of(
        {
            "name_suffix": OPTIONAL_STRING,
            "capacity_gb": OPTIONAL_NUMBER,
            "tier": OPTIONAL_STRING,
            "source_backup": OPTIONAL_STRING,
            "not_in_the_type": ANYTHING,
        }
    )
)
DISK = {"size": NUMBERS, "type": STRINGS, "name_suffix": OPTIONAL_STRING, "tags": TAGS}
VOLUME = DISK | {"iops": OPTIONAL_NUMBER, "throughput": OPTIONAL_NUMBER}


class Folder(NamedTuple):
    """A cloud's variables, and what a file may assign to them."""

    variables: str
    assignments: Mapping[str, Text]
    required: frozenset[str]

    def files(self) -> Text:
        return files(self.assignments, self.required)


def folder(variables: str, required: str, **others: Text) -> Folder:
    names = required.split()
    return Folder(variables, dict.fromkeys(names, STRINGS) | others, frozenset(names))


FOLDERS = {
    "gcp": folder(
        folders.GCP,
        "prefix project_id",
        zone=OPTIONAL_STRING,
        region=QUOTED,
        filestores=or_null(GCP_FILESTORES),
        persistent_disks=map_of(object_of(DISK, frozenset({"size"}))),
    ),
    "older-gcp": folder(
        folders.OLD_GCP,
        "prefix project_id zone region",
        enable_filestore=or_null(BOOLS),
        filestore_capacity_gb=OPTIONAL_NUMBER,
        filestore_tier=OPTIONAL_STRING,
    ),
    "aws": folder(
        folders.AWS,
        "region cluster_name cluster_nodes_location",
        disable_cluster_wide_filestore=BOOLS,
        filestores=map_of(object_of({"name_suffix": OPTIONAL_STRING, "tags": TAGS})),
        ebs_volumes=map_of(object_of(VOLUME, frozenset({"size", "type"}))),
    ),
    "azure": folder(
        folders.AZURE.replace('"storage_size" { type = number }', '"storage_size" {\n type = number\n default = 1\n}'),
        "subscription_id resourcegroup_name global_storage_account_name",
        location=STRINGS,
        storage_size=NUMBERS,
    ),
    "openstack": folder(
        folders.OPENSTACK, "prefix", persistent_disks=or_null(map_of(object_of(DISK, frozenset({"size"}))))
    ),
}

SHAPES = """\
variable "deep" {
  description = "Defaults within defaults."
  nullable    = false
  type = map(object({
    label : optional(string, "none")
    size = optional(number), # no default: null
    inner : optional(object({
      on = optional(bool, true)
      items : optional(list(object({ key = string, weight = optional(number, 1) })), [{ key : "x" }])
      tags = optional(map(string), { made = "by default", "n" : 1 })
    }), {})
    pair  = optional(tuple([string, number]), ["a", 1])
    names = optional(set(string), ["b", "a", "b"])
  }))
  default = { only = { inner = { on = false } } }

  validation {
    condition     = length(var.deep) < 10
    error_message = "Too many: ${length(var.deep)}."
  }
}

variable "anything" {
  default = <<-EOT
      indented
    less so

      # no comment
  EOT
}

variable "typed_any" {
  type    = any
  default = null
}

variable "words" {
  type    = list(string)
  default = [1, true, "three"]
}
"""
ITEM = object_of({"key": STRINGS, "weight": OPTIONAL_NUMBER}, frozenset({"key"}))
INNER = object_of({"on": or_null(BOOLS), "items": or_null(list_of(ITEM)), "tags": TAGS})
DEEP = object_of(
    {
        "label": OPTIONAL_STRING,
        "size": OPTIONAL_NUMBER,
        "inner": or_null(INNER),
        "pair": st.sampled_from(['["x", 2]', '[1, "2"]', "null"]),
        "names": or_null(list_of(STRINGS)),
    }
)
FOLDERS["shapes"] = folder(
    SHAPES, "", deep=or_null(map_of(DEEP)), anything=ANYTHING, typed_any=ANYTHING, words=or_null(list_of(STRINGS))
)
