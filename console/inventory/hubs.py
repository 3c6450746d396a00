"""One hub's declared side, out of its layers of values."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from console.inventory.clusters import HubEntry
from console.inventory.merge import Merged
from console.inventory.model import DeclaredHub, DeclaredMount, Setting
from console.inventory.mounts import declared_mounts
from console.inventory.settings import Misfit, ValueReader
from console.inventory.views import Kind, View

ADMIN_MOUNTS = ("jupyterhub", "custom", "singleuserAdmin", "extraVolumeMounts")
USER_MOUNTS = ("jupyterhub", "singleuser", "storage", "extraVolumeMounts")
HOME_NFS = "jupyterhub-home-nfs"


class HubLayers(msgspec.Struct, frozen=True, kw_only=True):
    """The values that make one hub, strongest first: its own files, the chart's jsonnet result, chart defaults.

    `prefix` is where the hub's values stand in files and jsonnet (basehub, for a chart that wraps it); `wrapped` are
    the defaults of the chart that stands at the prefix.
    """

    files: Sequence[View]
    computed: Sequence[View] = ()
    defaults: Sequence[View] = ()
    wrapped: Sequence[View] = ()
    prefix: tuple[str, ...] = ()

    def merged(self) -> Merged:
        """The hub's values."""
        return self._under(Merged([*self.files, *self.computed], self.defaults))

    def chart_only(self) -> Merged:
        """What the values would be without the hub's own files."""
        return self._under(Merged(self.computed, self.defaults))

    def _under(self, whole: Merged) -> Merged:
        for key in self.prefix:
            whole = whole.child(key)
        return Merged(whole.files, (*whole.defaults, *self.wrapped))


def declared_hub(
    cluster: str, entry: HubEntry, layers: HubLayers, *, resolved: bool
) -> tuple[DeclaredHub, list[Misfit]]:
    """The hub that ENTRY of cluster.yaml and its LAYERS declare, and the values of wrong types."""
    reader = ValueReader(layers.merged())
    admin = _mounts(reader, ADMIN_MOUNTS)
    chart_place = layers.chart_only().at(*ADMIN_MOUNTS)
    chart_admin, _ = declared_mounts(chart_place, "")
    base, override = reader.text("nfs", "pv", "baseShareName"), reader.text("nfs", "pv", "shareNameOverride")
    hub = DeclaredHub(
        cluster=cluster,
        name=entry.name,
        chart=entry.chart,
        resolved=resolved,
        display_name=entry.display_name,
        domain=entry.domain,
        origin=entry.origin,
        values_files=entry.values_files,
        secret_files=entry.secret_files,
        nfs_enabled=reader.flag("nfs", "enabled", default=False),
        server=reader.text("nfs", "pv", "serverIP"),
        base_share=base,
        share_name_override=override,
        share_creator_enabled=reader.flag("nfs", "shareCreator", "enabled", default=True),
        path=_path(entry.name, base, override),
        mount_options=reader.texts("nfs", "pv", "mountOptions"),
        in_cluster_nfs=reader.flag("inClusterNFS", "enabled", default=False),
        home_nfs_enabled=reader.flag(HOME_NFS, "enabled", default=False),
        home_nfs_quota_gib=reader.number(HOME_NFS, "quotaEnforcer", "config", "QuotaManager", "hard_quota"),
        home_nfs_volume_id=_volume_id(reader),
        user_mounts=_mounts(reader, USER_MOUNTS),
        admin_mounts=admin,
        admin_mounts_replace=_replaces(reader.place(*ADMIN_MOUNTS).kind, chart_place.kind),
        chart_admin_mounts=chart_admin,
    )
    return hub, reader.misfits


def _mounts(reader: ValueReader, path: tuple[str, ...]) -> tuple[DeclaredMount, ...]:
    mounts, misfits = declared_mounts(reader.place(*path), ".".join(path))
    reader.misfits.extend(misfits)
    return mounts


def _replaces(own: Kind | None, chart: Kind | None) -> bool:
    """Whether mounts of shape OWN do not add to the CHART's: only two maps are merged."""
    return own == "list" or (own == "map" and chart == "list")


def _path(release: str, base: Setting[str | None], override: Setting[str | None]) -> Setting[str | None]:
    """The PersistentVolume's path: base and name concatenated, as the chart does it, with no slash put in."""
    if base.value is None:
        return Setting(None, base.origin)
    if override.value:
        return Setting(base.value + override.value, override.origin)
    return Setting(base.value + release, base.origin)


def _volume_id(reader: ValueReader) -> Setting[str | None]:
    """The cloud disk of the in-cluster server: that of the cloud that is enabled, else of the first that names one."""
    clouds = ("gke", "eks", "openstack", "azure")
    named = [(cloud, reader.text(HOME_NFS, cloud, "volumeId")) for cloud in clouds]
    named = [(cloud, volume) for cloud, volume in named if volume.value]
    for cloud, volume in named:
        if reader.flag(HOME_NFS, cloud, "enabled", default=False).value:
            return volume
    return named[0][1] if named else Setting(None)
