"""One live object as YAML, without what nobody reads and without what nobody may see."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from providers.errors import ErrorKind, ProviderError
from providers.filestores.protocol import Filestore
from providers.kubernetes.protocol import Transport

COLLECTIONS = {
    "persistentvolumes": ("/api/v1", False),
    "persistentvolumeclaims": ("/api/v1", True),
    "pods": ("/api/v1", True),
    "services": ("/api/v1", True),
    "events": ("/api/v1", True),
    "nodes": ("/api/v1", False),
    "deployments": ("/apis/apps/v1", True),
    "jobs": ("/apis/batch/v1", True),
}
"""Resources that can be shown, with the path of their group and whether they live in namespaces."""

HIDDEN = "(hidden)"
_STATUS: dict[int, ErrorKind] = {401: "unauthorized", 403: "forbidden", 429: "throttled"}


async def object_yaml(transport: Transport, resource: str, namespace: str, name: str, *, timeout_s: float) -> str:
    """RESOURCE NAMESPACE/NAME as YAML by one GET. Raises ProviderError.

    Only what the chain is made of can be shown, Secrets never. Environment values are hidden, since tokens stand in
    those of user pods; managedFields and the copy that kubectl apply keeps are left out.
    """
    if resource not in COLLECTIONS:
        raise ProviderError(
            "forbidden",
            f"hubhomes does not show {resource}",
            next_step="kubectl get shows them to those who may see them",
        )
    response = await transport.request("GET", path_of(resource, namespace, name), timeout_s=timeout_s)
    if response.status != 200:
        kind = _STATUS.get(response.status, "internal")
        words = "is not there (any more)" if response.status == 404 else f"cannot be read: status {response.status}"
        raise ProviderError(kind, f"{resource} {name} {words}")
    return await asyncio.to_thread(as_yaml, response.body)


def path_of(resource: str, namespace: str, name: str) -> str:
    group, namespaced = COLLECTIONS[resource]
    return f"{group}/namespaces/{namespace}/{resource}/{name}" if namespaced else f"{group}/{resource}/{name}"


def as_yaml(body: bytes) -> str:
    """An object's JSON as YAML to read. Raises ProviderError for what is no object."""
    try:
        found = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise ProviderError("internal", "the API server's answer is no object") from error
    metadata = found.get("metadata") or {}
    metadata.pop("managedFields", None)
    (metadata.get("annotations") or {}).pop("kubectl.kubernetes.io/last-applied-configuration", None)
    hide_environment(found)
    return dumped(found)


def filestore_yaml(store: Filestore, *, cluster: str, hubs: Sequence[str], findings: Sequence[str]) -> str:
    """All that is known of STORE as YAML; what is not known is left out. HUBS live on it, FINDINGS are in words."""
    known = {name: value for name, value in msgspec.to_builtins(store).items() if value not in (None, "")}
    known["facts"] = [dict([pair]) for pair in store.facts]
    return dumped({"cluster": cluster, **known, "hubs": list(hubs), "findings": list(findings)})


def dumped(found: dict[str, Any]) -> str:
    """FOUND as YAML to read, in its own order."""
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(found, Dumper=dumper, sort_keys=False, allow_unicode=True, width=4096)
    return text


def hide_environment(found: Any) -> None:
    """Replaces, in place, every literal value of an `env` list."""
    if isinstance(found, list):
        for inner in found:
            hide_environment(inner)
    elif isinstance(found, dict):
        variables = found.get("env")
        for variable in variables if isinstance(variables, list) else ():
            if isinstance(variable, dict) and "value" in variable:
                variable["value"] = HIDDEN
        for inner in found.values():
            hide_environment(inner)
