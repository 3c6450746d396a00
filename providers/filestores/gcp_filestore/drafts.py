"""What is left to make or to grow, in words and as pieces. Pure: what was asked is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from providers.filestores.changes import Draft, Piece, Unfit, Wish
from providers.filestores.gcp_filestore.capacity import TIERS, capacity_warnings, least_gib, tier_named
from providers.filestores.gcp_filestore.commands import create_command, delete_command, describe_command, grow_command
from providers.filestores.gcp_filestore.operations import state_of
from providers.filestores.gcp_filestore.reading import GIB
from providers.filestores.gcp_filestore.shape import INSTANCE_NAME, LOCATION, SHARE_NAME, Shape, differences, shape_of
from providers.filestores.protocol import Filestore
from providers.kubernetes.redact import redacted

if TYPE_CHECKING:
    from google.cloud.filestore_v1 import Instance

READING = ("file.instances.get", "file.operations.get")


def check_wish(wish: Wish) -> None:
    """Raises Unfit for what no instance can be, whatever Google's limits are today."""
    from google.cloud.filestore_v1 import Instance

    if not INSTANCE_NAME.fullmatch(wish.name):
        raise Unfit(
            f"{wish.name!r} can't be an instance's name",
            next_step="use up to 63 lower-case letters, digits and hyphens, a letter first and no hyphen last",
        )
    if not SHARE_NAME.fullmatch(wish.share):
        raise Unfit(
            f"{wish.share!r} can't be a share's name",
            next_step="use letters, digits and underscores, a letter first and no underscore last",
        )
    if wish.location and not LOCATION.fullmatch(wish.location):
        raise Unfit(f"{wish.location!r} can't be a zone or a region", next_step="name one like us-central1-b")
    if wish.capacity_gib is not None and wish.capacity_gib <= 0:
        raise Unfit(f"{wish.capacity_gib} GiB is no capacity", next_step=_sizes(tier_named(wish.tier) or "BASIC_HDD"))
    if wish.tier and tier_named(wish.tier) not in Instance.Tier.__members__:
        raise Unfit(f"Filestore has no tier {wish.tier}", next_step=f"choose one of {', '.join(TIERS)}")


def _sizes(tier: str) -> str:
    return f"{tier} begins at {least_gib(tier)} GiB"


def draft_of_new(shape: Shape, wish: Wish, *, warnings: tuple[str, ...]) -> Draft:
    """The making of SHAPE, of which nothing is there."""
    limits = capacity_warnings(shape.tier, shape.capacity_gib) + _share_warnings(shape)
    return Draft(
        wish=_filled(wish, shape),
        pieces=(_creation(shape),),
        notes=("Google takes some minutes", _growing_words(shape.tier)),
        warnings=warnings + limits,
        commands=(create_command(shape),),
        deletion=delete_command(shape.instance),
    )


def draft_of_begun(shape: Shape, there: Filestore, wish: Wish) -> Draft:
    """The making of SHAPE, which somebody has begun: the same piece, that waits for it."""
    since = f" since {there.state_since:%Y-%m-%d %H:%M} UTC" if there.state_since else ""
    return Draft(
        wish=_filled(wish, shape),
        pieces=(_creation(shape),),
        there=there,
        notes=(f"Google is creating it{since}: it is waited for, and nothing is begun", _growing_words(shape.tier)),
        commands=(describe_command(shape.instance),),
    )


def draft_of_ready(shape: Shape, there: Filestore, wish: Wish) -> Draft:
    """Nothing is left: THERE is it."""
    server = there.addresses[0] if there.addresses else ""
    return Draft(
        wish=_filled(wish, shape),
        there=there,
        server=server,
        path=f"/{shape.share}" if server else "",
        notes=("it is there already",),
    )


def _creation(shape: Shape) -> Piece:
    return Piece(
        key=f"create {shape.instance}",
        what=f"create the Filestore instance {shape.name}",
        before="not there",
        after=shape.words(),
        rights=("file.instances.create", *READING),
        arguments={"do": "create"} | msgspec.to_builtins(shape),
    )


