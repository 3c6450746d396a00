"""A server that speaks as Filestore does over gRPC, made of the package's own types, and ports where no server is. It
keeps a table of what to answer, and of faults to answer with instead."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from providers.filestores.gcp_filestore.quiet import hush

hush()

import grpc  # noqa: E402
from google.api import resource_pb2  # noqa: E402
from google.cloud import filestore_v1 as types  # noqa: E402
from google.longrunning import operations_pb2  # noqa: E402
from google.protobuf import any_pb2, duration_pb2, field_mask_pb2  # noqa: E402
from google.rpc import code_pb2, error_details_pb2, status_pb2  # noqa: E402
from grpc_status import rpc_status  # noqa: E402

from tests.filestores.filestore_changing import Changing, Refused  # noqa: E402

SERVICE = "google.cloud.filestore.v1.CloudFilestoreManager"


def instance(
    name: str = "earth-homedirs",
    *,
    project: str = "earth-hubs",
    location: str = "us-central1-b",
    ip: str = "10.2.0.2",
    share: str = "homes",
    capacity_gb: int = 1024,
    **more: Any,
) -> types.Instance:
    """A ready instance with one share in one network, as the API lists it."""
    values: dict[str, Any] = {
        "name": f"projects/{project}/locations/{location}/instances/{name}",
        "state": types.Instance.State.READY,
        "tier": types.Instance.Tier.BASIC_HDD,
        "file_shares": [types.FileShareConfig(name=share, capacity_gb=capacity_gb)],
        "networks": [types.NetworkConfig(network="default", ip_addresses=[ip] if ip else [])],
    }
    return types.Instance(**(values | more))


def backup(name: str, of: str, *, at: datetime, location: str = "us-central1-b", ready: bool = True) -> types.Backup:
    """A backup as the API lists it: its source's project is a number."""
    return types.Backup(
        name=f"projects/1234/locations/us-central1/backups/{name}",
        source_instance=f"projects/1234/locations/{location}/instances/{of}",
        state=types.Backup.State.READY if ready else types.Backup.State.CREATING,
        create_time=at,
    )


@dataclass
class Project:
    """What one project holds, and who of it does not answer. `page_size` 0: all on one page."""

    instances: Sequence[types.Instance] = ()
    backups: Sequence[types.Backup] = ()
    page_size: int = 0
    unreachable: Sequence[Sequence[str]] = ()
    """Locations to name on the first page, the second …"""

    def page(self, items: Sequence[Any], token: str) -> tuple[Sequence[Any], str, Sequence[str]]:
        number = int(token or 0)
        size = self.page_size or max(1, len(items))
        shown = items[number * size : (number + 1) * size]
        further = str(number + 1) if (number + 1) * size < len(items) else ""
        missing = self.unreachable[number] if number < len(self.unreachable) else ()
        return shown, further, missing

    def instances_page(self, token: str) -> types.ListInstancesResponse:
        shown, further, missing = self.page(self.instances, token)
        return types.ListInstancesResponse(instances=shown, next_page_token=further, unreachable=missing)

    def backups_page(self, token: str) -> types.ListBackupsResponse:
        shown, further, _ = self.page(self.backups, token)
        return types.ListBackupsResponse(backups=shown, next_page_token=further)


@dataclass
class Refusal:
    """A gRPC status to answer with, as Google writes it."""

    code: grpc.StatusCode
    message: str = "refused"
    reason: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    retry_after_s: int = 0

    def abort(self, context: grpc.ServicerContext) -> None:
        details = []
        if self.reason:
            info = error_details_pb2.ErrorInfo(reason=self.reason, domain="googleapis.com", metadata=self.facts)
            details.append(_packed(info))
        if self.retry_after_s:
            delay = duration_pb2.Duration(seconds=self.retry_after_s)
            details.append(_packed(error_details_pb2.RetryInfo(retry_delay=delay)))
        number = code_pb2.Code.Value(self.code.name)
        context.abort_with_status(
            rpc_status.to_status(status_pb2.Status(code=number, message=self.message, details=details))
        )


def _packed(message: Any) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed


FORBIDDEN = Refusal(
    grpc.StatusCode.PERMISSION_DENIED,
    "Permission 'file.instances.list' denied on 'projects/forbidden/locations/-'",
    reason="IAM_PERMISSION_DENIED",
)


