"""A small API client of the tests' own, so that what is tested is never what sets the test up."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode, urlsplit

Json = dict[str, Any]

_PLURALS = {
    "Namespace": ("api/v1", "namespaces", False),
    "Node": ("api/v1", "nodes", False),
    "PersistentVolume": ("api/v1", "persistentvolumes", False),
    "PersistentVolumeClaim": ("api/v1", "persistentvolumeclaims", True),
    "Pod": ("api/v1", "pods", True),
    "Secret": ("api/v1", "secrets", True),
    "ConfigMap": ("api/v1", "configmaps", True),
    "Service": ("api/v1", "services", True),
    "ServiceAccount": ("api/v1", "serviceaccounts", True),
    "Event": ("api/v1", "events", True),
    "Deployment": ("apis/apps/v1", "deployments", True),
    "Job": ("apis/batch/v1", "jobs", True),
    "ClusterRole": ("apis/rbac.authorization.k8s.io/v1", "clusterroles", False),
    "ClusterRoleBinding": ("apis/rbac.authorization.k8s.io/v1", "clusterrolebindings", False),
    "Role": ("apis/rbac.authorization.k8s.io/v1", "roles", True),
    "RoleBinding": ("apis/rbac.authorization.k8s.io/v1", "rolebindings", True),
}


class ApiRefused(Exception):
    """The API server answered with an error. `status` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class ApiClient:
    """Speaks to one API server as one user; a connection for each thread that uses it."""

    def __init__(self, server: str, *, ca_file: str, token: str) -> None:
        self._address = urlsplit(server).netloc
        self._trust = ssl.create_default_context(cafile=ca_file)
        self._token = token
        self._local = threading.local()

    def request(self, method: str, path: str, body: Json | None = None, *, kind: str = "application/json") -> Json:
        """One request; gives the decoded answer. Raises ApiRefused."""
        status, content = self.raw(method, path, body, kind=kind)
        answer: Json = json.loads(content) if content[:1] == b"{" else {"message": content.decode(errors="replace")}
        if status >= 400:
            raise ApiRefused(status, str(answer.get("message", "")))
        return answer

    def raw(
        self, method: str, path: str, body: Json | None = None, *, kind: str = "application/json"
    ) -> tuple[int, bytes]:
        content = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": kind, "Accept": "application/json"}
        connection = self._connection()
        try:
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
        except (http.client.HTTPException, OSError):
            # A kept connection that the server has closed meanwhile.
            connection.close()
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
        return answer.status, answer.read()

    def create(self, manifest: Json) -> Json:
        return self.request("POST", collection(manifest["kind"], namespace_of(manifest)), manifest)

    def create_all(self, manifests: Iterable[Json], *, threads: int = 8) -> None:
        """Creates them side by side; raises the first refusal after all were tried."""
        with ThreadPoolExecutor(threads) as pool:
            for created in [pool.submit(self.create, manifest) for manifest in manifests]:
                created.result()

    def get(self, kind: str, name: str, namespace: str = "") -> Json:
        return self.request("GET", f"{collection(kind, namespace)}/{name}")

    def list(self, kind: str, namespace: str = "", **query: str) -> list[Json]:
        found = self.request("GET", f"{collection(kind, namespace)}?{urlencode(query)}")
        items: list[Json] = found["items"]
        return items

    def patch(self, kind: str, name: str, namespace: str, change: Json, *, subresource: str = "") -> Json:
        path = f"{collection(kind, namespace)}/{name}" + (f"/{subresource}" if subresource else "")
        return self.request("PATCH", path, change, kind="application/merge-patch+json")

    def delete(self, kind: str, name: str, namespace: str = "", *, grace_s: int | None = None) -> None:
        query = "" if grace_s is None else f"?gracePeriodSeconds={grace_s}"
        try:
            self.request("DELETE", f"{collection(kind, namespace)}/{name}{query}")
        except ApiRefused as refused:
            if refused.status != 404:
                raise

    def wait(self, what: str, condition: Callable[[], bool], *, timeout_s: float = 60) -> None:
        """Asks until CONDITION holds. Raises TimeoutError that names WHAT."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}: not after {timeout_s:.0f} s")
            time.sleep(0.1)

    def _connection(self) -> http.client.HTTPSConnection:
        if not hasattr(self._local, "connection"):
            self._local.connection = http.client.HTTPSConnection(self._address, context=self._trust, timeout=30)
        connection: http.client.HTTPSConnection = self._local.connection
        return connection


def collection(kind: str, namespace: str = "") -> str:
    """The path of a kind's list: of one namespace, or of the whole cluster for ""."""
    api, plural, namespaced = _PLURALS[kind]
    return f"/{api}/namespaces/{namespace}/{plural}" if namespaced and namespace else f"/{api}/{plural}"


def namespace_of(manifest: Json) -> str:
    namespaced = _PLURALS[manifest["kind"]][2]
    return str(manifest["metadata"].get("namespace", "default")) if namespaced else ""
