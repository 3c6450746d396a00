"""Answers of Google's APIs over HTTP, read within a time and a size."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from requests import Response

_MAX_BYTES = 32 * 1024 * 1024


def answer_of(response: Response, *, ends: float) -> bytes:
    """The body of a RESPONSE that is streamed, read until ENDS by the monotonic clock. Raises Google's own error where
    it is one."""
    from google.api_core.exceptions import format_http_response_error

    body = b"".join(_chunks(response, ends))
    if response.status_code != 200:
        method, what = response.request.method or "", response.url.partition("?")[0].rpartition("/")[2]
        raise format_http_response_error(response, method, what, _error_in(body))
    return body


def _chunks(response: Response, ends: float) -> Iterator[bytes]:
    """The body, read so that one which comes in drops ends in time."""
    from requests.exceptions import ContentDecodingError, ReadTimeout

    size = 0
    for chunk in response.iter_content(65536):
        size += len(chunk)
        if size > _MAX_BYTES:
            raise ContentDecodingError("the answer is too long")
        if time.monotonic() > ends:
            raise ReadTimeout("the answer came too slowly")
        yield chunk


def _error_in(body: bytes) -> dict[str, Any]:
    """Google's own error in an answer's body; else its words, as a proxy may have written them."""
    try:
        payload = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        payload = None
    if isinstance(payload, dict) and isinstance(payload.get("error"), dict):
        return payload
    return {"error": {"message": body[:300].decode("utf-8", "replace")}}
