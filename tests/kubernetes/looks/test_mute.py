"""A server that is silent behind a mount which is there: an answer after a while, and the export is asked then."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from providers.kubernetes.looks.framing import BEAT
from providers.kubernetes.looks.look import looked
from providers.kubernetes.looks.protocol import Entry
from providers.kubernetes.protocol import Response
from tests.kubernetes.looks.scripts import encoded, request

BEGUN, HUB = b"begin 1 plain", b"hub 41ed 1000 1000 1790000000 4096 ./prod"
SPACE = b"space 1048576 1024 512 512 100 50"


class Pods:
    """A transport on which each pod runs at once. `logs` is what each of them says, in turn, before it is silent."""

    def __init__(self, *logs: tuple[bytes, ...]) -> None:
        self._logs = list(logs)
        self.mounted: list[str] = []
        self.removed = 0
        self.answers_until_log = False

    async def request(self, method: str, path: str, *, body: bytes = b"", **_: object) -> Response:
        running = {"metadata": {"name": "p"}, "status": {"phase": "Running", "containerStatuses": [
            {"name": "look", "state": {"running": {}}}]}}  # fmt: skip
        if method == "POST":
            (volume,) = json.loads(body)["spec"]["volumes"]
            self.mounted += sorted(set(volume) - {"name"})
        self.removed += method == "DELETE"
        if self.answers_until_log and not self._logs:
            return Response(status=404, body=b"{}", headers={})
        return Response(status=200, body=json.dumps(running).encode(), headers={})

    @asynccontextmanager
    async def stream(self, path: str, **_: object) -> AsyncIterator[Log]:
        yield Log(self._logs.pop(0))


class Log:
    status, headers = 200, Mapping[str, str]

    def __init__(self, bodies: tuple[bytes, ...]) -> None:
        self._bodies = bodies

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for body in self._bodies:
            yield BEAT + b"\n" if body == BEAT else encoded(body)
        if b"end" not in self._bodies:
            await asyncio.Event().wait()


ASKED = request(server="10.2.0.2", base_path="/homes", hub_directory="prod", silence_s=0.05)


@pytest.fixture(autouse=True)
def _one_nonce(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.kubernetes.looks.look.new_nonce", lambda: "0123456789abcdef")


@pytest.mark.parametrize("said", [(), (BEGUN,), (BEGUN, SPACE)], ids=len)
async def test_a_silent_server_is_an_answer_and_the_export_tells_the_rest(said: tuple[bytes, ...]) -> None:
    pods = Pods(said, (BEGUN, HUB, b"listed in", b"end"))
    seen = await looked(pods, ASKED)  # type: ignore[arg-type]
    assert (pods.mounted, pods.removed) == (["persistentVolumeClaim", "nfs"], 2)
    assert isinstance(seen.hub, Entry)
    assert (seen.through, seen.failure) == ("export", None)
    assert seen.claim_failure is not None
    assert (seen.claim_failure.kind, seen.claim_failure.symptom) == ("mount", "hanging")
    assert "it is mounted, and has not answered" in seen.claim_failure.message


async def test_a_server_that_is_silent_at_its_base_path_too_is_asked_no_further() -> None:
    pods = Pods((BEGUN,), ())
    seen = await looked(pods, ASKED)  # type: ignore[arg-type]
    assert (seen.through, seen.hub) == ("claim", None)
    assert seen.failure is not None
    assert seen.failure.symptom == "hanging"
    assert "through the export: 10.2.0.2:/homes: it is mounted, and has not answered" in seen.failure.words


async def test_a_directory_that_takes_long_to_read_is_no_silent_server_where_no_beat_tells() -> None:
    pods = Pods((BEGUN, SPACE, HUB))
    task = asyncio.create_task(looked(pods, ASKED))  # type: ignore[arg-type]
    await asyncio.sleep(4 * ASKED.silence_s)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (pods.mounted, pods.removed) == (["persistentVolumeClaim"], 1)


IN = b"in 41ed 1000 1000 1790000000 4096 ./user-%d"


async def test_a_server_that_falls_silent_midway_is_an_answer_with_what_was_read_until_then() -> None:
    pods = Pods((BEGUN, SPACE, HUB, BEAT, *(IN % number for number in range(3120))))
    seen = await looked(pods, ASKED)  # type: ignore[arg-type]
    assert seen.failure is not None
    assert (seen.failure.kind, seen.failure.symptom) == ("mount", "hanging")
    assert "the share stopped answering at 3,120 homes" in seen.failure.message
    assert (len(seen.entries or ()), seen.complete) == (3120, False)
    assert (pods.mounted, pods.removed) == (["persistentVolumeClaim"], 1)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ((IN % 1, b"listed in"), "at what is in 1 home 0 s ago"),
        ((IN % 1, b"listed in", b"sizing an\na"), r"at the size of an\na 0 s ago"),
        ((), "the share stopped answering 0 s ago"),
    ],
)
async def test_where_it_fell_silent_is_told(said: tuple[bytes, ...], words: str) -> None:
    seen = await looked(Pods((BEGUN, HUB, BEAT, *said)), ASKED)  # type: ignore[arg-type]
    assert seen.failure is not None
    assert words in seen.failure.message


async def test_a_log_that_falls_silent_with_its_pod_says_nothing_of_the_share() -> None:
    pods = Pods((BEGUN, HUB, BEAT, IN % 1))
    pods.answers_until_log = True
    seen = await looked(pods, ASKED)  # type: ignore[arg-type]
    assert seen.failure is not None
    assert (seen.failure.kind, seen.failure.message) == ("ended", "the helper pod was removed by somebody else")
    assert len(seen.entries or ()) == 1
