"""Which commands only look, and may run in any container under the permission to probe.

The scripts of the package's folder `looks` are such commands by their place: `sh -c SCRIPT NAME ARGUMENT…` with the
exact text of one of them, its arguments being whatever is to be looked at. Nothing that changes belongs there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

_SHELLS = frozenset({"sh", "/bin/sh"})
_SHOWMOUNT = ("showmount", "-e", "0.0.0.0")  # noqa: S104 - the server itself, asked in its own container
_QUOTA_REPORT = re.compile(r"report( -[NpbihL])*\Z")
_PATH = re.compile(r"/[^\x00]*\Z")


@cache
def _watched_script() -> str:
    return resources.files("providers.kubernetes").joinpath("watched.sh").read_text()


def watched(command: Sequence[str]) -> tuple[str, ...]:
    """COMMAND so that it ends when whoever runs it hangs up. It is to be run with its standard input open, and reads
    nothing itself. Without this a command goes on in its container after the connection has ended."""
    return ("sh", "-c", _watched_script(), "hubhomes", *command)


@cache
def look_scripts() -> frozenset[str]:
    """The texts of the scripts that only look."""
    folder = resources.files("providers.kubernetes").joinpath("looks")
    if not folder.is_dir():
        return frozenset()
    return frozenset(file.read_text() for file in folder.iterdir() if file.name.endswith(".sh"))


def only_looks(command: Sequence[str]) -> bool:
    """Whether COMMAND is one of those that only look."""
    argv = tuple(command)
    if argv[:4] == watched(()):
        argv = argv[4:]
    if argv == _SHOWMOUNT:
        return True
    if argv[:1] == ("xfs_quota",):
        return _reports_quota(argv[1:])
    return len(argv) >= 3 and argv[0] in _SHELLS and argv[1] == "-c" and argv[2] in look_scripts()


def _reports_quota(options: tuple[str, ...]) -> bool:
    """`-x -c 'report …' [-D FILE] [-P FILE] PATH`: one report, nothing else."""
    if options[:2] != ("-x", "-c") or len(options) < 4 or not _QUOTA_REPORT.match(options[2]):
        return False
    rest = options[3:]
    while len(rest) > 2 and rest[0] in ("-D", "-P") and _PATH.match(rest[1]):
        rest = rest[2:]
    return len(rest) == 1 and bool(_PATH.match(rest[0]))
