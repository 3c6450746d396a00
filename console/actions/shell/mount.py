"""What a shell has mounted: a hub's directory as its users have it, or the whole base path beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from console.actions.protocol import Refused

if TYPE_CHECKING:
    from console.chain.model import HubState
    from console.settings import Settings
    from providers.kubernetes.looks.protocol import LookRequest


class Mount(msgspec.Struct, frozen=True, kw_only=True):
    """Where a shell looks: through CLAIM in NAMESPACE, or at SERVER:PATH itself where `claim` is ""."""

    namespace: str
    claim: str = ""
    server: str = ""
    path: str = ""

    @property
    def shown(self) -> str:
        """It in words."""
        place = f"{self.server}:{self.path}" if self.server else ""
        if not self.claim:
            return place
        return f"claim {self.claim}" + (f" ({place})" if place else "")

    def request(self, settings: Settings, *, owner: str, deadline_s: int) -> LookRequest:
        """The mount as helper pods take it."""
        from providers.kubernetes.looks.protocol import LookRequest
        from providers.kubernetes.shells import PURPOSE

        common: dict[str, Any] = {
            "namespace": self.namespace,
            "image": settings.images.helper,
            "owner": owner,
            "purpose": PURPOSE,
            "deadline_s": deadline_s,
            "uid": settings.owner.uid,
            "gid": settings.owner.gid,
        }
        if self.claim:
            return LookRequest(through="claim", claim=self.claim, server=self.server, base_path=self.path, **common)
        return LookRequest(through="export", server=self.server, base_path=self.path, **common)


def mount_of(hub: HubState, *, base: bool) -> Mount:
    """What is mounted for HUB. Raises Refused where nothing says what that would be."""
    server, path = place(hub)
    if base:
        if not server:
            raise Refused(
                f"{hub.key}: neither its volume nor its configuration says which server and path its homes are on",
                next_step=f"hubhomes shell {hub.key} mounts its claim",
            )
        return Mount(namespace=hub.namespace, server=server, path=base_path(hub, path))
    if hub.pvc is not None and hub.pvc.exists and hub.pvc.phase == "Bound":
        return Mount(namespace=hub.namespace, claim=hub.pvc.name, server=server, path=path)
    if server and path:
        return Mount(namespace=hub.namespace, server=server, path=path)
    raise Refused(
        f"{hub.key} has neither a bound claim nor a server and a path: there is nothing to mount",
        next_step="see its claim and its volume, or declare nfs.pv.serverIP",
    )


def place(hub: HubState) -> tuple[str, str]:
    """Server and path of its homes: the volume's word, else the declared one; "" where neither says."""
    if hub.pv is not None and hub.pv.exists and hub.pv.server:
        return hub.pv.server, hub.pv.path
    declared = hub.declared
    return (declared.server.value or "", declared.path.value or "") if declared is not None else ("", "")


def base_path(hub: HubState, path: str) -> str:
    """What the server exports: nfs.pv.baseShareName where PATH is below it, else the directory above PATH."""
    base = (hub.declared.base_share.value or "").rstrip("/") if hub.declared is not None else ""
    if base and path.startswith(f"{base}/"):
        return base
    return path.rstrip("/").rpartition("/")[0] or "/"


def reached(hub: HubState, mount: Mount, hubs: tuple[HubState, ...]) -> tuple[str, ...]:
    """The keys of HUBS, those of its cluster, whose homes are in MOUNT; HUB first."""
    root = mount.path.rstrip("/") + "/"
    inside = [
        other.key
        for other in hubs
        if other.key != hub.key and mount.server and _within(place(other), mount.server, root)
    ]
    return (hub.key, *sorted(inside))


def _within(where: tuple[str, str], server: str, root: str) -> bool:
    return where[0] == server and f"{where[1].rstrip('/')}/".startswith(root)
