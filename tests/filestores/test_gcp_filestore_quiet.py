"""Standard error of processes of their own: gRPC writes there from C, Python's logging and warnings by themselves."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
import pytest
import trustme

from providers.errors import ProviderError
from providers.filestores.gcp_filestore.errors import translated
from providers.filestores.gcp_filestore.pages import list_instances
from providers.filestores.gcp_filestore.quiet import hush
from tests.filestores.filestore_server import FilestoreServer, listener, types, unused_port

ASK = """
import asyncio, sys
from datetime import UTC, datetime
from providers.errors import ProviderError
from providers.filestores.gcp_filestore import GcpFilestore
from providers.filestores.protocol import FilestoreScope
async def main():
    for address in sys.argv[1:]:
        backend = GcpFilestore(environ={"FILESTORE_EMULATOR_HOST": address}, list_timeout_s=1)
        where = FilestoreScope(
            cluster="c", provider="gcp", account={"project": "p"}, observation=None, now=datetime.now(UTC))
        try:
            await backend.list_filestores(where)
        except ProviderError as error:
            print(error.kind, error.next_step, sep="|")
asyncio.run(main())
"""
DISTRUST = """
import sys
{hush}
import grpc
from google.cloud import filestore_v1 as types
from google.cloud.filestore_v1.services.cloud_filestore_manager import transports
channel = grpc.secure_channel(sys.argv[1], grpc.ssl_channel_credentials())
transport = transports.CloudFilestoreManagerGrpcTransport(channel=channel)
try:
    types.CloudFilestoreManagerClient(transport=transport).list_instances(parent="p", retry=None, timeout=2)
except Exception as error:
    print(type(error).__name__)
"""
HUSH = "from providers.filestores.gcp_filestore.quiet import hush; hush()"


def ran(script: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GOOGLE", "CLOUDSDK", "GRPC"))}
    kept.pop("FILESTORE_EMULATOR_HOST", None)
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=kept | environ)


@contextmanager
def distrusted() -> Iterator[str]:
    """A gRPC server whose certificate nobody here trusts."""
    certificate = trustme.CA().issue_cert("127.0.0.1")
    key, chain = certificate.private_key_pem.bytes(), certificate.cert_chain_pems[0].bytes()
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, chain)]))
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


def test_a_certificate_that_is_not_trusted_is_told_as_that():
    from google.cloud.filestore_v1.services.cloud_filestore_manager import transports

    with distrusted() as address, grpc.secure_channel(address, grpc.ssl_channel_credentials()) as channel:
        client = types.CloudFilestoreManagerClient(
            transport=transports.CloudFilestoreManagerGrpcTransport(channel=channel)
        )
        with pytest.raises(ProviderError) as caught:
            list_instances(client, "earth-hubs", timeout_s=2)
    assert caught.value.kind == "tls"


def test_grpc_writes_nothing_from_c_once_it_is_hushed():
    with distrusted() as address:
        loud = ran(DISTRUST.format(hush=""), address)
        quiet = ran(DISTRUST.format(hush=HUSH), address)
    assert "SSL" in loud.stderr
    assert quiet.stderr == ""
    assert quiet.stdout == loud.stdout == "ServiceUnavailable\n"


def test_nothing_reaches_the_terminal_whatever_fails():
    broken = FilestoreServer(faults={("ListInstances", ""): b"\xff"})
    with broken.running(), listener(says=b"HTTP/1.1 400 no\r\n\r\n") as other, listener(says=b"") as hangs_up:
        addresses = [unused_port(), broken.address, other, hangs_up, "not an address", "nowhere.invalid:1"]
        run = ran(ASK, *addresses)
    assert run.stderr == ""
    assert len(run.stdout.splitlines()) == len(addresses)


LOGIN = """
import asyncio
from datetime import UTC, datetime
from providers.errors import ProviderError
from providers.filestores.gcp_filestore import GcpFilestore
from providers.filestores.protocol import FilestoreScope
where = FilestoreScope(cluster="c", provider="gcp", account={"project": "p"}, observation=None, now=datetime.now(UTC))
try:
    asyncio.run(GcpFilestore().list_filestores(where))
except ProviderError as error:
    print(error.kind, error.next_step, sep="|")
"""


def test_no_credentials_at_all_say_which_command_makes_some(tmp_path):
    run = ran(LOGIN, HOME=str(tmp_path), NO_GCE_CHECK="true")
    assert run.stdout == "unauthorized|gcloud auth application-default login\n"
    assert run.stderr == ""


def test_a_persons_own_login_is_used_without_a_warning(tmp_path):
    """Google's package warns of logins made by gcloud. Its login server is kept from being reached by a proxy."""
    from google.auth._cloud_sdk import CLOUD_SDK_CLIENT_ID

    file = tmp_path / "login.json"
    person = {"type": "authorized_user", "client_id": CLOUD_SDK_CLIENT_ID, "client_secret": "s", "refresh_token": "r"}
    file.write_text(json.dumps(person))
    proxy = f"http://{unused_port()}"
    run = ran(
        LOGIN, HOME=str(tmp_path), GOOGLE_APPLICATION_CREDENTIALS=str(file), HTTPS_PROXY=proxy, https_proxy=proxy,
        NO_PROXY="", no_proxy="",
    )  # fmt: skip
    assert run.stdout == "unreachable|refresh\n"
    assert run.stderr == ""


def test_loggers_that_have_handlers_keep_them_and_no_second_one_is_added():
    environ: dict[str, str] = {"GRPC_VERBOSITY": "DEBUG"}
    hush(environ)
    before = list(logging.getLogger("google").handlers)
    hush(environ)
    assert logging.getLogger("google").handlers == before
    assert before
    assert environ == {"GRPC_VERBOSITY": "DEBUG"}


def test_our_own_errors_pass_through_untouched():
    mine = ProviderError("timeout", "mine")
    with pytest.raises(ProviderError) as caught, translated("ask"):
        raise mine
    assert caught.value is mine
