"""Steps that change a cloud: one for each piece of a draft, made under the permission to write, followed and told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from console.actions.filestores.two_ways import CLOUD
from console.actions.plan import CloudRight, Step
from console.actions.protocol import Cancelled, Context, Refused
from providers.errors import ProviderError
from providers.filestores.changes import Draft, Follow, Piece, Stopped, Unfit, Wish
from providers.filestores.registry import CLOUDS

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from console.fleet.observer import Changing


def steps_of(draft: Draft, backend: str, *, aim: Wish) -> tuple[Step, ...]:
    """A step for each piece of DRAFT. The last one has AIM, what there should be at the end, among its arguments."""
    cloud = CLOUDS.get(backend, backend)
    last = draft.pieces[-1] if draft.pieces else None
    return tuple(
        Step(
            key=piece.key,
            what=piece.what,
            before=piece.before,
            after=piece.after,
            needs=tuple(CloudRight(cloud=cloud, right=right) for right in piece.rights),
            undo=piece.undo,
            arguments={
                "do": CLOUD,
                "backend": backend,
                "piece": msgspec.to_builtins(piece),
                **({"aim": msgspec.to_builtins(aim)} if piece is last else {}),
            },
        )
        for piece in draft.pieces
    )


async def changing_of(context: Context, backend: str) -> Changing:
    """What makes and grows filestores of the kind BACKEND. Raises ProviderError."""
    if context.changing is None:
        raise ProviderError("internal", f"{backend} filestores cannot be changed from here")
    return await context.changing(backend)


async def fitting(draft: Awaitable[Draft]) -> Draft:
    """DRAFT; what can't be had in the cloud is refused. Raises Refused, ProviderError."""
    try:
        return await draft
    except Unfit as error:
        raise Refused(error.message, next_step=error.next_step) from error


async def made(step: Step, context: Context) -> str:
    """Makes the piece of STEP, and tells how far the cloud is; gives in words how it ended.

    Raises Cancelled between two looks at the cloud, where what was begun goes on; Refused, ProviderError.
    """
    from providers.kubernetes.redact import redacted

    changing = await changing_of(context, str(step.arguments["backend"]))
    follow = Follow(
        say=lambda line: context.say(redacted(line)), progress=context.progress, stopped=lambda: context.cancel.asked
    )
    piece = msgspec.convert(step.arguments["piece"], Piece)
    try:
        return await changing.changes.make(changing.scope, piece, permission=context.permission, follow=follow)
    except Stopped:
        context.say("what was begun in the cloud goes on there; asked again, it is followed by its name")
        raise Cancelled from None
    except Unfit as error:
        raise Refused(error.message, next_step=error.next_step) from error


def aim_of(arguments: Any) -> Wish | None:
    """What there should be after the last step; None on the others."""
    return msgspec.convert(arguments["aim"], Wish) if "aim" in arguments else None


def of_plan(steps: tuple[Step, ...]) -> tuple[str, Wish] | None:
    """The backend that STEPS change, and what there should be afterwards."""
    for step in steps:
        aim = aim_of(step.arguments)
        if aim is not None:
            return str(step.arguments["backend"]), aim
    return None


def value_lines(server: str, path: str) -> tuple[str, ...]:
    """What a hub's values say to live there; nothing while the address is not known."""
    if not server:
        return ()
    return (
        "a hub lives on it with these values:",
        "  nfs:",
        "    pv:",
        f"      serverIP: {server}",
        f"      baseShareName: {path.rstrip('/')}/",
    )
