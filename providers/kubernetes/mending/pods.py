"""A place to run the scripts in: a helper pod that mounts the hub's share, or the in-cluster server's own container."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import msgspec

from providers.errors import ErrorKind, ProviderError
from providers.kubernetes import resources
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.exec import Command, CommandResult, run, running
from providers.kubernetes.looking import LONGEST_S
from providers.kubernetes.looks import obstacles
from providers.kubernetes.looks.command import MOUNTED_AT, server_root
from providers.kubernetes.looks.helper_pods import create_pod, remove_whatever_comes
from providers.kubernetes.looks.look import SERVER_CONTAINER
from providers.kubernetes.looks.pod import CONTAINER, Form, look_pod, new_name
from providers.kubernetes.looks.protocol import LookFailure, LookRequest
from providers.kubernetes.looks.waiting import PodWait, Sleep
from providers.kubernetes.protocol import Transport
from providers.kubernetes.status_errors import StatusError
from providers.kubernetes.writes import Writes

_FORMS: tuple[Form, ...] = ("reader", "baseline-reader")
"""Users' own uid, the third form of a look, neither sees all nor changes an owner."""
_TIMEOUT_S = 20.0
_DEADLINE_S = 60.0
_RIGHTS = ["CHOWN", "DAC_OVERRIDE", "FOWNER"]


class Inside(msgspec.Struct, frozen=True, kw_only=True):
    """Where commands reach a hub's directory: HUB below ROOT in a container.

    `alone`: nothing but the hub's directory can be reached from there by any path.
    """

    transport: Transport
    namespace: str
    pod: str
    container: str
    root: bytes
    hub: bytes
    alone: bool

    def words(self) -> tuple[str, str]:
        """ROOT and HUB as arguments of the scripts."""
        return encoded(self.root), encoded(self.hub)

    async def run(self, command: Sequence[str]) -> CommandResult:
        """COMMAND there, to its end within a minute. Raises ProviderError."""
        return await run(
            self.transport,
            self.namespace,
            self.pod,
            container=self.container,
            command=command,
            deadline_s=_DEADLINE_S,
        )

    def running(self, command: Sequence[str]) -> AbstractAsyncContextManager[Command]:
        """COMMAND there, its standard input open."""
        return running(
            self.transport,
            self.namespace,
            self.pod,
            container=self.container,
            command=command,
            stdin=True,
            timeout_s=_TIMEOUT_S,
        )


def encoded(name: bytes) -> str:
    return base64.b64encode(name).decode()


@asynccontextmanager
async def inside(
    transport: Transport,
    where: LookRequest,
    *,
    writable: bool = False,
    lasts_s: int = LONGEST_S,
    sleep: Sleep = asyncio.sleep,
) -> AsyncIterator[Inside]:
    """A place to run commands in, for as long as it is entered; a pod ends after LASTS_S whatever becomes of us.

    WRITABLE needs the permission to write, else probing is enough. Raises ProviderError where the pod does not begin.
    """
    if where.through == "server":
        yield Inside(
            transport=transport,
            namespace=where.namespace,
            pod=where.pod,
            container=SERVER_CONTAINER,
            root=server_root(where.base_path),
            hub=where.hub_directory.strip("/").encode(),
            alone=False,
        )
        return
    name = new_name()
    try:
        await _create(transport, where, name, writable=writable, lasts_s=lasts_s)
        await _begun(transport, where, name, sleep)
        yield Inside(
            transport=transport,
            namespace=where.namespace,
            pod=name,
            container=CONTAINER,
            root=MOUNTED_AT.encode(),
            hub=(where.claim_directory if where.through == "claim" else where.hub_directory).strip("/").encode(),
            alone=where.through == "claim",
        )
    finally:
        await remove_whatever_comes(transport, where.namespace, name)


async def refusal(transport: Transport, where: LookRequest) -> str:
    """What the API server says against a pod that may write, asked as a dry run; "" where it would take it, or none is
    needed. Raises ProviderError where it can't be asked."""
    if where.through == "server":
        return ""
    manifest = holding_pod(where, new_name(), _FORMS[0], writable=True, lasts_s=LONGEST_S)
    try:
        await Writes(transport).create(resources.PODS, manifest, namespace=where.namespace, dry_run=True)
    except StatusError as error:
        return error.message
    return ""


def holding_pod(where: LookRequest, name: str, form: Form, *, writable: bool, lasts_s: int) -> dict[str, Any]:
    """The manifest of a pod that does nothing but hold the share mounted: a look's, and WRITABLE with the rights to
    change owners and modes."""
    manifest = look_pod(where, name, "", form)
    spec = manifest["spec"]
    (container,) = spec["containers"]
    spec["activeDeadlineSeconds"] = lasts_s
    container["command"] = ["sleep", str(lasts_s)]
    if writable:
        container["securityContext"]["capabilities"] = {"drop": ["ALL"], "add": _RIGHTS}
        sources = [source for volume in spec["volumes"] for source in volume.values() if isinstance(source, dict)]
        for mount in (*container["volumeMounts"], *sources):
            mount["readOnly"] = False
    return manifest


async def _create(transport: Transport, where: LookRequest, name: str, *, writable: bool, lasts_s: int) -> None:
    refused: LookFailure | None = None
    for form in _FORMS[:1] if writable else _FORMS:
        try:
            manifest = holding_pod(where, name, form, writable=writable, lasts_s=lasts_s)
            return await create_pod(transport, manifest)
        except StatusError as error:
            if not obstacles.refused_by_admission(error) and not obstacles.exceeded_quota(error):
                raise
            refused = obstacles.admission_failure(where, error)
    assert refused is not None  # noqa: S101 - there is at least one form
    raise failed(refused)


async def _begun(transport: Transport, where: LookRequest, name: str, sleep: Sleep) -> None:
    wait = PodWait(KubernetesApi(transport), where, name, clock=time.monotonic)
    while (answer := await wait.poll(sleep)) is False:
        pass
    if isinstance(answer, LookFailure):
        raise failed(answer)


def failed(failure: LookFailure) -> ProviderError:
    words = f": {failure.words}" if failure.words else ""
    kind: ErrorKind = "forbidden" if failure.kind in ("denied", "quota") else "internal"
    return ProviderError(kind, f"{failure.message}{words}", next_step=failure.next_step)
