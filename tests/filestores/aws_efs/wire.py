"""A server of the AWS API behind a wire that can be cut: what tests of the EFS adapter speak to."""

from __future__ import annotations

import http.client
import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

FAKE_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-a-secret",
                    "AWS_EC2_METADATA_DISABLED": "true"}  # fmt: skip
_REST_PATHS = (
    (r"GET /2015-02-01/file-systems/[^/]+/lifecycle-configuration", "DescribeLifecycleConfiguration"),
    (r"PUT /2015-02-01/file-systems/[^/]+/lifecycle-configuration", "PutLifecycleConfiguration"),
    (r"GET /2015-02-01/file-systems/[^/]+/backup-policy", "DescribeBackupPolicy"),
    (r"GET /2015-02-01/mount-targets", "DescribeMountTargets"),
    (r"POST /2015-02-01/mount-targets", "CreateMountTarget"),
    (r"GET /2015-02-01/file-systems", "DescribeFileSystems"),
    (r"POST /2015-02-01/file-systems", "CreateFileSystem"),
    (r"GET /clusters/[^/]+", "DescribeCluster"),
)

_HOP = ("content-length", "transfer-encoding", "connection", "date", "server")
"""Headers that are of one connection only."""


class Request(BaseHTTPRequestHandler):
    """One request on its way; a fault does with it what it likes."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wire: Wire
    body: bytes
    operation: str

    def _handle(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.operation = self._operation()
        self.wire.seen.append(self.operation)
        faults = self.wire.faults.get(self.operation) or self.wire.faults.get("*")
        fault = None if not faults else faults[0] if len(faults) == 1 else faults.pop(0)
        (fault or forward)(self)

    do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - the server's own names

    def _operation(self) -> str:
        asked = f"{self.command} {self.path.partition('?')[0]}"
        known = next((name for path, name in _REST_PATHS if re.fullmatch(path, asked)), "")
        return known or parse_qs(self.body.decode()).get("Action", ["?"])[0]

    def send(self, status: int, headers: dict[str, str], body: bytes, *, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


Fault = Callable[[Request], None]


class Wire:
    """Where clients connect to. `faults` has, by operation ("*": any), what befalls each request; the last stays."""

    def __init__(self, behind: str) -> None:
        """BEHIND is the URL of the server."""
        self.behind = behind
        self.faults: dict[str, list[Fault]] = {}
        self.seen: list[str] = []
        self.release = threading.Event()
        handler = type("Bound", (Request,), {"wire": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def up(self) -> Iterator[Wire]:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield self
        finally:
            self.release.set()
            self._server.shutdown()
            self._server.server_close()

    def fail(self, operation: str, *faults: Fault) -> None:
        self.faults[operation] = list(faults)


def behind(request: Request) -> tuple[int, dict[str, str], bytes]:
    """What the server behind answers."""
    connection = http.client.HTTPConnection(urlsplit(request.wire.behind).netloc, timeout=20)
    connection.request(request.command, request.path, body=request.body, headers=dict(request.headers))
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    headers = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}
    return answer.status, headers, body


def forward(request: Request) -> None:
    """To the server behind, unchanged."""
    request.send(*behind(request))


def lost(request: Request) -> None:
    """The server does what it is asked; its answer never arrives."""
    behind(request)
    reset(request)


def told(change: Callable[[Any], None]) -> Fault:
    """The server's own answer, an object of JSON in which CHANGE changed something."""

    def fault(request: Request) -> None:
        status, headers, body = behind(request)
        answer = json.loads(body)
        change(answer)
        request.send(status, headers, json.dumps(answer).encode())

    return fault


def refuse(status: int, code: str = "", *, headers: dict[str, str] | None = None, message: str = "no") -> Fault:
    """An error as EFS tells it: the code in a header, and the words in a body of JSON."""

    def fault(request: Request) -> None:
        kind = {"x-amzn-ErrorType": code} if code else {}
        request.send(status, {**kind, **(headers or {})}, f'{{"ErrorCode": "{code}", "Message": "{message}"}}'.encode())

    return fault


def refuse_xml(status: int, code: str) -> Fault:
    """An error as EC2 tells it."""
    body = f"<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors></Response>".encode()
    return lambda request: request.send(status, {}, body)


def answer(body: bytes, *, length: int | None = None, status: int = 200) -> Fault:
    """BODY, whatever it is. LENGTH is what the header claims where that is not true; the connection then ends."""

    def fault(request: Request) -> None:
        request.send(status, {"Content-Type": "application/json"}, body, length=length)
        # Ended without a word, it could be taken for the next request before its end is seen.
        request.close_connection = length is not None

    return fault


def mute(request: Request) -> None:
    """Takes the request and says nothing until the test is over."""
    request.wire.release.wait(10)
    request.close_connection = True


def drip(request: Request) -> None:
    """Begins to answer, and never ends."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    request.wfile.flush()
    request.wire.release.wait(10)
    request.close_connection = True


def reset(request: Request) -> None:
    """Cuts the connection with a TCP reset."""
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.connection.shutdown(socket.SHUT_RD)
    request.close_connection = True
    request.connection.close()


def closed_port() -> int:
    """A port where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
