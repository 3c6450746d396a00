"""A hub's PersistentVolume and claim: as the chart renders them, as they are now, and what differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from console.actions.api_objects import Json, present
from console.actions.protocol import Refused
from console.actions.storage.helm_marks import another_owner, called, helm_marks
from console.chain.addresses import same_host, same_path, service_of
from console.chain.findings.pv import options
from console.inventory.model import HOME_VOLUME

if TYPE_CHECKING:
    from console.actions.protocol import Context
    from console.chain.model import HubState

RETAIN = "Retain"
SHARED = "_shared"
_OF_SERVER = frozenset(
    {"uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation",
     "managedFields", "selfLink", "finalizers"}
)  # fmt: skip
_OF_BINDER = ("pv.kubernetes.io/", "volume.kubernetes.io/", "volume.beta.kubernetes.io/")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a hub's volume and claim are to be. `base` is what the server exports, `below` the hub's directory in it,
    "" that itself; `shared` are the directories beside the homes that its mounts name. `charted`: the configuration
    says so, and Helm deploys them."""

    release: str
    namespace: str
    volume: str
    claim: str
    server: str
    path: str
    base: str
    below: str
    options: tuple[str, ...] = ()
    shared: tuple[str, ...] = (SHARED,)
    charted: bool = True

    @property
    def source(self) -> str:
        return f"{self.server}:{self.path}"

    def directories(self) -> tuple[bytes, ...]:
        """The hub's directory and what homes share, as paths below the base."""
        top = self.below.encode()
        below = [b"/".join(filter(None, (top, name.encode()))) for name in self.shared]
        return (*((top,) if top else ()), *below)

    def volume_manifest(self) -> Json:
        """As the chart renders it, and kept for the hub's own claim, so that no other binds to it first."""
        return {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": self.volume, **self._marks()},
            "spec": {
                "capacity": {"storage": "1Mi"},
                "accessModes": ["ReadWriteMany"],
                "nfs": {"server": self.server, "path": self.path},
                "mountOptions": list(self.options),
                "persistentVolumeReclaimPolicy": RETAIN,
                "claimRef": {
                    "apiVersion": "v1",
                    "kind": "PersistentVolumeClaim",
                    "namespace": self.namespace,
                    "name": self.claim,
                },
            },
        }

    def claim_manifest(self) -> Json:
        return {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": self.claim, "namespace": self.namespace, **self._marks()},
            "spec": {
                "accessModes": ["ReadWriteMany"],
                "volumeName": self.volume,
                "storageClassName": "",
                "resources": {"requests": {"storage": "1Mi"}},
            },
        }

    def _marks(self) -> Json:
        return helm_marks(self.release, self.namespace)


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """What is there now, whole. `held` is the volume that the claim is bound to where that is not the hub's own;
    `services` are the cluster IPs of in-cluster servers that are named."""

    volume: Json | None
    claim: Json | None
    held: Json | None = None
    services: Mapping[tuple[str, str], str] = {}

    @property
    def bound(self) -> bool:
        """Whether the claim is bound to the hub's own volume."""
        if self.volume is None or self.claim is None:
            return False
        return phase(self.claim) == "Bound" and claim_ref(self.volume).get("uid") == uid(self.claim)


async def wanted_for(context: Context) -> Wanted:
    """As the configuration declares it, or where there is none, as the hub's own volume says.

    Raises Refused, ProviderError.
    """
    hub = context.hub
    assert hub is not None  # noqa: S101 - its target is a hub
    context.reached()
    if hub.declared is not None:
        return wanted_of(hub)
    volume = await volume_now(context, hub.pv.name) if hub.pv is not None and hub.pv.name else None
    if volume is None:
        raise Refused(
            f"{hub.key} has no volume, and nothing declares what it should be",
            next_step="name its configuration: --config DIR",
        )
    return wanted_as_is(hub, volume)


