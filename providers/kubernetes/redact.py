"""Takes credentials out of words that came from outside, before they reach a message."""

from __future__ import annotations

import re

_CREDENTIALS = re.compile(
    r"""
    eyJ[\w.\-=]{8,}                                     # JSON web tokens
    | k8s-aws-v1\.[\w\-=]+                              # tokens of EKS
    | (?<=://)[^/\s@]+@                                 # user and password in an address
    | (?i:(?<=bearer\s)|(?<=basic\s))\S+
    | (?i:(?<=token=)|(?<=token:\s)|(?<=password=)|(?<=password:\s)|(?<=secret=)|(?<=secret:\s))\S+
    | [A-Za-z0-9_\-+=]{40,}                             # long runs without words
    """,
    re.VERBOSE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def redacted(words: str, *, limit: int = 300) -> str:
    """WORDS on one line, without control characters and without what looks like a credential, at most LIMIT long."""
    line = _CREDENTIALS.sub("(hidden)", _CONTROL.sub(" ", words)).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"
