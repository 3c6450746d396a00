"""What the kubelet's and mount.nfs's words about a failed mount mean."""

from __future__ import annotations

from typing import Literal

MountSymptom = Literal[
    "missing-directory", "denied", "timeout", "refused", "protocol", "stale", "name", "options", "hanging", "other"
]

_CAUSES: tuple[tuple[str, MountSymptom], ...] = (
    ("no such file or directory", "missing-directory"),
    ("not a directory", "missing-directory"),
    ("access denied", "denied"),
    ("permission denied", "denied"),
    ("operation not permitted", "denied"),
    ("connection refused", "refused"),
    ("protocol not supported", "protocol"),
    ("protocol is not supported", "protocol"),
    ("stale file handle", "stale"),
    ("failed to resolve", "name"),
    ("name or service not known", "name"),
    ("incorrect mount option", "options"),
    ("invalid argument", "options"),
    ("timed out waiting for the condition", "hanging"),
    ("context deadline exceeded", "hanging"),
    ("timed out", "timeout"),
    ("no route to host", "timeout"),
    ("unreachable", "timeout"),
)


def cause(message: str) -> MountSymptom:
    """What the kubelet's words mean. Connection failures that it only waited for are `hanging`."""
    lower = told(message).lower()
    return next((symptom for words, symptom in _CAUSES if words in lower), "other")


def told(message: str) -> str:
    """What the mount command itself said, without the command line that the kubelet puts before it."""
    return message.rpartition("Output: ")[2].strip() or message
