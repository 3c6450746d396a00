"""Waits until a helper pod has begun, or until something says that it will not: in seconds, not at its deadline."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from providers.errors import ProviderError
from providers.kubernetes import resources
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.looks import obstacles
from providers.kubernetes.looks.helper_pods import get_pod
from providers.kubernetes.looks.protocol import LookFailure, LookRequest
from providers.kubernetes.objects import Event, Pod

Sleep = Callable[[float], Awaitable[object]]
_POLL_S = 0.25
_POLLS_PER_EVENTS = 2


class PodWait:
    """One pod's way to its start. `words` is what it waits for now."""

    def __init__(self, api: KubernetesApi, request: LookRequest, name: str, *, clock: Callable[[], float]) -> None:
        self._api = api
        self._request = request
        self._name = name
        self._clock = clock
        self._began = clock()
        self._scheduled: float | None = None
        self._events: tuple[Event, ...] = ()
        self._polls = 0
        self.words = "asked for"

    async def poll(self, sleep: Sleep) -> LookFailure | bool:
        """True: it has begun. False: not yet. A failure: it will not. Raises ProviderError."""
        if self._polls:
            await sleep(_POLL_S)
        self._polls += 1
        pod = await get_pod(self._api, self._request.namespace, self._name)
        if pod is None:
            return obstacles.ended(self._request, None)
        state = obstacles.container_state(pod)
        if state.running is not None or state.terminated is not None or pod.status.phase == "Succeeded":
            return True
        if self._polls % _POLLS_PER_EVENTS == 0:
            self._events = await self._read_events()
        return self._obstacle(pod) or False

    def _obstacle(self, pod: Pod) -> LookFailure | None:
        now = self._clock()
        if now - self._began > self._request.deadline_s:
            # A pod that no node takes has no deadline of its own: that begins with its start.
            return obstacles.overdue(self._request, self.words)
        failure = obstacles.by_status(self._request, pod) or obstacles.by_events(self._request, self._events)
        if failure is not None:
            return failure
        return self._unscheduled(pod, now) if not pod.spec.node_name else self._mounting(pod, now)

    def _unscheduled(self, pod: Pod, now: float) -> LookFailure | None:
        self.words = "a node is looked for"
        found = obstacles.unscheduled(self._request, pod, self._events)
        if found is None:
            return None
        failure, stands = found
        if obstacles.node_is_coming(self._events):
            self.words = "a node is being added"
            return None
        waited_enough = now - self._began > self._request.silence_s / 2
        return failure if stands or waited_enough else None

    def _mounting(self, pod: Pod, now: float) -> LookFailure | None:
        if self._scheduled is None:
            self._scheduled = now
        if obstacles.past_the_mount(pod, self._events):
            self.words = "its image is being pulled"
            return None
        self.words = f"{obstacles.what_is_mounted(self._request)} is being mounted"
        waited_s = now - self._scheduled
        return obstacles.hanging(self._request, waited_s) if waited_s > self._request.silence_s else None

    async def _read_events(self) -> tuple[Event, ...]:
        """Without the right to list events, what the pod's own status says has to do."""
        try:
            page = await self._api.list(
                resources.EVENTS, namespace=self._request.namespace, fields=f"involvedObject.name={self._name}"
            )
        except ProviderError as error:
            if error.kind != "forbidden":
                raise
            return ()
        return page.items or ()
