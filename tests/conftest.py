"""What every test may use, how properties are tried, and how a second try is told."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ("tests.cluster.fixtures",)

# How long an example takes says how busy the machine is. CI tries the same examples each time: what is refused there
# is refused for what was changed. Other runs try new ones.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("HUBHOMES_CI") == "1" else "here")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What failed at first, with its words: a test that needs two tries is a defect, also where it does not refuse the
    change that it was run for."""
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.section(f"needed a second try: {report.nodeid}", yellow=True)
        terminalreporter.write_line(report.longreprtext)
