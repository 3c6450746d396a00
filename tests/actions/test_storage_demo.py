"""create-share and rebind over the demo: every finding that names them is mended by them, and they are undone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from console.actions.engine import target_of, undo_target
from console.actions.events import StepDone
from console.actions.plan import Plan
from console.actions.protocol import Cancel, Refused
from console.actions.record import utc_now
from console.actions.refusals import NotApproved, PlanChanged, RightsMissing
from console.actions.storage.helm_marks import MARKS
from console.actions.storage.steps import CLAIM, CLAIM_GONE, POLICY, VOLUME, VOLUME_GONE
from console.fleet.fleet import Fleet
from console.fleet.sources import DemoSources
from providers.simulated.access import Denial, Identity
from providers.simulated.resources import Json
from tests.actions.test_objects_demo import SETTINGS, Demo

STOP = {"stop_servers": True}
CASES: tuple[tuple[str, str, str, Mapping[str, Any], tuple[str, ...]], ...] = (
    ("earth", "create-share", "delta", {}, ("MNT10",)),
    ("earth", "create-share", "tundra", {}, ("PV01",)),
    ("ocean", "create-share", "reefwatch", {}, ("PVC01",)),
    (
        "earth",
        "rebind",
        "soils",
        STOP,
        (
            "PV04",
            "PV05",
            "PV06",
        ),
    ),
    ("ocean", "rebind", "gulf", STOP, ("PVC04",)),
    ("ocean", "rebind", "abyss", {}, ("PVC03",)),
    ("forest", "rebind", "moss", {}, ("PV03",)),
    ("forest", "rebind", "grove", {}, ("PVC02",)),
)
BY_ANOTHER = {("ocean", "fjord", "PV07")}
"""What is mended where another hub's claim lets go of the volume first."""


@pytest.fixture
def earth(tmp_path: Path) -> Demo:
    return Demo(tmp_path, "earth")


def keys(plan: Plan) -> list[str]:
    return [step.key for step in plan.steps]


def spec(item: Json | None) -> Json:
    """What somebody has asked for, without what the binder has written."""
    assert item is not None
    found = {key: value for key, value in item["spec"].items() if key != "volumeMode"}
    if "claimRef" in found:
        found["claimRef"] = {key: found["claimRef"][key] for key in ("namespace", "name")}
    return found


async def undone(demo: Demo, run: str) -> None:
    (kept,) = [one for one in await demo.engine.runs() if one.id == run]
    back = undo_target(kept)
    plan = await demo.plan(back)
    demo.fleet.grant(demo.cluster, "write")
    result = await demo.engine.run(back, approved=plan, confirmed=plan.place)
    assert result.outcome == "done", result


@pytest.mark.parametrize(("cluster", "action", "hub", "parameters", "codes"), CASES, ids=lambda one: str(one))
async def test_what_a_finding_names_mends_it(
    tmp_path: Path, cluster: str, action: str, hub: str, parameters: Mapping[str, Any], codes: tuple[str, ...]
) -> None:
    demo = Demo(tmp_path, cluster)
    demo.fleet.grant(cluster, "probe")
    target = demo.target(action, hub, **parameters)
    plan = await demo.plan(target)
    assert {*codes} <= {finding.code for finding in demo.hub(hub).findings if finding.action == action}
    assert [one for one in demo.writes() if "hubhomes-" not in one[1] and not one[1].endswith("/pods")] == []
    assert plan.undoable
    await demo.mended(target)
    assert not {*codes} & demo.codes(hub)
    assert demo.hub(hub).link("pv").mark == demo.hub(hub).link("pvc").mark == "ok"
    await demo.fleet.close()


async def test_no_other_finding_of_the_demo_names_them() -> None:
    fleet = Fleet(DemoSources(utc_now, at_once=True), SETTINGS)
    await fleet.refresh()
    named = {
        (finding.cluster, finding.hub, finding.code)
        for finding in fleet.state.all_findings()
        if finding.action in ("create-share", "rebind")
    }
    assert named == {(cluster, hub, code) for cluster, _, hub, _, codes in CASES for code in codes} | BY_ANOTHER
    await fleet.close()


async def test_a_volume_that_another_hubs_claim_has_is_let_go_there_first(tmp_path: Path) -> None:
    demo = Demo(tmp_path, "ocean")
    demo.fleet.grant("ocean", "probe")
    fjord = demo.target("rebind", "fjord")
    with pytest.raises(Refused, match=r"bound to claim gulf/home-nfs") as refused:
        await demo.plan(fjord)
    assert "rebind ocean/gulf first" in refused.value.next_step
    run = await demo.mended(demo.target("rebind", "gulf", **STOP))
    assert {(finding.code, finding.action) for finding in demo.hub("fjord").findings} >= {("PV07", "rebind")}
    await demo.mended(fjord)
    assert demo.hub("fjord").link("pvc").mark == "ok"
    assert not {"PV02", "PV07"} & demo.codes("fjord")
    # Whose volume it is now is not taken away again.
    (kept,) = [one for one in await demo.engine.runs() if one.id == run]
    with pytest.raises(Refused, match="another hub's"):
        await demo.plan(undo_target(kept))


