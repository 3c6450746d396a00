"""A server that speaks as Google's do over HTTP: Filestore, Cloud Monitoring and the token endpoint. It keeps a table
of what to answer, and of faults to answer with instead."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from google.longrunning import operations_pb2
from google.protobuf import json_format

from tests.filestores.filestore_changing import Changing, Refused
from tests.filestores.filestore_server import FORBIDDEN, Project, plain, types


@dataclass
class Answer:
    """An HTTP answer. `claims` more bytes than there are: a body cut short. `mute`: none at all. `drip`: a byte
    now and then, without end."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    claims: int = 0
    mute: bool = False
    drip: bool = False


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
    """The Filestore API over REST, making and growing included, Cloud Monitoring and a token endpoint, in clear on one
    port.

    `answers` by the last part of the path are given instead, in order while there are several, the last for ever.
    `asked` is every (path, query, Authorization).
    """

    projects: dict[str, Project] = field(default_factory=dict)
    usage: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, list[str]], str]] = field(default_factory=list)
    address: str = ""

    def __post_init__(self) -> None:
        self.changing = Changing(self.projects)

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
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                served._change(self, body) if self.path.startswith("/v1/") else served._answer(self, body)

            def do_PATCH(self) -> None:
                served._change(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

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

    def _answer(self, request: BaseHTTPRequestHandler, body: bytes = b"") -> None:
        url = urlsplit(request.path)
        path, query = unquote(url.path), parse_qs(url.query)
        self.asked.append((path, query, request.headers.get("Authorization", "")))
        asks_rights = path.endswith(":testIamPermissions")
        answer = self._fault(path) or (
            self._rights(path, body) if asks_rights else self._page(path, query.get("pageToken", [""])[0])
        )
        if answer.drip:
            request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not self._closing.wait(0.02):
                with suppress(ConnectionError):
                    request.wfile.write(b" ")
            request.close_connection = True
            return
        if answer.mute:
            self._closing.wait()
            request.close_connection = True
            return
        self._send(request, answer)

    def _send(self, request: BaseHTTPRequestHandler, answer: Answer) -> None:
        request.send_response(answer.status)
        headers = {"Content-Type": "application/json", "Content-Length": str(answer.claims or len(answer.body))}
        for name, value in (headers | answer.headers).items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(answer.body)
        request.close_connection = request.close_connection or bool(answer.claims)

    def _change(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """Creates by POST, updates by PATCH, and loses answers as `changing` says."""
        url = urlsplit(request.path)
        path, query = unquote(url.path).removeprefix("/v1/"), parse_qs(url.query)
        message = types.Instance.from_json(body.decode())
        if request.command == "POST":
            parent, number = path.removesuffix("/instances"), query["instanceId"][0]
            asked: Any = types.CreateInstanceRequest(parent=parent, instance_id=number, instance=message)
            do: Callable[[Any], Any] = self.changing.create_instance
        else:
            message.name = path
            mask = {"paths": [{"fileShares": "file_shares"}.get(each, each) for each in query["updateMask"]]}
            asked = types.UpdateInstanceRequest(instance=message, update_mask=mask)
            do = self.changing.update_instance
        fault = self.changing.arrived(asked)
        if fault == "unheard":
            self._closing.wait()
        answer = _answered(lambda: do(asked)) if not isinstance(fault, Refused) else _refused(fault)
        if fault == "mute":
            self._closing.wait()
        if fault == "garbled":
            answer = Answer(body=b"<html>log in</html>")
        elif isinstance(fault, str):
            request.close_connection = True
            return
        self._send(request, answer)

    def _rights(self, path: str, body: bytes) -> Answer:
        project = path.removeprefix("/v3/projects/").removesuffix(":testIamPermissions")
        try:
            given = self.changing.given(project, json.loads(body)["permissions"])
        except Refused as refused:
            return _refused(refused)
        return Answer(body=json.dumps({"permissions": given} if given else {}).encode())

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
        changing, name = self.changing, path.removeprefix("/v1/")
        if len(parts) > 6 and parts[-2] == "instances":
            return _answered(lambda: changing.get_instance(types.GetInstanceRequest(name=name)))
        if len(parts) > 6 and parts[-2] == "operations":
            return _answered(lambda: changing.get_operation(operations_pb2.GetOperationRequest(name=name)))
        if parts[-1] == "operations":
            listed = operations_pb2.ListOperationsRequest(name=name.removesuffix("/operations"), page_token=token)
            return _answered(lambda: changing.list_operations(listed))
        if parts[-1] == "instances":
            return Answer(body=types.ListInstancesResponse.to_json(project.instances_page(token)).encode())
        if parts[-1] == "backups":
            return Answer(body=types.ListBackupsResponse.to_json(project.backups_page(token)).encode())
        if parts[-1] == "timeSeries":
            return Answer(body=json.dumps({"timeSeries": self.usage}).encode())
        return problem(404, "no such method")


_STATUS = {
    "INVALID_ARGUMENT": 400, "FAILED_PRECONDITION": 400, "PERMISSION_DENIED": 403, "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409, "ABORTED": 409, "RESOURCE_EXHAUSTED": 429, "UNAVAILABLE": 503, "DEADLINE_EXCEEDED": 504,
}  # fmt: skip


def _answered(do: Callable[[], Any]) -> Answer:
    try:
        message = do()
    except Refused as refused:
        return _refused(refused)
    return Answer(body=json_format.MessageToJson(plain(message)).encode())


def _refused(refused: Refused) -> Answer:
    return problem(_STATUS.get(refused.code.name, 500), refused.message)
