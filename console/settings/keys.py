"""Every key of settings.toml: its kind, its meaning, and how its value is spelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from console.settings.model import Settings

Kind = Literal["text", "texts", "number", "count", "text by name", "texts by name", "account by name"]

ALLOWED: Mapping[Kind, str] = {
    "text": "a string",
    "texts": "a list of strings",
    "number": "a number",
    "count": "a whole number",
    "text by name": "a table of strings",
    "texts by name": "a table of lists of strings",
    "account by name": "a table for each cluster, [accounts.CLUSTER]",
}


class Key(msgspec.Struct, frozen=True):
    """One key. `least` and `most` bound a number, both included; `or_zero` allows 0 besides."""

    name: str
    kind: Kind
    meaning: str
    least: float = 0.0
    most: float = 86_400.0
    or_zero: bool = False


KEYS: tuple[Key, ...] = (
    Key("config", "text", "The configuration tree: a folder of clusters, or a checkout that holds config/clusters."),
    Key("watch", "texts", "Contexts to look at when there is no configuration tree; none: the current context."),
    Key("production", "texts", "Hubs that count as production: patterns of HUB, or of CLUSTER/HUB; * is anything."),
    Key("theme", "text", "The console's colours: dark, light or terminal, or another theme that it offers."),
    Key("backends", "texts", "The filestore backends to ask; those of a cloud ask it with your own credentials."),
    Key("contexts", "text by name", "The kubeconfig context of a cluster, where its name does not say it."),
    Key("accounts", "account by name", "Where a cluster is in its cloud, and as whom it is asked; over cluster.yaml."),
    Key("namespaces", "texts by name", "The namespaces to ask of a cluster where you may not list all of them."),
    Key("intervals.refresh_s", "number", "Seconds between two looks at the fleet; 0: only when asked.",
        5, or_zero=True),
    Key("timeouts.connect_s", "number", "Seconds to wait for a connection.", 0.1),
    Key("timeouts.request_s", "number", "Seconds to wait for one answer of an API server.", 0.1),
    Key("timeouts.cluster_s", "number", "Seconds for one look at a whole cluster.", 0.1),
    Key("timeouts.filestores_s", "number", "Seconds for one backend to list its filestores.", 0.1),
    Key("limits.clusters_at_once", "count", "How many clusters are asked at the same time.", 1, 256),
    Key("limits.page_size", "count", "How many objects are asked for in one page of a list.", 10, 10_000),
    Key("thresholds.nearly_full_percent", "number", "Per cent used from which on a filestore is nearly full.", 1, 100),
    Key("thresholds.full_percent", "number", "Per cent used from which on a filestore counts as full.", 1, 100),
    Key("thresholds.days_left", "number", "Days in which a filestore will be full, from which on that is reported.",
        0, 365),
    Key("thresholds.hanging_minutes", "number", "Minutes in ContainerCreating from which on a mount hangs."),
    Key("thresholds.share_creator_minutes", "number", "Minutes from which on a running share creator is reported."),
    Key("thresholds.grace_seconds", "number", "Seconds after the start of a home-nfs server: its grace period."),
    Key("thresholds.helper_deadline_s", "number", "Seconds from which on a helper pod counts as left behind."),
    Key("thresholds.near_quota_percent", "number", "Per cent of a quota from which on its user is reported.", 1, 100),
    Key("thresholds.old_home_days", "number", "Days without activity after which a home counts as old.", 1, 36_500),
    Key("thresholds.slow_mount_ms", "number", "Milliseconds for one question from which on a file server is slow."),
    Key("owner.uid", "count", "The user number that should own hub directories and homes.", 0, 4_294_967_294),
    Key("owner.gid", "count", "The group number that should own hub directories and homes.", 0, 4_294_967_294),
    Key("images.helper", "text", "The image of helper pods; it needs a shell, find, stat and du, as busybox has them."),
    Key("permissions.probe_always", "texts", "Clusters where looking inside is always permitted: patterns of names."),
    Key("permissions.probe_minutes", "number", "Minutes for which the permission to probe is given.", 1, 480),
    Key("permissions.write_minutes", "number", "Minutes for which the permission to write is given.", 1, 480),
    Key("deploy.command", "text", "The command that deploys a hub: {cluster} and {hub} stand for their names."),
)  # fmt: skip

TABLES: tuple[str, ...] = tuple(dict.fromkeys(key.name.split(".")[0] for key in KEYS if "." in key.name))
ACCOUNT: tuple[str, ...] = (
    "project", "region", "account", "profile", "subscription", "tenant", "resource_group", "cluster",
)  # fmt: skip
"""What [accounts.CLUSTER] may say: Google's project; AWS's region, account number and profile; Azure's subscription,
tenant and resource group; and the name that the cluster has in its cloud."""
BY_NAME: tuple[str, ...] = tuple(key.name for key in KEYS if key.kind.endswith("by name"))


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One setting to show: its dotted key, its value in TOML's spelling, where it was decided, and what it means."""

    key: str
    value: str
    origin: str
    meaning: str


def entries(settings: Settings) -> tuple[Entry, ...]:
    """SETTINGS as rows to show, in the order of KEYS."""
    rows: list[Entry] = []
    for key in KEYS:
        names = settings.value(key.name) if key.kind.endswith("by name") else None
        for name in [key.name] if not names else [f"{key.name}.{name}" for name in names]:
            value = None if names == {} else settings.value(name)
            for inner in [f"{name}.{part}" for part in value] if isinstance(value, Mapping) else [name]:
                shown = value if inner == name else settings.value(inner)
                rows.append(Entry(key=inner, value=spelled(shown), origin=settings.origin(inner), meaning=key.meaning))
    return tuple(rows)


def spelled(value: object) -> str:
    """VALUE as TOML spells it; "" for a value that is not set."""
    if value is None:
        return ""
    if isinstance(value, str):
        return msgspec.json.encode(value).decode()
    if isinstance(value, tuple):
        return "[" + ", ".join(spelled(one) for one in value) + "]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
