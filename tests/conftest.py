"""What every test may use, and how properties are tried."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ("tests.cluster.fixtures",)

# How long an example takes says how busy the machine is. CI tries the same examples each time: what is refused there
# is refused for what was changed. Other runs try new ones.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("HUBHOMES_CI") == "1" else "here")
