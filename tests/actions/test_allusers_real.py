"""allusers in a hub on the real node, by command: its Secret, its pods and the audit log are the witnesses."""

from __future__ import annotations

import base64
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from console.cli.exits import Exit
from providers.simulated.chart import Release, hub_deployment, hub_secret
from providers.simulated.hub import SECRETS
from tests.cli.command import Command
from tests.cluster.node import RealCluster
from tests.cluster.rights import grant_namespaced
from tests.lab.hubs import LabUser
from tests.lab.userpods import spawned_pod

pytestmark = pytest.mark.node

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs" / "actions" / "allusers.md"
LINES = ["Intent", "begun secret", "done secret", "begun restart", "done restart", "Verification", "Ended"]


class Hub:
    """A hub that runs, and the server of its admin ana."""

    def __init__(self, cluster: RealCluster, namespace: str) -> None:
        self.cluster, self.api, self.namespace = cluster, cluster.api, namespace
        release = Release(name=namespace, server="10.2.0.2", base_share="/homes/")
        self.api.create(hub_secret(release))
        deployment = hub_deployment(release)
        pod = deployment["spec"]["template"]["spec"]
        pod["terminationGracePeriodSeconds"] = 1
        pod["containers"][0] |= {"image": "localhost/hub:1", "imagePullPolicy": "Never"}
        self.api.create(deployment)
        admin = spawned_pod(release, LabUser(name="ana", admin=True), self.entries())
        admin["spec"]["volumes"] = [{"name": "home", "emptyDir": {}}]
        self.api.create(admin)
        self.api.wait("the hub", lambda: bool(self.hub_pods()) and self._runs())
        self.first = self.content()

    def _runs(self) -> bool:
        return all(pod["status"].get("phase") == "Running" for pod in self.api.list("Pod", self.namespace))

    def content(self) -> bytes:
        return base64.b64decode(self.api.get("Secret", "hub", self.namespace)["data"]["values.yaml"])

    def entries(self) -> Any:
        return yaml.safe_load(self.content())["custom"]["singleuserAdmin"]["extraVolumeMounts"]

    def is_on(self) -> bool:
        return any("subPath" not in entry for entry in self.entries().values())

    def hub_pods(self) -> set[str]:
        pods = self.api.list("Pod", self.namespace, labelSelector="component=hub")
        return {pod["metadata"]["uid"] for pod in pods if "deletionTimestamp" not in pod["metadata"]}

    def writes(self, since: int) -> Counter[tuple[str, str]]:
        """What people have sent besides questions, dry runs and the lock: verb and resource."""
        return Counter(
            (entry.verb, entry.object_ref.resource)
            for entry in self.cluster.audited()[since:]
            if entry.object_ref.namespace == self.namespace
            and entry.verb not in ("get", "list", "watch")
            and entry.object_ref.resource not in ("selfsubjectaccessreviews", "leases")
            and "dryRun=All" not in entry.request_uri
        )


@pytest.fixture
def hub(real_node: RealCluster, real_namespace: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.setenv("KUBECONFIG", str(real_node.kubeconfig))
    return Hub(real_node, real_namespace)


def command(user: str, hub: Hub, state: str) -> tuple[str, ...]:
    return ("allusers", f"{user}/{hub.namespace}", state, "--live", "--context", user, "--json")


def test_from_off_to_on_to_nothing_to_do_to_undone(hubhomes: Command, hub: Hub) -> None:
    on, since, pods = (
        (*command("admin", hub, "on"), "--read-only", "--for", "2h"),
        len(hub.cluster.audited()),
        hub.hub_pods(),
    )
    plan = hubhomes(*on, "--dry-run").document("Plan")
    assert ([step["key"] for step in plan["steps"]], plan["affects"]["users"]) == (["secret", "restart"], ["ana"])
    assert hub.writes(since) == Counter()
    done = hubhomes(*on, "--yes", "--digest", plan["digest"])
    assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.NONE, "done"), done.err
    assert hub.writes(since) == Counter({("patch", "secrets"): 1, ("patch", "deployments"): 1})
    assert hub.is_on()
    assert all(entry.get("readOnly") for entry in hub.entries().values() if "subPath" not in entry)
    assert hub.hub_pods().isdisjoint(pods)
    assert [
        line for line in hub.content().splitlines() if b"extraVolumeMounts" not in line and b"/allusers" not in line
    ]
    assert all(secret.encode() in hub.content() for secret in SECRETS)
    assert hubhomes(*on, "--dry-run").document("Plan")["steps"] == []
    told = hubhomes("history")
    (run,) = hubhomes("history", "--json").document("History")["runs"]
    assert f"allusers admin/{hub.namespace} is to be undone at" in told.err
    back = ("history", "undo", run["id"], "--context", "admin")
    again = hubhomes(*back, "--dry-run", "--json").document("Plan")
    assert hubhomes(*back, "--yes", "--digest", again["digest"]).code == Exit.NONE
    assert yaml.safe_load(hub.content()) == yaml.safe_load(hub.first)
    assert "is to be undone" not in hubhomes("history").err
    assert hubhomes("history", "--check").code == Exit.NONE


