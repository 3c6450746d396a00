from __future__ import annotations

import asyncio
import json
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from providers.errors import ProviderError
from providers.filestores.gcp_filestore import GcpFilestore
from providers.filestores.gcp_filestore.endpoints import Endpoints
from providers.filestores.gcp_filestore.login import Login
from tests.filestores.filestore_http import Answer, HttpServer, problem
from tests.filestores.filestore_server import Project, instance, unused_port
from tests.filestores.test_gcp_filestore import scope

LOGIN = "gcloud auth application-default login"
HUBS = {"earth-hubs": Project(instances=(instance(),)), "sea-hubs": Project(instances=(instance(),))}
REVOKED = Answer(400, b'{"error": "invalid_grant", "error_description": "Token has been expired or revoked."}')


def token(value: str = "first", seconds: int = 3600) -> Answer:
    body = {"access_token": value, "expires_in": seconds, "token_type": "Bearer"}
    return Answer(body=json.dumps(body).encode())


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@pytest.fixture
def log_in(private_key, tmp_path, monkeypatch):
    """Makes application default credentials whose tokens come from an address."""

    def write(address: str) -> None:
        account = {
            "type": "service_account", "client_email": "reader@example.org", "private_key": private_key,
            "private_key_id": "1", "token_uri": f"http://{address}/token",
        }  # fmt: skip
        file = tmp_path / "credentials.json"
        file.write_text(json.dumps(account))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))

    return write


def backend(server: HttpServer) -> GcpFilestore:
    endpoints = Endpoints(filestore=server.address, transport="rest", monitoring=f"http://{server.address}")
    return GcpFilestore(endpoints=endpoints, login_timeout_s=5.0)


def tokens_asked(server: HttpServer) -> int:
    return len([path for path, _, _ in server.asked if path == "/token"])


async def failure(asked: GcpFilestore) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await asked.list_filestores(scope())
    return caught.value


async def test_application_default_credentials_are_sent_and_found_once(log_in):
    with HttpServer(projects=HUBS, answers={"token": [token()]}).running() as server:
        log_in(server.address)
        asked = backend(server)
        both = await asyncio.gather(asked.list_filestores(scope()), asked.list_filestores(scope("sea-hubs")))
        await asked.list_filestores(scope())
    assert [len(each.filestores) for each in both] == [1, 1]
    assert tokens_asked(server) == 1
    assert {signed for path, _, signed in server.asked if path.endswith("timeSeries")} == {"Bearer first"}
    assert all(signed.startswith("Bearer ") for path, _, signed in server.asked if path != "/token")


async def test_an_expired_token_is_renewed(log_in):
    with HttpServer(projects=HUBS, answers={"token": [token(seconds=1), token("second")]}).running() as server:
        log_in(server.address)
        asked = backend(server)
        await asked.list_filestores(scope())
        server.asked.clear()
        await asked.list_filestores(scope())
    assert {signed for path, _, signed in server.asked if path.endswith("timeSeries")} == {"Bearer second"}


async def test_a_login_made_anew_while_the_old_one_ended_is_used_at_once(log_in):
    tokens = [token(seconds=1), REVOKED, token("second")]
    with HttpServer(answers={"token": tokens}).running() as server:
        log_in(server.address)
        login = Login(lane="gcp-filestore", timeout_s=5)
        assert not (await login.credentials(anonymous=False)).valid
        assert (await login.credentials(anonymous=False)).token == "second"


async def test_credentials_that_the_api_refuses_are_read_anew_at_the_next_look(log_in, monkeypatch):
    with HttpServer(
        projects=HUBS, answers={"token": [token()], "instances": [problem(401, "who")]}
    ).running() as server:
        log_in(server.address)
        asked = backend(server)
        assert "the credentials are not accepted" in (await failure(asked)).message
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "gone.json")
        assert "gone.json was not found" in (await failure(asked)).message


async def test_a_missing_package_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.cloud.filestore_v1", None)
    error = await failure(GcpFilestore(environ={}))
    assert (error.kind, error.next_step) == ("internal", "pip install google-cloud-filestore")


async def test_a_login_that_was_revoked_says_how_to_renew_it(log_in):
    with HttpServer(projects=HUBS, answers={"token": [REVOKED]}).running() as server:
        log_in(server.address)
        error = await failure(backend(server))
    assert (error.kind, error.next_step) == ("unauthorized", LOGIN)
    assert "the login has expired" in error.message
    assert "Token has been expired or revoked" in error.message


async def test_a_new_login_is_seen_at_the_next_look(log_in):
    with HttpServer(projects=HUBS, answers={"token": [REVOKED, token()]}).running() as server:
        log_in(server.address)
        asked = backend(server)
        assert (await failure(asked)).kind == "unauthorized"
        assert (await asked.list_filestores(scope())).filestores


async def test_all_clusters_share_one_failing_question(log_in):
    with HttpServer(projects=HUBS, answers={"token": [REVOKED]}).running() as server:
        log_in(server.address)
        asked = backend(server)
        errors = await asyncio.gather(*(failure(asked) for _ in range(30)))
    assert {error.kind for error in errors} == {"unauthorized"}
    assert tokens_asked(server) == 1


async def test_one_who_stops_waiting_takes_the_answer_from_nobody(log_in):
    with HttpServer(projects=HUBS, answers={"token": [token()]}).running() as server:
        log_in(server.address)
        asked = backend(server)
        impatient = asyncio.create_task(asked.list_filestores(scope()))
        patient = asyncio.create_task(asked.list_filestores(scope("sea-hubs")))
        await asyncio.sleep(0)
        impatient.cancel()
        assert (await patient).filestores
    assert impatient.cancelled()


async def test_a_login_server_that_is_down_is_no_expired_login(log_in):
    with HttpServer(projects=HUBS).running() as server:
        log_in(unused_port())
        error = await failure(backend(server))
    assert error.kind == "unreachable"
    assert "Google's login does not answer" in error.message


async def test_a_mute_login_server_costs_its_timeout(log_in):
    with HttpServer(projects=HUBS, answers={"token": [Answer(mute=True)]}).running() as server:
        log_in(server.address)
        endpoints = Endpoints(filestore=server.address, transport="rest", monitoring="")
        error = await failure(GcpFilestore(endpoints=endpoints, login_timeout_s=0.3))
    assert error.kind == "timeout"


@pytest.mark.parametrize("text", ["{", "{}", '{"type": "surprise"}'])
async def test_a_broken_credentials_file_is_told(text, tmp_path, monkeypatch):
    file = tmp_path / "credentials.json"
    file.write_text(text)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    error = await failure(GcpFilestore(environ={}))
    assert (error.kind, error.next_step) == ("unauthorized", LOGIN)


async def test_a_credentials_file_that_is_gone_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "gone.json"))
    error = await failure(GcpFilestore(environ={}))
    assert (error.kind, error.next_step) == ("unauthorized", LOGIN)
    assert "gone.json was not found" in error.message
