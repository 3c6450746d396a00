"""A shell in a helper pod that has a hub's directory mounted: read-only, or writable.

The pod goes by four ways: whoever opened the shell removes it; where they are killed, a second command in the pod ends
it, since they held its standard input open; where they never come so far, its own process gives up; and its deadline
ends it whatever happens.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.exec import Command, running
from providers.kubernetes.looks import obstacles
from providers.kubernetes.looks.command import MOUNTED_AT
from providers.kubernetes.looks.helper_pods import create_pod, remove_whatever_comes
from providers.kubernetes.looks.pod import look_pod
from providers.kubernetes.looks.protocol import LookFailure, LookRequest
from providers.kubernetes.looks.waiting import PodWait, Sleep
from providers.kubernetes.protocol import Transport
from providers.kubernetes.resources import PODS
from providers.kubernetes.status_errors import StatusError, status_error

CONTAINER, PURPOSE = "shell", "shell"
_PREFIX = "hubhomes-shell-"
_SCRATCH_AT, _KEPT = "/tmp", "/tmp/.kept"  # noqa: S108 - in the container, which nobody else has
HOLD = (
    "trap 'exit 0' TERM; sleep 60 & wait $!; "
    f'[ -e {_KEPT} ] || exit 0; sleep "$1" & wait $!'
)  # fmt: skip
"""What the pod's own process does: it waits a minute for somebody, then for the deadline."""
_KEEP = f": >{_KEPT}; cat >/dev/null; kill 1"
_KEEP_ALIVE_S = 30.0
"""Balancers in between drop what is silent for some minutes."""
_START_S = 10.0
_TERM = re.compile(r"[A-Za-z0-9+._-]{1,40}\Z")

Form = Literal["reader", "baseline-reader", "writer", "user"]
_READING: tuple[Form, ...] = ("reader", "baseline-reader", "user")
_WRITING: tuple[Form, ...] = ("writer", "user")
_RIGHTS = ["CHOWN", "DAC_OVERRIDE", "FOWNER"]


class ShellRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One shell. `mount` says what is mounted, by whom and for how long; `prompt` are plain words before each line,
    `term` the kind of the terminal in front of it."""

    mount: LookRequest
    writable: bool = False
    prompt: str = ""
    term: str = ""


def new_name() -> str:
    """A name that no other pod has."""
    return f"{_PREFIX}{secrets.token_hex(4)}"


def forms(*, writable: bool) -> tuple[Form, ...]:
    """What is tried, one after the other, since a namespace's Pod Security may refuse the first."""
    return _WRITING if writable else _READING


def shell_pod(asked: ShellRequest, name: str, form: Form) -> dict[str, Any]:
    """The manifest: a look's pod that waits instead of looking."""
    mount = asked.mount
    pod = look_pod(mount, name, "", "reader" if form == "writer" else form)
    spec = pod["spec"]
    (container,) = spec["containers"]
    container["name"] = CONTAINER
    container["command"] = ["sh", "-c", HOLD, "hubhomes", str(mount.deadline_s)]
    container["workingDir"] = MOUNTED_AT
    container["env"] = [{"name": "HOME", "value": _SCRATCH_AT}, {"name": "PS1", "value": f"{asked.prompt} \\w # "}]
    container["resources"]["limits"]["memory"] = "256Mi"
    container["volumeMounts"].append({"name": "scratch", "mountPath": _SCRATCH_AT})
    spec["volumes"].append({"name": "scratch", "emptyDir": {"sizeLimit": "64Mi"}})
    if asked.writable:
        homes, volume = container["volumeMounts"][0], spec["volumes"][0]
        for writable in (homes, volume.get("persistentVolumeClaim") or volume["nfs"]):
            writable["readOnly"] = False
        if form == "writer":
            container["securityContext"]["capabilities"] = {"drop": ["ALL"], "add": _RIGHTS}
    return pod


def shell_command(term: str) -> tuple[str, ...]:
    """What is run for whoever sits at a terminal of the kind TERM."""
    kind = term if _TERM.match(term) else "xterm"
    return ("env", f"TERM={kind}", "sh", "-i")


