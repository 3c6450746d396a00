"""Commands in containers: standard input, output and error apart, byte for byte, and the exit code.

Hanging up does not end a command: containerd leaves it running, whether it reads, writes or has a terminal. What has to
end with its caller runs as `commands.watched` says, with its standard input open, or in a pod that is deleted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Literal

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.protocol import Frames, Transport
from providers.kubernetes.redact import redacted

Channel = Literal["stdout", "stderr"]

_STDIN, _ERROR, _RESIZE, _CLOSE = 0, 3, 4, 255
_OUTPUTS: dict[int, Channel] = {1: "stdout", 2: "stderr"}
_PIECE_BYTES = 32 * 1024


class CommandResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a command ended, and all that it wrote."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class _Cause(msgspec.Struct, frozen=True):
    reason: str = ""
    message: str = ""


class _Details(msgspec.Struct, frozen=True):
    causes: tuple[_Cause, ...] = ()


class _Status(msgspec.Struct, frozen=True):
    status: str = ""
    message: str = ""
    reason: str = ""
    details: _Details = _Details()


class Command:
    """A command that runs. Iterating gives what it writes, as it comes; `exit_code` is there when that has ended."""

    def __init__(self, frames: Frames, what: str) -> None:
        self._frames = frames
        self._what = what
        self.exit_code: int | None = None

    async def __aiter__(self) -> AsyncIterator[tuple[Channel, bytes]]:
        """Raises ProviderError when the line breaks, and when the command could not be started."""
        while (frame := await self._frames.receive()) is not None:
            channel, data = frame[:1], frame[1:]
            if channel and channel[0] == _ERROR:
                self.exit_code = self._exit_code(data)
                return
            if data and channel[0] in _OUTPUTS:
                yield _OUTPUTS[channel[0]], data
        raise ProviderError("unreachable", f"{self._what}: the connection ended before it did", next_step="try again")

    async def write(self, data: bytes) -> None:
        """Gives DATA to its standard input."""
        for start in range(0, len(data), _PIECE_BYTES):
            await self._frames.send(bytes([_STDIN]) + data[start : start + _PIECE_BYTES])

    async def end_input(self) -> None:
        """Says that nothing more comes. Raises ProviderError where the API server is too old to be told."""
        self.check_input_can_end()
        await self._frames.send(bytes([_CLOSE, _STDIN]))

    def check_input_can_end(self) -> None:
        """Raises ProviderError where `end_input` would."""
        if not self._frames.subprotocol.startswith("v5"):
            cause = "the API server is older than 1.30 and cannot end a command's standard input"
            raise ProviderError("internal", f"{self._what}: {cause}", next_step="use a newer API server")

    async def resize(self, columns: int, rows: int) -> None:
        """Tells its terminal's size."""
        await self._frames.send(bytes([_RESIZE]) + msgspec.json.encode({"Width": columns, "Height": rows}))

    def _exit_code(self, data: bytes) -> int:
        try:
            status = msgspec.json.decode(data, type=_Status)
        except (msgspec.DecodeError, UnicodeDecodeError):
            status = _Status(message="the API server does not say how it ended")
        if status.status == "Success":
            return 0
        for cause in status.details.causes:
            if status.reason == "NonZeroExitCode" and cause.reason == "ExitCode" and cause.message.isdecimal():
                return int(cause.message)
        step = "look at the pod: kubectl describe pod"
        raise ProviderError("internal", f"{self._what}: {redacted(status.message)}", next_step=step)


@asynccontextmanager
async def running(
    transport: Transport,
    namespace: str,
    pod: str,
    *,
    container: str,
    command: Sequence[str],
    stdin: bool = False,
    tty: bool = False,
    timeout_s: float,
) -> AsyncIterator[Command]:
    """COMMAND in a container; leaving hangs up, which ends it only where it is `watched` and STDIN is open.

    It must have begun within TIMEOUT_S. Raises ProviderError.
    """
    what = f"{command[0]} in container {container} of pod {pod} in namespace {namespace}"
    async with transport.exec(
        namespace, pod, container=container, command=command, stdin=stdin, tty=tty, timeout_s=timeout_s
    ) as frames:
        yield Command(frames, what)


async def run(
    transport: Transport,
    namespace: str,
    pod: str,
    *,
    container: str,
    command: Sequence[str],
    stdin: bytes | None = None,
    timeout_s: float = 10.0,
    deadline_s: float,
    limit_bytes: int = 16 * 2**20,
) -> CommandResult:
    """Runs COMMAND to its end, with STDIN where it reads; any exit code is a result.

    Raises ProviderError: timeout when it has not ended within DEADLINE_S, internal when it writes more than
    LIMIT_BYTES or cannot be started.
    """
    written: dict[Channel, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
    what = f"{command[0]} in container {container} of pod {pod} in namespace {namespace}"
    opened = running(
        transport,
        namespace,
        pod,
        container=container,
        command=command,
        stdin=stdin is not None,
        timeout_s=timeout_s,
    )
    try:
        async with asyncio.timeout(deadline_s), opened as started:
            if stdin is not None:
                started.check_input_can_end()
            feeding = asyncio.create_task(_feed(started, stdin)) if stdin is not None else None
            try:
                async for channel, data in started:
                    written[channel] += data
                    if len(written["stdout"]) + len(written["stderr"]) > limit_bytes:
                        raise ProviderError("internal", f"{what}: it writes more than {limit_bytes} bytes")
            finally:
                if feeding is not None:
                    feeding.cancel()
                    # A command may end without reading all that it is given.
                    await asyncio.gather(feeding, return_exceptions=True)
    except TimeoutError as error:
        step = "try again; it may still run in its container"
        raise ProviderError("timeout", f"{what}: it has not ended within {deadline_s:g} s", next_step=step) from error
    assert started.exit_code is not None  # noqa: S101 - the loop ends with it, or raises
    return CommandResult(exit_code=started.exit_code, stdout=bytes(written["stdout"]), stderr=bytes(written["stderr"]))


async def _feed(command: Command, data: bytes) -> None:
    await command.write(data)
    await command.end_input()
