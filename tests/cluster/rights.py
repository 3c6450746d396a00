"""Rights of the test users: exactly those that the documentation asks for, so that it cannot ask for too little."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.cluster.client import ApiClient, Json

DOCUMENTED = Path(__file__).parents[2] / "docs" / "rights.yaml"
_CLUSTER_WIDE = {"persistentvolumes", "nodes"}
_GROUP = "rbac.authorization.k8s.io"


def documented_role(name: str = "hubhomes-look") -> Json:
    """The ClusterRole NAME of docs/rights.yaml."""
    roles: list[Json] = list(yaml.safe_load_all(DOCUMENTED.read_text()))
    return next(role for role in roles if role["metadata"]["name"] == name)


def grant_reader(api: ApiClient) -> None:
    """Gives the readers the documented rights on the whole cluster; the measurers those to ask how full shares are,
    too."""
    role, usage = documented_role(), documented_role("hubhomes-usage")
    api.create(role)
    api.create(usage)
    api.create(_binding("ClusterRoleBinding", role, "readers"))
    for own in (role, usage):
        binding = _binding("ClusterRoleBinding", own, "measurers")
        api.create(binding | {"metadata": {"name": f"{own['metadata']['name']}-measurers"}})


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


def grant_exporters(api: ApiClient, namespace: str) -> None:
    """Gives the readers the documented right to ask exporters, in one namespace, as far as it exists in one."""
    usage = documented_role("hubhomes-usage")
    metadata = {"name": usage["metadata"]["name"], "namespace": namespace}
    rule = usage["rules"][0] | {"resources": ["pods/proxy"]}
    own = {**usage, "kind": "Role", "metadata": metadata, "rules": [rule]}
    api.create(own)
    api.create(_binding("RoleBinding", own, "readers") | {"metadata": metadata})


def grant_probe(api: ApiClient) -> None:
    """Gives the readers the documented rights to look inside hubs of the whole cluster."""
    role = documented_role("hubhomes-probe")
    api.create(role)
    api.create(_binding("ClusterRoleBinding", role, "readers"))


def _binding(kind: str, role: Json, group: str) -> Json:
    return {
        "apiVersion": role["apiVersion"],
        "kind": kind,
        "metadata": {"name": role["metadata"]["name"]},
        "roleRef": {"apiGroup": _GROUP, "kind": role["kind"], "name": role["metadata"]["name"]},
        "subjects": [{"apiGroup": _GROUP, "kind": "Group", "name": group}],
    }
