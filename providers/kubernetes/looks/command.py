"""The command line of a look. Names travel as base64 arguments: any bytes, and never text of a shell."""

from __future__ import annotations

import base64
import secrets
from functools import cache
from importlib import resources

from providers.kubernetes.looks.protocol import LookRequest

MOUNTED_AT = "/homes"
SERVER_ROOT = "/export"


@cache
def script() -> str:
    """The text of the packaged script."""
    return resources.files("providers.kubernetes.looks").joinpath("look.sh").read_text()


def new_nonce() -> str:
    """The mark of one run's records. It is chosen after the files were named, so no name can hold it."""
    return secrets.token_hex(8)


def server_root(base_path: str) -> bytes:
    """Where the in-cluster server itself keeps what it exports as BASE_PATH."""
    below = base_path.strip("/").removeprefix(SERVER_ROOT.strip("/")).strip("/")
    return f"{SERVER_ROOT}/{below}".rstrip("/").encode()


def look_command(request: LookRequest, nonce: str, *, root: bytes, hub: bytes) -> list[str]:
    """The whole argument list: `sh -c SCRIPT look …`. ROOT is where the share is, HUB the directory below it."""
    what = [name for name, asked in (("entries", request.entries), ("deep", request.deep)) if asked]
    if request.through != "claim":
        what.insert(0, "base")
    named = [_encoded(root), _encoded(hub), ",".join(what), str(request.uid), str(request.gid)]
    return ["sh", "-c", script(), "look", nonce, *named, *map(_encoded, request.homes)]


def _encoded(name: bytes) -> str:
    return base64.b64encode(name).decode()
