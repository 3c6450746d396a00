"""Credential plugins: asked once, renewed when refused, and each failure with what to run."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from providers.errors import ProviderError
from tests.kubernetes.sessions import ask, failure, session
from tests.kubernetes.wire import Asked, Json, Reply, always, kubeconfig, plugin, serving

TOKEN = """
import json, os, sys, pathlib
mark = pathlib.Path(__file__).with_suffix(".runs")
runs = len(mark.read_text()) if mark.exists() else 0
mark.write_text("x" * (runs + 1))
print(json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                  "status": {"token": f"token-{runs + 1}" %s}}))
"""


async def plugin_failure(tmp_path: Path, user: Json, *, plugin_timeout_s: float = 20) -> ProviderError:
    file = kubeconfig(tmp_path / "config", "https://a", user=user)
    error = await failure(file, plugin_timeout_s=plugin_timeout_s)
    assert error.kind == "unauthorized"
    return error


async def test_a_plugin_gives_the_token_and_is_asked_once(tmp_path: Path) -> None:
    async with serving(always(Reply())) as wire:
        file = kubeconfig(tmp_path / "config", wire.url, user=plugin(tmp_path / "aws", TOKEN % ""))
        transport = await session(file)
        await asyncio.gather(*(transport.request("GET", "/api/v1/pods", timeout_s=5) for _ in range(3)))
        await transport.close()
    assert [asked.headers["authorization"] for asked in wire.asked] == ["Bearer token-1"] * 3


async def test_a_refused_token_is_renewed_once(tmp_path: Path) -> None:
    async def answer(asked: Asked) -> Reply:
        return Reply(401 if asked.headers["authorization"] == "Bearer token-1" else 200)

    async with serving(answer) as wire:
        file = kubeconfig(tmp_path / "config", wire.url, user=plugin(tmp_path / "aws", TOKEN % ""))
        assert (await ask(await session(file))).status == 200
    assert [asked.headers["authorization"] for asked in wire.asked] == ["Bearer token-1", "Bearer token-2"]


async def test_a_token_refused_twice_says_how_to_log_in(tmp_path: Path) -> None:
    async with serving(always(Reply(401))) as wire:
        user = plugin(tmp_path / "aws", TOKEN % "", args=["eks", "get-token", "--profile", "ocean"])
        error = await failure(kubeconfig(tmp_path / "config", wire.url, user=user))
    assert error.kind == "unauthorized"
    assert error.next_step == "run  aws sso login --profile ocean"
    assert len(wire.asked) == 2


async def test_an_expired_token_is_renewed_before_it_is_sent(tmp_path: Path) -> None:
    script = TOKEN % ', "expirationTimestamp": "2000-01-01T00:00:00Z"'
    async with serving(always(Reply())) as wire:
        transport = await session(kubeconfig(tmp_path / "config", wire.url, user=plugin(tmp_path / "az", script)))
        await ask(transport)
    assert wire.asked[0].headers["authorization"] == "Bearer token-2"


async def test_a_plugin_has_no_terminal_and_learns_the_cluster(tmp_path: Path) -> None:
    script = (
        "import json, os, sys\n"
        "info = json.loads(os.environ['KUBERNETES_EXEC_INFO'])\n"
        "seen = [sys.stdin.read(), os.environ['WHO'], info['spec']['interactive'], info['spec']['cluster']['server']]\n"
        "print(json.dumps({'apiVersion': info['apiVersion'], 'kind': 'ExecCredential',\n"
        "                  'status': {'token': '/'.join(map(str, seen))}}))\n"
    )
    user = plugin(tmp_path / "p", script, env=[{"name": "WHO", "value": "jo"}], provideClusterInfo=True)
    async with serving(always(Reply())) as wire:
        await ask(await session(kubeconfig(tmp_path / "config", wire.url, user=user)))
    assert wire.asked[0].headers["authorization"] == f"Bearer /jo/False/{wire.url}"


async def test_a_plugin_named_relative_to_the_kubeconfig(tmp_path: Path) -> None:
    user = plugin(tmp_path / "aws", TOKEN % "")
    user["exec"]["command"] = "./aws"
    async with serving(always(Reply())) as wire:
        await ask(await session(kubeconfig(tmp_path / "config", wire.url, user=user)))
    assert wire.asked[0].headers["authorization"] == "Bearer token-1"


async def test_a_plugin_that_is_missing(tmp_path: Path) -> None:
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "gke-gcloud-auth-plugin-x"}}
    error = await plugin_failure(tmp_path, user)
    assert "gke-gcloud-auth-plugin-x is not installed" in error.message
    assert error.next_step == "install gke-gcloud-auth-plugin-x"


@pytest.mark.parametrize(
    ("name", "login"),
    [
        ("aws", "run  aws sso login"),
        ("gke-gcloud-auth-plugin", "run  gcloud auth login"),
        ("kubelogin", "run  az login"),
    ],
)
async def test_a_plugin_that_fails_says_why_and_what_to_run(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, login: str
) -> None:
    script = (
        "import sys\n"
        "print('Bearer eyJhbGciOi.s3cret', file=sys.stderr)\n"
        "print('The SSO session has expired, token=s3cret \\x1b[31m', file=sys.stderr)\n"
        "sys.exit(255)"
    )
    error = await plugin_failure(tmp_path, plugin(tmp_path / name, script))
    assert f"credential plugin {name} failed with status 255: The SSO session has expired" in error.message
    assert error.next_step == login
    assert "s3cret" not in error.message
    assert "\x1b" not in error.message
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("more", [{"args": "no list"}, {"env": "no list"}, {"env": [None, {"value": "x"}]}])
async def test_odd_settings_of_a_plugin_are_passed_over(tmp_path: Path, more: Json) -> None:
    async with serving(always(Reply())) as wire:
        await ask(
            await session(kubeconfig(tmp_path / "config", wire.url, user=plugin(tmp_path / "p", TOKEN % "", **more)))
        )
    assert wire.asked[0].headers["authorization"] == "Bearer token-1"


@pytest.mark.parametrize("token", ["s3cret\nX-Evil: y", "s3crét", "s3cret\x00"])
async def test_a_token_that_is_none(tmp_path: Path, token: str) -> None:
    error = await failure(kubeconfig(tmp_path / "config", "https://a", user={"token": token}))
    assert (error.kind, error.message) == ("unauthorized", "context earth: the token of user jo is no token")


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("s3cret that is no JSON", "no ExecCredential"),
        ("[]", "no ExecCredential"),
        (
            '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {}}',
            "neither a token",
        ),
        ('{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": null}', "neither"),
        ('{"apiVersion": "v9", "kind": "ExecCredential", "status": {"token": "s3cret"}}', "answered with"),
        ("", "no ExecCredential"),
    ],
)
async def test_a_plugin_that_answers_garbage(tmp_path: Path, output: str, words: str) -> None:
    error = await plugin_failure(tmp_path, plugin(tmp_path / "aws", f"print({output!r})"))
    assert words in error.message
    assert "s3cret" not in error.message + error.next_step


async def test_a_plugin_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, signal, subprocess\n"
        f"child = subprocess.Popen(['sleep', '1000'])\n"
        f"pathlib.Path({str(tmp_path / 'child')!r}).write_text(str(child.pid))\n"
        "signal.pause()"
    )
    error = await plugin_failure(tmp_path, plugin(tmp_path / "az", script), plugin_timeout_s=1.5)
    assert "gave no answer within 1.5 s" in error.message
    assert "by hand" in error.next_step
    child = int((tmp_path / "child").read_text())
    async with asyncio.timeout(5):  # a process that was killed is gone when the kernel comes to it
        while running(child):
            await asyncio.sleep(0.01)


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return False


async def test_a_plugin_that_insists_on_a_terminal(tmp_path: Path) -> None:
    error = await plugin_failure(tmp_path, plugin(tmp_path / "az", "", interactiveMode="Always"))
    assert "terminal" in error.message


async def test_an_auth_provider_that_kubectl_has_dropped(tmp_path: Path) -> None:
    error = await plugin_failure(tmp_path, {"auth-provider": {"name": "gcp"}})
    assert "auth-provider gcp" in error.message
