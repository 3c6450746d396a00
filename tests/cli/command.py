"""Runs the command: within this process with captured streams, or as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from console.cli.contract.schema import FILE
from console.cli.main import ended

SCHEMA = json.loads(FILE.read_text(encoding="utf-8"))


class Outcome(msgspec.Struct, frozen=True):
    code: int
    out: str
    err: str

    def document(self, name: str) -> Any:
        """Stdout as the document NAME of the contract, held against the schema."""
        found = json.loads(self.out)
        jsonschema.validate(found, {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})
        return found


class Command:
    """`hubhomes` within this process."""

    def __init__(self, streams: pytest.CaptureFixture[str]) -> None:
        self._streams = streams

    def __call__(self, *arguments: str) -> Outcome:
        self._streams.readouterr()
        code = ended(list(arguments))
        streams = self._streams.readouterr()
        return Outcome(int(code), streams.out, streams.err)


def process(*arguments: str, environment: Mapping[str, str] | None = None, cwd: Path | None = None) -> Outcome:
    """`hubhomes` as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "console.cli.main", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **(environment or {}), "PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=cwd,
        timeout=300,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)
