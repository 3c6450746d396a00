"""allusers in the running hub of the demo: what is sent, what of the Secret changes, and what is never told."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from console.actions import events
from console.actions.allusers.asked import asked_of
from console.actions.allusers.live import wanted_entries
from console.actions.engine import target_of, undo_target
from console.actions.protocol import Cancel, Refused, Target
from console.actions.refusals import NotApproved, NotPermittedYet, PlanChanged, RightsMissing
from console.cli.exits import Exit
from providers.errors import ProviderError
from providers.kubernetes.guard import Guard
from providers.kubernetes.hub_mounts import Entries
from providers.kubernetes.hub_secret import MountsChanged, write_admin_mounts
from providers.kubernetes.permission import Permission
from providers.kubernetes.status_errors import Conflict
from providers.simulated.access import READING, Denial, Grant, Identity
from providers.simulated.apiserver import SimulatedApiServer
from providers.simulated.hub import SECRETS
from tests.actions.allusers_demo import Demo, asked
from tests.cli.command import Command

ON = asked("staging", "on", live=True)
OFF = asked("course", "off", live=True)
SENT = [("PATCH", "staging/secrets/hub"), ("PATCH", "staging/deployments/hub")]


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return Demo(tmp_path)


def values(demo: Demo, namespace: str) -> dict[str, Any]:
    content = demo.put("", "secrets", namespace, "hub")["data"]["values.yaml"]
    found: dict[str, Any] = yaml.safe_load(base64.b64decode(content))
    return found


def mounts(demo: Demo, namespace: str) -> Any:
    return values(demo, namespace)["custom"]["singleuserAdmin"].pop("extraVolumeMounts")


def rest(demo: Demo, namespace: str) -> dict[str, Any]:
    found = values(demo, namespace)
    del found["custom"]["singleuserAdmin"]["extraVolumeMounts"]
    return found


def deployed(demo: Demo, namespace: str, entries: Any) -> None:
    """What a deploy by somebody else leaves."""
    secret = demo.put("", "secrets", namespace, "hub")
    found = values(demo, namespace)
    found["custom"]["singleuserAdmin"]["extraVolumeMounts"] = entries
    content = base64.b64encode(yaml.safe_dump(found).encode()).decode()
    demo.server.store.put({**secret, "data": {**secret["data"], "values.yaml": content}})


async def test_planned_run_verified_nothing_to_do_and_undone(demo: Demo) -> None:
    preview = await demo.engine.preview(ON)
    before, others, data = mounts(demo, "staging"), rest(demo, "staging"), demo.put("", "secrets", "staging", "hub")
    assert [step.key for step in preview.plan.steps] == ["secret", "restart"]
    assert (preview.denied, preview.to_type, demo.writes()) == ((), None, [])
    assert any("the next deploy undoes it" in note for note in preview.plan.notes)
    result = await demo.run(ON)
    assert (result.outcome, result.verdict and result.verdict.state) == ("done", "gone")
    assert [(method, path) for method, path, dry_run in demo.writes() if dry_run] == SENT
    assert [(method, path) for method, path, dry_run in demo.writes() if not dry_run] == SENT
    assert mounts(demo, "staging") == {
        **before,
        "3-allusers": {"name": "home", "mountPath": "/home/jovyan/allusers"},
        "4-rstudio-allusers": {"name": "home", "mountPath": "/home/rstudio/allusers"},
    }
    assert rest(demo, "staging") == others
    now = demo.put("", "secrets", "staging", "hub")
    assert {**now["data"], "values.yaml": ""} == {**data["data"], "values.yaml": ""}
    assert (await demo.engine.preview(ON)).plan.empty
    (run,) = await demo.engine.runs()
    assert (await demo.run(undo_target(run))).outcome == "done"
    assert mounts(demo, "staging") == before
    written = "".join(file.read_text() for file in demo.record.folder.rglob("*") if file.is_file())
    assert not [secret for secret in SECRETS if secret in written + repr(demo.events)]
    assert base64.b64encode(SECRETS[0].encode()).decode()[:20] not in written


async def test_who_has_the_old_mounts_is_named_and_stopped_one_by_one(demo: Demo) -> None:
    plan = (await demo.engine.preview(OFF)).plan
    assert plan.affects.users == ("ana",)
    assert "--stop-server USER stops one of them" in plan.notes
    target = asked("course", "off", live=True, stop_server=["ana", "zoe"])
    preview = await demo.engine.preview(target)
    assert [step.key for step in preview.plan.steps] == ["secret", "restart", "stop jupyter-ana"]
    assert "/home/jovyan/allusers  every home, writable" in preview.plan.steps[2].before
    assert "zoe has no running server with old mounts" in preview.plan.notes
    assert preview.to_type == "course"
    with pytest.raises(NotApproved):
        await demo.run(target)
    assert (await demo.run(target, confirmed="course")).outcome == "done"
    stopped = [path for method, path, dry_run in demo.writes() if method == "DELETE" and not dry_run]
    assert stopped == ["course/pods/jupyter-ana"]
    (run,) = await demo.engine.runs()
    back = (await demo.engine.preview(undo_target(run))).plan
    assert [step.key for step in back.steps] == ["secret", "restart"]


async def test_read_only_sends_nothing(demo: Demo) -> None:
    plan = (await demo.engine.preview(ON)).plan
    with pytest.raises(NotPermittedYet):
        await demo.engine.run(ON, approved=plan)
    assert demo.writes() == []
    assert not demo.record.folder.exists()


@pytest.mark.parametrize(
    ("denial", "words"),
    [
        (Denial(verb="patch", resource="secrets"), "patch secrets hub in staging"),
        (Denial(verb="patch", resource="deployments"), "patch deployments.apps hub in staging"),
    ],
)
async def test_without_the_right_it_is_named(demo: Demo, denial: Denial, words: str) -> None:
    await demo.engine.preview(ON)
    demo.server.identity = Identity(denials=(denial,))
    with pytest.raises(RightsMissing, match=words):
        await demo.run(ON)
    assert [one for one in demo.writes() if not one[2]] == []


async def test_without_the_right_to_read_the_secret_it_cannot_be_planned(demo: Demo) -> None:
    await demo.engine.preview(ON)
    demo.server.identity = Identity(denials=(Denial(verb="get", resource="secrets"),))
    with pytest.raises(ProviderError, match="get secrets/hub in namespace staging"):
        await demo.engine.preview(ON)


async def test_rights_to_the_one_secret_and_deployment_are_enough(demo: Demo) -> None:
    await demo.engine.preview(ON)
    names = ("hub",)
    demo.server.identity = Identity(
        grants=(
            Grant(verbs=READING),
            Grant(namespace="staging", verbs=("patch",), resources=("secrets", "deployments"), names=names),
        )
    )
    result = await demo.run(ON)
    assert result.outcome == "done"
    assert any(isinstance(one, events.Warned) and "nobody else is kept" in one.message for one in demo.events)


async def test_mounts_that_change_after_the_plan_are_another_plan(demo: Demo) -> None:
    plan = (await demo.engine.preview(ON)).plan
    deployed(demo, "staging", {})
    demo.fleet.grant("earth", "write")
    with pytest.raises(PlanChanged):
        await demo.engine.run(ON, approved=plan)
    assert demo.writes() == []


class Meddled:
    """A transport behind which somebody deploys between the look at the Secret and its change."""

    def __init__(self, server: SimulatedApiServer, meddle: Any) -> None:
        self._server = server
        self._meddle = meddle

    async def request(self, method: str, path: str, **how: Any) -> Any:
        if method == "PATCH":
            self._meddle()
        return await self._server.request(method, path, **how)


async def test_a_secret_that_changes_in_between_is_left_alone(demo: Demo) -> None:
    await demo.engine.preview(ON)
    before, after = mounts(demo, "staging"), {"a": {"name": "home", "mountPath": "/x"}}
    other = {"b": {"name": "home", "mountPath": "/y"}}
    permission = Permission()
    demo.fleet.grant("earth", "write")
    meddled: Any = Meddled(demo.server, lambda: deployed(demo, "staging", other))
    how: dict[str, Any] = {"before": before, "after": after, "dry_run": False, "timeout_s": 1.0}
    with pytest.raises(Conflict):
        await write_admin_mounts(meddled, "staging", **how)
    assert mounts(demo, "staging") == other
    with pytest.raises(MountsChanged):
        await write_admin_mounts(meddled, "staging", **how)
    guarded = Guard(demo.server, permission)
    with pytest.raises(ProviderError, match="read-only"):
        await write_admin_mounts(guarded, "staging", **{**how, "before": other})


async def test_undo_after_a_deploy_edits_what_is_there_then(demo: Demo) -> None:
    await demo.run(ON)
    (run,) = await demo.engine.runs()
    now = mounts(demo, "staging")
    deployed(demo, "staging", {**now, "9-data": {"name": "data", "mountPath": "/data"}})
    assert (await demo.run(undo_target(run))).outcome == "done"
    assert sorted(mounts(demo, "staging")) == ["1-shared-readwrite", "2-shared-readwrite-rstudio", "9-data"]


class Controller:
    """Rolls the Deployment out only after some pauses."""

    def __init__(self, demo: Demo, pauses: int) -> None:
        self._demo = demo
        self._left = pauses
        demo.server.watchers.append(self.changed)

    def changed(self, verb: str, item: dict[str, Any]) -> None:
        if verb == "patch" and item["kind"] == "Deployment":
            status = {**item["status"], "updatedReplicas": 0}
            self._demo.server.store.put({**item, "status": status})

    def paused(self) -> None:
        self._left -= 1
        if self._left == 0:
            hub = self._demo.put("apps", "deployments", "staging", "hub")
            self._demo.server.store.put({**hub, "status": {**hub["status"], "updatedReplicas": 1}})


async def test_it_waits_until_the_hub_is_ready(demo: Demo) -> None:
    await demo.engine.preview(ON)
    demo.during = Controller(demo, 3).paused
    assert (await demo.run(ON)).outcome == "done"
    assert [one.line for one in demo.events if isinstance(one, events.Said)] == ["0 of 1 pods are new"]
    assert demo.slept == 3


async def test_a_hub_that_does_not_become_ready_is_a_step_that_failed(demo: Demo) -> None:
    await demo.engine.preview(ON)
    demo.during = Controller(demo, 10_000).paused
    result = await demo.run(ON)
    assert result.outcome == "failed"
    assert "not ready after 300 s: 0 of 1 pods are new" in result.message


async def test_cancelled_while_it_waits_and_finished_without_another_restart(demo: Demo) -> None:
    await demo.engine.preview(ON)
    controller, cancel = Controller(demo, 4), Cancel()

    def paused() -> None:
        controller.paused()
        cancel.ask()

    demo.during = paused
    assert (await demo.run(ON, cancel=cancel)).outcome == "cancelled"
    (run,) = await demo.engine.runs()
    # The Secret is changed and the restart is on its way: nothing is left to be sent.
    assert (await demo.engine.preview(target_of(run))).plan.empty
    back = await demo.run(undo_target(run))
    assert back.outcome == "done"
    assert "3-allusers" not in mounts(demo, "staging")


async def test_cut_short_before_the_restart_only_that_is_left(demo: Demo) -> None:
    cancel = Cancel()
    plan = (await demo.engine.preview(ON)).plan
    demo.fleet.grant("earth", "write")

    def stop(event: events.Event) -> None:
        if isinstance(event, events.StepDone):
            cancel.ask()

    assert (await demo.engine.run(ON, approved=plan, cancel=cancel, tell=stop)).outcome == "cancelled"
    assert [step.key for step in (await demo.engine.preview(ON)).plan.steps] == ["restart"]
    assert (await demo.run(ON)).outcome == "done"
    assert (await demo.engine.preview(ON)).plan.empty


JOVYAN, RSTUDIO = ({"name": "home", "mountPath": f"/home/{name}/allusers"} for name in ("jovyan", "rstudio"))
SHARED = {"name": "home", "mountPath": "/home/jovyan/shared-readwrite", "subPath": "_shared"}
READ = {"readOnly": True}


@pytest.mark.parametrize(
    ("before", "asking", "listed", "after"),
    [
        (None, {"state": "on"}, False, {"allusers": JOVYAN, "rstudio-allusers": RSTUDIO}),
        (None, {"state": "on", "read_only": True}, True, [JOVYAN | READ, RSTUDIO | READ]),
        ([SHARED], {"state": "on"}, False, [SHARED, JOVYAN, RSTUDIO]),
        ([SHARED, JOVYAN], {"state": "on", "read_only": True}, False, [SHARED, JOVYAN | READ, RSTUDIO | READ]),
        ([JOVYAN, SHARED, RSTUDIO], {"state": "off"}, False, [SHARED]),
        ({"01-s": SHARED, "02-allusers": JOVYAN}, {"state": "on"}, True,
         {"01-s": SHARED, "02-allusers": JOVYAN, "03-rstudio-allusers": RSTUDIO}),
        ({"1-s": SHARED, "2-a": JOVYAN | READ, "3-n": None}, {"state": "off"}, False, {"1-s": SHARED}),
        ({"a": JOVYAN | READ, "b": RSTUDIO}, {"state": "on"}, False, {"a": JOVYAN, "b": RSTUDIO}),
    ],
)  # fmt: skip
def test_both_shapes(before: Entries, asking: dict[str, Any], listed: bool, after: Entries) -> None:
    assert wanted_entries(before, asked_of({**asking, "live": True}), listed=listed) == after


def test_where_the_values_declare_it_the_running_hub_has_it_there_and_nowhere_else() -> None:
    on = asked_of({"state": "on", "live": True})
    at = ("/home/jovyan/allusers/",)
    assert wanted_entries([SHARED], on, listed=True, at=at) == [SHARED, JOVYAN]
    assert wanted_entries({"1": JOVYAN | READ, "2": RSTUDIO}, on, listed=False, at=at) == {"1": JOVYAN}
    off = asked_of({"state": "off", "live": True})
    assert wanted_entries([SHARED, JOVYAN, RSTUDIO], off, listed=True, at=at) == [SHARED]


async def test_declared_and_not_live_becomes_as_declared_by_what_its_finding_asks_for(tmp_path: Path) -> None:
    demo = Demo(tmp_path, cluster="reef")

    async def about_allusers() -> dict[str, Any]:
        await demo.fleet.refresh("reef")
        (hub,) = [one for one in demo.fleet.state.hubs() if one.name == "lagoon"]
        return {each.code: each.asks for each in hub.findings if each.action == "allusers"}

    found = await about_allusers()
    assert set(found) == {"MNT03"}
    target = Target(action="allusers", cluster="reef", hub="lagoon", parameters=found["MNT03"] or {})
    assert (await demo.run(target)).outcome == "done"
    assert set(await about_allusers()) == {"MNT01"}


async def test_a_hub_whose_homes_are_not_on_nfs_has_nothing_to_mount(demo: Demo) -> None:
    for live in (False, True):
        with pytest.raises(Refused, match="homes of earth/public are not on NFS"):
            await demo.engine.preview(asked("public", "on", live=live))
    assert (await demo.engine.preview(asked("public", "off"))).plan.empty


async def test_a_hub_that_is_not_deployed_is_refused(demo: Demo) -> None:
    await demo.engine.preview(ON)
    demo.server.store.remove(*_secret(demo))
    with pytest.raises(Refused, match="no hub runs in namespace staging"):
        await demo.engine.preview(ON)


def _secret(demo: Demo) -> tuple[Any, str, str]:
    from providers.simulated.resources import by_path

    return by_path("", "v1", "secrets"), "staging", "hub"


def test_by_command(hubhomes: Command) -> None:
    command = ("allusers", "earth/course", "off", "--live", "--demo", "--json", "--stop-server", "ana")
    plan = hubhomes(*command, "--dry-run").document("Plan")
    assert (plan["confirm"], plan["affects"]) == ("course", {"users": ["ana"], "hubs": ["earth/course"]})
    rights = {need["right"] for step in plan["steps"] for need in step["needs"]}
    assert rights == {"get secrets hub", "patch secrets hub", "get deployments.apps hub", "patch deployments.apps hub",
                      "delete pods"}  # fmt: skip
    run = (*command, "--yes", "--digest", plan["digest"])
    assert hubhomes(*run).code == Exit.USAGE
    done = hubhomes(*run, "--confirm", "earth/course")
    assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.NONE, "done")
    assert not [secret for secret in SECRETS if secret in json.dumps(plan) + done.out + done.err]
    assert hubhomes("allusers", "polar/prod", "on", "--live", "--demo", "--dry-run").code == Exit.UNOBSERVED
    assert msgspec.json.decode(done.out)["verified"] == {"state": "gone", "why": ""}
