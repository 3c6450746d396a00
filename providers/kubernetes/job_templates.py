"""A Job as it was when it was made: what the API server and the controllers have written into it is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.protocol import Transport
from providers.kubernetes.resources import JOBS
from providers.kubernetes.status_errors import status_error

Json = dict[str, Any]

_TRACKING = frozenset({"controller-uid", "batch.kubernetes.io/controller-uid", "job-name",
                       "batch.kubernetes.io/job-name"})  # fmt: skip
_SPEC_OF_SERVER = frozenset({"selector", "manualSelector", "suspend"})
_TIMEOUT_S = 15.0


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A Job from which another can be made. `manifest` has neither name nor namespace."""

    uid: str
    manifest: Json


class _Metadata(msgspec.Struct, frozen=True):
    uid: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class _Pods(msgspec.Struct, frozen=True):
    spec: Json
    metadata: _Metadata = _Metadata()


class _Job(msgspec.Struct, frozen=True):
    metadata: _Metadata
    spec: Json


async def job_template(transport: Transport, namespace: str, name: str) -> Template | None:
    """The Job NAME as it was made; None where there is none. Raises ProviderError."""
    what = f"get jobs.batch/{name} in namespace {namespace}"
    response = await transport.request("GET", JOBS.path(namespace, name), timeout_s=_TIMEOUT_S)
    if response.status == 404:
        return None
    if response.status != 200:
        raise status_error(response, what)
    try:
        return template_of(msgspec.json.decode(response.body))
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise ProviderError("internal", f"{what}: the answer is no Job", next_step="ask again") from error


def template_of(job: Mapping[str, Any]) -> Template:
    """JOB, as the API server gives it, as a template. Raises msgspec.ValidationError for what is no Job."""
    known = msgspec.convert(job, _Job)
    pods = msgspec.convert(known.spec.get("template"), _Pods)
    labels = _without(pods.metadata.labels)
    template = {"metadata": {"labels": labels, "annotations": pods.metadata.annotations}, "spec": pods.spec}
    spec = {key: value for key, value in known.spec.items() if key not in _SPEC_OF_SERVER}
    manifest = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"labels": _without(known.metadata.labels)},
        "spec": {**spec, "template": template},
    }
    return Template(uid=known.metadata.uid, manifest=manifest)


def _without(labels: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in labels.items() if key not in _TRACKING}
