"""What every document has a use for: times, errors and findings."""

from __future__ import annotations

from datetime import UTC, datetime

from console.chain import model
from console.cli.contract import base as contract


def seconds(moment: datetime) -> datetime:
    """MOMENT in UTC, to the second."""
    return moment.astimezone(UTC).replace(microsecond=0)


def at(moment: datetime | None) -> datetime | None:
    return None if moment is None else seconds(moment)


def error(failure: model.ClusterError | None) -> contract.Error | None:
    if failure is None:
        return None
    return contract.Error(
        kind=failure.kind, message=failure.message, next_step=failure.next_step, since=at(failure.since)
    )


def finding(found: model.Finding) -> contract.Finding:
    return contract.Finding(
        code=found.code,
        severity=found.severity,
        link=found.link,
        message=found.message,
        action=found.action,
        cluster=found.cluster,
        hub=found.hub,
        consequence=found.consequence,
        detail=found.detail,
        next_step=found.next_step,
        subject=found.subject,
        filestore=found.filestore,
        since=at(found.since),
    )
