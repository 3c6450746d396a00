"""A look at one hub's directory: one helper pod, or one command in the in-cluster server, and what it tells."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from datetime import UTC, datetime

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.exec import Command, running
from providers.kubernetes.looks import obstacles
from providers.kubernetes.looks.beyond_claim import beyond_the_claim, not_further, went_on
from providers.kubernetes.looks.command import look_command, new_nonce, server_root
from providers.kubernetes.looks.framing import BEAT, as_words
from providers.kubernetes.looks.helper_pods import create_pod, get_pod, remove_whatever_comes
from providers.kubernetes.looks.log import follow
from providers.kubernetes.looks.pod import FORMS, look_pod, looked_as, new_name
from providers.kubernetes.looks.protocol import (
    DirectoryLook,
    Finished,
    LookedAs,
    LookEvent,
    LookFailure,
    LookRequest,
    Mounted,
    Requested,
    Waiting,
)
from providers.kubernetes.looks.records import LookReading
from providers.kubernetes.looks.waiting import PodWait, Sleep
from providers.kubernetes.protocol import Transport
from providers.kubernetes.status_errors import StatusError

SERVER_CONTAINER = "nfs-server"
_PIECE_BYTES = 16 * 1024
_WORDS = 5
_GRACE_S = 20.0
"""How long after the pod's own deadline its log may still come."""


def utc_now() -> datetime:
    return datetime.now(UTC)


async def looked(transport: Transport, request: LookRequest) -> DirectoryLook:
    """A look to its end, where nobody watches. Raises ProviderError as `look` does."""
    async with aclosing(look(transport, request)) as events:
        async for event in events:
            if isinstance(event, Finished):
                return event.look
    raise AssertionError("a look ends with what it saw")


async def look(
    transport: Transport,
    request: LookRequest,
    *,
    now: Callable[[], datetime] = utc_now,
    clock: Callable[[], float] = time.monotonic,
    sleep: Sleep = asyncio.sleep,
) -> AsyncGenerator[LookEvent, None]:
    """Looks, and tells as it goes; the last event is Finished, also where the answer is a failure. Where the claim
    leads nowhere a second pod looks at the export, once the first is removed.

    Close it (`contextlib.aclosing`) to cancel: the helper pod is removed before that returns. TRANSPORT's permission
    has to cover probing. Raises ProviderError where the API server can't be asked or gives no right.
    """

    def run(asked: LookRequest) -> AsyncGenerator[LookEvent, None]:
        one = _Run(transport, asked, now=now, clock=clock, sleep=sleep)
        return one.in_server() if asked.through == "server" else one.by_pod()

    finished: Finished | None = None
    async with aclosing(run(request)) as events:
        async for event in events:
            if isinstance(event, Finished):
                finished = event
            else:
                yield event
    assert finished is not None  # noqa: S101 - a run ends with what it saw
    onward = beyond_the_claim(request, finished.look)
    if onward is None:
        yield finished
        return
    yield Waiting(words="the claim cannot be mounted: the export is looked at")
    try:
        async with aclosing(run(onward)) as events:
            async for event in events:
                yield Finished(look=went_on(finished.look, event.look)) if isinstance(event, Finished) else event
    except ProviderError as error:
        yield Finished(look=not_further(finished.look, error.message))