@dataclass
class FilestoreServer:
    """The Filestore API over gRPC: lists, and what is made and grown. `faults` by (method, page token) are answered
    to a list instead, bytes as the body.

    A fault `None` is never answered. `asked` is every (method, parent, page token) of a list.
    """

    projects: dict[str, Project] = field(default_factory=dict)
    faults: dict[tuple[str, str], Refusal | bytes | None] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    address: str = ""

    def __post_init__(self) -> None:
        self.changing = Changing(self.projects)

    @contextmanager
    def running(self) -> Iterator[FilestoreServer]:
        """Serves on a free port of this machine, in clear."""
        pool = ThreadPoolExecutor(8)
        server = grpc.server(pool)
        self._closing = threading.Event()
        handlers = {
            "ListInstances": self._method("ListInstances", types.ListInstancesRequest, Project.instances_page),
            "ListBackups": self._method("ListBackups", types.ListBackupsRequest, Project.backups_page),
            "GetInstance": self._single(types.GetInstanceRequest.deserialize, self.changing.get_instance),
            "CreateInstance": self._change(types.CreateInstanceRequest, self.changing.create_instance),
            "UpdateInstance": self._change(types.UpdateInstanceRequest, self.changing.update_instance),
        }
        operations = {
            "GetOperation": self._single(operations_pb2.GetOperationRequest.FromString, self.changing.get_operation),
            "ListOperations": self._single(
                operations_pb2.ListOperationsRequest.FromString, self.changing.list_operations
            ),
        }
        rights = {"TestIamPermissions": self._single(resource_pb2.ResourceDescriptor.FromString, self._given)}
        server.add_generic_rpc_handlers(
            (
                grpc.method_handlers_generic_handler("google.cloud.resourcemanager.v3.Projects", rights),
                grpc.method_handlers_generic_handler(SERVICE, handlers),
                grpc.method_handlers_generic_handler("google.longrunning.Operations", operations),
            )
        )
        self.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        try:
            yield self
        finally:
            self._closing.set()
            server.stop(None).wait()
            pool.shutdown()

    def _given(self, request: Any) -> Any:
        """Messages of google.iam.v1, whose package is not here, read and written as others of the same shape."""
        given = self.changing.given(request.type.removeprefix("projects/"), list(request.pattern))
        return field_mask_pb2.FieldMask(paths=given)

    def _method(self, name: str, request_type: Any, page: Callable[[Project, str], Any]) -> grpc.RpcMethodHandler:
        def answer(request: Any, context: grpc.ServicerContext) -> bytes:
            self.asked.append((name, request.parent, request.page_token))
            fault = self.faults.get((name, request.page_token), b"no fault")
            if fault is None:
                self._closing.wait()
            elif isinstance(fault, Refusal):
                fault.abort(context)
            elif fault != b"no fault":
                return fault
            project = request.parent.split("/")[1]
            if project == "forbidden":
                FORBIDDEN.abort(context)
            answered = page(self.projects.get(project, Project()), request.page_token)
            return bytes(type(answered).serialize(answered))

        return grpc.unary_unary_rpc_method_handler(answer, request_deserializer=request_type.deserialize)

    def _single(self, read: Callable[[bytes], Any], do: Callable[[Any], Any]) -> grpc.RpcMethodHandler:
        def answer(request: Any, context: grpc.ServicerContext) -> bytes:
            try:
                return bytes(plain(do(request)).SerializeToString())
            except Refused as refused:
                Refusal(refused.code, refused.message).abort(context)
                raise

        return grpc.unary_unary_rpc_method_handler(answer, request_deserializer=read)

    def _change(self, request_type: Any, do: Callable[[Any], Any]) -> grpc.RpcMethodHandler:
        def change(request: Any) -> Any:
            fault = self.changing.arrived(request)
            if isinstance(fault, Refused):
                raise fault
            if fault == "unheard":
                self._closing.wait()
            operation = do(request)
            if fault == "mute":
                self._closing.wait()
            if fault == "garbled":
                return Garbled()
            if fault == "lost":
                raise Refused(grpc.StatusCode.UNAVAILABLE, "Connection reset by peer")
            return operation

        return self._single(request_type.deserialize, change)


class Garbled:
    """Not a message."""

    def SerializeToString(self) -> bytes:  # noqa: N802, protobuf's name
        return b"\xff\xff\xff"


def plain(message: Any) -> Any:
    """MESSAGE without proto-plus around it."""
    return message if hasattr(message, "SerializeToString") else type(message).pb(message)


@contextmanager
def listener(*, says: bytes | None, resets: bool = False) -> Iterator[str]:
    """A port that takes connections: SAYS None keeps them and is mute, else it says that and hangs up; RESETS: not in
    the orderly way."""
    kept: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                if says is None:
                    kept.append(connection)
                else:
                    connection.sendall(says)
                    if resets:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in kept:
                connection.close()


def unused_port() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"