async def test_rebound_and_back_again(earth: Demo) -> None:
    earth.fleet.grant("earth", "probe")
    target = earth.target("rebind", "soils", **STOP)
    await earth.plan(target)
    before = [spec(earth.stored("persistentvolumes", "", "soils-home-nfs")),
              spec(earth.stored("persistentvolumeclaims", "soils", "home-nfs"))]  # fmt: skip
    plan = await earth.plan(target)
    assert keys(plan) == [POLICY, CLAIM_GONE, VOLUME_GONE, VOLUME, CLAIM]
    assert (plan.affects.users, plan.destructive) == (("ana", "chi", "wes"), True)
    assert "users find what is in /homes/soils then, no longer what is in /homes/soils-2024" in plan.risk
    earth.fleet.grant("earth", "write")
    with pytest.raises(NotApproved):
        await earth.engine.run(target, approved=plan)
    run = await earth.mended(target)
    volume = earth.stored("persistentvolumes", "", "soils-home-nfs")
    assert volume is not None
    assert volume["metadata"]["annotations"]["meta.helm.sh/release-name"] == "soils"
    assert (volume["spec"]["nfs"]["path"], volume["spec"]["mountOptions"]) == ("/homes/soils", ["soft", "noatime"])
    await undone(earth, run)
    assert before == [spec(earth.stored("persistentvolumes", "", "soils-home-nfs")),
                      spec(earth.stored("persistentvolumeclaims", "soils", "home-nfs"))]  # fmt: skip
    assert {"PV04", "PV05", "PV06"} <= earth.codes("soils")


async def test_made_and_taken_away_again(earth: Demo) -> None:
    earth.fleet.grant("earth", "probe")
    target = earth.target("create-share", "tundra")
    await earth.plan(target)
    claim = spec(earth.stored("persistentvolumeclaims", "tundra", "home-nfs"))
    run = await earth.mended(target)
    assert earth.stored("persistentvolumes", "", "tundra-home-nfs") is not None
    # Nobody's server is ended to take it away: it is named and waited for. The claim that waited waits again.
    (kept,) = [one for one in await earth.engine.runs() if one.id == run]
    back = undo_target(kept)
    plan = await earth.plan(back)
    assert (keys(plan), plan.affects.users, plan.destructive) == ([CLAIM_GONE, VOLUME_GONE, CLAIM], ("zoe",), False)
    assert "it waits for 1 server (zoe) to end, 10 min at most" in plan.notes
    said = []

    def tell(event: Any) -> None:
        if line := getattr(event, "line", ""):
            said.append(line)
            earth.gone("pods", "tundra", "jupyter-zoe")

    earth.fleet.grant("earth", "write")
    result = await earth.engine.run(back, approved=plan, confirmed=plan.place, tell=tell)
    assert (result.outcome, said) == ("done", ["waiting for the server of zoe"])
    assert earth.stored("persistentvolumes", "", "tundra-home-nfs") is None
    again = earth.stored("persistentvolumeclaims", "tundra", "home-nfs")
    assert (spec(again), (again or {})["status"]["phase"]) == (claim, "Pending")


async def test_stopped_between_the_volume_and_the_claim_and_gone_on_with(earth: Demo) -> None:
    earth.fleet.grant("earth", "probe")
    target, cancel = earth.target("create-share", "tundra"), Cancel()
    await earth.plan(target)
    earth.gone("persistentvolumeclaims", "tundra", "home-nfs")
    plan = await earth.plan(target)
    assert keys(plan) == [VOLUME, CLAIM]

    def tell(event: Any) -> None:
        if isinstance(event, StepDone):
            cancel.ask()

    earth.fleet.grant("earth", "write")
    result = await earth.engine.run(target, approved=plan, confirmed=plan.place, cancel=cancel, tell=tell)
    assert result.outcome == "cancelled"
    assert earth.stored("persistentvolumes", "", "tundra-home-nfs") is not None
    assert earth.stored("persistentvolumeclaims", "tundra", "home-nfs") is None
    (run,) = await earth.engine.runs()
    rest = target_of(run)
    plan = await earth.plan(rest)
    assert keys(plan) == [CLAIM]
    assert (await earth.engine.run(rest, approved=plan, confirmed=plan.place, resumes=run.id)).outcome == "done"
    assert earth.hub("tundra").link("pvc").mark == "ok"


