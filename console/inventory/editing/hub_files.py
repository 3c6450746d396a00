"""The values files of a hub as an edit sees them: which are its own, who else has them, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterator

from console.inventory.editing.overlay import TreeDraft
from console.inventory.editing.refusals import EditRefused
from console.inventory.files import Unreadable
from console.inventory.layering import WRAPPED, WRAPPING
from console.inventory.model import DeclaredHub, Inventory


def prefix(hub: DeclaredHub) -> tuple[str, ...]:
    """Where the values of HUB begin in its files."""
    return (WRAPPED,) if hub.chart in WRAPPING else ()


def strongest_first(hub: DeclaredHub) -> list[str]:
    """The values files of HUB that are plain YAML."""
    return [file for file in reversed(hub.values_files) if not file.endswith(".jsonnet")]


def own_files(inventory: Inventory, hub: DeclaredHub) -> list[str]:
    """Those of them that no other hub has, the strongest first."""
    return [file for file in strongest_first(hub) if not others_with(inventory, hub, file)]


def others_with(inventory: Inventory, hub: DeclaredHub, file: str) -> tuple[str, ...]:
    """The other hubs that have FILE among their values."""
    return tuple(
        f"{other.cluster}/{other.name}"
        for other in all_hubs(inventory)
        if file in other.values_files and (other.cluster, other.name) != (hub.cluster, hub.name)
    )


def all_hubs(inventory: Inventory) -> Iterator[DeclaredHub]:
    for cluster in inventory.clusters:
        yield from cluster.hubs


def content_of(draft: TreeDraft, file: str) -> bytes:
    """What stands in FILE. Raises EditRefused for what is not edited."""
    try:
        content = draft.read(file)
        content.decode()
    except Unreadable as error:
        raise EditRefused(error.message) from error
    except UnicodeDecodeError as error:
        raise EditRefused("it is not UTF-8") from error
    if content.startswith(b"\xef\xbb\xbf"):
        raise EditRefused("it begins with a byte order mark")
    return content
