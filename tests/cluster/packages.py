"""Installs the Debian packages that the real node needs, where this is root on Debian and they are missing.

    python -m tests.cluster.packages
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NEEDED = {
    "containerd": lambda: shutil.which("containerd"),
    "runc": lambda: shutil.which("runc"),
    "containernetworking-plugins": lambda: Path("/usr/lib/cni/ptp").exists(),
    "busybox-static": lambda: Path("/bin/busybox").exists(),
    "iproute2": lambda: shutil.which("ip"),
    "util-linux": lambda: shutil.which("unshare"),
}


def missing() -> list[str]:
    """The packages that are not installed."""
    return [name for name, is_there in NEEDED.items() if not is_there()]


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
