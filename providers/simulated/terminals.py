"""A shell of a few commands over the demo's shares: enough to see what opening one is like."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Callable

from providers.simulated.directories import Place
from providers.simulated.pods import ExecRequest

MOUNTED_AT = "/homes"
_HELP = "the demo's shell knows: ls [-l], cd, pwd, id, touch, help, exit\r\n"
_STDIN, _RESIZE = 0, 4
_KINDS = {"directory": "d", "file": "-", "link": "l"}


class DemoTerminal:
    """The Frames of one shell with a terminal: echoes what is typed, and answers each line. ROOT is what is mounted."""

    subprotocol = "v5.channel.k8s.io"

    def __init__(self, request: ExecRequest, root: Callable[[], Place | None], *, writable: bool) -> None:
        self._prompt = f"[{request.namespace} {'writable' if writable else 'read-only'}, demo] "
        self._root = root
        self._writable = writable
        self._below: tuple[bytes, ...] = ()
        self._typed = bytearray()
        self._frames: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._say(_HELP)
        self._ask()

    async def receive(self) -> bytes | None:
        return await self._frames.get()

    async def send(self, frame: bytes) -> None:
        if frame[:1] == bytes([_STDIN]):
            for key in frame[1:]:
                self._key(key)

    def _key(self, key: int) -> None:
        if key in (0x0D, 0x0A):
            line = bytes(self._typed).decode(errors="replace")
            self._typed.clear()
            self._say("\r\n")
            self._line(line)
        elif key == 0x03:
            self._typed.clear()
            self._say("^C\r\n")
            self._ask()
        elif key == 0x04 and not self._typed:
            self._end(0)
        elif key in (0x08, 0x7F):
            if self._typed:
                self._typed.pop()
                self._say("\b \b")
        elif key >= 0x20:
            self._typed.append(key)
            self._out(bytes([key]))

    def _line(self, line: str) -> None:
        try:
            words = shlex.split(line)
        except ValueError:
            words = ["sh:"]
        if words[:1] == ["exit"]:
            self._end(int(words[1]) & 0xFF if len(words) > 1 and words[1].isdecimal() else 0)
            return
        answers: dict[str, Callable[[list[str]], str]] = {
            "ls": self._ls, "cd": self._cd, "pwd": lambda _: self._where(), "touch": self._touch, "help": lambda _: "",
            "id": lambda _: "uid=0(root) gid=0(root)",
        }  # fmt: skip
        if words:
            answer = answers.get(words[0])
            text = answer(words[1:]) if answer else f"sh: {words[0]}: not found"
            self._say(_HELP if words[0] == "help" else "".join(f"{row}\r\n" for row in text.splitlines()))
        self._ask()

    def _place(self, below: tuple[bytes, ...]) -> Place | None:
        place = self._root()
        for name in below:
            place = place.inside.get(name) if place is not None else None
        return place

    def _ls(self, words: list[str]) -> str:
        here = self._place(self._below)
        if here is None:
            return "ls: .: No such file or directory"
        names = sorted(here.inside)
        if words[:1] != ["-l"]:
            return "\n".join(map(_shown, names))
        return "\n".join(_long(name, here.inside[name]) for name in names)

    def _cd(self, words: list[str]) -> str:
        below = list(self._below)
        for part in (words[0] if words else MOUNTED_AT).removeprefix(MOUNTED_AT).split("/"):
            if part == "..":
                below = below[:-1]
            elif part not in ("", "."):
                below.append(part.encode())
        if not words or words[0].startswith("/"):
            below = below[len(self._below) :]
        place = self._place(tuple(below))
        if place is None or place.kind != "directory":
            return f"sh: cd: can't cd to {words[0]}: No such file or directory"
        self._below = tuple(below)
        return ""

    def _touch(self, words: list[str]) -> str:
        if self._writable:
            return "touch: the demo's files stay as they are"
        return f"touch: {words[0] if words else '.'}: Read-only file system"

    def _where(self) -> str:
        return "/".join((MOUNTED_AT, *map(_shown, self._below)))

    def _ask(self) -> None:
        self._say(f"{self._prompt}{self._where()} # ")

    def _say(self, text: str) -> None:
        self._out(text.encode())

    def _out(self, data: bytes) -> None:
        if data:
            self._frames.put_nowait(b"\x01" + data)

    def _end(self, code: int) -> None:
        status: dict[str, object] = {"metadata": {}, "status": "Success"}
        if code:
            causes = [{"reason": "ExitCode", "message": str(code)}]
            status = {"metadata": {}, "status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": causes}}
        self._frames.put_nowait(b"\x03" + json.dumps(status).encode())
        self._frames.put_nowait(None)


def _long(name: bytes, place: Place) -> str:
    mode = "".join(letter if place.mode >> (8 - bit) & 1 else "-" for bit, letter in enumerate("rwxrwxrwx"))
    target = f" -> {_shown(place.target)}" if place.kind == "link" else ""
    return (
        f"{_KINDS[place.kind]}{mode} {place.uid:>5} {place.gid:>5} {place.modified_at:%Y-%m-%d %H:%M} "
        f"{_shown(name)}{target}"
    )


def _shown(name: bytes) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name.decode(errors="replace"))
