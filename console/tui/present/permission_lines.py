"""What may be sent to a cluster, as the header says it; and what permitting a look means, in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from console.chain.model import ClusterState, FleetState, HubState
from console.chain.words import count
from console.tui.present.lines import Line, wrap
from providers.kubernetes.permission import Level

READ_ONLY: Line = (("read-only", "quiet"),)
LEVEL_WORDS: dict[Level, str] = {"read": "read-only", "probe": "probe", "write": "WRITE"}


def permission_words(cluster: ClusterState | None, now: datetime) -> Line:
    """`read-only`, `probe 14:32 left`, `probe always`, for the cluster in view."""
    level = cluster.permission.level(now) if cluster else "read"
    if cluster is None or level == "read":
        return READ_ONLY
    until = cluster.permission.until(now)
    left = f" {countdown(until - now)} left" if until else " always"
    return ((f"{LEVEL_WORDS[level]}", "warning" if level == "write" else "accent"), (left, "strong"))


def fleet_permission_words(clusters: Sequence[ClusterState], now: datetime) -> Line:
    """The same where no cluster is in view: `WRITE on earth 14:32 left`, `WRITE on 2 clusters`."""
    granted = [one for one in clusters if one.permission.level(now) != "read"]
    if not granted:
        return READ_ONLY
    widest = next((one for one in granted if one.permission.level(now) == "write"), granted[0])
    (word, role), left = permission_words(widest, now)
    if len(granted) > 1:
        return ((f"{word} on {len(granted)} clusters", role),)
    return ((f"{word} on {widest.name}", role), left)


def countdown(left: timedelta) -> str:
    """`14:32`: minutes and seconds, begun seconds counted."""
    seconds = max(int(-(-left.total_seconds() // 1)), 0)
    return f"{seconds // 60}:{seconds % 60:02}"


def ends(state: FleetState, now: datetime) -> bool:
    """Whether something is granted that will end: only then does a header tick."""
    return any(cluster.permission.until(now) for cluster in state.clusters)


def question(hub: HubState, *, runs: str, deadline_s: float, minutes: float, width: int) -> list[Line]:
    """What will run when a look at HUB is permitted, and for how long that is. RUNS is that in a sentence."""
    latest = count(round(deadline_s / 60), "minute")
    permitted = count(round(minutes), "minute")
    sentences = (
        f"{runs[:1].upper()}{runs[1:]}, at the latest after {latest}. Nothing is changed.",
        f"This permits looking inside every hub of {hub.cluster} for {permitted}; P gives that back early.",
    )
    return asking(f"LOOK INSIDE {hub.key}", sentences, "look now", production=hub.production, width=width)


def asking(title: str, sentences: Sequence[str], yes: str, *, production: bool, width: int) -> list[Line]:
    """SENTENCES under TITLE, and the keys: YES is what y does."""
    badge = " PROD" if production else ""
    rest = max(width - len(title) - len(badge) - 4, 0)
    lines: list[Line] = [(("── ", "rule"), (title, "strong"), (badge, "badge"), (" " + "─" * rest, "rule"))]
    lines += [((f"   {text}", ""),) for words in sentences for text in wrap(words, width - 4)]
    keys: Line = (("   y", "strong"), (" or ", "quiet"), ("Enter", "strong"), (f"  {yes}     ", ""))
    return [*lines, (*keys, ("Esc", "strong"), ("  leave it", ""))]
