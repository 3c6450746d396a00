"""Reads cluster.yaml: who the cluster is, where it runs, and which hubs it has."""

from __future__ import annotations

from pathlib import Path

import msgspec

from console.inventory.documents import Document, Flaw
from console.inventory.model import Origin, Provider
from console.inventory.tree import Tree, is_secret
from console.inventory.views import View, YamlFile

PROVIDERS: dict[str, Provider] = {"gcp": "gcp", "aws": "aws", "azure": "azure", "kubeconfig": "kubeconfig"}


class ValuesFile(msgspec.Struct, frozen=True):
    """A file that a hub names: its path, and where it is named."""

    path: Path
    shown: str
    named_at: Origin


class HubEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One hub of cluster.yaml. `files` are those to merge, weakest first; secret files are not among them."""

    name: str
    chart: str
    origin: Origin
    display_name: str = ""
    domain: str = ""
    files: tuple[ValuesFile, ...] = ()
    secret_files: tuple[str, ...] = ()

    @property
    def values_files(self) -> tuple[str, ...]:
        return tuple(file.shown for file in self.files)


class EntryFlaw(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong in cluster.yaml, about one hub or (None) the cluster."""

    kind: str
    origin: Origin
    message: str
    next_step: str = ""
    hub: str | None = None


class ClusterEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What one cluster.yaml says. `account` is the provider's block, its scalars as text."""

    folder: Path
    name: str
    origin: Origin
    provider: Provider = "unknown"
    provider_url: str = ""
    account: dict[str, str] = {}
    kubeconfig: str | None = None
    hubs: tuple[HubEntry, ...] = ()
    flaws: tuple[EntryFlaw, ...] = ()

    @property
    def account_id(self) -> str:
        """The account as the chart's jsonnet is told it: a project, an account number, or ""."""
        names = ("project", "account_id", "account", "subscription_id", "subscription")
        return next((self.account[name] for name in names if self.account.get(name)), "")


def broken_cluster(folder: Path, shown: str, flaws: list[Flaw]) -> ClusterEntry:
    """A cluster whose file can't be used: it has its folder's name and no hubs."""
    found = tuple(_entry_flaw(shown, flaw) for flaw in flaws)
    return ClusterEntry(folder=folder, name=folder.name, origin=Origin(shown), flaws=found)


def _entry_flaw(shown: str, flaw: Flaw) -> EntryFlaw:
    origin = Origin(shown, flaw.line, flaw.column)
    return EntryFlaw(kind=flaw.kind, origin=origin, message=flaw.message, next_step=flaw.next_step)


def cluster_entry(tree: Tree, folder: Path, shown: str, document: Document) -> ClusterEntry:
    """The cluster that DOCUMENT, the cluster.yaml of FOLDER, describes."""
    flaws = [_entry_flaw(shown, flaw) for flaw in document.flaws]
    if document.root is None:
        if not flaws:
            flaws.append(EntryFlaw(kind="not-a-map", origin=Origin(shown), message="is empty"))
        return ClusterEntry(folder=folder, name=folder.name, origin=Origin(shown), flaws=tuple(flaws))
    root = YamlFile(shown, chart=False).view(document.root)
    reader = _ClusterReader(tree, folder, root, flaws)
    return reader.cluster()


