"""Which pods a shell asks for, what the guard lets out of them, and the terminal's side without a cluster."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.actions.shell.terminal import joined
from providers.errors import ProviderError
from providers.kubernetes.exec import Command
from providers.kubernetes.looking import MoreThanLooking, looking_only
from providers.kubernetes.looks.protocol import LookRequest
from providers.kubernetes.shells import ShellRequest, forms, shell_command, shell_pod

CLAIM = LookRequest(namespace="prod", claim="home-nfs", owner="jo@bastion", purpose="shell", deadline_s=900)
EXPORT = LookRequest(
    namespace="prod", through="export", server="10.2.0.2", base_path="/homes", owner="jo", purpose="shell"
)


@pytest.mark.parametrize("mount", [CLAIM, EXPORT])
def test_one_that_only_reads_can_only_look_and_a_writable_one_is_no_look(mount: LookRequest) -> None:
    for form in forms(writable=False):
        pod = shell_pod(ShellRequest(mount=mount, prompt="[prod]"), "hubhomes-shell-1", form)
        sent = msgspec.json.decode(looking_only(msgspec.json.encode(pod)))
        homes = next(one for one in sent["spec"]["containers"][0]["volumeMounts"] if one["name"] == "homes")
        assert homes["readOnly"] is True
        assert sent["spec"]["automountServiceAccountToken"] is False
        assert sent["spec"]["activeDeadlineSeconds"] == mount.deadline_s
    for form in forms(writable=True):
        pod = shell_pod(ShellRequest(mount=mount, writable=True), "hubhomes-shell-1", form)
        with pytest.raises(MoreThanLooking):
            looking_only(msgspec.json.encode(pod))


@given(st.text())
def test_what_kind_of_terminal_it_is_becomes_no_text_of_a_shell(kind: str) -> None:
    program, term, *rest = shell_command(kind)
    assert (program, rest) == ("env", ["sh", "-i"])
    assert term.startswith("TERM=")
    assert all(letter.isalnum() or letter in "+._-" for letter in term.removeprefix("TERM="))


class FakeFrames:
    """What a shell writes, one frame after another; `None` keeps it waiting for ever."""

    subprotocol = "v5.channel.k8s.io"

    def __init__(self, *frames: bytes | None, broken: bool = False) -> None:
        self._frames = list(frames)
        self._broken = broken
        self.sent: list[bytes] = []

    async def receive(self) -> bytes | None:
        frame = self._frames.pop(0) if self._frames else b""
        if frame is None:
            await asyncio.Event().wait()
        return frame or None

    async def send(self, frame: bytes) -> None:
        self.sent.append(frame)
        if self._broken:
            raise ProviderError("unreachable", "the line broke")


class FakeWire:
    def __init__(self, *keys: bytes, gone: bool = False) -> None:
        self._keys = list(keys)
        self._gone = gone
        self.written = b""

    def size(self) -> tuple[int, int]:
        return 132, 50

    async def read(self) -> bytes:
        if not self._keys:
            await asyncio.Event().wait()
        return self._keys.pop(0)

    async def write(self, data: bytes) -> None:
        if self._gone:
            raise OSError(5, "Input/output error")
        self.written += data


def ended(code: int) -> bytes:
    causes = [{"reason": "ExitCode", "message": str(code)}]
    return b"\3" + msgspec.json.encode(
        {"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": causes}}
    )


async def session(frames: FakeFrames, wire: FakeWire, **options: Any) -> Any:
    gone = options.pop("gone", asyncio.Event())
    deadline_s = options.pop("deadline_s", 5.0)
    return await joined(Command(frames, "sh"), wire, deadline_s=deadline_s, gone=gone)


async def test_bytes_go_both_ways_and_the_exit_code_comes_back() -> None:
    frames, wire = FakeFrames(b"\1a\xff", b"\1\0b", ended(3)), FakeWire(b"\x03\xfe")
    end = await session(frames, wire)
    assert (end.why, end.exit_code, wire.written) == ("exited", 3, b"a\xff\0b")


async def test_the_size_is_told_at_once() -> None:
    frames = FakeFrames(None)
    await session(frames, FakeWire(), deadline_s=0.05)
    assert frames.sent[:1] == [b'\4{"Width":132,"Height":50}']


@pytest.mark.parametrize("how", ["end", "told", "output"])
async def test_a_terminal_that_goes_ends_it(how: str) -> None:
    gone = asyncio.Event()
    if how == "told":
        gone.set()
    frames = FakeFrames(b"\1x", None) if how == "output" else FakeFrames(None)
    wire = FakeWire(*[b""] * (how == "end"), gone=how == "output")
    assert (await session(frames, wire, gone=gone)).why == "gone"


async def test_its_time_ends() -> None:
    assert (await session(FakeFrames(None), FakeWire(), deadline_s=0.01)).why == "time"


async def test_a_line_that_breaks_is_said() -> None:
    with pytest.raises(ProviderError, match="the connection ended"):
        await session(FakeFrames(b"\1x"), FakeWire())
    with pytest.raises(ProviderError, match="the line broke"):
        await session(FakeFrames(None, broken=True), FakeWire(b"x"))
