"""What a real OpenTofu makes of a folder's variables, and what hubhomes makes of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from console.inventory.terraform.parse import parse
from console.inventory.terraform.values import plain
from console.inventory.terraform.variables import Variables, declared, require_constants
from tests.cluster.assets import require


class Refused(Exception):
    """OpenTofu does not take the file."""


def judged(folder: Path, variables: str, assigned: str, names: Iterable[str]) -> dict[str, Any]:
    """The values of NAMES by `tofu console`. Raises Refused."""
    (folder / "variables.tf").write_text(variables)
    (folder / "one.tfvars").write_bytes(assigned.encode())
    pairs = ", ".join(f"{name} = var.{name}" for name in names)
    done = subprocess.run(
        [str(require("tofu")), "console", "-no-color", "-var-file", "one.tfvars"],
        input=f"jsonencode({{{pairs}}})\n",
        capture_output=True,
        text=True,
        cwd=folder,
        env={"HOME": str(folder), "CHECKPOINT_DISABLE": "1"},
    )
    if done.returncode:
        raise Refused(done.stderr)
    values: dict[str, Any] = json.loads(json.loads(done.stdout.strip().splitlines()[-1]))
    return values


def ours(variables: str, assigned: str, names: Iterable[str]) -> dict[str, Any]:
    """The same by hubhomes. Raises Faulty or Wrong."""
    document = parse(assigned.encode())
    require_constants(document)
    found = Variables(declared(parse(variables.encode())), "variables.tf", document, "one.tfvars")
    return {name: plain(found.value(name)) for name in names}