def test_a_server_with_old_mounts_is_stopped_by_name(hubhomes: Command, hub: Hub) -> None:
    on = (*command("admin", hub, "on"), "--stop-server", "ana")
    plan = hubhomes(*on, "--dry-run").document("Plan")
    assert [step["key"] for step in plan["steps"]] == ["secret", "restart", "stop jupyter-ana"]
    since = len(hub.cluster.audited())
    done = hubhomes(*on, "--yes", "--digest", plan["digest"], "--confirm", hub.namespace)
    assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.NONE, "done"), done.err
    assert [
        pod["metadata"]["name"]
        for pod in hub.api.list("Pod", hub.namespace, labelSelector="component=singleuser-server")
    ] == []
    assert hub.writes(since)[("delete", "pods")] in (1, 2)  # a dry run of a deletion is named in its body


def settings(home: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    file = home / "settings.toml"
    file.write_text(f'[namespaces]\nnamespaced = ["{hub.namespace}"]\n')
    monkeypatch.setenv("HUBHOMES_SETTINGS", str(file))


def documented_role() -> dict[str, Any]:
    text = PAGE.read_text().partition("```yaml\n")[2].partition("```")[0]
    role: dict[str, Any] = yaml.safe_load(text)
    return role


def test_the_documented_role_is_enough_and_less_is_refused(
    hubhomes: Command, hub: Hub, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(home, hub, monkeypatch)
    grant_namespaced(hub.api, hub.namespace)
    on = command("namespaced", hub, "on")
    plan = hubhomes(*on, "--dry-run").document("Plan")
    denied = {need["right"] for step in plan["steps"] for need in step["needs"] if need["granted"] is False}
    assert denied == {"patch secrets hub", "patch deployments.apps hub"}
    since = len(hub.cluster.audited())
    refused = hubhomes(*on, "--yes", "--digest", plan["digest"])
    assert (refused.code, refused.document("ActionResult")["outcome"]) == (Exit.FAILED, "refused")
    assert "may not patch secrets hub" in refused.err
    assert hub.writes(since) == Counter()
    role = documented_role()
    role["metadata"]["namespace"] = hub.namespace
    hub.api.create(role)
    hub.api.create(
        {
            "apiVersion": role["apiVersion"],
            "kind": "RoleBinding",
            "metadata": {"name": role["metadata"]["name"], "namespace": hub.namespace},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role["metadata"]["name"]},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "namespaced"}],
        }
    )
    done = hubhomes(*on, "--yes", "--digest", plan["digest"])
    assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.NONE, "done"), done.err
    assert "nobody else is kept" not in done.err
    assert hub.is_on()


def test_a_deploy_between_plan_and_run_is_another_plan(hubhomes: Command, hub: Hub) -> None:
    on = command("admin", hub, "on")
    plan = hubhomes(*on, "--dry-run").document("Plan")
    values = yaml.safe_load(hub.content())
    del values["custom"]["singleuserAdmin"]["extraVolumeMounts"]["1-shared-readwrite"]
    content = base64.b64encode(yaml.safe_dump(values).encode()).decode()
    hub.api.patch("Secret", "hub", hub.namespace, {"data": {"values.yaml": content}})
    since = len(hub.cluster.audited())
    refused = hubhomes(*on, "--yes", "--digest", plan["digest"])
    assert (refused.code, refused.document("ActionResult")["outcome"]) == (Exit.FAILED, "refused")
    assert hub.writes(since) == Counter()


def test_killed_at_each_boundary_then_finished_and_undone(
    hubhomes: Command, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, way in [(number, way) for number in range(1, len(LINES) + 1) for way in ("finish", "undo")]:
        monkeypatch.setenv("HUBHOMES_STATE", str(tmp_path / f"{number}-{way}"))
        killed = subprocess.run(
            [sys.executable, "-m", "tests.actions.killed_allusers", str(number), "", "admin", hub.namespace,
             '{"state": "on", "live": true}'],
            cwd=REPOSITORY, capture_output=True, timeout=300, check=False,
        )  # fmt: skip
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
        # What it held ends by itself after a minute.
        hub.api.request("DELETE", f"/apis/coordination.k8s.io/v1/namespaces/{hub.namespace}/leases/hubhomes")
        runs = hubhomes("history", "--json").document("History")["runs"]
        assert [run["state"] for run in runs] == ["open"] * (number > 1), LINES[number - 1]
        if runs and (way == "finish" or number > 2):
            taken(hubhomes, "history", way, runs[0]["id"], "--context", "admin")
            states = {run["state"] for run in hubhomes("history", "--json").document("History")["runs"]}
            assert states <= {"closed", "done"}
        assert hub.is_on() is (way == "finish" and number > 1), (LINES[number - 1], way)
        if hub.is_on():
            taken(hubhomes, *command("admin", hub, "off")[:-1])
        assert yaml.safe_load(hub.content()) == yaml.safe_load(hub.first)
        assert hubhomes(*command("admin", hub, "off"), "--dry-run").document("Plan")["steps"] == []


def taken(hubhomes: Command, *words: str) -> None:
    plan = hubhomes(*words, "--dry-run", "--json").document("Plan")
    done = hubhomes(*words, "--yes", "--digest", plan["digest"])
    assert done.code == Exit.NONE, done.err
