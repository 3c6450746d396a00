"""Which commands only look."""

from __future__ import annotations

import pytest

from providers.kubernetes.commands import look_scripts, only_looks, watched

SCRIPT = min(look_scripts())
REPORT = ("xfs_quota", "-x", "-c", "report -N -p -b")
FILES = ("-D", "/export/HUB/.projects", "-P", "/export/HUB/.projid")


@pytest.mark.parametrize(
    "command",
    [
        ("showmount", "-e", "0.0.0.0"),
        (*REPORT, *FILES, "/export"),
        (*REPORT, "/export"),
        ("sh", "-c", SCRIPT),
        watched(("sh", "-c", SCRIPT, "look", "/homes")),
        ("/bin/sh", "-c", SCRIPT, "look", "/homes", "$(reboot)", "-rf"),
    ],
)
def test_what_only_looks(command: tuple[str, ...]) -> None:
    assert only_looks(command)


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("sh",),
        ("sh", "-c"),
        ("sh", "-c", SCRIPT + "\nrm -rf /"),
        ("sh", "-c", SCRIPT[:-1]),
        ("sh", "-xc", SCRIPT),
        ("bash", "-c", SCRIPT),
        ("sh", "-c", "true", SCRIPT),
        watched(("rm", "-rf", "/")),
        watched(()),
        ("chown", "-R", "1000:1000", "/export"),
        ("showmount", "-e", "10.0.0.1"),
        ("showmount", "-e", "0.0.0.0", "-x"),
        ("xfs_quota", "-x", "-c", "limit -p bhard=1g x", "/export"),
        ("xfs_quota", "-x", "-c", "report -N", "-c", "limit -p bhard=1g x", "/export"),
        ("xfs_quota", "-x", "-c", "report -N -L 5; limit", "/export"),
        ("xfs_quota", "-x", "-c", "report -f /etc/passwd", "/export"),
        (*REPORT, *FILES),
        (*REPORT, "-c", "state", "/export"),
        (*REPORT, "/export", "/other"),
        ("env", *REPORT, "/export"),
    ],
)
def test_what_could_do_more(command: tuple[str, ...]) -> None:
    assert not only_looks(command)
