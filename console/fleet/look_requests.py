"""How a hub is looked into: in its in-cluster server, through its claim, else through the export; what that needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from console.chain.seen import claim_directory
from providers.errors import ProviderError
from providers.kubernetes.looks.beyond_claim import may_go_on
from providers.kubernetes.looks.protocol import LookRequest, Placement

if TYPE_CHECKING:
    from console.chain.model import HubState
    from console.settings import Settings
    from providers.filestores.protocol import Filestore
    from providers.kubernetes.api import Right
    from providers.kubernetes.objects import Pod
    from providers.kubernetes.observation import ClusterObservation
    from providers.kubernetes.protocol import Transport

SIZES_DEADLINE_S, DEADLINE_S = 3600, 600
_DEDICATED = ("hub.jupyter.org/dedicated", "hub.jupyter.org_dedicated")
_MANIFEST_TIMEOUT_S = 5.0


class _Affinity(msgspec.Struct, frozen=True, rename="camel"):
    node_affinity: dict[str, Any] | None = None


class _Spec(msgspec.Struct, frozen=True, rename="camel"):
    node_selector: dict[str, str] = {}
    tolerations: tuple[dict[str, Any], ...] = ()
    affinity: _Affinity | None = None


class _Manifest(msgspec.Struct, frozen=True):
    spec: _Spec = _Spec()


def look_request(
    hub: HubState,
    observation: ClusterObservation,
    stores: Sequence[Filestore],
    *,
    settings: Settings,
    owner: str,
    deep: bool = False,
    homes: tuple[bytes, ...] = (),
    entries: bool = True,
) -> LookRequest:
    """The request for one look at HUB. STORES are its cluster's. Raises ProviderError where there is no way in."""
    common: dict[str, Any] = {
        "image": settings.images.helper,
        "owner": owner,
        "deep": deep,
        "homes": homes,
        "entries": entries,
        "uid": settings.owner.uid,
        "gid": settings.owner.gid,
        "deadline_s": SIZES_DEADLINE_S if homes else DEADLINE_S,
    }
    server, path = _place(hub)
    base, below = _split(path, hub)
    store = next((one for one in stores if one.id in hub.filestores), None)
    pod = _server_pod(store, observation)
    if store is not None and pod and not homes:
        return LookRequest(
            namespace=store.namespace,
            through="server",
            pod=pod,
            server=server,
            base_path=base,
            hub_directory=below,
            **common,
        )
    common |= {"namespace": hub.namespace, "server": server, "base_path": base, "hub_directory": below}
    if hub.pvc is not None and hub.pvc.exists and hub.pvc.phase == "Bound":
        values = next((one for one in observation.hub_values.items if one.namespace == hub.namespace), None)
        where = claim_directory(values.sub_path if values is not None else None)
        return LookRequest(through="claim", claim=hub.pvc.name, claim_directory=where, **common)
    if server and path:
        return LookRequest(through="export", **common)
    raise ProviderError(
        "internal",
        f"{hub.key} has neither a bound claim nor a server and a path: there is nothing to mount",
        next_step="see its claim and its volume, or declare nfs.pv.serverIP",
    )


def sentence(request: LookRequest, key: str) -> str:
    """What will run, for whoever is asked to permit it."""
    if request.through == "server":
        return (
            f"a look at {key} runs commands that only read in pod {request.pod} of namespace {request.namespace}, "
            "the in-cluster server"
        )
    export = f"{request.server}:{request.base_path or '/'}"
    what = f"claim {request.claim}" if request.through == "claim" else export
    otherwise = f" (where that leads nowhere, another one {export})" if may_go_on(request) else ""
    return (
        f"a look at {key} starts one pod of image {request.image} in namespace {request.namespace}, which mounts "
        f"{what} read-only{otherwise} and is removed afterwards"
    )


def rights_of(request: LookRequest) -> tuple[Right, ...]:
    """What RBAC has to grant for it."""
    from providers.kubernetes.api import Right

    namespace = request.namespace
    if request.through == "server":
        return (Right("create", "pods/exec", namespace),)
    verbs = (("create", "pods"), ("get", "pods"), ("delete", "pods"), ("get", "pods/log"))
    return tuple(Right(verb, resource, namespace) for verb, resource in verbs)


async def placed_as_users(transport: Transport, hub: HubState, observation: ClusterObservation) -> Placement:
    """Where a user's pod of the hub may land, by the manifest of one; without any, where Zero to JupyterHub's may."""
    usual = Placement(tolerations=tuple(_toleration(key) for key in _DEDICATED))
    pods = [pod for pod in observation.user_pods.items if pod.metadata.namespace == hub.namespace]
    pods.sort(key=lambda pod: pod.status.phase != "Running")
    if not pods:
        return usual
    path = f"/api/v1/namespaces/{hub.namespace}/pods/{pods[0].metadata.name}"
    try:
        response = await transport.request("GET", path, timeout_s=_MANIFEST_TIMEOUT_S)
        spec = msgspec.json.decode(response.body, type=_Manifest).spec if response.status == 200 else None
    except (ProviderError, msgspec.DecodeError, UnicodeDecodeError):
        return usual
    if spec is None:
        return usual
    nodes = spec.affinity.node_affinity if spec.affinity is not None else None
    affinity: Mapping[str, Any] = {"nodeAffinity": nodes} if nodes else {}
    # What the node controller adds to every pod is not the user's, and a helper pod need not outlive its node.
    kept = tuple(one for one in spec.tolerations if not str(one.get("key", "")).startswith("node.kubernetes.io/"))
    return Placement(node_selector=spec.node_selector, tolerations=kept, affinity=affinity)


def _toleration(key: str) -> dict[str, Any]:
    return {"key": key, "operator": "Equal", "value": "user", "effect": "NoSchedule"}


def _place(hub: HubState) -> tuple[str, str]:
    if hub.pv is not None and hub.pv.exists and hub.pv.server:
        return hub.pv.server, hub.pv.path
    return (hub.declared.server.value or "", hub.declared.path.value or "") if hub.declared is not None else ("", "")


def _split(path: str, hub: HubState) -> tuple[str, str]:
    """Base path, which is exported, and what of PATH is below it."""
    base = (hub.declared.base_share.value or "").rstrip("/") if hub.declared is not None else ""
    if base and path.startswith(f"{base}/") and path.rstrip("/") != base:
        return base, path[len(base) :].strip("/")
    above, _, name = path.rstrip("/").rpartition("/")
    return above or "/", name


def _serves(pod: Pod) -> bool:
    from providers.kubernetes.looks.look import SERVER_CONTAINER

    states = (one.state for one in pod.status.container_statuses if one.name == SERVER_CONTAINER)
    return pod.status.phase == "Running" and any(state.running is not None for state in states)


def _server_pod(store: Filestore | None, observation: ClusterObservation) -> str:
    """The pod of an in-cluster server that runs; "" where STORE is none, or its own container does not."""
    if store is None or not store.namespace:
        return ""
    names = {value for name, value in store.facts if name == "pod"}
    running = (
        pod.metadata.name
        for pod in observation.home_nfs_pods.items
        if pod.metadata.namespace == store.namespace and pod.metadata.name in names and _serves(pod)
    )
    return next(running, "")
