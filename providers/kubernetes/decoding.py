"""Raw JSON lists into narrow structs, by msgspec: fast where the answer is as documented, patient where not.

A list that does not decode at once (null where a list or a map belongs, one malformed object) is decoded object by
object: nulls are dropped, and an object that still does not fit is named and left out. The rest stands.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")


class ListMetadata(msgspec.Struct, frozen=True):
    """`continue_` is the token of the next page, "" on the last."""

    continue_: str | None = msgspec.field(default=None, name="continue")
    resource_version: str | None = msgspec.field(default=None, name="resourceVersion")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list. `unreadable` names the objects that could not be decoded, as namespace/name."""

    items: tuple[T, ...] | None = ()
    metadata: ListMetadata | None = None
    unreadable: tuple[str, ...] = ()

    @property
    def next_token(self) -> str:
        return (self.metadata.continue_ if self.metadata else None) or ""


class _RawPage(msgspec.Struct, frozen=True):
    items: tuple[msgspec.Raw, ...] | None = ()
    metadata: ListMetadata | None = None
    kind: str | None = None


class _Name(msgspec.Struct, frozen=True):
    name: str = "?"
    namespace: str = ""


class _Named(msgspec.Struct, frozen=True):
    metadata: _Name = _Name()


_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {}


def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return _DECODERS.get(kind) or _DECODERS.setdefault(kind, msgspec.json.Decoder(kind))


def decode_page(body: bytes, kind: type[T]) -> Page[T]:
    """Decodes one page. Raises msgspec.DecodeError or UnicodeDecodeError when BODY is no list at all."""
    try:
        page: Page[T] = _decoder(Page[kind]).decode(body)  # type: ignore[valid-type]
        return page
    except msgspec.ValidationError:
        return _patiently(body, kind)


def decode_object(body: bytes, kind: type[T]) -> T:
    """Decodes one object; nulls count as absent. Raises msgspec.DecodeError or UnicodeDecodeError."""
    try:
        decoded: T = _decoder(kind).decode(body)
        return decoded
    except msgspec.ValidationError:
        return msgspec.convert(without_nulls(msgspec.json.decode(body)), kind)


def without_nulls(value: Any) -> Any:
    """VALUE without the keys and entries that are null, at any depth."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [without_nulls(inner) for inner in value if inner is not None]
    return value


def _patiently(body: bytes, kind: type[T]) -> Page[T]:
    raw = msgspec.json.decode(body, type=_RawPage)
    objects: list[T] = []
    unreadable: list[str] = []
    for item in raw.items or ():
        try:
            objects.append(decode_object(bytes(item), kind))
        except (msgspec.DecodeError, UnicodeDecodeError):
            unreadable.append(_name(bytes(item)))
    return Page(tuple(objects), raw.metadata, tuple(unreadable))


def _name(item: bytes) -> str:
    try:
        metadata = msgspec.json.decode(item, type=_Named).metadata
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "?"
    return f"{metadata.namespace}/{metadata.name}" if metadata.namespace else metadata.name
