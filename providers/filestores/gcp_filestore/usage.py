"""How full instances are, says Cloud Monitoring: one question for a whole project. Blocking."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from providers.filestores.gcp_filestore.errors import translated
from providers.filestores.gcp_filestore.http_answers import answer_of

if TYPE_CHECKING:
    from google.auth.transport.requests import AuthorizedSession

METRIC = "file.googleapis.com/nfs/server/used_bytes_percent"
SOURCE = f"Cloud Monitoring {METRIC}"
WINDOW = timedelta(minutes=30)
"""How old a figure may be. Google samples every minute, and shows a sample some minutes later."""
_FIELDS = "timeSeries(metric/labels,resource/labels,points),nextPageToken"


class _Labelled(msgspec.Struct, frozen=True):
    labels: dict[str, str] = {}


class _Interval(msgspec.Struct, frozen=True, rename="camel"):
    end_time: datetime


class _Value(msgspec.Struct, frozen=True, rename="camel"):
    double_value: float | None = None


class _Point(msgspec.Struct, frozen=True):
    interval: _Interval
    value: _Value


class _Series(msgspec.Struct, frozen=True):
    metric: _Labelled = _Labelled()
    resource: _Labelled = _Labelled()
    points: list[_Point] = []


class _Answer(msgspec.Struct, frozen=True, rename="camel"):
    time_series: list[_Series] = []
    next_page_token: str = ""


class Fullness(msgspec.Struct, frozen=True, kw_only=True):
    """PERCENT of an instance's share in use, 0 to 100: figures of real, empty instances are those of lost+found."""

    percent: float
    observed_at: datetime


Fullnesses = dict[tuple[str, str], Fullness]
"""(location, instance) to its newest figure."""


def read_usage(
    session: AuthorizedSession, monitoring: str, project: str, *, now: datetime, timeout_s: float
) -> Fullnesses:
    """What Cloud Monitoring at MONITORING has of every instance of PROJECT. Raises ProviderError."""
    ends = time.monotonic() + timeout_s
    found: Fullnesses = {}
    what = f"read how full Filestore instances of project {project} are"
    token = ""
    while True:
        with translated(what, project=project, permission="monitoring.timeSeries.list", role="roles/monitoring.viewer"):
            answer = _ask(session, monitoring, project, now=now, token=token, ends=ends)
        for series in answer.time_series:
            _keep_newest(found, series)
        if not answer.next_page_token or answer.next_page_token == token:
            return found
        token = answer.next_page_token


def _ask(
    session: AuthorizedSession, monitoring: str, project: str, *, now: datetime, token: str, ends: float
) -> _Answer:
    parameters: dict[str, Any] = {
        "filter": f'metric.type="{METRIC}" AND resource.type="filestore_instance"',
        "interval.startTime": _stamp(now - WINDOW),
        "interval.endTime": _stamp(now),
        "fields": _FIELDS,
    } | ({"pageToken": token} if token else {})
    left_s = max(0.001, ends - time.monotonic())
    url = f"{monitoring}/v3/projects/{quote(project, safe=':')}/timeSeries"
    with session.get(url, params=parameters, timeout=left_s, stream=True, allow_redirects=False) as response:
        return msgspec.json.decode(answer_of(response, ends=ends), type=_Answer)


def _keep_newest(found: Fullnesses, series: _Series) -> None:
    labels = series.resource.labels
    key = (labels.get("location", ""), labels.get("instance_name", ""))
    for point in series.points:
        percent, at = point.value.double_value, point.interval.end_time
        if percent is None or at.tzinfo is None or not 0 <= percent <= 1000:
            continue
        if key not in found or found[key].observed_at < at:
            found[key] = Fullness(percent=percent, observed_at=at)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
