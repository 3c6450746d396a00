"""A live object as YAML."""

from __future__ import annotations

import pytest
import yaml

from console.fleet.object_yaml import object_yaml
from providers.errors import ProviderError
from providers.simulated.apiserver import SimulatedApiServer

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "jupyter-ana",
        "namespace": "prod",
        "managedFields": [{"manager": "kubectl"}],
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{…}", "note": "kept"},
    },
    "spec": {
        "containers": [
            {
                "name": "notebook",
                "env": [
                    {"name": "JUPYTERHUB_API_TOKEN", "value": "0123456789abcdef"},
                    {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
                ],
            }
        ]
    },
}


async def shown(server: SimulatedApiServer, resource: str, namespace: str, name: str) -> str:
    return await object_yaml(server, resource, namespace, name, timeout_s=1)


async def test_tokens_and_noise_are_left_out() -> None:
    text = await shown(SimulatedApiServer([POD]), "pods", "prod", "jupyter-ana")
    assert "0123456789abcdef" not in text
    found = yaml.safe_load(text)
    assert found["metadata"]["annotations"] == {"note": "kept"}
    assert "managedFields" not in found["metadata"]
    environment = found["spec"]["containers"][0]["env"]
    assert environment[0] == {"name": "JUPYTERHUB_API_TOKEN", "value": "(hidden)"}
    assert environment[1]["valueFrom"] == {"fieldRef": {"fieldPath": "spec.nodeName"}}


async def test_a_secret_is_never_asked_for() -> None:
    server = SimulatedApiServer()
    with pytest.raises(ProviderError) as refused:
        await shown(server, "secrets", "prod", "hub")
    assert refused.value.kind == "forbidden"
    assert server.requests == []


async def test_one_request_by_the_objects_own_path() -> None:
    volume = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "prod-home-nfs"}}
    server = SimulatedApiServer([volume])
    await shown(server, "persistentvolumes", "", "prod-home-nfs")
    assert [(one.method, one.path) for one in server.requests] == [("GET", "/api/v1/persistentvolumes/prod-home-nfs")]


async def test_what_is_gone_is_said() -> None:
    with pytest.raises(ProviderError, match="pods jupyter-bo is not there"):
        await shown(SimulatedApiServer(), "pods", "prod", "jupyter-bo")