def wanted_of(hub: HubState) -> Wanted:
    """As the configuration declares it. Raises Refused where it does not say so."""
    declared = hub.declared
    if declared is None or not declared.resolved:
        raise Refused(
            f"nothing declares where the homes of {hub.key} are", next_step="name its configuration: --config DIR"
        )
    server, path = declared.server.value, declared.path.value
    if declared.in_cluster_nfs.value or not declared.nfs_enabled.value or not server or not path:
        raise Refused(
            f"{hub.key} is not declared to have its homes on NFS, by nfs.pv", next_step="see its values files"
        )
    base, below = split(path, declared.base_share.value or "")
    mounts = (*declared.user_mounts, *declared.admin_mounts)
    tops = (mount.sub_path.split("/")[0] for mount in mounts if mount.name == HOME_VOLUME)
    beside = {top for top in tops if top.startswith("_")}
    return Wanted(
        release=hub.release,
        namespace=hub.namespace,
        volume=declared.pv_name,
        claim=declared.pvc_name,
        server=server,
        path=path,
        base=base,
        below=below,
        options=declared.mount_options.value,
        shared=tuple(sorted({SHARED, *beside})),
    )


def wanted_as_is(hub: HubState, volume: Json) -> Wanted:
    """As the hub's VOLUME says it, where nothing is declared. Raises Refused where that is not NFS."""
    source = volume["spec"].get("nfs")
    if source is None:
        raise Refused(
            f"{name(volume)} is not an NFS volume, and nothing declares what it should be",
            next_step="name its configuration: --config DIR",
        )
    base, below = split(source["path"], "")
    return Wanted(
        release=hub.release,
        namespace=hub.namespace,
        volume=name(volume),
        claim=(hub.pvc.name if hub.pvc is not None else "") or "home-nfs",
        server=source["server"],
        path=source["path"],
        base=base,
        below=below,
        options=tuple(volume["spec"].get("mountOptions", ())),
        charted=False,
    )


def split(path: str, base_share: str) -> tuple[str, str]:
    """What is exported of PATH, and what is below it. The chart puts the name straight behind BASE_SHARE: where that
    does not end at a slash, or is not known, the directory above is what can be mounted."""
    base = base_share.rstrip("/")
    if base_share and path.startswith(f"{base}/"):
        return base or "/", path[len(base) :].strip("/")
    above, _, last = path.rstrip("/").rpartition("/")
    return above or "/", last


async def volume_now(context: Context, name: str) -> Json | None:
    """A PersistentVolume, whole; None where there is none. Raises ProviderError."""
    from providers.kubernetes.resources import VOLUME_MANIFESTS

    found = await present(context, VOLUME_MANIFESTS, name)
    return None if found is None else dict(found)


async def claim_now(context: Context, namespace: str, name: str) -> Json | None:
    """A PersistentVolumeClaim, whole; None where there is none. Raises ProviderError."""
    from providers.kubernetes.resources import CLAIM_MANIFESTS

    found = await present(context, CLAIM_MANIFESTS, name, namespace=namespace)
    return None if found is None else dict(found)


async def live_of(context: Context, wanted: Wanted) -> Live:
    """Volume and claim as they are now. Raises ProviderError."""
    from providers.kubernetes.resources import SERVICES

    volume = await volume_now(context, wanted.volume)
    claim = await claim_now(context, wanted.namespace, wanted.claim)
    other = (claim or {"spec": {}})["spec"].get("volumeName") or wanted.volume
    held = await volume_now(context, other) if other != wanted.volume else None
    services: dict[tuple[str, str], str] = {}
    named = service_of(wanted.server)
    if named is not None:
        service = await present(context, SERVICES, named[0], namespace=named[1])
        services = {named: service.spec.cluster_ip} if service is not None else {}
    return Live(volume=volume, claim=claim, held=held, services=services)


