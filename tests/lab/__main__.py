"""Boots the real cluster, deploys the fleet of broken hubs, emulates three clouds, and opens the console on it.

    python -m tests.lab [--no-console]

`--no-console` prints what to export to look at the lab from another shell, and waits for Enter or Ctrl-C.
Needs root, the Debian packages of tests.cluster.packages, and Go for the first build of the programs.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
from contextlib import suppress

from tests.cluster import assets
from tests.cluster.node import running, why_no_control_plane, why_no_node
from tests.lab.fleet import LabFleet, lab_fleet


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--no-console", action="store_true", help="print the exports for another shell, and wait")
    options = parser.parse_args(arguments)
    if assets.main([]) != 0:
        return 1
    if why := why_no_control_plane() or why_no_node():
        _say(f"the lab cannot run here: {why}")
        return 1
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _end)
    _say("starting a real Kubernetes, about 5 s")
    with running(node=True) as cluster:
        _say("deploying its hubs, and a cluster on each cloud beside it: about 40 s")
        with lab_fleet(cluster) as lab:
            return _wait(lab) if options.no_console else _open_console(lab)


def _end(number: int, _: object) -> None:
    """A closed terminal takes the cluster down, too."""
    sys.exit(128 + number)


def _open_console(lab: LabFleet) -> int:
    command = [sys.executable, "-m", "console.cli.main", "--config", str(lab.config)]
    return subprocess.run(command, env={**os.environ, **lab.environment}, check=False).returncode


def _wait(lab: LabFleet) -> int:
    for name, value in lab.environment.items():
        print(f"export {name}={shlex.quote(value)}")
    print(f"hubhomes --config {shlex.quote(str(lab.config))}", flush=True)
    _say("the lab runs until Enter or Ctrl-C")
    with suppress(KeyboardInterrupt, EOFError):
        input()
    return 0


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
