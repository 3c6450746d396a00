"""Which pods hold a claim, and waiting until none does: a claim that a pod uses does not go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

from console.actions.api_objects import api_of
from console.actions.protocol import Context, Refused
from console.chain.pods import username
from console.chain.words import plain, some

if TYPE_CHECKING:
    from providers.kubernetes.objects import Pod

WAIT_S = 600.0
_SERVER = "singleuser-server"
_CONTROLLERS = frozenset({"ReplicaSet", "StatefulSet", "DaemonSet"})
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 2.0


async def holders(context: Context, namespace: str, claim: str) -> list[Pod]:
    """The pods on a node that mount CLAIM, ended ones included: their objects hold it, too. Raises ProviderError."""
    from providers.kubernetes.resources import PODS

    page = await api_of(context).list(PODS, namespace=namespace)
    return [
        pod
        for pod in page.items or ()
        if pod.spec.node_name
        and any(
            volume.persistent_volume_claim is not None and volume.persistent_volume_claim.claim_name == claim
            for volume in pod.spec.volumes
        )
    ]


def is_server(pod: Pod) -> bool:
    """Whether the hub made it for a user."""
    return pod.metadata.labels.component == _SERVER


def comes_again(pod: Pod) -> bool:
    """Whether a controller makes another in its place, such as an exporter's: it need not be waited for."""
    return any(owner.kind in _CONTROLLERS for owner in pod.metadata.owner_references)


def runs(pod: Pod) -> bool:
    return pod.status.phase not in ("Succeeded", "Failed")


def users_of(pods: Iterable[Pod]) -> tuple[str, ...]:
    return tuple(sorted({username(pod) for pod in pods if is_server(pod) and runs(pod)}))


async def until_free(context: Context, namespace: str, claim: str, *, wait_s: float) -> None:
    """Waits until no server, and nothing else that nobody would make again, uses CLAIM.

    Raises Refused where some still do after WAIT_S, Cancelled, ProviderError.
    """

    async def waits_for() -> str:
        pods = [pod for pod in await holders(context, namespace, claim) if runs(pod) and not comes_again(pod)]
        return f"waiting for {_named(pods)}" if pods else ""

    still = await until(context, waits_for, wait_s=wait_s)
    if still:
        raise Refused(
            f"nothing was deleted: {still.removeprefix('waiting for ')} still there after {wait_s / 60:.0f} min",
            next_step="at a quiet time again, or --stop-servers",
        )


async def until_gone(
    context: Context,
    there: Callable[[], Awaitable[bool]],
    what: str,
    *,
    wait_s: float,
    held_by: Callable[[], Awaitable[list[Pod]]] | None = None,
) -> None:
    """Waits until what is being deleted is gone, and says who HELD_BY. Raises Refused after WAIT_S, Cancelled."""

    async def waits_for() -> str:
        if not await there():
            return ""
        pods = await held_by() if held_by is not None else []
        return f"{what} is going" + (f": it waits for {_named(pods)}" if pods else "")

    still = await until(context, waits_for, wait_s=wait_s)
    if still:
        raise Refused(
            f"{still}, and has not gone within {wait_s / 60:.0f} min",
            next_step="end what uses it, then hubhomes history finish; the data is untouched",
        )


async def until(context: Context, waits_for: Callable[[], Awaitable[str]], *, wait_s: float) -> str:
    """Asks until there is nothing to wait for, and says what it is; gives that where it is so after WAIT_S.

    Raises Cancelled.
    """
    ends, pause_s, said = time.monotonic() + wait_s, _FIRST_PAUSE_S, ""
    while words := await waits_for():
        if words != said:
            said = words
            context.say(words)
        if time.monotonic() > ends:
            return words
        try:
            async with asyncio.timeout(pause_s):
                await context.cancel.wait()
        except TimeoutError:
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        context.cancel.check()
    return ""


def _named(pods: list[Pod]) -> str:
    users = users_of(pods)
    others = sorted(pod.metadata.name for pod in pods if not (is_server(pod) and runs(pod)))
    parts = [f"the {'server' if len(users) == 1 else 'servers'} of {some(users, 8)}"] if users else []
    parts += [f"pod {some(others, 4)}" if len(others) == 1 else f"pods {some(others, 4)}"] if others else []
    return plain(" and ".join(parts))
