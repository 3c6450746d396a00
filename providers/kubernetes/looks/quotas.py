"""What an in-cluster server says of itself: quotas of each directory, and what it exports. Asked in its own pod."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from providers.errors import ProviderError
from providers.kubernetes.exec import CommandResult, run
from providers.kubernetes.looks.command import server_root
from providers.kubernetes.looks.framing import as_words
from providers.kubernetes.looks.protocol import QuotaReport, QuotaRow
from providers.kubernetes.protocol import Transport

SERVER_CONTAINER, QUOTA_CONTAINER = "nfs-server", "enforce-xfs-quota"
_DEADLINE_S = 20.0

# `%-10s` and thrice ` %10llu`, in KiB, then warnings and what is left of the time of grace: from the right, since a
# name may hold spaces and figures. A figure of more than ten digits makes its own column wider.
_COLUMN = rb" (.{10}|\d{11,})"
_ROW = re.compile(rb"(?P<name>.{10,})" + _COLUMN * 3 + rb" {5}\d{2,} +[\[\-].*\Z", re.DOTALL)
_NO_NAME = re.compile(rb"#\d+\Z")
_PADDED_TO = 10


async def quotas(
    transport: Transport,
    *,
    namespace: str,
    pod: str,
    hub_directory: str,
    base_path: str = "",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    deadline_s: float = _DEADLINE_S,
) -> QuotaReport:
    """What the server POD accounts for the directories of one hub. Raises ProviderError, also when it can't report."""
    root = server_root(base_path).decode()
    hub = f"{root}/{hub_directory.strip('/')}".rstrip("/")
    files = ["-D", f"{hub}/.projects", "-P", f"{hub}/.projid"]
    command = ["xfs_quota", "-x", "-c", "report -N -p -b", *files, "/export"]
    result = await run(transport, namespace, pod, container=QUOTA_CONTAINER, command=command, deadline_s=deadline_s)
    _succeeded(result, f"xfs_quota in pod {pod} of namespace {namespace}")
    rows, unread = parse_report(result.stdout, below=hub.encode())
    return QuotaReport(namespace=namespace, pod=pod, reported_at=now(), rows=rows, unread=unread)


async def exports(
    transport: Transport, *, namespace: str, pod: str, deadline_s: float = _DEADLINE_S
) -> tuple[str, ...]:
    """The paths that the server POD exports. Raises ProviderError."""
    command = ["showmount", "-e", "0.0.0.0"]  # noqa: S104 - the server itself, asked in its own container
    result = await run(transport, namespace, pod, container=SERVER_CONTAINER, command=command, deadline_s=deadline_s)
    _succeeded(result, f"showmount in pod {pod} of namespace {namespace}")
    return parse_exports(result.stdout)


def parse_report(report: bytes, *, below: bytes) -> tuple[tuple[QuotaRow, ...], int]:
    """The rows of `xfs_quota -x -c 'report -N -p -b'`, and how many lines have another form.

    Projects are named by their directories; BELOW is taken off them. A project without a name is nobody's directory.
    """
    rows: list[QuotaRow] = []
    unread = 0
    for line in report.split(b"\n"):
        if not line.strip():
            continue
        found = _ROW.match(line)
        figures = [column.strip() for column in found.groups()[1:]] if found else []
        if found is None or not all(figure.isdigit() for figure in figures):
            unread += 1
            continue
        name = found["name"]
        name = name.rstrip(b" ") if len(name) == _PADDED_TO else name
        if _NO_NAME.match(name):
            continue
        used, soft, hard = (int(figure) * 1024 for figure in figures)
        directory = name.removeprefix(below + b"/")
        rows.append(QuotaRow(directory=directory, used_bytes=used, soft_bytes=soft, hard_bytes=hard))
    return tuple(rows), unread


def parse_exports(output: bytes) -> tuple[str, ...]:
    """The paths of `showmount -e`: each line a path, and behind the last space who may mount it."""
    lines = [as_words(line) for line in output.split(b"\n") if line.startswith(b"/")]
    return tuple(line.rpartition(" ")[0].rstrip() or line for line in lines)


def _succeeded(result: CommandResult, what: str) -> None:
    if result.exit_code != 0:
        words = as_words(result.stderr or result.stdout)
        message = f"{what} ended with exit code {result.exit_code}: {words}"
        raise ProviderError("internal", message, next_step="look at the server's pod and its log")
