"""Names of homes: raw bytes made fit to show, and whose home a directory is by KubeSpawner's ways to escape users.

KubeSpawner has two. The older writes what is not a-z or 0-9 as "-" and the hex of each byte of UTF-8, and can be read
back. The newer ("safe") leaves a valid name as it is and gives all others a hash, which only a guess can be held
against.
"""

from __future__ import annotations

import hashlib
import re

_HEX = re.compile(rb"-([0-9a-f]{2})")
_SHOWN_ESCAPE = re.compile(r"\\(?:\\|x([0-9a-f]{2}))")
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_LIKELY = _SAFE | frozenset("-_.@+")
_OBJECT_NAME = re.compile(r"[a-z]([a-z0-9\-]{0,61}[a-z0-9])?\Z")
_HASHED = re.compile(rb"---[0-9a-f]{8}\Z")
_TRASH = re.compile(rb"_trash(?:\.[0-9]+)?-")
_HASH_LENGTH, _SLUG_LENGTH = 8, 32
NOT_HOMES = frozenset({b"lost+found"})


def shown(name: bytes) -> str:
    """NAME as printable text: what is none, and a backslash, is escaped. Different names are shown differently."""
    try:
        text = name.decode()
        if text.isprintable() and "\\" not in text:
            return text
    except UnicodeDecodeError:
        text = name.decode(errors="surrogateescape")
    return "".join(_escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    if letter == "\\":
        return "\\\\"
    if letter.isprintable():
        return letter
    if "\udc80" <= letter <= "\udcff":
        return f"\\x{ord(letter) - 0xDC00:02x}"
    return "".join(f"\\x{byte:02x}" for byte in letter.encode())


def raw(text: str) -> bytes:
    """The bytes of a name that was typed, or is written as `shown` writes it: what it escapes stands for itself."""
    pieces: list[bytes] = []
    end = 0
    for found in _SHOWN_ESCAPE.finditer(text):
        pieces.append(text[end : found.start()].encode(errors="surrogateescape"))
        pieces.append(bytes([int(found[1], 16)]) if found[1] else b"\\")
        end = found.end()
    return b"".join(pieces) + text[end:].encode(errors="surrogateescape")


def is_home(name: bytes) -> bool:
    """Whether an entry of this name is somebody's: "_shared", ".projects" and their like are not."""
    return not name.startswith((b"_", b".")) and name not in NOT_HOMES


def is_trash(name: bytes) -> bool:
    """Whether an entry of this name is a folder that holds a retired home."""
    return _TRASH.match(name) is not None


def unescaped(name: bytes) -> str:
    """The user whose home NAME is, where the older escape can be read back; else NAME as shown."""
    if b"-" not in name or _HASHED.search(name) or b"--" in name:
        return shown(name)
    try:
        user = _HEX.sub(lambda found: bytes([int(found[1], 16)]), name).decode()
    except UnicodeDecodeError:
        return shown(name)
    # A name that the newer way left as it is may look escaped ("user-42"): only what users are called is read back.
    likely = user.isprintable() and not user.endswith("@") and all(one in _LIKELY or one > "\x7f" for one in user)
    return user if likely and escaped(user).encode() == name else shown(name)


def escaped(user: str) -> str:
    """USER by KubeSpawner's older escape."""
    return "".join(
        letter if letter in _SAFE else "".join(f"-{byte:02x}" for byte in letter.encode(errors="surrogateescape"))
        for letter in user
    )


def slug(user: str) -> str:
    """USER by KubeSpawner's newer, safe form."""
    if "--" not in user and _OBJECT_NAME.match(user):
        return user
    digest = hashlib.sha256(user.encode(errors="surrogateescape")).hexdigest()[:_HASH_LENGTH]
    room = _SLUG_LENGTH - _HASH_LENGTH - 3
    plain = re.sub(r"[^a-z0-9]+", "-", user.lower()).lstrip("-")[:room].rstrip("-")
    if plain and not "a" <= plain[0] <= "z":
        plain = "x-" + plain[: room - 2]
    return f"{plain or 'x'}---{digest}"


def may_be_called(user: str) -> frozenset[bytes]:
    """Every name that the home of USER may have; USER may be given escaped, too."""
    names = (user, escaped(user), escaped(user.lower()), slug(user), slug(user.lower()))
    return frozenset(name.encode(errors="surrogateescape") for name in names)
