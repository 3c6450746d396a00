"""Servers that speak as Google's do, made of the package's own types: Filestore over gRPC and REST, Cloud Monitoring,
and the token endpoint. Each keeps a table of what to answer, and of faults to answer with instead."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from providers.filestores.gcp_filestore.quiet import hush

hush()

import grpc  # noqa: E402
from google.cloud import filestore_v1 as types  # noqa: E402
from google.protobuf import any_pb2, duration_pb2  # noqa: E402
from google.rpc import code_pb2, error_details_pb2, status_pb2  # noqa: E402
from grpc_status import rpc_status  # noqa: E402

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
    """The Filestore API over gRPC: lists. `faults` by (method, page token) are answered instead, bytes as the body.

    A fault `None` is never answered. `asked` is every (method, parent, page token).
    """

    projects: dict[str, Project] = field(default_factory=dict)
    faults: dict[tuple[str, str], Refusal | bytes | None] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    address: str = ""

    @contextmanager
    def running(self) -> Iterator[FilestoreServer]:
        """Serves on a free port of this machine, in clear."""
        pool = ThreadPoolExecutor(8)
        server = grpc.server(pool)
        self._closing = threading.Event()
        handlers = {
            "ListInstances": self._method("ListInstances", types.ListInstancesRequest, Project.instances_page),
            "ListBackups": self._method("ListBackups", types.ListBackupsRequest, Project.backups_page),
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        self.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        try:
            yield self
        finally:
            self._closing.set()
            server.stop(None).wait()
            pool.shutdown()

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


@dataclass
class Answer:
    """An HTTP answer. `claims` more bytes than there are: a body cut short. `mute`: none at all."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    claims: int = 0
    mute: bool = False


def problem(status: int, message: str, *, headers: dict[str, str] | None = None, **info: Any) -> Answer:
    """An error as Google writes it; INFO is its ErrorInfo."""
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "domain": "googleapis.com"} | info] if info else []
    body = {"error": {"code": status, "message": message, "details": details}}
    return Answer(status, json.dumps(body).encode(), headers or {})


def series(name: str, *points: tuple[datetime, float], location: str = "us-central1-b") -> dict[str, Any]:
    """One instance's fullness in percent, as Cloud Monitoring lists it."""
    return {
        "metric": {"labels": {"file_share": "homes"}},
        "resource": {"labels": {"project_id": "earth-hubs", "location": location, "instance_name": name}},
        "points": [
            {"interval": {"startTime": at.isoformat(), "endTime": at.isoformat()}, "value": {"doubleValue": percent}}
            for at, percent in points
        ],
    }


@dataclass
class HttpServer:
    """The Filestore API over REST, Cloud Monitoring and a token endpoint, in clear on one port.

    `answers` by the last part of the path are given instead, in order while there are several, the last for ever.
    `asked` is every (path, query, Authorization).
    """

    projects: dict[str, Project] = field(default_factory=dict)
    usage: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, list[str]], str]] = field(default_factory=list)
    address: str = ""

    @contextmanager
    def running(self) -> Iterator[HttpServer]:
        """Serves on a free port of this machine."""
        self._closing = threading.Event()
        served = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                served._answer(self)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                served._answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.address = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._closing.set()
            server.shutdown()
            thread.join()
            server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        url = urlsplit(request.path)
        path, query = unquote(url.path), parse_qs(url.query)
        self.asked.append((path, query, request.headers.get("Authorization", "")))
        answer = self._fault(path) or self._page(path, query.get("pageToken", [""])[0])
        if answer.mute:
            self._closing.wait()
            request.close_connection = True
            return
        request.send_response(answer.status)
        headers = {"Content-Type": "application/json", "Content-Length": str(answer.claims or len(answer.body))}
        for name, value in (headers | answer.headers).items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(answer.body)
        request.close_connection = request.close_connection or bool(answer.claims)

    def _fault(self, path: str) -> Answer | None:
        answers = self.answers.get(path.rpartition("/")[2])
        if not answers:
            return None
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def _page(self, path: str, token: str) -> Answer:
        parts = path.split("/")
        project = self.projects.get(parts[3], Project()) if len(parts) > 3 else Project()
        if "forbidden" in parts:
            return problem(403, FORBIDDEN.message, reason=FORBIDDEN.reason)
        if parts[-1] == "instances":
            return Answer(body=types.ListInstancesResponse.to_json(project.instances_page(token)).encode())
        if parts[-1] == "backups":
            return Answer(body=types.ListBackupsResponse.to_json(project.backups_page(token)).encode())
        if parts[-1] == "timeSeries":
            return Answer(body=json.dumps({"timeSeries": self.usage}).encode())
        return problem(404, "no such method")


@contextmanager
def listener(*, says: bytes | None) -> Iterator[str]:
    """A port that takes connections: SAYS None keeps them and is mute, else it says that and hangs up."""
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
