"""Which running servers of admins have other allusers mounts than the hub will give."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from console.actions.allusers.asked import every_home
from console.inventory.model import HOME_VOLUME
from providers.errors import ProviderError

if TYPE_CHECKING:
    from console.actions.protocol import Context
    from providers.kubernetes.objects import HubMount, Pod

_USER_PODS = "component=singleuser-server,app=jupyterhub"


class Servers(msgspec.Struct, frozen=True, kw_only=True):
    """The pods of admins with old mounts, by their users' names. `unknown` says why they are not known."""

    old: tuple[Pod, ...] = ()
    unknown: str = ""

    @property
    def users(self) -> tuple[str, ...]:
        from console.chain.pods import username

        return tuple(dict.fromkeys(username(pod) for pod in self.old))

    def of(self, users: Iterable[str]) -> tuple[Pod, ...]:
        from console.chain.pods import username

        wanted = set(users)
        return tuple(pod for pod in self.old if username(pod) in wanted)

    @staticmethod
    def whole(pod: Pod) -> tuple[HubMount, ...]:
        """The allusers mounts of POD."""
        return tuple(mount for mount in _mounts(pod) if every_home(mount))


async def old_servers(
    context: Context, namespace: str, before: Iterable[HubMount], after: Iterable[HubMount]
) -> Servers:
    """The servers whose allusers mounts are not those of AFTER. An admin's server is known by what only admins have."""
    from console.chain.pods import username
    from providers.kubernetes.api import KubernetesApi
    from providers.kubernetes.resources import PODS

    api = KubernetesApi(context.reached(), timeout_s=context.settings.timeouts.request_s)
    try:
        page = await api.list(PODS, namespace=namespace, labels=_USER_PODS)
    except ProviderError as error:
        return Servers(unknown=error.message)
    after = tuple(after)
    admins = {_told(mount) for mount in (*before, *after)}
    wanted = {_told(mount) for mount in after if every_home(mount)}
    old = [
        pod
        for pod in page.items or ()
        if pod.status.phase in ("Running", "Pending")
        and pod.metadata.deletion_timestamp is None
        and ({_told(mount) for mount in _mounts(pod)} & admins or Servers.whole(pod))
        and {_told(mount) for mount in Servers.whole(pod)} != wanted
    ]
    return Servers(old=tuple(sorted(old, key=lambda pod: (username(pod), pod.metadata.name))))


def _mounts(pod: Pod) -> tuple[HubMount, ...]:
    """The mounts of its homes' volume, each once."""
    from providers.kubernetes.objects import HubMount

    found = {
        (mount.mount_path, mount.sub_path, mount.read_only)
        for container in pod.spec.containers
        for mount in container.volume_mounts
        if mount.name == HOME_VOLUME
    }
    return tuple(
        HubMount(key=None, name=HOME_VOLUME, mount_path=path, sub_path=sub_path, read_only=read_only)
        for path, sub_path, read_only in sorted(found)
    )


def _told(mount: HubMount) -> tuple[str, str, bool]:
    return (mount.mount_path.rstrip("/"), mount.sub_path, mount.read_only)
