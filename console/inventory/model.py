"""What a configuration tree declares: clusters, hubs, and the values that the chain needs, each with its origin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, Literal, TypeVar

import msgspec

T = TypeVar("T")

Provider = Literal["gcp", "aws", "azure", "kubeconfig", "unknown"]


class Origin(msgspec.Struct, frozen=True):
    """Where a value was decided. `file` is relative to the configuration folder; lines and columns count from 1.

    `chart` says that it is a chart default (chart values.yaml, or values.jsonnet, which has no line of its own: 0).
    """

    file: str
    line: int = 0
    column: int = 0
    chart: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    @property
    def source(self) -> str:
        """The word of the JSON contract: the values file that decided, or "chart"."""
        return "chart" if self.chart else self.file


class Setting(msgspec.Struct, Generic[T], frozen=True):
    """A declared value and where it comes from; `origin` None where it is the console's own assumption."""

    value: T
    origin: Origin | None = None


class DeclaredMount(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of extraVolumeMounts. `key` is its key in the map shape, None in the list shape."""

    key: str | None
    name: str
    mount_path: str
    sub_path: str = ""
    read_only: bool = False
    origin: Origin | None = None


HOME_VOLUME = "home"


def is_every_home(name: str, sub_path: str) -> bool:
    """Whether a mount of volume NAME shows every home at once: the home volume without a subPath."""
    return name == HOME_VOLUME and sub_path in ("", ".", "./")


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the configuration that could not be read, or is wrong. `hub` None: it concerns the whole cluster.

    `cluster` is "" when it concerns the tree. `kind` is a stable word: unreadable, yaml, not-a-map, missing-file,
    missing-key, duplicate-cluster, duplicate-hub, jsonnet, missing-chart, wrong-type.
    """

    kind: str
    cluster: str
    hub: str | None
    origin: Origin
    message: str
    next_step: str = ""


class DeclaredHub(msgspec.Struct, frozen=True, kw_only=True):
    """One hub as the configuration declares it.

    The hub's name is the Helm release and the namespace. `resolved` is False while its files have not been read
    yet, or when one is broken: then the values are what is known without it. Values that are not declared
    anywhere have a Setting of None. `path` is baseShareName with the share name put straight behind it, as the chart
    does it.
    """

    cluster: str
    name: str
    chart: str
    resolved: bool = True
    display_name: str = ""
    domain: str = ""
    origin: Origin | None = None
    values_files: tuple[str, ...] = ()
    secret_files: tuple[str, ...] = ()
    nfs_enabled: Setting[bool] = Setting(False)
    server: Setting[str | None] = Setting(None)
    base_share: Setting[str | None] = Setting(None)
    share_name_override: Setting[str | None] = Setting(None)
    share_creator_enabled: Setting[bool] = Setting(True)
    path: Setting[str | None] = Setting(None)
    mount_options: Setting[tuple[str, ...]] = Setting(())
    in_cluster_nfs: Setting[bool] = Setting(False)
    home_nfs_enabled: Setting[bool] = Setting(False)
    home_nfs_quota_gib: Setting[float | None] = Setting(None)
    home_nfs_volume_id: Setting[str | None] = Setting(None)
    user_mounts: tuple[DeclaredMount, ...] = ()
    admin_mounts: tuple[DeclaredMount, ...] = ()
    admin_mounts_replace: bool = False
    """Whether they stand in the place of all that the chart gives: a list, if an empty one, or a map over a list."""
    chart_admin_mounts: tuple[DeclaredMount, ...] = ()
    """The chart's own admin mounts before the hub's files: what a list in a values file silently replaces."""

    @property
    def namespace(self) -> str:
        return self.name

    @property
    def release(self) -> str:
        return self.name

    @property
    def pv_name(self) -> str:
        return f"{self.name}-home-nfs"

    @property
    def pvc_name(self) -> str:
        return "home-nfs"


class DeclaredCluster(msgspec.Struct, frozen=True, kw_only=True):
    """One cluster.yaml. `account` is the provider's block (gcp: project, cluster, zone; …), strings only."""

    name: str
    provider: Provider
    origin: Origin | None = None
    provider_url: str = ""
    account: Mapping[str, str] = {}
    kubeconfig: str | None = None
    hubs: tuple[DeclaredHub, ...] = ()
    problems: tuple[Problem, ...] = ()


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """A whole tree. `root` is the folder of clusters; problems that belong to no cluster are here."""

    root: str
    clusters: tuple[DeclaredCluster, ...] = ()
    problems: tuple[Problem, ...] = ()
    evaluated: bool = True
    """False for an outline: clusters and hubs as cluster.yaml names them, their values not read yet."""

    @property
    def resolved(self) -> bool:
        return all(hub.resolved for cluster in self.clusters for hub in cluster.hubs)
