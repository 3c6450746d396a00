"""Rights of the test users: exactly those that the documentation asks for, so that it cannot ask for too little."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.cluster.client import ApiClient, Json

DOCUMENTED = Path(__file__).parents[2] / "docs" / "rights.yaml"
_CLUSTER_WIDE = {"persistentvolumes", "nodes"}
_GROUP = "rbac.authorization.k8s.io"


def documented_role() -> Json:
    """The ClusterRole of docs/rights.yaml."""
    role: Json = yaml.safe_load(DOCUMENTED.read_text())
    return role


def grant_reader(api: ApiClient) -> None:
    """Gives the readers the documented rights on the whole cluster."""
    role = documented_role()
    api.create(role)
    api.create(_binding("ClusterRoleBinding", role, "readers"))


def grant_namespaced(api: ApiClient, namespace: str) -> None:
    """Gives the namespaced the documented rights in one namespace, as far as they exist in one."""
    role = documented_role()
    rules = [
        rule | {"resources": [name for name in rule["resources"] if name not in _CLUSTER_WIDE]}
        for rule in role["rules"]
    ]
    metadata = {"name": role["metadata"]["name"], "namespace": namespace}
    own = {**role, "kind": "Role", "metadata": metadata, "rules": [rule for rule in rules if rule["resources"]]}
    api.create(own)
    binding = _binding("RoleBinding", own, "namespaced")
    api.create(binding | {"metadata": metadata})


def _binding(kind: str, role: Json, group: str) -> Json:
    return {
        "apiVersion": role["apiVersion"],
        "kind": kind,
        "metadata": {"name": role["metadata"]["name"]},
        "roleRef": {"apiGroup": _GROUP, "kind": role["kind"], "name": role["metadata"]["name"]},
        "subjects": [{"apiGroup": _GROUP, "kind": "Group", "name": group}],
    }
