"""Every action has its page, and the Role there is enough to run them, for somebody who may otherwise only look."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from console.actions.registry import registered
from console.cli.exits import Exit
from tests.actions.declared_hub import DeclaredHub
from tests.actions.pseudo_terminal import OnTerminal
from tests.actions.real_cases import CASES, words_of
from tests.actions.real_scene import Scene
from tests.cli.command import Command
from tests.cluster.client import ApiClient
from tests.cluster.node import RealCluster
from tests.kubernetes.looks.real import helper_pods

PAGES = Path(__file__).parents[2] / "docs" / "actions"
_GROUP = "rbac.authorization.k8s.io"


@contextmanager
def given(api: ApiClient, page: str, namespace: str, user: str = "reader") -> Iterator[None]:
    """USER has what PAGE says, in NAMESPACE; a ClusterRole on the whole cluster, which others share. Then no longer."""
    role = yaml.safe_load((PAGES / f"{page}.md").read_text().partition("```yaml\n")[2].partition("```")[0])
    role["metadata"]["name"] += f"-{namespace}"
    namespaced = role["kind"] == "Role"
    path = f"/apis/{_GROUP}/v1" + (f"/namespaces/{namespace}" if namespaced else "")
    plural = f"{role['kind'].lower()}s"
    metadata = {"name": role["metadata"]["name"], **({"namespace": namespace} if namespaced else {})}
    binding = {
        "metadata": metadata,
        "roleRef": {"apiGroup": _GROUP, "kind": role["kind"], "name": role["metadata"]["name"]},
        "subjects": [{"apiGroup": _GROUP, "kind": "User", "name": user}],
    }
    api.request("POST", f"{path}/{plural}", role | {"metadata": metadata})
    bindings = f"{path}/{plural.removesuffix('s')}bindings"
    api.request("POST", bindings, binding)
    try:
        yield
    finally:
        api.request("DELETE", f"{bindings}/{metadata['name']}")


@pytest.fixture
def scene(
    home: Path, hubhomes: Command, real_node: RealCluster, real_namespace: str, monkeypatch: pytest.MonkeyPatch
) -> Scene:
    monkeypatch.setenv("KUBECONFIG", str(real_node.kubeconfig))
    monkeypatch.setenv("HUBHOMES_STATE", str(home / "state"))
    return Scene(real_node, real_namespace, hubhomes, home / "state")


@pytest.mark.node
@pytest.mark.parametrize("action", sorted(CASES))
def test_the_role_of_its_page_is_enough(scene: Scene, action: str) -> None:
    broken = CASES[action](scene)
    options = words_of(action, broken.parameters)
    with given(scene.api, action, scene.namespace):
        plan = scene.run(action, *options, "--dry-run", user="reader").document("Plan")
        assert [need["right"] for step in plan["steps"] for need in step["needs"] if need["granted"] is not True] == []
        answers = ("--yes", "--digest", plan["digest"], "--confirm", plan["hub"] or plan["cluster"])
        done = scene.run(action, *options, *answers, user="reader")
    assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.NONE, "done"), done.err
    assert "warning" not in done.err
    scene.api.wait("all is well", broken.whole)


@pytest.mark.node
def test_the_roles_of_create_share_and_rebind_are_enough(
    home: Path, hubhomes: Command, real_node: RealCluster, real_namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(real_node.kubeconfig))
    monkeypatch.setenv("HUBHOMES_STATE", str(home / "state"))
    hub = DeclaredHub(real_node, real_namespace, home, hubhomes)
    for action in ("create-share", "rebind"):
        with given(hub.api, action, hub.name):
            plan = hub.plan(action, user="reader")
            lacking = [
                step["needs"] for step in plan["steps"] if any(need["granted"] is not True for need in step["needs"])
            ]
            assert lacking == []
            done = hub.approved(plan, action, user="reader")
        assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.NONE, "done"), done.err
        assert "warning" not in done.err
        hub.declare(override=f"{hub.name}-2024")
        (hub.base / f"{hub.name}-2024").mkdir(exist_ok=True)
    assert hub.objects()[0]["spec"]["nfs"]["path"] == f"/homes/{hub.name}-2024"
    hub.api.delete("PersistentVolume", hub.volume)


@pytest.mark.node
def test_the_role_of_a_shell_is_enough(scene: Scene) -> None:
    environment = {name: os.environ[name] for name in ("KUBECONFIG", "HUBHOMES_STATE")}
    target = f"reader/{scene.namespace}"
    with (
        given(scene.api, "shell", scene.namespace),
        OnTerminal("shell", target, "--context", "reader", "--writable", environment=environment) as terminal,
    ):
        terminal.until("] /homes # ")
        terminal.type("exit 4\n")
        assert terminal.ended() == 4
    assert helper_pods(scene.cluster, scene.namespace) == []


@pytest.mark.parametrize("action", [*registered(), "shell"])
def test_every_action_has_a_page_with_what_it_does_and_needs(action: str) -> None:
    page = (PAGES / f"{action}.md").read_text()
    assert f"(actions/{action}.md)" in PAGES.with_suffix(".md").read_text()
    assert f"hubhomes {action} " in page
    assert re.search(r"^(## Undo|(\*\*)?Undone(\*\*)?: )|undoes each", page, re.MULTILINE), "how it is undone"
