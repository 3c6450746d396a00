"""The Secret `hub`, down to the mounts that the running hub gives to servers. Nothing else of it is kept.

Its key values.yaml holds the chart's whole values, tens of kB a hub, of which two small subtrees are needed. Helm
writes it in block style, keys at the start of their lines, so the subtrees are cut out as text and only they are
parsed: 300 hubs take tens of milliseconds instead of seconds. Text that is not written so is parsed whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from providers.kubernetes.objects import HubMount, HubValues, Metadata

Key = tuple[str, str, str]
"""Namespace, uid and resourceVersion: the same values as long as none of them changes."""

_WANTED: dict[str, tuple[tuple[str, ...], ...]] = {
    "custom": (("singleuserAdmin",),),
    "singleuser": (("storage",),),
}
_OUTDENTED = re.compile(rb"\n(?=[^\s\-#])")


class SecretContent(msgspec.Struct, frozen=True):
    """The one key that is decoded (from base64); all others are skipped."""

    values: bytes | None = msgspec.field(default=None, name="values.yaml")

    def __repr__(self) -> str:
        return "SecretContent(…)"


class HubSecret(msgspec.Struct, frozen=True):
    """Only while decoding a list: never kept, never shown."""

    metadata: Metadata
    data: SecretContent | None = None


def key_of(secret: HubSecret) -> Key:
    metadata = secret.metadata
    return (metadata.namespace, metadata.uid, metadata.resource_version)


def hub_values(secret: HubSecret, alike: dict[bytes, HubValues] | None = None) -> HubValues:
    """The mounts of one hub. Never raises for what stands in the Secret: `error` says why, without its content.

    ALIKE spares the parsing of subtrees that were seen before, as most hubs of a fleet have the same; it is the
    caller's, for one list, since it holds the text.
    """
    namespace, _, version = key_of(secret)
    content = secret.data.values if secret.data else None
    if content is None:
        return HubValues(namespace=namespace, resource_version=version, error="its Secret has no key values.yaml")
    try:
        found = _read(content, {} if alike is None else alike)
    except _Unreadable as error:
        return HubValues(namespace=namespace, resource_version=version, error=str(error))
    return msgspec.structs.replace(found, namespace=namespace, resource_version=version)


def _found(values: dict[str, Any]) -> HubValues:
    storage = _map(_map(values, "singleuser"), "storage")
    static = _map(storage, "static")
    admin = _map(_map(values, "custom"), "singleuserAdmin")
    return HubValues(
        namespace="",
        storage_type=_text(storage, "type"),
        pvc_name=_text(static, "pvcName"),
        sub_path=_text(static, "subPath"),
        home_mount_path=_text(storage, "homeMountPath"),
        user_mounts=tuple(_mounts(storage.get("extraVolumeMounts"))),
        admin_mounts=tuple(_mounts(admin.get("extraVolumeMounts"))),
    )


class _Unreadable(Exception):
    """The values cannot be parsed; the words hold none of them."""


def _read(content: bytes, alike: dict[bytes, HubValues]) -> HubValues:
    text = _cut(content) or content
    try:
        return alike.get(text) or alike.setdefault(text, _found(_yaml(text)))
    except _Unreadable:
        if text is content:
            raise
    # An alias, for one, stands for something outside the cut.
    return _found(_yaml(content))


def _yaml(content: bytes) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        values = yaml.load(content, Loader=loader)  # noqa: S506  (a safe loader, the fast one)
    except yaml.MarkedYAMLError as error:
        line = f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
        raise _Unreadable(f"its values.yaml is not YAML{line}") from None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError):
        raise _Unreadable("its values.yaml is not YAML") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise _Unreadable("its values.yaml is not a map")
    return values


def _cut(content: bytes) -> bytes | None:
    """The wanted subtrees of block-style CONTENT as text; None where that cannot be told from the text alone."""
    if not re.match(rb"(?:#[^\n]*\n|---[^\n]*\n|\s*\n)*[A-Za-z_]", content) or b"\n..." in content or b"\n?" in content:
        return None
    text = b"\n" + content
    pieces: list[bytes] = []
    for top, inner in _WANTED.items():
        block = _block(text, b"\n" + top.encode() + b":")
        if block is None:
            # Quoted or odd keys would hide the subtree from us.
            if b"\n'" in text or b'\n"' in text:
                return None
            continue
        pieces.append(_inner(block, inner) or block)
    return b"".join(pieces)


def _block(text: bytes, start: bytes) -> bytes | None:
    begin = text.find(start)
    if begin < 0:
        return None
    end = _OUTDENTED.search(text, begin + 1)
    return text[begin : end.start() if end else len(text)]


def _inner(block: bytes, wanted: tuple[tuple[str, ...], ...]) -> bytes | None:
    """BLOCK with only the WANTED keys of its first level; None where its shape is not the plain one."""
    header, _, rest = block[1:].partition(b"\n")
    first = re.match(rb"( +)[A-Za-z0-9_]", rest)
    if first is None or not header.rstrip().endswith(b":"):
        return None
    indent = first.group(1)
    outdented = re.compile(rb"\n" + indent + rb"(?=[^\s\-#])")
    rest = b"\n" + rest
    pieces = [header]
    for (name,) in wanted:
        begin = rest.find(b"\n" + indent + name.encode() + b":")
        if begin < 0:
            if b"\n" + indent + b"'" in rest or b"\n" + indent + b'"' in rest:
                return None
            continue
        end = outdented.search(rest, begin + 1)
        pieces.append(rest[begin : end.start() if end else len(rest)])
    return b"\n" + pieces[0] + b"".join(pieces[1:])


def _map(values: dict[str, Any], key: str) -> dict[str, Any]:
    inner = values.get(key)
    return inner if isinstance(inner, dict) else {}


def _text(values: dict[str, Any], key: str) -> str | None:
    value = values.get(key)
    return None if value is None else str(value)


def _mounts(entries: object) -> Iterable[HubMount]:
    """Both shapes: a map, whose entries go in the order of their keys as the chart mounts them, or a list."""
    if isinstance(entries, dict):
        pairs: list[tuple[str | None, Any]] = sorted((str(key), entry) for key, entry in entries.items() if entry)
    else:
        pairs = [(None, entry) for entry in entries] if isinstance(entries, list) else []
    for key, entry in pairs:
        if isinstance(entry, dict):
            yield HubMount(
                key=key,
                name=_text(entry, "name") or "",
                mount_path=_text(entry, "mountPath") or "",
                sub_path=_text(entry, "subPath") or "",
                read_only=bool(entry.get("readOnly")),
            )
