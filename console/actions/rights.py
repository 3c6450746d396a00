"""Which rights a plan needs that we lack: Kubernetes is asked, and each cloud that can be."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from console.actions.plan import CloudRight, Need, Plan, Right, Step
from console.actions.protocol import Context
from providers.errors import ProviderError

if TYPE_CHECKING:
    from providers.filestores.changes import Piece, Rights

_LONGEST_S = 20.0
"""How long a cloud is waited for at most: its backend bounds its own question, and logging in may come before."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """`denied` are lacking, and `remedy` is what mends that in a cloud; `unasked` are not known, and why. The others
    are given."""

    denied: tuple[Right, ...] = ()
    unasked: Mapping[Right, str] = {}
    remedy: str = ""


async def rights(plan: Plan, context: Context) -> Found:
    """What is known of all that PLAN needs. What can't be asked is unasked, and refuses nothing."""
    ours = [need for need in plan.needs if isinstance(need, Need)]
    found = await asyncio.gather(_of_kubernetes(ours, context), *_of_clouds(plan.steps, context))
    unasked: dict[Right, str] = {}
    for each in found:
        unasked |= each.unasked
    return Found(
        denied=tuple(dict.fromkeys(right for each in found for right in each.denied)),
        unasked=unasked,
        remedy="; ".join(dict.fromkeys(each.remedy for each in found if each.remedy)),
    )


async def _of_kubernetes(needs: Iterable[Need], context: Context) -> Found:
    wanted = tuple(needs)
    if context.transport is None:
        error = context.cluster.error
        why = error.message if error is not None else f"{context.cluster.name} was not reached"
        return Found(unasked=dict.fromkeys(wanted, why))
    from providers.kubernetes.api import KubernetesApi  # late: the front ends start without it

    api = KubernetesApi(context.transport, timeout_s=context.settings.timeouts.request_s)
    answers = await asyncio.gather(
        *(
            api.allowed(need.verb, need.resource, group=need.group, namespace=need.namespace, name=need.name)
            for need in wanted
        ),
        return_exceptions=True,
    )
    denied: list[Right] = []
    unasked: dict[Right, str] = {}
    for need, answer in zip(wanted, answers, strict=True):
        if isinstance(answer, ProviderError):
            unasked[need] = answer.message
        elif isinstance(answer, BaseException):
            raise answer
        elif not answer:
            denied.append(need)
    return Found(denied=tuple(denied), unasked=unasked)


def _of_clouds(steps: Iterable[Step], context: Context) -> Iterable[Coroutine[None, None, Found]]:
    """A question to each backend that some of STEPS change something with."""
    by_backend: dict[str, list[Step]] = {}
    for step in steps:
        if any(isinstance(need, CloudRight) for need in step.needs):
            by_backend.setdefault(str(step.arguments.get("backend", "")), []).append(step)
    return [_of_cloud(backend, its, context) for backend, its in by_backend.items()]


async def _of_cloud(backend: str, steps: Iterable[Step], context: Context) -> Found:
    from providers.filestores.changes import Piece  # late: the front ends start without it

    steps = tuple(steps)
    named = [need for step in steps for need in step.needs if isinstance(need, CloudRight)]
    pieces = [msgspec.convert(step.arguments["piece"], Piece) for step in steps if "piece" in step.arguments]
    try:
        async with asyncio.timeout(_LONGEST_S):
            told = await _told(backend, pieces, context)
    except TimeoutError:
        return Found(unasked=dict.fromkeys(named, f"{backend} did not answer within {_LONGEST_S:g} s"))
    except ProviderError as error:
        return Found(unasked=dict.fromkeys(named, error.message))
    denied = tuple(need for need in named if need.right in told.denied)
    unasked: dict[Right, str] = {need: told.unknown[need.right] for need in named if need.right in told.unknown}
    return Found(denied=denied, unasked=unasked, remedy=told.next_step if denied else "")


async def _told(backend: str, pieces: Iterable[Piece], context: Context) -> Rights:
    """Raises ProviderError."""
    if context.changing is None:
        raise ProviderError("internal", f"{backend} cannot be asked from here")
    changing = await context.changing(backend)
    return await changing.changes.rights(changing.scope, tuple(pieces))
