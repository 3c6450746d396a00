"""Which Kubernetes object stands behind a link or a finding, and the kubectl command that shows it."""

from __future__ import annotations

from typing import NamedTuple

from console.chain.model import ClusterState, Finding, HubState, Link
from console.chain.words import kubectl
from providers.filestores.protocol import Filestore

RESOURCES: dict[str, str] = {
    "PersistentVolume": "persistentvolumes",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "Pod": "pods",
    "Service": "services",
    "Deployment": "deployments",
    "Job": "jobs",
    "Node": "nodes",
    "Event": "events",
}
"""Kinds that can be shown. Secrets never are."""

SHORT: dict[str, str] = {
    "persistentvolumes": "pv", "persistentvolumeclaims": "pvc", "pods": "pod", "services": "service",
    "deployments": "deployment", "jobs": "job", "nodes": "node", "events": "event",
}  # fmt: skip


class LiveObject(NamedTuple):
    """One object of one cluster. `namespace` is "" for what lives in none."""

    cluster: str
    context: str | None
    resource: str
    namespace: str
    name: str

    @property
    def title(self) -> str:
        """`pv prod-home-nfs`, `pod prod/jupyter-ana`."""
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{SHORT[self.resource]} {where}{self.name}"


def showing_command(found: LiveObject) -> str:
    """The command that shows the same object."""
    where = ("-n", found.namespace) if found.namespace else ()
    return kubectl(found.context, *where, "get", SHORT[found.resource], found.name, "-o", "yaml")


def of_finding(finding: Finding, *, context: str | None, namespace: str = "") -> LiveObject | None:
    """What FINDING is about, where that is an object that can be shown: its subject is Kind/name or
    Kind/namespace/name."""
    kind, *rest = finding.subject.split("/")
    resource = RESOURCES.get(kind)
    if resource is None or not 1 <= len(rest) <= 2:
        return None
    owner = rest[0] if len(rest) == 2 else "" if resource in ("persistentvolumes", "nodes") else namespace
    return LiveObject(finding.cluster, context, resource, owner, rest[-1])


def of_link(hub: HubState, link: Link, *, context: str | None) -> LiveObject | None:
    """The object that carries LINK in the cluster."""
    if link in ("pv", "export", "filestore"):
        name = hub.pv.name if hub.pv and hub.pv.name else f"{hub.release}-home-nfs"
        return LiveObject(hub.cluster, context, "persistentvolumes", "", name)
    if link == "pvc":
        name = hub.pvc.name if hub.pvc and hub.pvc.name else "home-nfs"
        return LiveObject(hub.cluster, context, "persistentvolumeclaims", hub.namespace, name)
    if link == "mounts":
        return LiveObject(hub.cluster, context, "deployments", hub.namespace, "hub")
    return None


def of_filestore(store: Filestore, *, cluster: ClusterState) -> LiveObject | None:
    """The Deployment of a server within CLUSTER; None for one of a cloud."""
    if not store.namespace:
        return None
    return LiveObject(cluster.name, cluster.context, "deployments", store.namespace, store.name)


def chain_commands(hub: HubState, *, context: str | None) -> str:
    """The commands that show HUB's chain by hand."""
    volume = hub.pv.name if hub.pv and hub.pv.name else f"{hub.release}-home-nfs"
    return "\n".join(
        (
            kubectl(context, "get", "pv", volume, "-o", "wide"),
            kubectl(context, "-n", hub.namespace, "get", "pvc,job,deployment", "-o", "wide"),
            kubectl(context, "-n", hub.namespace, "get", "pod", "-l", "component=singleuser-server", "-o", "wide"),
            kubectl(context, "-n", hub.namespace, "get", "events", "--field-selector", "reason=FailedMount"),
        )
    )
