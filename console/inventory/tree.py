"""Where a configuration tree keeps its clusters and charts, and how its files are named to people."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from console.inventory.errors import ConfigurationError

CLUSTER_FILE = "cluster.yaml"
IGNORED_FOLDERS = frozenset({"templates"})


class Tree(msgspec.Struct, frozen=True):
    """The layout of one tree. All paths are absolute and keep their symbolic links.

    `base` is what file names are shown relative to: the checkout where ROOT is its config/clusters, else ROOT itself.
    `charts` is the folder of charts, None where there is none beside the clusters.
    """

    root: Path
    base: Path
    charts: Path | None
    chart_folders: tuple[Path, ...] = ()
    """Where charts are looked for, first match first."""

    def shown(self, path: Path | str) -> str:
        """PATH as origins name it: relative to the base, with forward slashes."""
        text, base = str(path), f"{self.base}/"
        if text.startswith(base) and "/../" not in text:
            return text.removeprefix(base)
        return os.path.relpath(text, self.base)


def layout(root: Path) -> Tree:
    """The layout around the folder of clusters ROOT."""
    root = Path(os.path.abspath(root))  # noqa: PTH100 - Path.resolve would follow symbolic links
    in_checkout = root.name == "clusters" and root.parent.name == "config"
    base = root.parent.parent if in_checkout else root
    beside = (root.parent.parent / "helm-charts", root.parent / "helm-charts")
    charts = next((folder for folder in beside if folder.is_dir()), None)
    return Tree(root=root, base=base, charts=charts, chart_folders=beside)


def find_root(path: Path) -> Path:
    """The folder of clusters that PATH means: PATH itself, or the config/clusters in it.

    Raises ConfigurationError when PATH does not exist, can't be listed, or holds no cluster.
    """
    path = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - as in layout
    if not path.exists():
        raise ConfigurationError(f"{path} does not exist", next_step="Give a folder of clusters, or a checkout.")
    if not path.is_dir():
        raise ConfigurationError(f"{path} is not a folder", next_step="Give the folder that holds the clusters.")
    inside = path / "config" / "clusters"
    if inside.is_dir():
        return inside
    if (path / CLUSTER_FILE).exists():
        raise ConfigurationError(
            f"{path} is one cluster, not a folder of clusters",
            next_step=f"Give {path.parent}, and name the cluster with --cluster.",
        )
    try:
        holds_clusters = any((entry / CLUSTER_FILE).exists() for entry in path.iterdir() if entry.is_dir())
    except OSError as error:
        raise ConfigurationError(f"{path} can't be listed: {error.strerror}") from error
    if not holds_clusters:
        raise ConfigurationError(
            f"{path} holds no clusters: neither config/clusters nor a folder with a {CLUSTER_FILE}",
            next_step="Give a folder of clusters, or a checkout that holds config/clusters.",
        )
    return path


def is_secret(name: str) -> bool:
    """Whether a file of this name holds secrets: such files are listed and never opened."""
    name = name.rpartition("/")[2]
    return name.startswith("enc-") or ".secret." in name
