"""A Job that was just made, until it is over: the lines of its pod as they come, and why it does not begin."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Literal

from providers.errors import ProviderError
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.looks import obstacles
from providers.kubernetes.looks.protocol import LookRequest
from providers.kubernetes.looks.waiting import Sleep
from providers.kubernetes.objects import Job, Pod
from providers.kubernetes.protocol import Transport
from providers.kubernetes.redact import redacted
from providers.kubernetes.resources import EVENTS, JOBS, PODS
from providers.kubernetes.share_creator import newest
from providers.kubernetes.status_errors import StatusError

_POLL_S = 0.5
_LINES = 200
_GRACE_S = 20.0


class JobRun:
    """The Job NAME, made of MANIFEST. When `lines` has ended, `outcome` says how it is, `why` and `last` in words."""

    def __init__(
        self,
        transport: Transport,
        namespace: str,
        name: str,
        manifest: Mapping[str, Any],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._api = KubernetesApi(transport)
        self._namespace = namespace
        self._name = name
        self._mount = _mount(namespace, manifest)
        self._deadline_s = float(manifest["spec"]["activeDeadlineSeconds"]) + _GRACE_S
        self._clock, self._sleep = clock, sleep
        self.outcome: Literal["running", "succeeded", "failed"] = "running"
        self.why = ""
        self.last = ""

    async def failed_before(self) -> bool:
        """Whether one of this name is there and over, and did not succeed. Raises ProviderError."""
        job = await self._job()
        return job is not None and _over(job) == "failed"

    async def until_gone(self) -> None:
        """Returns when there is none of this name. Raises ProviderError when it stays."""
        ends = self._clock() + _GRACE_S
        while await self._job() is not None:
            if self._clock() > ends:
                raise ProviderError("timeout", f"Job {self._name} in {self._namespace} does not go", next_step="wait")
            await self._sleep(_POLL_S)

    async def lines(self) -> AsyncIterator[str]:
        """What its newest pod writes, until the Job is over, its mount fails, or it takes too long.

        Raises ProviderError where the cluster can't be asked.
        """
        told: dict[str, int] = {}
        ends = self._clock() + self._deadline_s
        while self.outcome == "running":
            job = await self._job()
            state = _over(job) if job is not None else "failed"
            pod = await self._pod()
            for line in await self._fresh(pod, told):
                self.last = line
                yield line
            if state != "running":
                self.outcome, self.why = state, self.last or "it said nothing"
            elif words := await self._obstacle(pod):
                self.outcome, self.why = "failed", words
            elif self._clock() > ends:
                self.outcome, self.why = "failed", f"it was not done within {self._deadline_s:.0f} s"
            else:
                await self._sleep(_POLL_S)

    async def _job(self) -> Job | None:
        try:
            return await self._api.get(JOBS, self._name, namespace=self._namespace)
        except StatusError as error:
            if error.status == 404:
                return None
            raise

    async def _pod(self) -> Pod | None:
        page = await self._api.list(PODS, namespace=self._namespace, labels=f"job-name={self._name}")
        return newest(page.items or ())

    async def _fresh(self, pod: Pod | None, told: dict[str, int]) -> list[str]:
        """The lines of POD that were not TOLD yet, by how many of each pod were."""
        if pod is None or pod.status.phase == "Pending":
            return []
        container = next((one.name for one in pod.spec.containers), "")
        try:
            text = await self._api.pod_log(self._namespace, pod.metadata.name, container, _LINES)
        except ProviderError:
            return []  # what it says is for the reader: whether it is done is told by the Job
        lines = [redacted(line) for line in text.splitlines()]
        fresh = lines[told.get(pod.metadata.name, 0) :]
        told[pod.metadata.name] = len(lines)
        return fresh

    async def _obstacle(self, pod: Pod | None) -> str:
        """Why its pod does not begin, where an event says so; "" else."""
        if pod is None or pod.status.phase != "Pending":
            return ""
        fields = f"involvedObject.name={pod.metadata.name}"
        try:
            page = await self._api.list(EVENTS, namespace=self._namespace, fields=fields)
        except ProviderError:
            return ""
        failure = obstacles.by_events(self._mount, page.items or ())
        return f"{failure.message}: {failure.words}" if failure is not None else ""


def _over(job: Job) -> Literal["running", "succeeded", "failed"]:
    ends = {condition.type for condition in job.status.conditions if condition.status == "True"}
    if job.status.succeeded > 0 or "Complete" in ends:
        return "succeeded"
    return "failed" if "Failed" in ends else "running"


def _mount(namespace: str, manifest: Mapping[str, Any]) -> LookRequest:
    """What the Job's pods mount, for words about it."""
    volumes = manifest["spec"]["template"]["spec"].get("volumes") or ()
    nfs: Mapping[str, Any] = next((volume["nfs"] for volume in volumes if "nfs" in volume), {})
    server, path = str(nfs.get("server", "")), str(nfs.get("path", ""))
    return LookRequest(namespace=namespace, through="export", server=server, base_path=path)
