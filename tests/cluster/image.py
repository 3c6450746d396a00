"""Container images without a registry: a docker archive with busybox in it, tagged as whatever the pods ask for."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

BUSYBOX = Path("/bin/busybox")
PAUSE = "localhost/pause:1"
TAGS = (
    "localhost/busybox:1.36.1",
    "busybox:1.36.1",
    "localhost/singleuser:1",
    "localhost/hub:1",
    "localhost/home-nfs:1",
)

_SLEEPER = b"#!/bin/sh\ntrap 'exit 0' TERM INT\nwhile :; do sleep 3600 & wait $!; done\n"
_SCRIPTS = dict.fromkeys(("pause", "jupyterhub", "jupyterhub-singleuser", "python"), _SLEEPER)
_SCRIPTS["xfs_quota"] = b"""#!/bin/sh
# Stands in for xfs_quota, whose file system this kernel lacks: prints the report that a test has put on the disk.
[ -e /export/.xfs_quota ] || { echo "foreign filesystem. Invalid path /export" >&2; exit 1; }
exec cat /export/.xfs_quota
"""
_SCRIPTS["showmount"] = b"#!/bin/sh\necho 'Export list for 0.0.0.0:'\necho '/export *'\n"
_PASSWD = b"root:x:0:0::/:/bin/sh\njovyan:x:1000:1000::/home/jovyan:/bin/sh\n"


def write_images(archive_path: Path, tags: Sequence[str] = TAGS) -> None:
    """Writes one archive with an image for each tag; all share one layer. A pod without a command just stays up."""
    layer = _layer()
    digest = hashlib.sha256(layer).hexdigest()
    config = _config(digest)
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = [{"Config": config_name, "RepoTags": [PAUSE, *tags], "Layers": [f"{digest}/layer.tar"]}]
    with tarfile.open(archive_path, "w") as archive:
        _add(archive, f"{digest}/layer.tar", layer)
        _add(archive, config_name, config)
        _add(archive, "manifest.json", json.dumps(manifest).encode())


def _config(layer_digest: str) -> bytes:
    image = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Env": ["PATH=/bin"], "Cmd": ["/bin/pause"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]},
    }
    return json.dumps(image).encode()


def _layer() -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as layer:
        for folder in ("bin", "etc", "tmp", "proc", "sys", "dev", "home"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            layer.addfile(entry)
        _add(layer, "bin/busybox", BUSYBOX.read_bytes(), mode=0o755)
        applets = subprocess.run([str(BUSYBOX), "--list"], check=True, capture_output=True, text=True).stdout.split()
        for applet in set(applets) - {"busybox", *_SCRIPTS}:
            entry = tarfile.TarInfo(f"bin/{applet}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            layer.addfile(entry)
        for name, script in _SCRIPTS.items():
            _add(layer, f"bin/{name}", script, mode=0o755)
        _add(layer, "etc/passwd", _PASSWD)
    return content.getvalue()


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))
