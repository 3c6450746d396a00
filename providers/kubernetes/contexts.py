"""The contexts that kubeconfig files offer, read without importing a client.

Several files (KUBECONFIG, separated as PATH is) are merged as kubectl does: the first file that names a context, a
cluster, a user or the current context wins, and files that do not exist are passed over. Nothing is ever written.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.protocol import KubeContext

_GET_ONE = "write one with your cloud's tool (gcloud, aws, az), or name another file in KUBECONFIG"


class Entry(msgspec.Struct, frozen=True):
    """A named cluster or user, and the file where it stands: relative paths in it start from there."""

    file: Path
    fields: dict[str, Any]

    def __repr__(self) -> str:
        return f"Entry({self.file})"

    def path(self, field: str) -> Path | None:
        """The file that FIELD names, absolute."""
        named = self.text(field)
        return self.file.parent / Path(named).expanduser() if named else None

    def text(self, field: str) -> str:
        """FIELD as text; "" when it is not there."""
        value = self.fields.get(field)
        return "" if value is None else str(value)


class Kubeconfig(msgspec.Struct, frozen=True, kw_only=True):
    """Several kubeconfig files, merged. `where` names them for messages."""

    where: str
    contexts: tuple[KubeContext, ...]
    current: str
    clusters: Mapping[str, Entry]
    users: Mapping[str, Entry]

    def context(self, name: str) -> KubeContext:
        """The context NAME, the current one for "". Raises ProviderError no_context."""
        wanted = name or self.current
        for context in self.contexts:
            if context.name == wanted:
                return context
        if not wanted:
            raise ProviderError("no_context", f"{self.where} sets no current-context", next_step="name a context")
        raise ProviderError(
            "no_context",
            f"there is no context {wanted} in {self.where}",
            next_step="list them:  kubectl config get-contexts",
        )


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What a context leads to: the cluster's entry and the user's (None: anonymous)."""

    context: str
    cluster_name: str
    user_name: str
    cluster: Entry
    user: Entry | None

    @property
    def server(self) -> str:
        return self.cluster.text("server").rstrip("/")


def kubeconfig_files(files: str | None = None, environment: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """The files to read: FILES, else KUBECONFIG, else ~/.kube/config. Separated as PATH is."""
    named = files or environment.get("KUBECONFIG") or "~/.kube/config"
    return tuple(Path(part).expanduser() for part in named.split(os.pathsep) if part)


def read_kubeconfig(files: str | None = None) -> Kubeconfig:
    """Reads and merges. Raises ProviderError no_context for a broken file, or when none exists."""
    paths = kubeconfig_files(files)
    where = ", ".join(str(path) for path in paths)
    documents = [(path, _document(path)) for path in paths if path.exists()]
    if not documents:
        raise ProviderError("no_context", f"no kubeconfig: {where} does not exist", next_step=_GET_ONE)
    contexts: dict[str, KubeContext] = {}
    clusters: dict[str, Entry] = {}
    users: dict[str, Entry] = {}
    for path, document in documents:
        for name, fields in _named(path, document, "contexts", "context"):
            contexts.setdefault(name, _context(name, fields, path))
        for name, fields in _named(path, document, "clusters", "cluster"):
            clusters.setdefault(name, Entry(path.absolute(), fields))
        for name, fields in _named(path, document, "users", "user"):
            users.setdefault(name, Entry(path.absolute(), fields))
    current = next((str(d["current-context"]) for _, d in documents if d.get("current-context")), "")
    if current in contexts:
        contexts[current] = msgspec.structs.replace(contexts[current], current=True)
    return Kubeconfig(where=where, contexts=tuple(contexts.values()), current=current, clusters=clusters, users=users)


def access(kubeconfig: Kubeconfig, name: str) -> Access:
    """What the context NAME leads to. Raises ProviderError no_context where an entry is missing."""
    context = kubeconfig.context(name)
    cluster = kubeconfig.clusters.get(context.cluster)
    if cluster is None or not cluster.text("server"):
        missing = f"cluster {context.cluster}" if cluster is None else f"server of cluster {context.cluster}"
        raise _broken(Path(context.file), f"context {context.name}: there is no {missing}")
    user = kubeconfig.users.get(context.user)
    if user is None and context.user:
        raise _broken(Path(context.file), f"context {context.name}: there is no user {context.user}")
    return Access(
        context=context.name, cluster_name=context.cluster, user_name=context.user, cluster=cluster, user=user
    )


def _document(path: Path) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.load(path.read_bytes(), Loader=loader)  # noqa: S506  (a safe loader, the fast one)
    except OSError as error:
        raise _broken(path, error.strerror or str(error)) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        # The cause only: the parser's own message quotes the file, and with it credentials.
        raise _broken(path, f"not YAML{line}: {error.problem or 'cannot be parsed'}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise _broken(path, "not YAML: it holds characters that are not text") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise _broken(path, "line 1: not a kubeconfig (a map is expected)")
    return document


def _named(path: Path, document: dict[str, Any], section: str, inner: str) -> list[tuple[str, dict[str, Any]]]:
    entries = document.get(section) or []
    if not isinstance(entries, list):
        raise _broken(path, f"{section} is not a list")
    named = []
    for entry in entries:
        if not isinstance(entry, dict) or not entry.get("name"):
            raise _broken(path, f"an entry of {section} has no name")
        fields = entry.get(inner) or {}
        if not isinstance(fields, dict):
            raise _broken(path, f"{section}, {entry['name']}: {inner} is not a map")
        named.append((str(entry["name"]), fields))
    return named


def _context(name: str, fields: dict[str, Any], path: Path) -> KubeContext:
    return KubeContext(
        name=name,
        cluster=str(fields.get("cluster") or ""),
        user=str(fields.get("user") or ""),
        namespace=str(fields.get("namespace") or ""),
        file=str(path),
    )


def _broken(path: Path, cause: str) -> ProviderError:
    return ProviderError("no_context", f"kubeconfig {path}: {cause}", next_step=f"mend {path}, or name another file")
