"""A log over lines that break: it is read anew, and nothing comes twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import ProviderError
from providers.kubernetes.looks.framing import Records
from providers.kubernetes.looks.log import follow
from providers.kubernetes.status_errors import StatusError
from tests.kubernetes.looks.scripts import NONCE, encoded, request


class Line:
    """A transport whose log is given in SERVINGS: each as far as it came before the line broke; the last is whole."""

    def __init__(self, *servings: bytes, status: int = 200) -> None:
        self._servings = list(servings)
        self._status = status

    @asynccontextmanager
    async def stream(
        self, path: str, *, query: Mapping[str, str], timeout_s: float, silence_s: float | None = None
    ) -> AsyncIterator[Serving]:
        assert query["follow"] == "true"
        assert path.endswith("/pods/hubhomes-look-1/log")
        yield Serving(self._servings.pop(0), breaks=bool(self._servings), status=self._status)


class Serving:
    headers: Mapping[str, str] = {}

    def __init__(self, content: bytes, *, breaks: bool, status: int) -> None:
        self._content, self._breaks, self.status = content, breaks, status

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), 3):
            yield self._content[start : start + 3]
        if self._breaks:
            raise ProviderError("unreachable", "the connection ended in the middle of the answer")


async def nothing(seconds: float) -> None:
    """A sleep that does not wait."""


async def followed(line: Line) -> bytes:
    pieces = follow(line, request(), "hubhomes-look-1", sleep=nothing)  # type: ignore[arg-type]
    return b"".join([piece async for piece in pieces])


async def test_what_was_seen_before_the_line_broke_is_left_out_afterwards() -> None:
    log = b"abcdefghijklmnop"
    assert await followed(Line(log[:4], log[:11], log[:7], log)) == log


async def test_a_line_that_breaks_again_and_again_is_an_error() -> None:
    with pytest.raises(ProviderError, match="in the middle"):
        await followed(Line(*[b"abc"] * 9))


async def test_a_log_that_may_not_be_read_is_an_error_at_once() -> None:
    with pytest.raises(StatusError, match="get pods/log"):
        await followed(Line(b'{"message": "no", "reason": "Forbidden"}', status=403))


@given(lost=st.integers(0, 1 << 30), pieces=st.integers(1, 500))
def test_a_line_that_is_lost_is_noticed_and_other_parts_are_read(lost: int, pieces: int) -> None:
    """What kubelets do where they rotate a log that is being followed."""
    parts = [[b"in %d %d" % (part, number * number) for number in range(60)] for part in range(3)]
    lines = [line for part in parts for line in encoded(*part).splitlines(keepends=True)]
    place = lost % len(lines)
    assert len(lines) > 9
    log = b"".join(lines[:place] + lines[place + 1 :])
    records = Records(NONCE)
    read = [body for start in range(0, len(log), pieces) for body in records.feed(log[start : start + pieces])]
    read += records.finish()
    last = place == len(lines) - 1
    hurt = place * len(parts) // len(lines)
    assert records.damaged or last
    for number, part in enumerate(parts):
        if number not in (hurt, hurt + 1):
            assert [body for body in read if body in part] == part


def test_lines_that_are_no_record_are_kept_as_words() -> None:
    records = Records(NONCE)
    bodies = records.feed(b"sh: base64: not found\x1b[31m\n" + encoded(b"begin 1 quoted", b"end")) + records.finish()
    assert bodies == [b"begin 1 quoted", b"end"]
    assert records.words == ("sh: base64: not found\\x1b[31m",)
