"""All that is known of one filestore, as YAML."""

from __future__ import annotations

from typing import ClassVar

from console.chain.filestore_words import findings_on, hubs_on
from console.chain.model import ClusterState
from console.fleet.object_yaml import filestore_yaml
from console.tui.present.lines import Line
from console.tui.screens.yaml_text import YamlTextScreen
from providers.filestores.protocol import Filestore


class FilestoreYamlScreen(YamlTextScreen):
    """STORE as it was when this was opened."""

    NAME = "FILESTORE'S YAML"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "What the cloud or the cluster told of the filestore, and what follows.",
        "/ finds, n and N go on, c copies it all.",
    )

    def __init__(self, cluster: ClusterState, store: Filestore) -> None:
        super().__init__()
        self._cluster, self._store = cluster, store
        hubs = [hub.name for hub in hubs_on(cluster, store)]
        findings = [f"{one.code} {one.severity}: {one.message}" for one in findings_on(cluster, store)]
        self.text = filestore_yaml(store, cluster=cluster.name, hubs=hubs, findings=findings)

    def heading(self) -> Line:
        return ((f"{self._cluster.name}  ", "quiet"), (self._store.name, "strong"))

    def below(self) -> str:
        return "as it was when this was opened"