class _ClusterReader:
    """Reads one cluster.yaml and collects its flaws."""

    def __init__(self, tree: Tree, folder: Path, root: View, flaws: list[EntryFlaw]) -> None:
        self._tree = tree
        self._folder = folder
        self._root = root
        self._flaws = flaws

    def cluster(self) -> ClusterEntry:
        provider = self._provider()
        account = _scalars(self._root.get(provider))
        name = _text(self._root.get("name"))
        if not name:
            self._flaw("missing-key", self._root, f"has no name; the folder's name, {self._folder.name}, is used")
        return ClusterEntry(
            folder=self._folder,
            name=name or self._folder.name,
            origin=_origin_of(self._root, "name"),
            provider=provider,
            provider_url=_text(self._root.get("provider_url")),
            account=account,
            kubeconfig=self._kubeconfig(),
            hubs=self._hubs(),
            flaws=tuple(self._flaws),
        )

    def _flaw(self, kind: str, view: View, message: str, *, hub: str | None = None, next_step: str = "") -> None:
        self._flaws.append(EntryFlaw(kind=kind, origin=view.origin, message=message, hub=hub, next_step=next_step))

    def _provider(self) -> Provider:
        view = self._root.get("provider")
        provider = PROVIDERS.get(_text(view))
        if provider is None:
            known = ", ".join(PROVIDERS)
            if view is None:
                self._flaw("missing-key", self._root, "has no provider", next_step=f"Give one of {known}.")
            else:
                message = f'has an unknown provider, "{_text(view)}"'
                self._flaw("wrong-type", view, message, next_step=f"Use one of {known}.")
        return provider or "unknown"

    def _kubeconfig(self) -> str | None:
        block = self._root.get("kubeconfig")
        file = _text(block.get("file")) if block else ""
        return str(self._folder / file) if file and not is_secret(file) else None

    def _hubs(self) -> tuple[HubEntry, ...]:
        view = self._root.get("hubs")
        if view is None or view.kind == "null":
            step = "List its hubs, or write  hubs: []  where it has none."
            self._flaw("missing-key", view or self._root, "has no hubs", next_step=step)
            return ()
        if view.kind != "list":
            self._flaw("wrong-type", view, "has hubs that are no list")
            return ()
        hubs: dict[str, HubEntry] = {}
        for element in view.elements():
            hub = self._hub(element)
            if hub is None:
                continue
            if hub.name in hubs:
                first = hubs[hub.name].origin
                message = f'two hubs are named "{hub.name}", in lines {first.line} and {hub.origin.line}'
                step = "Both are one Helm release and one namespace: rename one. Only the first is shown."
                self._flaw("duplicate-hub", element, message, hub=hub.name, next_step=step)
                continue
            hubs[hub.name] = hub
        return tuple(hubs.values())

    def _hub(self, view: View) -> HubEntry | None:
        name = _text(view.get("name"))
        if not name:
            self._flaw("missing-key", view, "has a hub without a name")
            return None
        chart = _text(view.get("helm_chart"))
        if not chart:
            self._flaw("missing-key", view, f'the hub "{name}" has no helm_chart', hub=name)
        files, secret_files = self._values_files(view, name)
        return HubEntry(
            name=name,
            chart=chart,
            origin=_origin_of(view, "name"),
            display_name=_text(view.get("display_name")),
            domain=_text(view.get("domain")),
            files=files,
            secret_files=secret_files,
        )

    def _values_files(self, hub: View, name: str) -> tuple[tuple[ValuesFile, ...], tuple[str, ...]]:
        listed = hub.get("helm_chart_values_files")
        files, secret_files = [], []
        if listed is not None and listed.kind not in ("list", "null"):
            self._flaw("wrong-type", listed, f'helm_chart_values_files of the hub "{name}" is not a list', hub=name)
        for element in listed.elements() if listed else ():
            file = _text(element)
            if not file:
                message = f'helm_chart_values_files of the hub "{name}" holds an entry that is no file name'
                self._flaw("wrong-type", element, message, hub=name)
                continue
            path = self._folder / file
            shown = self._tree.shown(path)
            if is_secret(file):
                secret_files.append(shown)
            else:
                files.append(ValuesFile(path, shown, element.origin))
        return tuple(files), tuple(secret_files)


def _text(view: View | None) -> str:
    return view.text() if view and view.kind == "scalar" else ""


def _origin_of(view: View, key: str) -> Origin:
    value = view.get(key)
    return value.origin if value else view.origin


def _scalars(view: View | None) -> dict[str, str]:
    """The texts and numbers of a map. `key` names a file of credentials and is left out."""
    if view is None or view.kind != "map":
        return {}
    values = {key: _text(view.get(key)) for key in view.keys() if key != "key"}  # noqa: SIM118 - no mapping
    return {key: value for key, value in values.items() if value}
