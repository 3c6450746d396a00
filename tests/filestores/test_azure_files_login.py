from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from providers.errors import ProviderError
from providers.filestores.azure_files import AzureFiles
from providers.filestores.azure_files.connection import CallBounds
from providers.filestores.azure_files.login import ChainLogin
from providers.filestores.azure_files.login_errors import login_refused
from providers.filestores.azure_files.place import EMULATOR_VARIABLE, Place
from tests.filestores.arm_server import ArmServer, Fault
from tests.filestores.test_azure_files import forest, scope

PLACE = Place(subscription="11111111-2222-3333-4444-555555555555")
TENANT = "bbbbbbbb-0000-0000-0000-000000000000"
EXPIRED = (
    "ERROR: AADSTS70043: The refresh token has expired or is invalid due to sign-in frequency checks. Run: az login"
)


class AzureCli:
    """A program az that answers as it is told, and writes down how it was called."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = folder / "az"

    def answers(self, *, token: str = "", expires_in_s: float = 3600, stderr: str = "", code: int = 0) -> None:
        said = json.dumps({"accessToken": token, "expires_on": int(time.time() + expires_in_s)}) if token else ""
        (self._folder / "said").write_text(said)
        (self._folder / "error").write_text(stderr)
        self._script(f'cat "{self._folder}/said"; cat "{self._folder}/error" >&2; exit {code}')

    def hangs(self) -> None:
        self._script("exec sleep 60")

    def calls(self) -> list[str]:
        log = self._folder / "log"
        return log.read_text().splitlines() if log.exists() else []

    def _script(self, body: str) -> None:
        self._program.write_text(f'#!/bin/sh\necho "$@" >> "{self._folder}/log"\n{body}\n')
        self._program.chmod(0o755)


@pytest.fixture
def az(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "dev")
    for name in ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    return AzureCli(tmp_path)


def logging_in(server: ArmServer, **bounds: float) -> AzureFiles:
    return AzureFiles(environ={EMULATOR_VARIABLE: server.address}, login=ChainLogin(), bounds=CallBounds(**bounds))


async def refusal(**bounds: float) -> ProviderError:
    server = forest()
    async with server.running():
        with pytest.raises(ProviderError) as caught:
            await logging_in(server, **bounds).list_filestores(scope())
    assert server.asked == []
    return caught.value


async def test_the_login_of_az_is_used_and_kept(az):
    az.answers(token="of-az")
    async with forest().running() as server:
        backend = logging_in(server)
        await backend.list_filestores(scope())
        assert len((await backend.list_filestores(scope())).filestores) == 2
    assert set(server.tokens) == {"Bearer of-az"}
    assert len(az.calls()) == 1


async def test_clusters_that_are_asked_together_share_one_login(az):
    az.answers(token="of-az")
    async with forest().running() as server:
        backend = logging_in(server)
        await asyncio.gather(*(backend.list_filestores(scope()) for _ in range(4)))
    assert len(az.calls()) == 1


async def test_a_login_that_is_about_to_end_is_asked_anew(az):
    az.answers(token="old", expires_in_s=100)
    async with forest().running() as server:
        backend = logging_in(server)
        await backend.list_filestores(scope())
        az.answers(token="new")
        await backend.list_filestores(scope())
    assert server.tokens[-1] == "Bearer new"


@pytest.mark.parametrize(("status", "code"), [(401, "ExpiredAuthenticationToken"), (403, "AuthorizationFailed")])
async def test_a_login_that_is_not_accepted_is_asked_anew_at_the_next_look(az, status, code):
    az.answers(token="old")
    async with forest(faults=[Fault(status=status, code=code, times=2)]).running() as server:
        backend = logging_in(server)
        with pytest.raises(ProviderError):
            await backend.list_filestores(scope())
        server.faults.clear()
        az.answers(token="new")
        await backend.list_filestores(scope())
    assert server.tokens[-1] == "Bearer new"


async def test_the_tenant_of_the_cluster_is_asked_for(az):
    az.answers(token="of-az")
    async with forest().running() as server:
        await logging_in(server).list_filestores(scope(tenant=TENANT))
    assert f"--tenant {TENANT}" in az.calls()[0]


async def test_an_expired_login_says_how_to_renew_it(az):
    az.answers(stderr=EXPIRED, code=1)
    error = await refusal()
    assert (error.kind, error.next_step) == ("unauthorized", "az login")
    assert "has expired" in error.message


async def test_no_login_says_how_to_get_one(az):
    az.answers(stderr="ERROR: Please run 'az login' to setup account.", code=1)
    error = await refusal()
    assert (error.kind, error.next_step) == ("unauthorized", "az login")
    assert "there is no Azure login here" in error.message


async def test_without_az_there_is_no_login(az):
    error = await refusal()
    assert (error.kind, error.next_step) == ("unauthorized", "az login")


async def test_a_chain_that_hangs_ends_in_time(az):
    az.hangs()
    error = await refusal(login_s=1)
    assert error.kind == "timeout"


def said(*attempts: str) -> str:
    head = "DefaultAzureCredential failed to retrieve a token from the included credentials.\nAttempted credentials:"
    return "\n\t".join((head, *attempts)) + "\nTo mitigate this issue, please refer to the troubleshooting guidelines."


NO_ENVIRONMENT = "EnvironmentCredential: EnvironmentCredential authentication unavailable. Environment variables are not fully configured."  # noqa: E501
NO_IMDS = "ManagedIdentityCredential: ManagedIdentityCredential authentication unavailable, no response from the IMDS endpoint."  # noqa: E501
POOL = "HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded"


@pytest.mark.parametrize(
    ("text", "kind", "words", "step"),
    [
        (said(NO_ENVIRONMENT, NO_IMDS, "AzureCliCredential: Azure CLI not found on path"), "unauthorized",
         "there is no Azure login here", "az login"),
        (said("EnvironmentCredential: Authentication failed: AADSTS7000222: The provided client secret keys for app "
              "'x' are expired."), "unauthorized", "secret has expired", "AZURE_CLIENT_ID"),
        (said("EnvironmentCredential: Authentication failed: AADSTS7000215: Invalid client secret"), "unauthorized",
         "secret is not accepted", "AZURE_CLIENT_ID"),
        (said("AzureCliCredential: ERROR: AADSTS50076: you must use multi-factor authentication"), "unauthorized",
         "second factor", "az login"),
        (said("AzureCliCredential: ERROR: AADSTS90002: Tenant 'x' not found"), "unauthorized", "no such tenant",
         "az account list"),
        (said("AzureCliCredential: ERROR: AADSTS530003: blocked"), "unauthorized", "AADSTS530003", "az login"),
        (said(NO_ENVIRONMENT, f"AzureCliCredential: ERROR: {POOL}"), "unreachable", "does not answer", ""),
        (said(f"ManagedIdentityCredential: {POOL}", "AzureCliCredential: Azure CLI not found on path"), "unauthorized",
         "there is no Azure login here", "az login"),
        (said("AzureCliCredential: Failed to invoke the Azure CLI"), "timeout", "az did not answer", "az login"),
        (said("AzureCliCredential: Traceback: odd"), "unauthorized", "AzureCliCredential failed", "az login"),
        ("", "unauthorized", "there is no Azure login here", "az login"),
    ],
)  # fmt: skip
def test_what_the_chain_says_is_said_shortly(text, kind, words, step):
    error = login_refused(text, PLACE)
    assert error.kind == kind
    assert words in error.message
    assert step in error.next_step
    assert "troubleshoot" not in error.message


def test_a_tenant_is_named_where_the_login_is_to_be_renewed():
    place = Place(subscription=PLACE.subscription, tenant=TENANT)
    assert login_refused(EXPIRED, place).next_step == f"az login --tenant {TENANT}"


def test_nothing_of_azure_reaches_the_terminal(az):
    """Neither the warnings of the chain nor those of the client."""
    az.answers(stderr=EXPIRED, code=1)
    code = """
import asyncio, datetime
from providers.errors import ProviderError
from providers.filestores.azure_files import AzureFiles
from providers.filestores.protocol import FilestoreScope
block = {"subscription": "11111111-2222-3333-4444-555555555555"}
now = datetime.datetime.now(datetime.UTC)
try:
    asyncio.run(AzureFiles().list_filestores(
        FilestoreScope(cluster="x", provider="azure", account=block, observation=None, now=now)))
except ProviderError as error:
    print(error.kind)
"""
    environ = {key: value for key, value in os.environ.items() if key != EMULATOR_VARIABLE}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ)
    assert (ran.stdout, ran.stderr) == ("unauthorized\n", "")
