"""Credential plugins of kubeconfig (client.authentication.k8s.io): gke-gcloud-auth-plugin, aws, kubelogin and others.

The plugin runs in a session of its own, without a terminal and with its input closed: it can neither ask nor write
on the screen. It has a deadline, after which it is killed with its children.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from datetime import datetime
from pathlib import PurePath
from typing import Any

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.contexts import Access, Entry
from providers.kubernetes.redact import redacted

_API_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")

_LOGIN = {
    "aws": "aws sso login",
    "aws-iam-authenticator": "aws sso login",
    "gke-gcloud-auth-plugin": "gcloud auth login",
    "gcloud": "gcloud auth login",
    "kubelogin": "az login",
    "az": "az login",
    "doctl": "doctl auth init",
    "oci": "oci session authenticate",
    "tsh": "tsh login",
}
_INSTALL = {
    "aws": "install the AWS command line tool, version 2",
    "gke-gcloud-auth-plugin": "gcloud components install gke-gcloud-auth-plugin",
    "kubelogin": "az aks install-cli",
}


class PluginCredential(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What a plugin hands out: a token, or a client certificate with its key, and when it ends."""

    token: str | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None
    expiration_timestamp: datetime | None = None

    def __repr__(self) -> str:
        return "PluginCredential(…)"


class _ExecCredential(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    api_version: str
    kind: str
    status: PluginCredential | None = None


async def run_plugin(access: Access, user: Entry, *, timeout_s: float) -> PluginCredential:
    """Runs the user's plugin once. Raises ProviderError unauthorized that names the plugin and what to run."""
    plugin = user.fields["exec"]
    if not isinstance(plugin, dict) or not plugin.get("command"):
        raise ProviderError(
            "no_context",
            f"kubeconfig {user.file}: user {access.user_name} has an exec without a command",
            next_step=f"mend {user.file}",
        )
    if plugin.get("interactiveMode") == "Always":
        raise _failure(access, plugin, "wants to ask on a terminal (interactiveMode: Always)", _by_hand(plugin))
    status, output, errors = await _run(access, user, plugin, timeout_s)
    if status != 0:
        words = _last_line(errors)
        raise _failure(access, plugin, f"failed with status {status}" + (f": {words}" if words else ""))
    return _credential(access, plugin, output)


async def _run(access: Access, user: Entry, plugin: dict[str, Any], timeout_s: float) -> tuple[int, bytes, bytes]:
    command = str(plugin["command"])
    if "/" in command:
        command = str(user.file.parent / command)
    try:
        process = await asyncio.create_subprocess_exec(
            command,
            *_arguments(plugin),
            env=_environment(access, plugin),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        hint = redacted(str(plugin.get("installHint") or "")) or _INSTALL.get(_name(plugin), f"install {_name(plugin)}")
        raise _failure(access, plugin, "is not installed, or not in PATH", hint) from error
    except OSError as error:
        raise _failure(access, plugin, f"cannot be run: {error.strerror}", f"look at {command}") from error
    try:
        async with asyncio.timeout(timeout_s):
            output, errors = await process.communicate()
    except TimeoutError as error:
        raise _failure(access, plugin, f"gave no answer within {timeout_s:g} s", _by_hand(plugin)) from error
    finally:
        if process.returncode is None:
            _kill(process)
            await process.wait()
    return process.returncode or 0, output, errors


def _kill(process: asyncio.subprocess.Process) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()


def _environment(access: Access, plugin: dict[str, Any]) -> dict[str, str]:
    spec: dict[str, Any] = {"interactive": False}
    if plugin.get("provideClusterInfo"):
        spec["cluster"] = _cluster_info(access.cluster)
    info = {"apiVersion": plugin.get("apiVersion", _API_VERSIONS[0]), "kind": "ExecCredential", "spec": spec}
    environment = dict(os.environ)
    environment |= _variables(plugin)
    environment["KUBERNETES_EXEC_INFO"] = msgspec.json.encode(info).decode()
    return environment


def _cluster_info(cluster: Entry) -> dict[str, Any]:
    names = ("server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url")
    info = {name: cluster.fields[name] for name in names if name in cluster.fields}
    for extension in cluster.fields.get("extensions") or ():
        if isinstance(extension, dict) and extension.get("name") == "client.authentication.k8s.io/exec":
            info["config"] = extension.get("extension")
    return info


def _credential(access: Access, plugin: dict[str, Any], output: bytes) -> PluginCredential:
    try:
        answer = msgspec.json.decode(output, type=_ExecCredential)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Without the parser's words: they may quote the credential.
        raise _failure(access, plugin, "answered with something that is no ExecCredential", _by_hand(plugin)) from None
    if answer.kind != "ExecCredential" or answer.api_version != plugin.get("apiVersion", answer.api_version):
        raise _failure(
            access,
            plugin,
            f"answered with {redacted(answer.kind, limit=60)} {redacted(answer.api_version, limit=60)}",
            f"look at the exec apiVersion of user {access.user_name} in the kubeconfig",
        )
    credential = answer.status or PluginCredential()
    if not credential.token and not (credential.client_certificate_data and credential.client_key_data):
        raise _failure(access, plugin, "gave neither a token nor a certificate with its key")
    return credential


def _failure(access: Access, plugin: dict[str, Any], what: str, next_step: str = "") -> ProviderError:
    return ProviderError(
        "unauthorized",
        f"context {access.context}: credential plugin {_name(plugin)} {what}",
        next_step=next_step or login_command(plugin),
    )


def login_command(plugin: dict[str, Any]) -> str:
    """The command that usually renews what PLUGIN hands out."""
    login = _LOGIN.get(_name(plugin))
    if not login:
        return _by_hand(plugin)
    profile = _aws_profile(plugin) if login.startswith("aws") else ""
    return f"run  {login}" + (f" --profile {shlex.quote(profile)}" if profile else "")


def _aws_profile(plugin: dict[str, Any]) -> str:
    arguments = _arguments(plugin)
    if "--profile" in arguments[:-1]:
        return arguments[arguments.index("--profile") + 1]
    return _variables(plugin).get("AWS_PROFILE", "")


def _by_hand(plugin: dict[str, Any]) -> str:
    return f"run it by hand to see why:  {redacted(shlex.join([str(plugin['command']), *_arguments(plugin)]))}"


def _arguments(plugin: dict[str, Any]) -> list[str]:
    arguments = plugin.get("args")
    return [str(argument) for argument in arguments] if isinstance(arguments, list) else []


def _variables(plugin: dict[str, Any]) -> dict[str, str]:
    variables = plugin.get("env")
    named = [v for v in variables if isinstance(v, dict) and v.get("name")] if isinstance(variables, list) else []
    return {str(variable["name"]): str(variable.get("value") or "") for variable in named}


def _name(plugin: dict[str, Any]) -> str:
    return PurePath(str(plugin["command"])).name.removesuffix(".exe")


def _last_line(errors: bytes) -> str:
    lines = [line for line in errors.decode(errors="replace").splitlines() if line.strip()]
    return redacted(lines[-1]) if lines else ""
