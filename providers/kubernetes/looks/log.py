"""A helper pod's log as it is written, over lines that break."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from providers.errors import ProviderError
from providers.kubernetes.looks.pod import CONTAINER
from providers.kubernetes.looks.protocol import LookRequest
from providers.kubernetes.looks.waiting import Sleep
from providers.kubernetes.protocol import Response, Transport
from providers.kubernetes.status_errors import status_error

_TIMEOUT_S = 10.0
_BREAKS = 4
_PAUSE_S = 0.5


async def follow(transport: Transport, request: LookRequest, name: str, *, sleep: Sleep) -> AsyncGenerator[bytes, None]:
    """The log's bytes until the container ends.

    Where the line breaks, the log is read anew and what was seen already is left out: the log does not change.
    Raises ProviderError when it breaks again and again.
    """
    path = f"/api/v1/namespaces/{request.namespace}/pods/{name}/log"
    query = {"container": CONTAINER, "follow": "true"}
    seen = breaks = 0
    while True:
        skip = seen
        try:
            async with transport.stream(path, query=query, timeout_s=_TIMEOUT_S) as stream:
                if stream.status != 200:
                    body = b"".join([piece async for piece in stream])
                    response = Response(status=stream.status, body=body, headers=stream.headers)
                    raise status_error(response, f"get pods/log of {name} in namespace {request.namespace}")
                async for piece in stream:
                    fresh = piece[skip:]
                    skip = max(skip - len(piece), 0)
                    seen += len(fresh)
                    if fresh:
                        yield fresh
                return
        except ProviderError as error:
            breaks += 1
            if breaks > _BREAKS or error.kind in ("forbidden", "unauthorized", "no_context", "tls"):
                raise
        await sleep(_PAUSE_S)
