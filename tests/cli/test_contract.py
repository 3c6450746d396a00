"""The JSON contract: its schema is current, its stable core is whole."""

from __future__ import annotations

import json

import jsonschema
import pytest

from console.cli.contract.schema import FILE, written
from tests.cli.command import SCHEMA, Command

CORE = {
    "Status": {"version", "generated_at", "clusters"},
    "Cluster": {"name", "provider", "context", "observed_at", "error", "findings", "terraform", "filestores", "hubs"},
    "Error": {"kind", "message"},
    "Terraform": {"file", "error", "resources"},
    "TerraformResource": {"address", "name", "capacity_gib", "tier", "live"},
    "Filestore": {"id", "backend", "server", "state", "hubs", "usage", "findings"},
    "Usage": {"used_bytes", "capacity_bytes", "source", "observed_at"},
    "Hub": {"name", "namespace", "release", "chart", "backend", "declared", "live", "seen", "findings"},
    "Declared": {"nfs_enabled", "server", "path", "mount_options", "admin_mounts", "allusers"},
    "AdminMount": {"key", "mount_path", "sub_path", "read_only", "source"},
    "DeclaredAllusers": {"enabled", "read_only", "mount_paths", "source"},
    "Live": {"pv", "pvc", "allusers"},
    "Volume": {"exists", "name", "phase", "server", "path", "mount_options", "reclaim_policy", "claim"},
    "Claim": {"exists", "name", "phase", "volume"},
    "Allusers": {"enabled", "read_only", "mount_paths"},
    "Seen": {"directory", "homes", "pods"},
    "Directory": {"exists", "uid", "gid", "mode"},
    "Finding": {"code", "severity", "link", "message", "action"},
}


def test_the_schema_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == written(), "write it: python -m console.cli.contract.schema"


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", CORE)
def test_the_stable_core_is_required(name: str) -> None:
    assert CORE[name] <= set(SCHEMA["$defs"][name]["required"])


def test_unknown_fields_are_allowed_so_that_fields_can_be_added(hubhomes: Command) -> None:
    found = hubhomes("status", "--demo", "--offline", "--json").document("Status")
    jsonschema.validate({**found, "later": 1}, {"$ref": "#/$defs/Status", "$defs": SCHEMA["$defs"]})


def test_the_command_prints_it(hubhomes: Command) -> None:
    assert json.loads(hubhomes("schema").out) == SCHEMA
