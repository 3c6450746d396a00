"""Whether a share has room for more files: without a free inode it is full, whatever is free of its bytes."""

from __future__ import annotations

from providers.filestores.protocol import Usage


def inode_percent(usage: Usage | None) -> float | None:
    """Used of all inodes, in per cent; None where they are not told, or have no limit."""
    if usage is None or usage.inodes_used is None or not usage.inodes:
        return None
    return 100 * usage.inodes_used / usage.inodes


def fuller_of_files(usage: Usage | None, percent: float | None, *, from_percent: float) -> bool:
    """Whether inodes, used from FROM_PERCENT on, run out before bytes, of which PERCENT are used."""
    inodes = inode_percent(usage)
    return inodes is not None and inodes >= from_percent and (percent is None or inodes > percent)


def files_words(usage: Usage) -> str:
    """`share 99 % full of files (room for 12 more)`."""
    left = max(0, (usage.inodes or 0) - (usage.inodes_used or 0))
    return f"share {int(inode_percent(usage) or 0)} % full of files (room for {left:,} more)"


def inodes_words(usage: Usage) -> str:
    """`4,194,292 of 4,194,304 inodes, says kubelet of node-a`."""
    return f"{usage.inodes_used or 0:,} of {usage.inodes or 0:,} inodes, says {usage.source}"
