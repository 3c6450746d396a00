"""Installs the Debian packages that the real node needs, where this is root on Debian and they are missing.

python -m tests.cluster.packages
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NEEDED = {
    "containerd": "containerd",
    "runc": "runc",
    "containernetworking-plugins": "/usr/lib/cni/ptp",
    "busybox-static": "/bin/busybox",
    "iproute2": "ip",
    "util-linux": "unshare",
}
"""What tells that a package is there: a program on the PATH, or a file."""


def missing() -> list[str]:
    """The packages that are not installed."""
    return [package for package, program in NEEDED.items() if shutil.which(program) is None]


def main() -> int:
    lacking = missing()
    if not lacking:
        return 0
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"missing, and not root on Debian: install {' '.join(lacking)}", file=sys.stderr)
        return 1
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *lacking]
    subprocess.run(["apt-get", "update"], env=quiet, stdout=sys.stderr, check=False)
    return subprocess.run(install, env=quiet, stdout=sys.stderr, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
