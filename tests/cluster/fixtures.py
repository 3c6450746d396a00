"""Pytest fixtures of the real cluster, and the word about what was left out.

Tests marked `apiserver` need a real API server, those marked `node` a whole node. Where the machine can't give it
they are left out, with one line at the end that says why; with HUBHOMES_CI=1 that makes the run fail.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.cluster.assets import why_not
from tests.cluster.node import RealCluster, start, why_no_control_plane, why_no_node

_LANES: dict[str, Callable[[], str | None]] = {
    "apiserver": lambda: why_no_control_plane(),
    "node": lambda: why_no_control_plane() or why_no_node(),
    "helm": lambda: why_not("helm"),
    "tofu": lambda: why_not("tofu"),
}
_LEFT_OUT = pytest.StashKey[dict[str, str]]()
_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_LEFT_OUT] = {}


@pytest.hookimpl(tryfirst=True)  # before xdist, which reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for lane, why in _LANES.items():
        chosen = [item for item in items if item.get_closest_marker(lane)]
        reason = why() if chosen else None
        if reason is not None:
            items[:] = [item for item in items if item not in chosen]
            config.hook.pytest_deselected(items=chosen)
            config.stash[_LEFT_OUT][lane] = f"{len(chosen)} tests of the real cluster ({lane}): {reason}"
        for item in chosen:
            # Workers have a cluster each, since these tests mostly wait. The lab takes long to deploy, and describes
            # a whole cluster: one worker runs all that is about it (--dist loadgroup).
            if "lab" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group("lab"))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What a worker of xdist left out, each of which collects everything, is told by the process that reports."""
    node.config.stash[_LEFT_OUT].update(getattr(node, "workeroutput", {}).get("left_out", {}))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    left_out = session.config.stash[_LEFT_OUT]
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = left_out
    elif left_out and os.environ.get("HUBHOMES_CI") == "1":
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for words in config.stash[_LEFT_OUT].values():
        terminalreporter.write_line(f"left out: {words}", yellow=True)


@pytest.fixture(scope="session")
def real_cluster() -> Iterator[RealCluster]:
    """One cluster for all that this process runs, with its node where the machine allows it. Tests take namespaces of
    their own."""
    cluster = start(node=why_no_node() is None)
    yield cluster
    cluster.close()


@pytest.fixture(scope="session")
def real_node(real_cluster: RealCluster) -> RealCluster:
    """The cluster with its node; only for tests marked `node`."""
    assert real_cluster.has_node, "the test lacks the marker `node`"
    return real_cluster


@pytest.fixture
def real_namespace(real_cluster: RealCluster) -> Iterator[str]:
    """A fresh namespace of the real cluster, in which no look may leave its pod behind."""
    name = f"test-{next(_numbers)}-{os.getpid()}"
    real_cluster.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    left = real_cluster.api.list("Pod", name, labelSelector="hubhomes/owner,hubhomes/purpose=look")
    real_cluster.api.delete("Namespace", name)
    assert [pod["metadata"]["name"] for pod in left] == []
