"""One Helm release of the hub chart: what its templates are rendered from."""

from __future__ import annotations

import msgspec


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A hub as deployed. Its name is the release and the namespace.

    `server`, `base_share` and `mount_options` are nfs.pv's serverIP, baseShareName and mountOptions.
    """

    name: str
    server: str
    base_share: str
    share_name_override: str = ""
    mount_options: tuple[str, ...] = ("hard", "noatime")
    chart: str = "basehub-0.1.0"

    @property
    def namespace(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """The hub directory, as the chart builds its name: no slash is put in."""
        return f"{self.base_share}{self.share_name_override or self.name}"

    @property
    def pv_name(self) -> str:
        return f"{self.name}-home-nfs"

    def helm_labels(self) -> dict[str, str]:
        return {"app.kubernetes.io/managed-by": "Helm"}

    def helm_annotations(self) -> dict[str, str]:
        return {"meta.helm.sh/release-name": self.name, "meta.helm.sh/release-namespace": self.namespace}

    def hub_labels(self, component: str) -> dict[str, str]:
        """The labels that the JupyterHub chart puts on what it deploys."""
        return {
            "app": "jupyterhub",
            "app.kubernetes.io/component": component,
            "app.kubernetes.io/instance": self.name,
            "app.kubernetes.io/managed-by": "Helm",
            "app.kubernetes.io/name": "jupyterhub",
            "chart": "jupyterhub-4.2.0",
            "component": component,
            "helm.sh/chart": "jupyterhub-4.2.0",
            "heritage": "Helm",
            "release": self.name,
        }
