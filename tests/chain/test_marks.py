"""How marks rank, and the one mark of a hub."""

from __future__ import annotations

from typing import Any

import pytest

from console.chain.marks import worst_mark
from console.chain.model import Finding, HubState, LinkState
from tests.chain.builders import changed, cluster, only


def hub(*marks: Any, severities: tuple[Any, ...] = ()) -> HubState:
    findings = tuple(
        Finding(code="PVX00", severity=severity, link="pv", message="", cluster="earth") for severity in severities
    )
    links = tuple(LinkState(link="pv", mark=mark) for mark in marks)
    return changed(only(cluster()), links=links, findings=findings)


@pytest.mark.parametrize(
    ("found", "mark"),
    [
        (hub("ok", "unlooked", "none"), "ok"),
        (hub("ok", severities=("info",)), "ok"),
        (hub("ok", "unobserved"), "unobserved"),
        (hub("ok", "unobserved", severities=("warning",)), "warning"),
        (hub("ok", "broken", severities=("warning",)), "broken"),
        (hub("ok", severities=("warning", "error")), "broken"),
    ],
)
def test_a_hub_has_the_mark_that_needs_somebody_most(found: HubState, mark: str) -> None:
    assert found.mark == mark


def test_no_marks_are_none() -> None:
    assert worst_mark(()) == "none"