def check_fits(instance: Instance, wanted: Shape) -> None:
    """Raises Unfit where INSTANCE is neither what was WANTED nor about to become it."""
    name, word = instance.name.rpartition("/")[2], state_of(instance)
    differing = differences(shape_of(instance), wanted)
    if differing:
        raise Unfit(
            f"a Filestore instance {name} is there and is another: {', '.join(differing)}",
            next_step="choose another name, or ask for what is there; one that is too small can be grown",
        )
    if word not in ("READY", "CREATING"):
        said = redacted(instance.status_message)
        step = f"look at it, and delete it by hand if nothing is on it: {delete_command(instance.name)}"
        raise Unfit(
            f"a Filestore instance {name} is there in state {word}" + (f": {said}" if said else ""),
            next_step=step if word == "ERROR" else "wait until it is READY, or look at it in Google's console",
        )


def draft_of_growth(instance: Instance, filestore: Filestore, capacity_gib: int, running: str = "") -> Draft:
    """What is left until INSTANCE, which was listed as FILESTORE, has CAPACITY_GIB. RUNNING is the operation that
    changes it now, if any. Raises Unfit."""
    shape = shape_of(instance)
    check_growth(instance, capacity_gib)
    wish = Wish(name=shape.name, share=shape.share, tags=shape.labels, capacity_gib=capacity_gib)
    draft = Draft(
        wish=_filled(wish, shape),
        there=msgspec.structs.replace(filestore, capacity_bytes=shape.capacity_gib * GIB),
        server=filestore.addresses[0] if filestore.addresses else "",
        path=f"/{shape.share}",
    )
    if capacity_gib == shape.capacity_gib:
        return draft
    return msgspec.structs.replace(
        draft,
        pieces=(_growth(shape, capacity_gib),),
        notes=tuple(_growing_notes(instance, shape.tier, running)),
        warnings=capacity_warnings(shape.tier, capacity_gib, now_gib=shape.capacity_gib),
        commands=(grow_command(shape.instance, shape.share, capacity_gib),),
    )


def _growth(shape: Shape, capacity_gib: int) -> Piece:
    return Piece(
        key=f"grow {shape.instance} to {capacity_gib} GiB",
        what=f"grow the Filestore instance {shape.name}",
        before=f"{shape.capacity_gib} GiB",
        after=f"{capacity_gib} GiB",
        rights=("file.instances.update", *READING),
        arguments={"do": "grow", "instance": shape.instance, "capacity_gib": capacity_gib},
    )


def check_growth(instance: Instance, capacity_gib: int) -> None:
    """Raises Unfit where INSTANCE can't be given CAPACITY_GIB, or would shrink."""
    name, word, now_gib = instance.name.rpartition("/")[2], state_of(instance), shape_of(instance).capacity_gib
    if not instance.file_shares:
        raise Unfit(f"the Filestore instance {name} has no share yet", next_step="wait until it is READY")
    if capacity_gib < now_gib:
        raise Unfit(
            f"the Filestore instance {name} has {now_gib} GiB: {capacity_gib} GiB would shrink it",
            next_step="nothing is made smaller from here",
        )
    if capacity_gib > now_gib and word != "READY":
        raise Unfit(
            f"the Filestore instance {name} is in state {word}: only a READY one grows",
            next_step="wait until it is READY, or look at it in Google's console",
        )


def _growing_notes(instance: Instance, tier: str, running: str) -> Iterator[str]:
    if running:
        yield f"Google is changing it ({running}): that is waited for first"
    yield _growing_words(tier)
    if any(share.nfs_export_options for share in instance.file_shares):
        yield "the share's export options are kept; the command by hand may lose them"


def _growing_words(tier: str) -> str:
    if tier.startswith("BASIC"):
        return f"a {tier} instance only grows: what is added can't be taken back"
    return "nothing is made smaller from here"


def _share_warnings(shape: Shape) -> tuple[str, ...]:
    letters = TIERS[shape.tier].share_letters if shape.tier in TIERS else len(shape.share)
    if len(shape.share) <= letters:
        return ()
    return (f"a share's name has at most {letters} letters in {shape.tier}",)


def _filled(wish: Wish, shape: Shape) -> Wish:
    """WISH with what it left open as SHAPE has it."""
    return msgspec.structs.replace(
        wish,
        capacity_gib=wish.capacity_gib or shape.capacity_gib,
        tier=wish.tier or shape.tier,
        location=wish.location or shape.parent.rpartition("/")[2],
        network=wish.network or shape.network,
    )
