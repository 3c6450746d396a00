"""A lab of its own for these tests: nothing else may be on the cluster that they describe exactly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.cluster.node import running
from tests.lab.fleet import LabFleet, lab_fleet

Json = dict[str, Any]
Run = Callable[..., subprocess.CompletedProcess[str]]

LOOKER = "looker"
"""Who looks inside hubs of the lab: the audit log tells their requests from those of whoever is permitted nothing."""

KEPT = ("PATH", "HOME", "LANG")
"""What the command takes from the environment of the tests; all else is the lab's."""


@pytest.fixture(scope="session")
def lab() -> Iterator[LabFleet]:
    """The lab, deployed and settled."""
    with running(node=True) as cluster, lab_fleet(cluster) as fleet:
        yield fleet


@pytest.fixture(scope="session")
def hubhomes(lab: LabFleet) -> Run:
    """Runs the command over the lab's tree, in a process of its own."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return subprocess.run(
            [sys.executable, "-m", "console.cli.main", *arguments, "--config", str(lab.config)],
            env={**kept, **lab.environment, **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def status(hubhomes: Run) -> Json:
    """What `hubhomes status --json` says of the whole lab."""
    answer = hubhomes("status", "--json")
    assert answer.returncode == 0, answer.stderr
    document: Json = json.loads(answer.stdout)
    return document
