"""The small actions over the demo: what its incidents name is mended, and their findings are gone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from console.actions.engine import Engine, undo_target
from console.actions.plan import Plan
from console.actions.protocol import Refused, Target
from console.actions.record import Record, utc_now
from console.actions.refusals import NotApproved, NotPermittedYet, PlanChanged, RightsMissing
from console.actions.surroundings import Surroundings
from console.chain.catalogue import RULES
from console.chain.model import HubState
from console.fleet.fleet import Fleet
from console.fleet.sources import DemoSources
from console.settings import Settings
from providers.simulated.access import Denial, Identity
from providers.simulated.apiserver import SimulatedApiServer
from providers.simulated.demo import DemoConnector
from providers.simulated.resources import Json, by_path

SETTINGS = Settings()


class Demo:
    """One cluster of the demo, and an engine over it."""

    def __init__(self, folder: Path, cluster: str) -> None:
        self.cluster = cluster
        self.sources = DemoSources(utc_now, at_once=True)
        self.fleet = Fleet(self.sources, SETTINGS, only=cluster)
        self.record = Record(folder / "state")
        self.engine = Engine(Surroundings(self.fleet, SETTINGS, now=utc_now).observe, self.record)

    @property
    def server(self) -> SimulatedApiServer:
        connector = self.sources.connector()
        assert isinstance(connector, DemoConnector)
        return connector.servers[self.cluster]

    def target(self, action: str, hub: str, **parameters: Any) -> Target:
        return Target(action=action, cluster=self.cluster, hub=hub, parameters=parameters)

    async def plan(self, target: Target) -> Plan:
        return (await self.engine.preview(target)).plan

    async def mended(self, target: Target) -> str:
        plan = await self.plan(target)
        self.fleet.grant(self.cluster, "write")
        result = await self.engine.run(target, approved=plan, confirmed=plan.place)
        assert result.outcome == "done", result
        assert (await self.plan(target)).empty
        return result.run or ""

    def hub(self, name: str) -> HubState:
        return next(hub for hub in self.fleet.state.hubs() if hub.key == f"{self.cluster}/{name}")

    def codes(self, name: str) -> set[str]:
        return {finding.code for finding in self.hub(name).findings}

    def writes(self) -> list[tuple[str, str]]:
        return [
            (one.method, one.path)
            for one in self.server.requests
            if one.method != "GET" and "selfsubject" not in one.path and not one.dry_run
        ]

    def stored(self, plural: str, namespace: str, name: str, group: str = "") -> Json | None:
        resource = by_path(group, "v1", plural)
        assert resource is not None
        return self.server.store.get(resource, namespace, name)

    def gone(self, plural: str, namespace: str, name: str) -> None:
        """Somebody takes an object away."""
        resource = by_path("", "v1", plural)
        assert resource is not None
        self.server.store.remove(resource, namespace, name)


@pytest.fixture
def earth(tmp_path: Path) -> Demo:
    return Demo(tmp_path, "earth")


CASES: tuple[tuple[str, str, str, Mapping[str, str], set[str]], ...] = (
    ("earth", "clear-claim-ref", "staging", {}, {"PV02"}),
    ("earth", "rerun-share-creator", "prod", {}, {"DIR01"}),
    ("reef", "rerun-share-creator", "lagoon", {}, {"DIR02"}),
)


@pytest.mark.parametrize(("cluster", "action", "hub", "parameters", "codes"), CASES, ids=lambda one: str(one))
async def test_what_an_incident_names_mends_it(
    tmp_path: Path, cluster: str, action: str, hub: str, parameters: Mapping[str, str], codes: set[str]
) -> None:
    demo = Demo(tmp_path, cluster)
    target = demo.target(action, hub, **parameters)
    await demo.plan(target)
    assert codes <= demo.codes(hub)
    assert demo.writes() == []
    with pytest.raises(NotPermittedYet):
        await demo.engine.run(target, approved=await demo.plan(target), confirmed=hub)
    run = await demo.mended(target)
    assert not codes & demo.codes(hub)
    with pytest.raises(Refused, match="can't be undone"):
        await demo.plan(Target(action=action, cluster=cluster, hub=hub, undoes=run))
    await demo.fleet.close()


async def test_servers_with_older_mounts_are_restarted_one_by_one(earth: Demo) -> None:
    await earth.plan(earth.target("restart-server", "course", user="uma"))
    assert "MNT05" in earth.codes("course")
    for user in ("uma", "val"):
        target = earth.target("restart-server", "course", user=user)
        plan = await earth.plan(target)
        assert (plan.affects.users, plan.destructive) == ((user,), True)
        earth.fleet.grant("earth", "write")
        with pytest.raises(NotApproved):
            await earth.engine.run(target, approved=plan)
        await earth.mended(target)
    assert "MNT05" not in earth.codes("course")
    assert [path.rpartition("/")[2] for _, path in earth.writes() if "/pods/" in path] == ["jupyter-uma", "jupyter-val"]


async def test_only_pods_of_users_are_restarted(earth: Demo) -> None:
    for user in ("hub", "nobody", "", "delta"):
        plan = await earth.plan(earth.target("restart-server", "delta", user=user))
        assert plan.empty
        assert "those who have one: bo, dee, yan" in plan.notes[0]
    waiting = await earth.plan(earth.target("restart-server", "delta", user="bo"))
    assert (len(waiting.steps), waiting.destructive) == (1, False)


@pytest.mark.parametrize(
    ("action", "hub", "verb", "resource", "said"),
    [
        ("clear-claim-ref", "staging", "patch", "persistentvolumes", "patch persistentvolumes"),
        ("rerun-share-creator", "prod", "delete", "jobs", "delete jobs.batch in prod"),
        ("restart-server", "delta", "delete", "pods", "delete pods in delta"),
        ("move-aside", "climate", "create", "pods/exec", "create pods/exec in climate"),
        ("retire-home", "climate", "create", "pods/exec", "create pods/exec in climate"),
        ("rename-home", "climate", "create", "pods/exec", "create pods/exec in climate"),
    ],
)
async def test_without_a_right_it_is_named(
    earth: Demo, action: str, hub: str, verb: str, resource: str, said: str
) -> None:
    asked: dict[str, dict[str, Any]] = {
        "restart-server": {"user": "bo"},
        "move-aside": {"home": "dee", "path": "notebook.ipynb"},
        "retire-home": {"name": ("course-a-01",)},
        "rename-home": {"old": "course-a-01", "new": "course-a-1"},
    }
    target = earth.target(action, hub, **asked.get(action, {}))
    earth.fleet.grant("earth", "write")
    plan = await earth.plan(target)
    earth.server.identity = Identity(denials=(Denial(verb=verb, resource=resource),))
    if resource == "pods/exec":
        with pytest.raises(Exception, match=r"may not|cannot create"):
            await earth.engine.run(target, approved=plan, confirmed=hub)
        return
    with pytest.raises(RightsMissing, match=said):
        await earth.engine.run(target, approved=plan, confirmed=hub)
    assert [one for one in earth.writes() if "leases" not in one[1]] == []


async def test_a_volume_that_remembers_another_hub_is_not_freed(earth: Demo) -> None:
    target = earth.target("clear-claim-ref", "staging")
    await earth.plan(target)
    volume = earth.stored("persistentvolumes", "", "staging-home-nfs")
    assert volume is not None
    reference = {**volume["spec"]["claimRef"], "namespace": "prod"}
    earth.server.store.put({**volume, "spec": {**volume["spec"], "claimRef": reference}})
    with pytest.raises(Refused, match="remembers prod/home-nfs, not the hub's own claim"):
        await earth.plan(target)


async def test_a_claim_that_asks_for_another_volume_is_refused(earth: Demo) -> None:
    target = earth.target("clear-claim-ref", "staging")
    await earth.plan(target)
    claim = earth.stored("persistentvolumeclaims", "staging", "home-nfs")
    assert claim is not None
    earth.server.store.put({**claim, "spec": {**claim["spec"], "volumeName": "other"}})
    with pytest.raises(Refused, match="asks for other"):
        await earth.plan(target)


async def test_a_volume_keeps_the_name_of_the_claim_that_may_have_it(earth: Demo) -> None:
    await earth.mended(earth.target("clear-claim-ref", "staging"))
    volume = earth.stored("persistentvolumes", "", "staging-home-nfs")
    claim = earth.stored("persistentvolumeclaims", "staging", "home-nfs")
    assert volume is not None
    assert claim is not None
    reference = volume["spec"]["claimRef"]
    assert (reference["namespace"], reference["name"]) == ("staging", "home-nfs")
    assert reference["uid"] == claim["metadata"]["uid"]


async def test_changed_between_plan_and_run_is_refused(earth: Demo) -> None:
    claim_ref = earth.target("clear-claim-ref", "staging")
    restart = earth.target("restart-server", "delta", user="bo")
    again = earth.target("rerun-share-creator", "prod")
    plans = [(target, await earth.plan(target)) for target in (claim_ref, restart, again)]
    for plural, namespace, name, group in (
        ("persistentvolumes", "", "staging-home-nfs", ""),
        ("pods", "delta", "jupyter-bo", ""),
        ("jobs", "prod", "nfs-share-creator", "batch"),
    ):
        item = earth.stored(plural, namespace, name, group)
        assert item is not None
        earth.server.store.put({**item, "metadata": {**item["metadata"], "uid": "another"}})
    earth.fleet.grant("earth", "write")
    for target, plan in plans:
        with pytest.raises(PlanChanged):
            await earth.engine.run(target, approved=plan, confirmed=target.hub or "")
    assert earth.writes() == []


async def test_moved_aside_and_back(earth: Demo) -> None:
    target = earth.target("move-aside", "climate", home="dee", path="notebook.ipynb")
    earth.fleet.grant("earth", "probe")
    run = await earth.mended(target)
    (kept,) = [one for one in await earth.engine.runs() if one.id == run]
    back = undo_target(kept)
    plan = await earth.plan(back)
    assert "rename dee/notebook.ipynb.moved-aside-" in plan.steps[0].what
    assert plan.steps[0].what.endswith("to notebook.ipynb")
    earth.fleet.grant("earth", "write")
    assert (await earth.engine.run(back, approved=plan)).outcome == "done"
    assert not (await earth.plan(target)).empty


@pytest.mark.parametrize(
    ("home", "path", "said"),
    [
        ("dee", "missing", "is not there"),
        ("nobody", "x", "nobody is not there"),
        ("elsewhere", "x", "is a link"),
        ("dee", "../gus/x", "no path inside a home"),
        ("dee", "/etc/passwd", "no path inside a home"),
        ("dee", "", "no path inside a home"),
        ("..", "x", "no name"),
        ("a/b", "x", "no name"),
        (".projects", "x", "neither a home"),
    ],
)
async def test_what_is_not_moved(earth: Demo, home: str, path: str, said: str) -> None:
    earth.fleet.grant("earth", "probe")
    with pytest.raises(Refused, match=said):
        await earth.plan(earth.target("move-aside", "climate", home=home, path=path))


async def test_a_name_that_gets_no_suffix_names_the_shell_of_its_hub(earth: Demo) -> None:
    earth.fleet.grant("earth", "probe")
    with pytest.raises(Refused, match="too long") as refused:
        await earth.plan(earth.target("move-aside", "climate", home="dee", path="x" * 250))
    assert refused.value.next_step == "rename it by hand: hubhomes shell earth/climate --writable"


async def test_old_homes_are_retired_their_finding_is_gone_and_they_come_back(earth: Demo) -> None:
    earth.fleet.grant("earth", "probe")
    await earth.fleet.refresh("earth")
    await earth.fleet.look("earth", "prod")
    homes = earth.hub("prod").homes
    assert homes is not None
    old = [row.shown for row in homes.rows if row.home and any("no activity" in words for words in row.problems)]
    assert ("HOM06" in earth.codes("prod"), "former-03" in old, "jos\\xe9" in old) == (True, True, True)
    target = earth.target("retire-home", "prod", name=tuple(f"./{name}" for name in old))
    with pytest.raises(NotPermittedYet):
        await earth.engine.run(target, approved=await earth.plan(target), confirmed="prod")
    run = await earth.mended(target)
    left = earth.hub("prod").homes
    assert left is not None
    assert "HOM06" not in earth.codes("prod")
    trash = [row for row in left.rows if row.shown.startswith("_trash-")]
    assert len(trash) == len(old)
    assert {(row.home, row.mark, row.problems) for row in trash} == {(False, "ok", ())}
    assert "HOM05" not in earth.codes("prod")
    (kept,) = [one for one in await earth.engine.runs() if one.id == run]
    back = undo_target(kept)
    earth.fleet.grant("earth", "write")
    done = await earth.engine.run(back, approved=await earth.plan(back), confirmed="prod")
    assert (done.outcome, "HOM06" in earth.codes("prod")) == ("done", True)


async def test_a_home_is_renamed_with_its_user_and_nothing_is_moved_beneath_a_server(earth: Demo) -> None:
    target = earth.target("rename-home", "prod", old="former-01", new="ana.li")
    earth.fleet.grant("earth", "probe")
    run = await earth.mended(target)
    (kept,) = [one for one in await earth.engine.runs() if one.id == run]
    assert "rename " in (await earth.plan(undo_target(kept))).steps[0].what
    for asked in (
        earth.target("rename-home", "prod", old="ana", new="anna"),
        earth.target("retire-home", "prod", name=("former-02", "ana")),
    ):
        with pytest.raises(Refused, match=r"beneath them: ana \(jupyter-ana\)"):
            await earth.plan(asked)


def test_actions_that_findings_name_are_in_the_registry() -> None:
    from console.actions.registry import registered

    planned = {"grow"}
    assert {name for rule in RULES for name in (rule.action, rule.or_action) if name} - planned <= set(registered())
