"""A server that speaks as AWS does. What is made there is the process's own, whichever server made it: two in one
process show each other's file systems, and what one leaves is found by the next."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moto.server import ThreadedMotoServer


@contextmanager
def aws_server() -> Iterator[str]:
    """The URL of one in this process, for those who leave nothing there and have no other beside it."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


@contextmanager
def aws_server_apart() -> Iterator[str]:
    """The URL of one in a process of its own, for what stays up beside other tests. It takes seconds to begin."""
    command = [sys.executable, "-m", __name__]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, f"{' '.join(command)} ended with {process.wait()}"
        try:
            yield url
        finally:
            process.stdin.close()  # it ends with its input, also where this process is killed


if __name__ == "__main__":
    with aws_server() as own:
        print(own, flush=True)
        sys.stdin.read()
