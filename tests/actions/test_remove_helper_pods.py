"""Orphaned helper pods: from found to verified, on the demo's API server and on a real one, by engine and command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.actions.engine import Engine
from console.actions.protocol import Refused, Target
from console.actions.record import Record, utc_now
from console.actions.refusals import NotPermittedYet, PlanChanged, RightsMissing
from console.actions.surroundings import Surroundings
from console.cli.exits import Exit
from console.fleet.fleet import Fleet
from console.fleet.sources import DemoSources
from console.settings import Settings
from providers.errors import ProviderError
from providers.simulated.access import Denial, Identity
from providers.simulated.apiserver import SimulatedApiServer
from providers.simulated.demo import DemoConnector
from providers.simulated.resources import by_path
from tests.cli.command import Command
from tests.cluster.node import RealCluster

SETTINGS = Settings()
TARGET = Target(action="remove-helper-pods", cluster="earth")


class Demo:
    """The demo's fleet and an engine over it."""

    def __init__(self, folder: Path) -> None:
        self.sources = DemoSources(utc_now, at_once=True)
        self.fleet = Fleet(self.sources, SETTINGS, only="earth")
        self.record = Record(folder / "state")
        surroundings = Surroundings(self.fleet, SETTINGS, now=utc_now)
        self.engine = Engine(surroundings.observe, self.record)

    @property
    def server(self) -> SimulatedApiServer:
        connector = self.sources.connector()
        assert isinstance(connector, DemoConnector)
        return connector.servers["earth"]

    def writes(self) -> list[tuple[str, str, bool]]:
        """What could have changed something: method, path, and whether it was a dry run."""
        return [
            (one.method, one.path, one.dry_run)
            for one in self.server.requests
            if one.method != "GET" and "selfsubject" not in one.path
        ]


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return Demo(tmp_path)


PATH = "/api/v1/namespaces/delta/pods/hubhomes-look-5tq2z"


async def test_planned_run_and_verified_and_then_there_is_nothing_to_do(demo: Demo) -> None:
    preview = await demo.engine.preview(TARGET)
    assert [step.key for step in preview.plan.steps] == ["delta/hubhomes-look-5tq2z"]
    assert (preview.denied, preview.dry_run, preview.to_type) == ((), False, None)
    assert demo.writes() == []
    demo.fleet.grant("earth", "write")
    result = await demo.engine.run(TARGET, approved=preview.plan)
    assert (result.outcome, result.verdict and result.verdict.state) == ("done", "gone")
    assert demo.writes() == [("DELETE", PATH, True), ("DELETE", PATH, False)]
    assert (await demo.engine.preview(TARGET)).plan.empty
    (run,) = await demo.engine.runs()
    with pytest.raises(Refused, match="can't be undone"):
        await demo.engine.preview(Target(action=TARGET.action, cluster="earth", undoes=run.id))
    await demo.fleet.close()


async def test_read_only_sends_nothing(demo: Demo) -> None:
    plan = (await demo.engine.preview(TARGET)).plan
    with pytest.raises(NotPermittedYet):
        await demo.engine.run(TARGET, approved=plan)
    assert demo.writes() == []
    assert not demo.record.folder.exists()


async def test_without_the_right_it_is_named(demo: Demo) -> None:
    await demo.engine.preview(TARGET)
    demo.server.identity = Identity(denials=(Denial(verb="delete", resource="pods"),))
    preview = await demo.engine.preview(TARGET)
    demo.fleet.grant("earth", "write")
    with pytest.raises(RightsMissing, match="delete pods in delta"):
        await demo.engine.run(TARGET, approved=preview.plan)
    assert demo.writes() == []


async def test_another_pod_of_the_same_name_is_another_plan(demo: Demo) -> None:
    plan = (await demo.engine.preview(TARGET)).plan
    pods = by_path("", "v1", "pods")
    assert pods is not None
    pod = demo.server.store.get(pods, "delta", "hubhomes-look-5tq2z")
    assert pod is not None
    pod["metadata"]["uid"] = "another"
    demo.server.store.put(pod)
    demo.fleet.grant("earth", "write")
    with pytest.raises(PlanChanged):
        await demo.engine.run(TARGET, approved=plan)
    assert demo.writes() == []