class _Run:
    """One look that is under way."""

    def __init__(
        self,
        transport: Transport,
        request: LookRequest,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        sleep: Sleep,
    ) -> None:
        self._transport = transport
        self._request = request
        self._now, self._clock, self._sleep = now, clock, sleep
        self._api = KubernetesApi(transport)
        self._nonce = new_nonce()
        self._reading = LookReading(request, self._nonce, now=now)
        self._looked_at = now()
        self._began = clock()
        self._start_s: float | None = None
        self._looked_as: LookedAs = "reader"
        self._beside: tuple[str, ...] = ()
        self._mute = False

    async def by_pod(self) -> AsyncGenerator[LookEvent, None]:
        name = new_name()
        try:
            refused = await self._create(name)
            if refused is not None:
                yield self._finished(refused)
                return
            yield Requested(pod=name)
            wait = PodWait(self._api, self._request, name, clock=self._clock)
            words = ""
            while (answer := await wait.poll(self._sleep)) is False:
                if wait.words != words:
                    words = wait.words
                    yield Waiting(words=words)
            if isinstance(answer, LookFailure):
                yield self._finished(answer)
                return
            async with aclosing(follow(self._transport, self._request, name, sleep=self._sleep)) as pieces:
                async for event in self._told(pieces):
                    yield event
            failure = self._no_answer()
            if failure is None and not self._reading.ended:
                failure = await self._why_ended(name)
            elif self._mute and self._reading.reached:
                failure = await self._whether_its_line(name) or failure
            yield self._finished(failure)
        finally:
            await remove_whatever_comes(self._transport, self._request.namespace, name)

    async def in_server(self) -> AsyncGenerator[LookEvent, None]:
        request = self._request
        self._looked_as = "server"
        root, hub = server_root(request.base_path), request.hub_directory.strip("/").encode()
        without_sizes = msgspec.structs.replace(request, homes=())
        command = look_command(without_sizes, self._nonce, root=root, hub=hub)
        yield Requested(pod=request.pod)
        opened = running(
            self._transport,
            request.namespace,
            request.pod,
            container=SERVER_CONTAINER,
            command=command,
            timeout_s=request.silence_s,
        )
        async with opened as started, aclosing(self._stdout(started)) as pieces:
            async for event in self._told(pieces):
                yield event
        failure = self._no_answer()
        if failure is None and not self._reading.ended:
            words = "; ".join((*self._reading.words, *self._beside))
            message = f"the look in {request.pod} ended before it was done"
            failure = LookFailure(kind="ended", message=message, words=words, next_step="look again")
        yield self._finished(failure)

    async def _create(self, name: str) -> LookFailure | None:
        """Makes the pod in the first form that the namespace admits."""
        refused: LookFailure | None = None
        for form in FORMS:
            self._looked_as = looked_as(form)
            try:
                await create_pod(self._transport, look_pod(self._request, name, self._nonce, form))
            except StatusError as error:
                if obstacles.refused_by_admission(error):
                    refused = obstacles.admission_failure(self._request, error)
                    continue
                if obstacles.exceeded_quota(error):
                    return obstacles.admission_failure(self._request, error)
                raise
            return None
        return refused

    async def _told(self, pieces: AsyncIterator[bytes]) -> AsyncGenerator[LookEvent, None]:
        """What the script says, as it says it, until its end or ours; or until the server is silent."""
        ends = self._began + self._request.deadline_s + _GRACE_S
        while not self._reading.ended:
            left_s = max(ends - self._clock(), 0.0)
            expected = self._reading.beaten or not self._reading.reached
            silent = expected and self._request.silence_s < left_s
            try:
                async with asyncio.timeout(self._request.silence_s if silent else left_s):
                    piece = await anext(pieces, None)
            except TimeoutError:
                self._mute = silent
                break
            if piece is None:
                for event in self._reading.finish():
                    yield event
                break
            for start in range(0, len(piece), _PIECE_BYTES):
                for event in self._reading.feed(piece[start : start + _PIECE_BYTES]):
                    yield event
                # A large directory comes faster than it is read: the screen gets its turn in between.
                await asyncio.sleep(0)
            if self._start_s is None and self._reading.begun:
                self._start_s = self._clock() - self._began
                yield Mounted(start_s=self._start_s)

    def _no_answer(self) -> LookFailure | None:
        """A mount that is there, and leads nowhere: its server is silent or fell silent, or the node still holds the
        handle of a directory that is no more."""
        if self._mute and self._reading.reached:
            return obstacles.fell_silent(self._request, self._reading.came_to)
        if self._mute:
            return obstacles.mute(self._request)
        stale = self._reading.ended and self._reading.stale
        return obstacles.stale(self._request, self._reading.stale) if stale else None

    async def _whether_its_line(self, name: str) -> LookFailure | None:
        """Where the log fell silent since its pod is gone, or the API server does not answer: no word on the share."""
        try:
            pod = await get_pod(self._api, self._request.namespace, name)
        except ProviderError as error:
            return LookFailure(kind="ended", message="the look's log fell silent", words=error.message)
        runs = pod is not None and obstacles.container_state(pod).running is not None
        return None if runs else obstacles.ended(self._request, pod)

    async def _why_ended(self, name: str) -> LookFailure:
        words = "; ".join(self._reading.words)
        try:
            pod = await get_pod(self._api, self._request.namespace, name)
        except ProviderError as error:
            return LookFailure(kind="ended", message="the look's log ended early", words=words or error.message)
        return obstacles.ended(self._request, pod, words)

    async def _stdout(self, started: Command) -> AsyncGenerator[bytes, None]:
        async for channel, piece in started:
            if channel == "stdout":
                yield piece
                continue
            lines = [line for line in piece.split(b"\n") if line.strip()]
            if BEAT in lines:
                self._reading.beat()
            self._beside = (*self._beside, *(as_words(line) for line in lines if line != BEAT))[-_WORDS:]
            yield b""

    def _finished(self, failure: LookFailure | None) -> Finished:
        request = self._request
        look = DirectoryLook(
            namespace=request.namespace,
            through=request.through,
            looked_at=self._looked_at,
            looked_by=request.owner,
            looked_as=self._looked_as,
            claim=request.claim if request.through == "claim" else "",
            server=request.server,
            path=f"{request.base_path.rstrip('/')}/{request.hub_directory}" if request.server else "",
            start_s=self._start_s,
        )
        look = self._reading.fill(look)
        if failure is not None:
            look = msgspec.structs.replace(look, failure=failure, complete=False, why=failure.message)
        return Finished(look=look)