async def refusal(transport: Transport, asked: ShellRequest, name: str) -> str:
    """Why the namespace would take no form of the pod, in words; "" where it would. Nothing is made.

    Raises ProviderError for anything but admission.
    """
    failure = await _tried(asked, lambda form: _dry_run(transport, shell_pod(asked, name, form)))
    return _words(failure) if failure is not None else ""


@asynccontextmanager
async def shell(
    transport: Transport,
    asked: ShellRequest,
    name: str,
    *,
    tell: Callable[[str], None] = lambda _words: None,
    sleep: Sleep = asyncio.sleep,
) -> AsyncIterator[Command]:
    """A shell with a terminal in a new pod NAME, which is removed when this is left. TELL hears what is waited for.

    Raises ProviderError where it can't be opened, and why.
    """
    namespace = asked.mount.namespace
    try:
        failure = await _tried(asked, lambda form: create_pod(transport, shell_pod(asked, name, form)))
        if failure is not None:
            raise failed(failure)
        await _begun(transport, asked.mount, name, tell, sleep)
        async with (
            _kept(transport, namespace, name),
            running(
                transport,
                namespace,
                name,
                container=CONTAINER,
                command=shell_command(asked.term),
                stdin=True,
                tty=True,
                timeout_s=_START_S,
            ) as command,
        ):
            yield command
    finally:
        await remove_whatever_comes(transport, namespace, name)


def failed(failure: LookFailure) -> ProviderError:
    """The failure of a pod as an error."""
    kind: Literal["forbidden", "timeout", "internal"] = "internal"
    if failure.kind in ("denied", "quota"):
        kind = "forbidden"
    elif failure.kind == "deadline":
        kind = "timeout"
    return ProviderError(kind, _words(failure), next_step=failure.next_step)


def _words(failure: LookFailure) -> str:
    return failure.message + (f": {failure.words}" if failure.words else "")


async def _tried(asked: ShellRequest, attempt: Callable[[Form], Any]) -> LookFailure | None:
    """Tries the forms until the namespace admits one; gives why it admits none."""
    failure: LookFailure | None = None
    for form in forms(writable=asked.writable):
        try:
            await attempt(form)
        except StatusError as error:
            full = obstacles.exceeded_quota(error)
            if not full and not obstacles.refused_by_admission(error):
                raise
            failure = obstacles.admission_failure(asked.mount, error)
            if full:
                return failure
        else:
            return None
    return failure


async def _dry_run(transport: Transport, manifest: dict[str, Any]) -> None:
    namespace = manifest["metadata"]["namespace"]
    response = await transport.request(
        "POST",
        PODS.path(namespace),
        query={"dryRun": "All"},
        body=msgspec.json.encode(manifest),
        headers={"Content-Type": "application/json"},
        timeout_s=_START_S,
    )
    if response.status >= 300:
        raise status_error(response, f"create pods in namespace {namespace}")


async def _begun(
    transport: Transport, mount: LookRequest, name: str, tell: Callable[[str], None], sleep: Sleep
) -> None:
    """Returns when the pod runs. Raises ProviderError where it will not."""
    wait = PodWait(KubernetesApi(transport), mount, name, clock=time.monotonic)
    words = ""
    while (answer := await wait.poll(sleep)) is False:
        if wait.words != words:
            words = wait.words
            tell(words)
    if isinstance(answer, LookFailure):
        raise failed(answer)


@asynccontextmanager
async def _kept(transport: Transport, namespace: str, name: str) -> AsyncIterator[None]:
    """Keeps the pod, by a command whose standard input is held open: when that ends, the pod's own process does."""
    opened = running(
        transport,
        namespace,
        name,
        container=CONTAINER,
        command=("sh", "-c", _KEEP),
        stdin=True,
        timeout_s=_START_S,
    )
    async with opened as command:
        tasks = [asyncio.create_task(_heard(command)), asyncio.create_task(_repeated(command))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _heard(command: Command) -> None:
    """Reads on, so that the connection answers for itself."""
    async for _ in command:
        pass


async def _repeated(command: Command) -> None:
    while True:
        await asyncio.sleep(_KEEP_ALIVE_S)
        await command.write(b"\n")