async def test_a_cluster_that_is_not_reached_cannot_be_planned(tmp_path: Path) -> None:
    sources = DemoSources(utc_now, at_once=True)
    fleet = Fleet(sources, SETTINGS, only="polar")
    engine = Engine(Surroundings(fleet, SETTINGS, now=utc_now).observe, Record(tmp_path))
    with pytest.raises(ProviderError, match="expired"):
        await engine.preview(Target(action="remove-helper-pods", cluster="polar"))
    await fleet.close()


def test_by_command(hubhomes: Command) -> None:
    shown = hubhomes("remove-helper-pods", "earth", "--demo", "--dry-run", "--json")
    plan = shown.document("Plan")
    assert (shown.code, len(plan["steps"]), plan["confirm"]) == (Exit.NONE, 1, None)
    assert plan["steps"][0]["needs"] == [
        {"system": "kubernetes", "right": "delete pods", "scope": "delta", "granted": True, "why": ""}
    ]
    run = ("remove-helper-pods", "earth", "--demo", "--json", "--yes", "--digest")
    done = hubhomes(*run, plan["digest"].replace("-", "").upper())
    assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.NONE, "done")
    other = hubhomes(*run, "0000-0000-0000-0000")
    assert (other.code, other.document("ActionResult")["outcome"]) == (Exit.FAILED, "refused")
    assert plan["digest"] in other.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["earth"], Exit.USAGE),
        (["earth", "--yes"], Exit.USAGE),
        (["earth/prod", "--dry-run"], Exit.USAGE),
        (["--dry-run"], Exit.USAGE),
        (["earth", "--offline", "--dry-run"], Exit.USAGE),
        (["ocean", "--dry-run"], Exit.NONE),
        (["polar", "--dry-run"], Exit.UNOBSERVED),
        (["nowhere", "--dry-run"], Exit.FAILED),
    ],
)
def test_the_exit_code(hubhomes: Command, arguments: list[str], code: Exit) -> None:
    assert hubhomes("remove-helper-pods", "--demo", *arguments).code == code


def test_the_demo_leaves_the_real_record_alone(hubhomes: Command, home: Path) -> None:
    digest = hubhomes("remove-helper-pods", "earth", "--demo", "--dry-run", "--json").document("Plan")["digest"]
    hubhomes("remove-helper-pods", "earth", "--demo", "--yes", "--digest", digest)
    assert list(home.rglob("record.*")) == []


@pytest.mark.node
def test_on_a_real_node_by_command(
    hubhomes: Command, home: Path, real_node: RealCluster, real_namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "hubhomes-look-left",
            "namespace": real_namespace,
            "labels": {"hubhomes/owner": "jo", "hubhomes/purpose": "look"},
        },
        "spec": {
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 1,
            "containers": [{"name": "look", "image": "localhost/busybox:1.36.1", "command": ["true"]}],
        },
    }
    real_node.api.create(pod)
    real_node.api.wait(
        "the pod has ended",
        lambda: real_node.api.get("Pod", "hubhomes-look-left", real_namespace)["status"]["phase"] == "Succeeded",
    )
    user = "admin"
    monkeypatch.setenv("KUBECONFIG", str(real_node.kubeconfig))
    command = ("remove-helper-pods", user, "--context", user, "--json")
    plan = hubhomes(*command, "--dry-run").document("Plan")
    assert f"{real_namespace}/hubhomes-look-left" in [step["key"] for step in plan["steps"]]
    done = hubhomes(*command, "--yes", "--digest", plan["digest"])
    assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.NONE, "done"), done.err
    assert real_node.api.list("Pod", real_namespace) == []
    assert hubhomes(*command, "--dry-run").document("Plan")["steps"] == []
    (run,) = hubhomes("history", "--json").document("History")["runs"]
    assert (run["state"], run["cluster"]) == ("done", user)
    assert hubhomes("history", "--check").code == Exit.NONE
    assert json.dumps(run).count("Bearer") == 0
