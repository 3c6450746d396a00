"""The admin mounts, declared and live: allusers, shared-readwrite, and what a pod should therefore have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from console.chain.model import Allusers
from console.inventory.model import HOME_VOLUME, DeclaredHub, DeclaredMount, is_every_home
from providers.kubernetes.objects import HubMount, HubValues

SHARED = "_shared"

Mount = tuple[str, str, bool]
"""mountPath, subPath, read only."""


def declared_allusers(hub: DeclaredHub | None) -> Allusers:
    """Unknown while the configuration is not resolved, or there is none."""
    if hub is None or not hub.resolved:
        return Allusers(enabled=None)
    return _allusers(hub.admin_mounts, _source(hub))


def live_allusers(values: HubValues | None) -> Allusers | None:
    """None: what the hub runs with is not known."""
    return None if values is None or values.error else _allusers(values.admin_mounts, None)


def _allusers(mounts: Sequence[DeclaredMount | HubMount], source: str | None) -> Allusers:
    whole = [mount for mount in mounts if is_allusers(mount)]
    return Allusers(
        enabled=bool(whole),
        read_only=all(mount.read_only for mount in whole) if whole else None,
        mount_paths=tuple(mount.mount_path for mount in whole),
        source=source,
    )


def _source(hub: DeclaredHub) -> str | None:
    """The values file that decided: the allusers entry's own, else the last file that touched the admin mounts."""
    mounts = [mount for mount in hub.admin_mounts if is_allusers(mount)] or list(hub.admin_mounts)
    origins = [mount.origin for mount in mounts if mount.origin]
    own = [origin for origin in origins if not origin.chart]
    return (own or origins)[-1].source if origins else None


def is_allusers(mount: DeclaredMount | HubMount) -> bool:
    """Every home at once: the home volume without a subPath."""
    return is_every_home(mount.name, mount.sub_path)


def is_shared_readwrite(mount: DeclaredMount | HubMount) -> bool:
    return mount.name == HOME_VOLUME and mount.sub_path == SHARED and not mount.read_only


def shared_paths(mounts: Iterable[DeclaredMount | HubMount]) -> tuple[str, ...]:
    """Where `shared-readwrite` is mounted."""
    return tuple(mount.mount_path for mount in mounts if is_shared_readwrite(mount))


def common_mounts(mounts: Iterable[DeclaredMount | HubMount]) -> frozenset[Mount]:
    """The mounts that do not depend on the user's name: the hub directory itself and its `_` folders."""
    return frozenset(
        (mount.mount_path, mount.sub_path, mount.read_only)
        for mount in mounts
        if mount.name == HOME_VOLUME and (mount.sub_path.startswith("_") or is_allusers(mount))
    )


def mount_words(mounts: Iterable[DeclaredMount | HubMount]) -> str:
    """`shared(ro) shared-readwrite allusers`: each folder once, as the person on call names them."""
    words: dict[str, None] = {}
    for mount in mounts:
        if mount.name == HOME_VOLUME:
            name = mount.mount_path.rstrip("/").rpartition("/")[2] or mount.mount_path
            words[f"{name}(ro)" if mount.read_only else name] = None
    return " ".join(words)