async def test_what_is_in_a_directory_stays_when_it_is_taken_away_again(earth: Demo) -> None:
    earth.fleet.grant("earth", "probe")
    target = earth.target("create-share", "delta")
    run = await earth.mended(target)
    assert {"bo", "dee", "yan"} == {
        pod for pod in ("bo", "dee", "yan") if earth.stored("pods", "delta", f"jupyter-{pod}")
    }
    await undone(earth, run)
    assert not (await earth.plan(target)).empty


async def test_servers_are_waited_for_and_the_wait_can_be_cancelled(earth: Demo) -> None:
    earth.fleet.grant("earth", "probe")
    target = earth.target("rebind", "soils")
    plan = await earth.plan(target)
    assert not plan.destructive
    earth.fleet.grant("earth", "write")
    cancel, said = Cancel(), []

    def tell(event: Any) -> None:
        line = getattr(event, "line", "")
        if line:
            said.append(line)
            cancel.ask()

    result = await earth.engine.run(target, approved=plan, confirmed="soils", cancel=cancel, tell=tell)
    assert result.outcome == "cancelled"
    assert said == ["waiting for the servers of ana, chi, wes"]
    claim = earth.stored("persistentvolumeclaims", "soils", "home-nfs")
    assert claim is not None
    assert "deletionTimestamp" not in claim["metadata"]


async def test_servers_that_do_not_end_in_time_leave_all_as_it_was(earth: Demo) -> None:
    earth.fleet.grant("earth", "probe")
    target = earth.target("rebind", "soils", wait=0.01)
    plan = await earth.plan(target)
    earth.fleet.grant("earth", "write")
    result = await earth.engine.run(target, approved=plan, confirmed="soils")
    assert (result.outcome, "nothing was deleted" in result.message) == ("failed", True)
    assert result.next_step.endswith("--stop-servers")
    volume = earth.stored("persistentvolumes", "", "soils-home-nfs")
    assert volume is not None
    assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    assert volume["status"]["phase"] == "Bound"


async def test_what_can_not_be_kept_is_not_let_go(earth: Demo) -> None:
    """Where Retain can't be set, nothing else is begun."""
    earth.fleet.grant("earth", "probe")
    target = earth.target("rebind", "soils", **STOP)
    plan = await earth.plan(target)
    earth.fleet.grant("earth", "write")
    tried = earth.server.admission
    kept: list[Json] = []

    def refuses_the_second_time(manifest: Json) -> str:
        if manifest["kind"] == "PersistentVolume" and manifest.get("status", {}).get("phase") == "Bound":
            kept.append(manifest)
            return "a policy says no" if len(kept) > 1 else ""
        return tried(manifest)

    earth.server.admission = refuses_the_second_time
    result = await earth.engine.run(target, approved=plan, confirmed="soils")
    assert (result.outcome, "a policy says no" in result.message) == ("failed", True)
    assert len(kept) == 2
    assert [path for method, path in earth.writes() if method == "DELETE" and "hubhomes" not in path] == []
    claim = earth.stored("persistentvolumeclaims", "soils", "home-nfs")
    assert claim is not None
    assert claim["status"]["phase"] == "Bound"


async def test_only_what_differs_is_changed(earth: Demo) -> None:
    """A reclaim policy, or mount options, are set in their place."""
    earth.fleet.grant("earth", "probe")
    target = earth.target("rebind", "glacier")
    assert (await earth.plan(target)).empty
    volume = earth.stored("persistentvolumes", "", "glacier-home-nfs")
    assert volume is not None
    other = {**volume["spec"], "mountOptions": ["hard", "vers=3"], "persistentVolumeReclaimPolicy": "Delete"}
    earth.server.store.put({**volume, "spec": other})
    plan = await earth.plan(target)
    assert keys(plan) == [POLICY, "options"]
    assert plan.affects.users == ()
    run = await earth.mended(target)
    now = earth.stored("persistentvolumes", "", "glacier-home-nfs")
    assert now is not None
    assert (now["metadata"]["uid"], now["spec"]["mountOptions"]) == (volume["metadata"]["uid"], ["soft", "noatime"])
    await undone(earth, run)
    now = earth.stored("persistentvolumes", "", "glacier-home-nfs")
    assert now is not None
    assert now["spec"] == other


MARKED = {"app.kubernetes.io/managed-by", "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"}


def marks(demo: Demo, hub: str) -> list[set[str]]:
    """Which of Helm's marks volume and claim have."""
    items = [demo.stored("persistentvolumes", "", f"{hub}-home-nfs"),
             demo.stored("persistentvolumeclaims", hub, "home-nfs")]  # fmt: skip
    return [
        MARKED & {*(item["metadata"].get("labels") or {}), *(item["metadata"].get("annotations") or {})}
        for item in items
        if item is not None
    ]


