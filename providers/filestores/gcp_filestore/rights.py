"""Which rights Google says that we have in a project. The question itself needs none; who has a right only under a
condition on the instance's name is not told to have it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from providers.filestores.gcp_filestore.connection import IN_CLEAR, session
from providers.filestores.gcp_filestore.endpoints import Endpoints
from providers.filestores.gcp_filestore.errors import translated
from providers.filestores.gcp_filestore.http_answers import answer_of

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

METHOD = "/google.cloud.resourcemanager.v3.Projects/TestIamPermissions"


class _Answer(msgspec.Struct):
    permissions: tuple[str, ...] = ()


def given(
    endpoints: Endpoints, credentials: Credentials, project: str, rights: Sequence[str], *, timeout_s: float
) -> frozenset[str]:
    """Those of RIGHTS that we have in PROJECT. Blocks. Raises ProviderError."""
    with translated(f"ask Google which rights we have in project {project}", project=project):
        if endpoints.filestore and endpoints.transport == "grpc":
            return _over_grpc(endpoints.filestore, project, rights, timeout_s)
        return _over_http(endpoints.resource_manager, credentials, project, rights, timeout_s)


def _over_http(
    address: str, credentials: Credentials, project: str, rights: Sequence[str], timeout_s: float
) -> frozenset[str]:
    ends = time.monotonic() + timeout_s
    url = f"{address}/v3/projects/{quote(project, safe=':')}:testIamPermissions"
    asked = {"permissions": list(rights)}
    with (
        session(credentials) as opened,
        opened.post(url, json=asked, timeout=timeout_s, stream=True, allow_redirects=False) as response,
    ):
        return frozenset(msgspec.json.decode(answer_of(response, ends=ends), type=_Answer).permissions)


def _over_grpc(address: str, project: str, rights: Sequence[str], timeout_s: float) -> frozenset[str]:
    """Of an emulator. Google's package of these messages is not among those that Filestore's own brings: theirs are a
    text and texts, as they stand on the wire."""
    import grpc
    from google.api_core.exceptions import from_grpc_error
    from google.protobuf.field_mask_pb2 import FieldMask

    with grpc.insecure_channel(address, options=IN_CLEAR) as channel:
        read: Callable[[bytes], FieldMask] = FieldMask.FromString
        ask = channel.unary_unary(METHOD, request_serializer=_request, response_deserializer=read)
        try:
            answer = ask((f"projects/{project}", *rights), timeout=timeout_s)
        except grpc.RpcError as error:
            raise from_grpc_error(error) from error  # type: ignore[no-untyped-call]
        return frozenset(answer.paths)


def _request(texts: Iterable[str]) -> bytes:
    """Field 1: what it is about; field 2, again and again: each right."""
    resource, *rights = (text.encode() for text in texts)
    return _field(1, resource) + b"".join(_field(2, right) for right in rights)


def _field(number: int, text: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _length(len(text)) + text


def _length(size: int) -> bytes:
    return bytes([size]) if size < 128 else bytes([size & 127 | 128]) + _length(size >> 7)