def again(manifest: Json) -> Json:
    """What makes MANIFEST once more: without what the API server and the controllers have written into it. Whose claim
    a volume was for stays, and no longer which."""
    kept = {key: value for key, value in manifest["metadata"].items() if key not in _OF_SERVER}
    annotations = {key: value for key, value in kept.get("annotations", {}).items() if not key.startswith(_OF_BINDER)}
    kept |= {"annotations": annotations} if "annotations" in kept else {}
    spec = dict(manifest["spec"])
    if "claimRef" in spec:
        reference = spec["claimRef"]
        spec["claimRef"] = {key: value for key, value in reference.items() if key not in ("uid", "resourceVersion")}
    kind = "PersistentVolumeClaim" if "namespace" in kept else "PersistentVolume"
    return {"apiVersion": "v1", "kind": kind, "metadata": kept, "spec": spec}


def volume_fits(volume: Json, wanted: Json, services: Mapping[tuple[str, str], str]) -> bool:
    """Whether VOLUME is as WANTED, apart from what can be changed in its place: mount options and reclaim policy."""
    one, other = volume["spec"], wanted["spec"]
    if _plain(one) != _plain(other):
        return False
    here, there = one.get("nfs"), other.get("nfs")
    if here is None or there is None:
        return here == there and {**one.get("csi", {})} == {**other.get("csi", {})}
    return same_host(here["server"], there["server"], services) and same_path(here["path"], there["path"])


def claim_fits(claim: Json, wanted: Json) -> bool:
    """Whether CLAIM is as WANTED, and may be used."""
    if deleting(claim) or phase(claim) == "Lost":
        return False
    if phase(claim) == "Pending" and _requested(claim) != _requested(wanted):
        return False
    same_volume = claim["spec"].get("volumeName") == wanted["spec"].get("volumeName")
    return same_volume and _plain(claim["spec"]) == _plain(wanted["spec"])


def same_options(volume: Json, wanted: Json) -> bool:
    one, other = (tuple(each["spec"].get("mountOptions", ())) for each in (volume, wanted))
    return options(one) == options(other)


def _requested(claim: Json) -> object:
    return claim["spec"].get("resources", {}).get("requests", {}).get("storage")


def _plain(spec: Json) -> tuple[str, frozenset[str]]:
    return spec.get("storageClassName") or "", frozenset(spec.get("accessModes", ()))


def name(manifest: Json) -> str:
    return str(manifest["metadata"]["name"])


def uid(manifest: Json) -> str:
    return str(manifest["metadata"].get("uid", ""))


def version(manifest: Json) -> str:
    return str(manifest["metadata"].get("resourceVersion", ""))


def phase(manifest: Json) -> str:
    return str((manifest.get("status") or {}).get("phase", ""))


def deleting(manifest: Json) -> bool:
    return bool(manifest["metadata"].get("deletionTimestamp"))


def claim_ref(volume: Json) -> Json:
    return volume["spec"].get("claimRef") or {}


def policy(volume: Json) -> str:
    return str(volume["spec"].get("persistentVolumeReclaimPolicy", RETAIN))


def volume_words(volume: Json) -> str:
    """`Bound, 10.2.0.2:/homes/prod, hard,noatime, Retain`."""
    spec = volume["spec"]
    source = spec.get("nfs")
    where = f"{source['server']}:{source['path']}" if source else "not NFS"
    parts = (
        phase(volume),
        where,
        ",".join(spec.get("mountOptions", ())),
        f"class {spec['storageClassName']}" if spec.get("storageClassName") else "",
        policy(volume),
        "being deleted" if deleting(volume) else "",
    )
    return ", ".join(part for part in parts if part)


def claim_words(claim: Json) -> str:
    """`Bound to prod-home-nfs`."""
    parts = (
        phase(claim),
        "to" if phase(claim) == "Bound" else "asks for",
        claim["spec"].get("volumeName") or "any volume",
    )
    return " ".join(part for part in parts if part) + (", being deleted" if deleting(claim) else "")


def owned_by_others(wanted: Wanted, live: Live) -> list[str]:
    """What the next deploy of a hub refuses, since it is somebody else's."""
    if not wanted.charted:
        return []
    pairs = ((live.volume, wanted.volume_manifest()), (live.claim, wanted.claim_manifest()))
    found = [(one, another_owner(one, other)) for one, other in pairs if one is not None]
    return [f"{called(one)} is marked as {owner}: the next deploy refuses it" for one, owner in found if owner]
