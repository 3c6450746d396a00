"""The configuration tree as it is now, for actions that edit files of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from console.actions.protocol import Context, Refused

if TYPE_CHECKING:
    from console.inventory.editing.overlay import TreeDraft
    from console.inventory.editing.refusals import EditRefused


def base_of(context: Context, *, otherwise: str) -> Path:
    """The folder that file names are in. Raises Refused where there is no tree, and says what else can be done."""
    from console.inventory.tree import layout

    if context.fleet.root is None:
        raise Refused(
            "there is no configuration tree to declare it in", next_step=f"--config DIR, or --live {otherwise}"
        )
    return layout(Path(context.fleet.root)).base


def tree_draft(context: Context) -> TreeDraft:
    """The tree, read now, which blocks."""
    from console.inventory.editing.overlay import TreeDraft

    return TreeDraft(Path(context.fleet.root or ""), cache_dir=context.cache)


def by_hand(what: str, refused: EditRefused) -> Refused:
    """That WHAT is not edited, and the lines to put in."""
    snippet = f"put this in by hand:\n{refused.snippet}" if refused.snippet else "mend the file first"
    return Refused(f"{what} is edited: {refused.reason}", next_step=snippet)
