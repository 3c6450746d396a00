"""A share whose server is slow: a file system of the kernel's FUSE that answers each question for a name late.

    python slow_share.py FOLDER MILLISECONDS NAME...

Mounts it at FOLDER, with an empty directory of each NAME, all of 1000:1000, and returns; a process stays behind that
answers until it is killed. It holds what a look asks for, and nothing can be written. Needs root and Linux, no library.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
import sys
import time
from pathlib import Path

_DEVICE, _NUMBER = Path("/dev/fuse"), os.makedev(10, 229)
_LOOKUP, _FORGET, _GETATTR, _STATFS, _INIT, _OPENDIR, _READDIR, _RELEASEDIR = 1, 2, 3, 17, 26, 27, 28, 29
_INTERRUPT, _BATCH_FORGET = 36, 42
_SILENT = (_FORGET, _INTERRUPT, _BATCH_FORGET)
_HEADER, _ANSWER = struct.Struct("<IIQQ16x"), struct.Struct("<IiQ")
_READ_ONLY, _REQUEST_BYTES, _OWNER, _ROOT, _VALID_S = 1, 1 << 17, 1000, 1, 3600
_ENDLESS = 1 << 51
"""Blocks, as many as EFS says: nothing then follows from how full it is."""
_MINOR = 23
"""Of the protocol 7: the first whose answer to the kernel's greeting is as long as today's."""


class SlowShare:
    """The answers. NAMES are the directories, by their node's number from 2 on."""

    def __init__(self, names: list[bytes], late_s: float) -> None:
        self._names, self._late_s = names, late_s
        self._made_at = int(time.time())

    def answer(self, opcode: int, node: int, body: bytes) -> bytes | int:
        """The answer's body, or the number of an error."""
        if opcode == _INIT:
            return struct.pack("<IIIIHHII36x", 7, _MINOR, 1 << 16, 0, 12, 9, 1 << 16, 1)
        if opcode == _LOOKUP:
            return self._looked_up(body.rstrip(b"\0"))
        if opcode == _GETATTR:
            return struct.pack("<QII", _VALID_S, 0, 0) + self._attributes(node)
        if opcode == _STATFS:
            return struct.pack("<QQQQQIIII24x", *[_ENDLESS] * 3, 0, 0, 4096, 255, 4096, 0)
        if opcode == _OPENDIR:
            return bytes(16)
        if opcode == _READDIR:
            return self._listed(node, *struct.unpack_from("<QI", body, 8))
        return b"" if opcode == _RELEASEDIR else errno.ENOSYS

    def _looked_up(self, name: bytes) -> bytes | int:
        time.sleep(self._late_s)
        if name not in self._names:
            return errno.ENOENT
        node = self._names.index(name) + _ROOT + 1
        return struct.pack("<QQQQII", node, 0, _VALID_S, _VALID_S, 0, 0) + self._attributes(node)

    def _attributes(self, node: int) -> bytes:
        at = self._made_at
        numbers = (0, 0, 0, stat.S_IFDIR | 0o755, 2, _OWNER, _OWNER, 0, 4096, 0)
        return struct.pack("<QQQQQQ10I", node, 4096, 8, at, at, at, *numbers)

    def _listed(self, node: int, offset: int, size: int) -> bytes:
        listed = b""
        for number, name in enumerate(self._names[offset:] if node == _ROOT else (), start=offset + 1):
            entry = struct.pack("<QQII", number + _ROOT, number, len(name), stat.S_IFDIR >> 12) + name
            entry += bytes(-len(entry) % 8)
            if len(listed) + len(entry) > size:
                break
            listed += entry
        return listed


def mounted(folder: str) -> int:
    """Mounts a file system there whose questions come from the descriptor that is given."""
    if not _DEVICE.exists():
        os.mknod(_DEVICE, stat.S_IFCHR | 0o600, _NUMBER)
    questions = os.open(_DEVICE, os.O_RDWR)
    options = f"fd={questions},rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"slow", os.fsencode(folder), b"fuse", _READ_ONLY, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"fuse cannot be mounted at {folder}")
    return questions


def serve(questions: int, share: SlowShare) -> None:
    """Answers one question after the other, until the file system is gone."""
    while True:
        try:
            question = os.read(questions, _REQUEST_BYTES)
        except InterruptedError:
            continue
        except OSError:
            return
        _, opcode, unique, node = _HEADER.unpack_from(question)
        if opcode in _SILENT:
            continue
        answer = share.answer(opcode, node, question[_HEADER.size :])
        error, body = (-answer, b"") if isinstance(answer, int) else (0, answer)
        os.write(questions, _ANSWER.pack(_ANSWER.size + len(body), error, unique) + body)


def main(folder: str, milliseconds: str, *names: str) -> None:
    questions = mounted(folder)
    if os.fork():
        return
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    serve(questions, SlowShare([name.encode() for name in names], int(milliseconds) / 1000))


if __name__ == "__main__":
    main(*sys.argv[1:])