def told_of(demo: Demo, hub: str) -> set[str]:
    """The codes of what was found of HUB when it was last planned for."""
    return {finding.code for one in demo.fleet.state.hubs() if one.name == hub for finding in one.findings}


def put_metadata(demo: Demo, hub: str, **metadata: Any) -> None:
    for item in (demo.stored("persistentvolumes", "", f"{hub}-home-nfs"),
                 demo.stored("persistentvolumeclaims", hub, "home-nfs")):  # fmt: skip
        assert item is not None
        demo.server.store.put({**item, "metadata": {**item["metadata"], **metadata}})


@pytest.mark.parametrize("action", ["create-share", "rebind"])
async def test_what_is_right_and_lacks_helms_marks_gets_them(earth: Demo, action: str) -> None:
    """Else the next deploy refuses it."""
    earth.fleet.grant("earth", "probe")
    target = earth.target(action, "prod")
    assert (await earth.plan(target)).empty
    put_metadata(earth, "prod", labels={"team": "other"}, annotations={"why": "made by hand"})
    plan = await earth.plan(target)
    assert (keys(plan), plan.affects.users) == ([MARKS], ())
    assert "PV10" in told_of(earth, "prod")
    run = await earth.mended(target)
    await earth.plan(target)
    assert "PV10" not in told_of(earth, "prod")
    assert marks(earth, "prod") == [MARKED, MARKED]
    volume = earth.stored("persistentvolumes", "", "prod-home-nfs")
    assert volume is not None
    assert (volume["metadata"]["labels"]["team"], volume["metadata"]["annotations"]["why"]) == ("other", "made by hand")
    await undone(earth, run)
    assert marks(earth, "prod") == [set(), set()]


@pytest.mark.parametrize("action", ["create-share", "rebind"])
async def test_what_is_marked_as_somebody_elses_stays_so_and_is_told(earth: Demo, action: str) -> None:
    earth.fleet.grant("earth", "probe")
    target = earth.target(action, "prod")
    await earth.plan(target)
    owner = {"meta.helm.sh/release-name": "other", "meta.helm.sh/release-namespace": "other"}
    put_metadata(earth, "prod", annotations=owner)
    plan = await earth.plan(target)
    assert plan.empty
    for what in ("volume prod-home-nfs", "claim prod/home-nfs"):
        assert f"{what} is marked as of Helm's release other in other: the next deploy refuses it" in plan.notes


async def test_no_hub_is_bound_to_what_is_not_there(earth: Demo) -> None:
    earth.fleet.grant("earth", "probe")
    target = earth.target("rebind", "delta")
    await earth.plan(target)
    volume = earth.stored("persistentvolumes", "", "delta-home-nfs")
    assert volume is not None
    earth.server.store.put({**volume, "spec": {**volume["spec"], "nfs": {"server": "10.2.0.2", "path": "/homes/x"}}})
    with pytest.raises(Refused, match="/homes/delta is not there") as refused:
        await earth.plan(target)
    assert "create-share earth/delta" in refused.value.next_step


async def test_changed_between_plan_and_run_is_refused(earth: Demo) -> None:
    earth.fleet.grant("earth", "probe")
    target = earth.target("rebind", "soils", **STOP)
    plan = await earth.plan(target)
    volume = earth.stored("persistentvolumes", "", "soils-home-nfs")
    assert volume is not None
    other = {**volume["spec"], "nfs": {"server": "10.2.0.2", "path": "/homes/soils-2023"}}
    earth.server.store.put({**volume, "spec": other})
    earth.fleet.grant("earth", "write")
    with pytest.raises(PlanChanged, match="soils-2023"):
        await earth.engine.run(target, approved=plan, confirmed="soils")
    assert earth.stored("persistentvolumes", "", "soils-home-nfs") is not None


@pytest.mark.parametrize(
    ("action", "hub", "parameters", "verb", "resource", "said"),
    [
        ("rebind", "soils", STOP, "delete", "persistentvolumeclaims", "delete persistentvolumeclaims in soils"),
        ("rebind", "soils", STOP, "create", "persistentvolumes", "create persistentvolumes"),
        ("create-share", "tundra", {}, "create", "persistentvolumes", "create persistentvolumes"),
    ],
)
async def test_without_a_right_it_is_named(
    earth: Demo, action: str, hub: str, parameters: Mapping[str, Any], verb: str, resource: str, said: str
) -> None:
    earth.fleet.grant("earth", "probe")
    target = earth.target(action, hub, **parameters)
    plan = await earth.plan(target)
    earth.server.identity = Identity(denials=(Denial(verb=verb, resource=resource),))
    earth.fleet.grant("earth", "write")
    with pytest.raises(RightsMissing, match=said):
        await earth.engine.run(target, approved=plan, confirmed=hub)
