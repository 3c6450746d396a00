"""Runs the deploy command of the settings for a hub, and passes on what it writes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shlex
import signal
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from console.actions.protocol import Refused
from providers.errors import ProviderError
from providers.kubernetes.redact import redacted

HINT = "deployer deploy {cluster} {hub}"
_LONGEST_S = 3600.0
_ENDING_S = 10.0
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\Z")


def deploy_words(command: str, cluster: str, hub: str) -> list[str]:
    """The words of COMMAND for one hub; no shell reads them. Raises Refused."""
    if not _NAME.match(cluster) or not _NAME.match(hub):
        raise Refused(f"{cluster}/{hub} is no name to give to a command", next_step="deploy it by hand")
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise Refused(f"deploy.command in the settings is no command: {error}") from error
    return [word.replace("{cluster}", cluster).replace("{hub}", hub) for word in words]


async def deploy(
    words: Sequence[str], *, folder: Path, say: Callable[[str], None], timeout_s: float = _LONGEST_S
) -> None:
    """Runs WORDS in FOLDER until they end, and says each line. Raises ProviderError where they fail or take too long.

    A program that was started is let to its end: half a deploy is worse than one too many. Only when this is broken
    off, or TIMEOUT_S have passed, is it ended, with all that it started.
    """
    said: deque[str] = deque(maxlen=3)

    def told(line: bytes) -> None:
        text = redacted(line.decode(errors="replace"))
        if text:
            said.append(text)
            say(text)

    try:
        # A session of its own: the terminal's interrupt is for us, to stop behind this step.
        process = await asyncio.create_subprocess_exec(
            *words,
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        words_ = f"{words[0]} cannot be started: {error.strerror or error}"
        raise ProviderError("internal", words_, next_step="look at deploy.command in the settings") from error
    try:
        async with asyncio.timeout(timeout_s):
            await _pass_on(process, told)
            code = await process.wait()
    except TimeoutError:
        words_ = f"{words[0]} did not end within {timeout_s:.0f} s"
        raise ProviderError("timeout", words_, next_step="look at the hub's release: helm status") from None
    finally:
        await _end(process)
    if code != 0:
        cause = f": {' / '.join(said)}" if said else ""
        raise ProviderError("internal", f"{words[0]} ended with exit code {code}{cause}", next_step="deploy it by hand")


async def _pass_on(process: asyncio.subprocess.Process, told: Callable[[bytes], None]) -> None:
    assert process.stdout is not None  # noqa: S101 - asked for above
    rest = b""
    while block := await process.stdout.read(65536):
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            told(line)
        rest = rest[-65536:]
    told(rest)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ends what is still there of PROCESS and of what it started."""
    if process.returncode is not None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ENDING_S):
                await process.wait()
                return
