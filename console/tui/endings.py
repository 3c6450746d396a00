"""What ends a console from outside: a signal, or a terminal that goes, as when an ssh connection breaks."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Leave = Callable[[int], None]

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class Endings:
    """Calls LEAVE with the number of the signal that ended the console; SIGHUP where its terminal has gone.

    A terminal that goes does not always send SIGHUP to those who draw on it: a wrapper may keep it to itself. Nobody
    could leave such a console any more, and its reading of keys would turn in circles.
    """

    def __init__(self, leave: Leave) -> None:
        self._leave = leave
        self._gone: select.epoll | None = None

    def watch(self) -> None:
        """From now on, in the running loop."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._ended, number)
        terminal = _terminal()
        if terminal is not None and hasattr(select, "epoll"):
            self._gone = select.epoll()
            self._gone.register(terminal, 0)  # a hang-up is told to who asks for nothing
            loop.add_reader(self._gone.fileno(), self._hung_up)

    @contextmanager
    def instead(self, leave: Leave) -> Iterator[None]:
        """Meanwhile LEAVE is called."""
        usual, self._leave = self._leave, leave
        try:
            yield
        finally:
            self._leave = usual

    def _ended(self, number: int) -> None:
        if self._gone is not None and self._gone.poll(0):
            self._hung_up()
        else:
            self._leave(number)

    def _hung_up(self) -> None:
        self._stop_listening()
        _write_nowhere()
        self._leave(signal.SIGHUP)

    def _stop_listening(self) -> None:
        if self._gone is not None:
            asyncio.get_running_loop().remove_reader(self._gone.fileno())
            self._gone.close()
            self._gone = None


def _terminal() -> int | None:
    """The descriptor that keys are read from; None where it is no terminal."""
    with suppress(OSError, ValueError):
        if sys.__stdin__ is not None and os.isatty(sys.__stdin__.fileno()):
            return sys.__stdin__.fileno()
    return None


def _write_nowhere() -> None:
    """A write to a terminal that has gone fails, and Textual's writer would wait for room for ever."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.__stdout__, sys.__stderr__):
        with suppress(OSError, ValueError):
            if stream is not None and os.isatty(stream.fileno()):
                os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
