"""Runs the packaged script on folders of this machine, in busybox's tools and in GNU's, and reads what it says."""

from __future__ import annotations

import base64
import gzip
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from providers.kubernetes.looks.command import look_command
from providers.kubernetes.looks.protocol import DirectoryLook, LookEvent, LookRequest
from providers.kubernetes.looks.records import LookReading

NONCE = "0123456789abcdef"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHELLS = (("busybox", "sh"), ("dash",))


def request(**changes: object) -> LookRequest:
    return LookRequest(**({"namespace": "prod", "claim": "home-nfs", "owner": "jo"} | changes))  # type: ignore[arg-type]


def command_of(asked: LookRequest, root: Path, *, hub: bytes = b"") -> list[str]:
    return look_command(asked, NONCE, root=bytes(root), hub=hub)


def said(root: Path, asked: LookRequest, shell: Sequence[str] = SHELLS[0], *, hub: bytes = b"") -> bytes:
    """What the script says of ROOT/HUB."""
    command = command_of(asked, root, hub=hub)
    assert command[0] == "sh"
    done = subprocess.run([*shell, *command[1:]], stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return done.stdout + done.stderr


def read(output: bytes, asked: LookRequest, *, pieces: int = 1 << 20) -> tuple[DirectoryLook, list[LookEvent]]:
    """What is read of OUTPUT when it comes in PIECES of so many bytes."""
    reading = LookReading(asked, NONCE, now=lambda: NOW)
    events: list[LookEvent] = []
    for start in range(0, len(output), pieces):
        events += reading.feed(output[start : start + pieces])
    events += reading.finish()
    look = DirectoryLook(namespace=asked.namespace, through=asked.through, looked_at=NOW, looked_by=asked.owner)
    return reading.fill(look), events


def encoded(*bodies: bytes) -> bytes:
    """Records as the script says them."""
    return base64.encodebytes(gzip.compress(b"".join(NONCE.encode() + b" " + body + b"\n" for body in bodies)))
