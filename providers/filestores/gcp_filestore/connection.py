"""Credentials by Google's ordinary chain, and clients that carry them. Blocking; imports Google's packages late."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from providers.filestores.gcp_filestore.endpoints import Endpoints
from providers.filestores.gcp_filestore.errors import translated
from providers.filestores.gcp_filestore.quiet import hush
from providers.kubernetes.permission import Permission

if TYPE_CHECKING:
    import grpc
    from google.auth.credentials import Credentials
    from google.auth.transport.requests import AuthorizedSession
    from google.cloud.filestore_v1 import CloudFilestoreManagerClient

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
IN_CLEAR = (
    ("grpc.enable_http_proxy", 0),
    # A server that was down a moment ago is tried at once, not after another channel's backoff.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", -1),
)


def read_credentials(held: Credentials | None, *, anonymous: bool, timeout_s: float) -> Credentials:
    """Credentials with a token that still holds: HELD renewed, else those that the environment has now.

    Renewed here and not by the first call: gRPC calls every failure to renew a broken connection. Raises ProviderError,
    ImportError where Google's packages are missing.
    """
    hush()
    import google.auth

    # The slowest import is made here, once, and not within the time that a list has.
    import google.cloud.filestore_v1
    from google.auth.credentials import AnonymousCredentials
    from google.auth.exceptions import RefreshError
    from google.auth.transport.requests import Request

    if anonymous:
        return AnonymousCredentials()  # type: ignore[no-untyped-call]
    request = partial(Request(), timeout=timeout_s)
    with translated("find Google credentials"):
        if held is not None:
            # A login that has ended may have been made anew since.
            with contextlib.suppress(RefreshError):
                return _renewed(held, request)
        return _renewed(google.auth.default(scopes=[SCOPE])[0], request)


def _renewed(credentials: Credentials, request: Callable[..., object]) -> Credentials:
    if not credentials.valid:
        credentials.refresh(request)  # type: ignore[no-untyped-call]
    return credentials


@contextmanager
def filestore_client(
    endpoints: Endpoints, credentials: Credentials, permission: Permission | None = None
) -> Iterator[CloudFilestoreManagerClient]:
    """A client of the Filestore API, closed at the end. It sends nothing that changes anything but under PERMISSION.

    Raises ProviderError where none can be made.
    """
    hush()
    with translated("open a connection to the Filestore API"):
        client = _client(endpoints, credentials, permission)
    with client:
        yield client


def _client(
    endpoints: Endpoints, credentials: Credentials, permission: Permission | None
) -> CloudFilestoreManagerClient:
    from google.cloud.filestore_v1 import CloudFilestoreManagerClient
    from google.cloud.filestore_v1.services.cloud_filestore_manager.transports import (
        CloudFilestoreManagerGrpcTransport,
        CloudFilestoreManagerRestTransport,
    )

    from providers.filestores.gcp_filestore.guard import rest_guard

    if endpoints.transport == "rest":
        rest = partial(CloudFilestoreManagerRestTransport, interceptor=rest_guard(permission))
        if endpoints.filestore:
            return CloudFilestoreManagerClient(
                transport=rest(host=endpoints.filestore, credentials=credentials, url_scheme="http")
            )
        return CloudFilestoreManagerClient(credentials=credentials, transport=rest)
    channel = partial(_channel, endpoints, permission)
    if endpoints.filestore:
        return CloudFilestoreManagerClient(transport=CloudFilestoreManagerGrpcTransport(channel=channel()))
    grpc_transport = partial(CloudFilestoreManagerGrpcTransport, channel=channel)
    return CloudFilestoreManagerClient(credentials=credentials, transport=grpc_transport)


def _channel(endpoints: Endpoints, permission: Permission | None, *args: Any, **options: Any) -> grpc.Channel:
    """Google's own channel, made with what its client gives, or one in clear; behind the guard."""
    import grpc
    from google.cloud.filestore_v1.services.cloud_filestore_manager.transports import (
        CloudFilestoreManagerGrpcTransport,
    )

    from providers.filestores.gcp_filestore.guard import GrpcGuard

    if endpoints.filestore:
        channel = grpc.insecure_channel(endpoints.filestore, options=IN_CLEAR)
    else:
        channel = CloudFilestoreManagerGrpcTransport.create_channel(*args, **options)
    return grpc.intercept_channel(channel, GrpcGuard(permission))


@contextmanager
def session(credentials: Credentials) -> Iterator[AuthorizedSession]:
    """An HTTP session that signs what it sends, closed at the end."""
    hush()
    from google.auth.transport.requests import AuthorizedSession

    with AuthorizedSession(credentials) as opened:  # type: ignore[no-untyped-call]
        yield opened
