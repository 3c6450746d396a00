"""A terminal and a command in a container, joined: keys go there, what it writes comes back, until either ends.

The terminal's size is asked for again and again: a handler of SIGWINCH would take that of the screens, which step aside
while a shell runs.
"""

from __future__ import annotations

import asyncio
import os
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from providers.errors import ProviderError

if TYPE_CHECKING:
    from providers.kubernetes.exec import Command

_PIECE_BYTES = 16 * 1024
_SIZE_EVERY_S = 0.2
_LAST_WORDS_S = 1.0
_ALIVE_EVERY = 150
"""After how many questions for its size that is told again unchanged: balancers drop what is silent for minutes."""


class Terminal(Protocol):
    """What a person sits in front of."""

    @property
    def kind(self) -> str:
        """As TERM has it."""
        ...

    def tell(self, line: str) -> None:
        """A line from us, while no shell runs."""
        ...

    def taken(self) -> AbstractContextManager[Wire]:
        """The terminal for the shell alone, bytes going in and out as they are, until it is given back."""
        ...


class Wire(Protocol):
    """The two ways of a terminal that is taken."""

    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        ...

    async def read(self) -> bytes:
        """What was typed; b"" when the terminal has gone."""
        ...

    async def write(self, data: bytes) -> None:
        """Raises OSError when the terminal has gone."""
        ...


class SessionEnd(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended. `exit_code` is the shell's; None where it did not end by itself."""

    why: Literal["exited", "gone", "time"]
    exit_code: int | None = None


async def joined(command: Command, wire: Wire, *, deadline_s: float, gone: asyncio.Event) -> SessionEnd:
    """Carries between COMMAND and WIRE until the shell exits, the terminal goes (GONE says so, too), or time is up.

    Raises ProviderError where the connection breaks.
    """
    output = asyncio.create_task(_output(command, wire))
    others = [
        asyncio.create_task(_keys(command, wire)),
        asyncio.create_task(_sizes(command, wire)),
        asyncio.create_task(gone.wait()),
    ]
    try:
        done, _ = await asyncio.wait([output, *others], timeout=deadline_s, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            return SessionEnd(why="time")
        if output in done:
            await output
            return SessionEnd(why="exited", exit_code=command.exit_code)
        for task in done:
            await _unless_exited(task, output)
        if output.done():
            return SessionEnd(why="exited", exit_code=command.exit_code)
        return SessionEnd(why="gone")
    except OSError:
        return SessionEnd(why="gone")
    finally:
        for task in (output, *others):
            task.cancel()
        await asyncio.gather(output, *others, return_exceptions=True)


async def _unless_exited(task: asyncio.Task[Any], output: asyncio.Task[None]) -> None:
    """What TASK raises, unless that is because the shell has just ended, as OUTPUT tells in a moment."""
    try:
        await task
    except ProviderError:
        await asyncio.wait([output], timeout=_LAST_WORDS_S)
        if not output.done() or output.exception() is not None:
            raise


async def _output(command: Command, wire: Wire) -> None:
    async for _, data in command:
        await wire.write(data)


async def _keys(command: Command, wire: Wire) -> None:
    while data := await wire.read():
        await command.write(data)


async def _sizes(command: Command, wire: Wire) -> None:
    told, asked = (0, 0), 0
    while True:
        size = wire.size()
        if size != told or asked % _ALIVE_EVERY == 0:
            await command.resize(*size)
            told = size
        asked += 1
        await asyncio.sleep(_SIZE_EVERY_S)


class LocalTerminal:
    """The terminal behind the descriptors SOURCE and SINK. TELL writes lines of ours beside what the shell writes."""

    def __init__(self, *, tell: Callable[[str], None], kind: str, source: int = 0, sink: int = 1) -> None:
        self.kind = kind
        self.tell = tell
        self._source = source
        self._sink = sink

    @contextmanager
    def taken(self) -> Iterator[Wire]:
        """Raw for as long as it is entered; then as it was, whatever happened."""
        before = termios.tcgetattr(self._source)
        try:
            tty.setraw(self._source)
            yield _LocalWire(self._source, self._sink)
        finally:
            # What was typed ahead was meant for the shell.
            with _unless_gone():
                termios.tcsetattr(self._source, termios.TCSAFLUSH, before)


class _LocalWire:
    def __init__(self, source: int, sink: int) -> None:
        self._source = source
        self._sink = sink

    def size(self) -> tuple[int, int]:
        try:
            columns, rows = os.get_terminal_size(self._sink)
        except OSError:
            return 80, 24
        return (columns, rows) if columns and rows else (80, 24)

    async def read(self) -> bytes:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(self._source, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._source)
        try:
            return os.read(self._source, _PIECE_BYTES)
        except OSError:
            return b""

    async def write(self, data: bytes) -> None:
        await asyncio.to_thread(_written, self._sink, data)


@contextmanager
def _unless_gone() -> Iterator[None]:
    """A terminal that has gone needs nothing put back."""
    try:
        yield
    except (OSError, termios.error):
        return


def _written(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
