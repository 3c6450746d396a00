"""Pods that live in a simulated cluster: logs that grow, and commands that are answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.protocol import Response

Place = tuple[str, str, str]
"""Namespace, pod, container."""


class ExecRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A command that somebody runs in a container; `stdin` is all that it was given."""

    namespace: str
    pod: str
    container: str
    command: tuple[str, ...]
    stdin: bytes = b""


class ExecAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the command wrote, and how it ended. `error` says why it could not be started at all."""

    exit_code: int = 0
    stdout: bytes = b""
    stderr: bytes = b""
    error: str = ""


Exec = Callable[[ExecRequest], Awaitable[ExecAnswer]]
"""Answers commands; it may take its time."""


async def no_such_program(request: ExecRequest) -> ExecAnswer:
    """What runc says where a container has no such program."""
    return ExecAnswer(
        error="Internal error occurred: error executing command in container: failed to exec in container: "
        "OCI runtime exec failed: exec failed: unable to start container process: "
        f'exec: "{request.command[0]}": executable file not found in $PATH: unknown'
    )


class Logs(dict[Place, str]):
    """What containers wrote. Followers are told of what comes."""

    def __init__(self, texts: Mapping[Place, str]) -> None:
        super().__init__(texts)
        self._grown = asyncio.Event()

    def append(self, place: Place, text: str) -> None:
        self[place] = self.get(place, "") + text
        self.tell()

    def tell(self) -> None:
        """Wakes the followers: something was written, or a pod ended."""
        self._grown.set()
        self._grown = asyncio.Event()

    async def follow(self, place: Place, start: int, over: Callable[[], bool]) -> AsyncIterator[bytes]:
        """The text from START on, and what comes, until the pod is OVER."""
        while True:
            grown, text = self._grown, self.get(place, "")
            if len(text) > start:
                yield text[start:].encode()
                start = len(text)
            elif over():
                return
            else:
                await grown.wait()


class SimulatedStream:
    """A Stream of PIECES."""

    def __init__(self, response: Response, pieces: AsyncIterator[bytes] | None = None) -> None:
        self.status = response.status
        self.headers = response.headers
        self._body = response.body
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._pieces is None:
            yield self._body
            return
        async for piece in self._pieces:
            yield piece


class SimulatedFrames:
    """The Frames of one command. A command that reads is answered when its input has ended."""

    subprotocol = "v5.channel.k8s.io"

    def __init__(self, request: ExecRequest, answering: Exec, *, reads: bool) -> None:
        self._request = request
        self._answering = answering
        self._input = bytearray()
        self._input_ended = asyncio.Event()
        self._frames: list[bytes] | None = None
        if not reads:
            self._input_ended.set()

    async def receive(self) -> bytes | None:
        if self._frames is None:
            await self._input_ended.wait()
            request = msgspec.structs.replace(self._request, stdin=bytes(self._input))
            self._frames = _frames(await self._answering(request))
        return self._frames.pop(0) if self._frames else None

    async def send(self, frame: bytes) -> None:
        if self._input_ended.is_set() and frame[:1] == b"\0":
            raise ProviderError("unreachable", "the command does not read", next_step="")
        if frame[:1] == b"\0":
            self._input += frame[1:]
        elif frame == b"\xff\0":
            self._input_ended.set()


def _frames(answer: ExecAnswer) -> list[bytes]:
    status: dict[str, object] = {"metadata": {}, "status": "Success"}
    if answer.error:
        status = {"metadata": {}, "status": "Failure", "message": answer.error, "reason": "InternalError", "code": 500}
    elif answer.exit_code:
        status = {
            "metadata": {},
            "status": "Failure",
            "message": f"command terminated with non-zero exit code: exit code {answer.exit_code}",
            "reason": "NonZeroExitCode",
            "details": {"causes": [{"reason": "ExitCode", "message": str(answer.exit_code)}]},
        }
    written = [(b"\1", answer.stdout), (b"\2", answer.stderr)]
    return [channel + data for channel, data in written if data] + [b"\3" + json.dumps(status).encode()]
