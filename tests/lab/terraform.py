"""What the lab's Terraform declares of its clouds: some is there, some is not, and some is there otherwise."""

from __future__ import annotations

from pathlib import Path

from tests.filestores.arm_server import SUBSCRIPTION
from tests.lab.clouds import ACCOUNT, GOOGLE_ZONE, PROJECT, REGION
from tests.terraform.folders import AWS, AZURE, GCP, OPENSTACK, write_folder

BROKEN = "expired"
"""The cluster whose file cannot be read."""

_GCP = f"""\
prefix     = "lab"
project_id = "{PROJECT}"
zone       = "{GOOGLE_ZONE}"
region     = "{GOOGLE_ZONE.rpartition("-")[0]}"

filestores = {{
  "filestore" : {{}},
  # It has grown to 2.5 TiB by hand.
  "left" : {{ name_suffix : "left" }},
  "archive" : {{ name_suffix : "archive" }},
}}
"""

_AWS = f"""\
region                 = "{REGION}"
cluster_name           = "on-aws"
cluster_nodes_location = "{REGION}a"

filestores = {{
  "all" : {{}},
  "one-zone" : {{ name_suffix : "one-zone" }},
  "no-target" : {{ name_suffix : "no-target" }},
  "next" : {{ name_suffix : "next" }},
}}
"""

_AZURE = f"""\
subscription_id             = "{SUBSCRIPTION}"
resourcegroup_name          = "lab-hubs"
global_storage_account_name = "{ACCOUNT}"

storage_size = 1024
"""

_UNREADABLE = """\
prefix = "lab"
persistent_disks = { "homes" : { size : 100 }
"""


def write_terraform(folder: Path) -> None:
    """terraform/ of the checkout in FOLDER: a file for each cluster on a cloud, and one that ends too early."""
    write_folder(folder, "gcp", GCP, **{"on-gcp": _GCP})
    write_folder(folder, "aws", AWS, **{"on-aws": _AWS})
    write_folder(folder, "azure", AZURE, **{"on-azure": _AZURE})
    write_folder(folder, "openstack", OPENSTACK, **{BROKEN: _UNREADABLE})
