"""The terminal that the console's tests assume."""

from __future__ import annotations

import pytest

from console.chain.model import FleetState
from tests.tui.scenarios import TERMINAL, demo_state, looked_state


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment like that of a person's terminal, whatever runs the tests."""
    for name, value in TERMINAL.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture(scope="session")
def demo() -> FleetState:
    """The embedded fleet, observed once."""
    looked_state()
    return demo_state()
