"""The chain's way of saying things: counts, ages, sizes, commands with names in them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from datetime import datetime

from console.chain.marks import SEVERITIES
from console.chain.model import Finding
from providers.errors import ErrorKind

ERROR_WORDS: Mapping[ErrorKind, str] = {
    "no_context": "no context",
    "unreachable": "unreachable",
    "timeout": "timed out",
    "tls": "certificate not trusted",
    "unauthorized": "credentials refused",
    "forbidden": "forbidden",
    "throttled": "throttled",
    "internal": "internal error",
}
"""Why a cluster is out of reach, in a word or two."""


def count(number: int, noun: str) -> str:
    """`1 user`, `2 users`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def age(since: datetime, now: datetime) -> str:
    """Coarsely: `12 s`, `3 min`, `2 h`, `5 d`."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h" if seconds < 172_800 else f"{seconds // 86_400} d"


def size(number: float) -> str:
    """Bytes in the largest binary unit that keeps a digit before the point: `31 GiB`, `1.5 TiB`."""
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if number < 1024 or unit == "TiB":
            return f"{number:.1f} {unit}" if number < 10 and unit != "B" else f"{number:.0f} {unit}"
        number /= 1024
    raise AssertionError("unreachable")


def some(names: Iterable[str], limit: int = 3) -> str:
    """`ana, bo, chi and 4 more`."""
    listed = list(names)
    head = ", ".join(listed[:limit])
    return head if len(listed) <= limit else f"{head} and {len(listed) - limit:,} more"


def plain(text: str) -> str:
    """Remote text as one line that a terminal only shows: control characters become a mark."""
    if text.isprintable():
        return text
    return "".join(mark if mark.isprintable() else " " if mark.isspace() else "�" for mark in text)


def command(*words: str) -> str:
    """A command line to run by hand: every word quoted for a shell."""
    return shlex.join(words)


def kubectl(context: str | None, *words: str) -> str:
    """A kubectl command line that names its cluster, so that it means the same whichever context is current.

    CONTEXT is a context's name, or the path of a kubeconfig file that is used with its own current context. Names of
    contexts may begin with a slash, too; those then hold a host and port.
    """
    if not context:
        return command("kubectl", *words)
    is_file = context.startswith("/") and ":" not in context
    return command("kubectl", "--kubeconfig" if is_file else "--context", context, *words)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By severity; equals stay in the order of the chain, as given."""
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))
