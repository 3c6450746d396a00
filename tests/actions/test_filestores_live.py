"""Filestores are made and grown live in the demo's clouds: planned, permitted, followed, verified, and told."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from console.actions import events
from console.actions.engine import Engine, target_of, undo_target
from console.actions.filestores.create import CreateFilestore
from console.actions.filestores.grow import Grow
from console.actions.offers import findings_about
from console.actions.plan import CloudRight, Plan
from console.actions.protocol import Cancel, Refused, Target
from console.actions.record import Record, utc_now
from console.actions.refusals import NotApproved, NotPermittedYet, PlanChanged
from console.actions.running import Result
from console.actions.surroundings import Surroundings
from console.actions.verifying import Clock
from console.chain.model import ClusterState
from console.fleet.fleet import Fleet
from console.fleet.sources import DemoSources
from console.settings import Settings
from providers.errors import ProviderError
from providers.filestores.protocol import Filestore
from providers.simulated.backends import SimulatedBackend

GIB = 2**30
ACTIONS = {"create-filestore": CreateFilestore(), "grow": Grow()}


class Demo:
    """One cluster of the demo, its cloud, and an engine over it. `told` is what runs tell."""

    def __init__(self, folder: Path, cluster: str) -> None:
        self.name = cluster
        self.sources = DemoSources(utc_now, at_once=True)
        self.fleet = Fleet(self.sources, Settings(), only=cluster)
        self.record = Record(folder / "state")
        self.engine = Engine(
            Surroundings(self.fleet, Settings(), now=utc_now).observe,
            self.record,
            find=ACTIONS.__getitem__,
            # The one look at what was done has half a minute, and none follows.
            clock=Clock(monotonic=itertools.count(0, 30.0).__next__),
            verify_deadline_s=59.0,
        )
        self.told: list[events.Event] = []

    def target(self, action: str, **parameters: Any) -> Target:
        return Target(action=action, cluster=self.name, parameters={"live": True, **parameters})

    async def plan(self, target: Target) -> Plan:
        return (await self.engine.preview(target)).plan

    async def run(self, target: Target, **how: Any) -> Result:
        plan = await self.plan(target)
        self.fleet.grant(self.name, "write")
        return await self.engine.run(target, approved=plan, confirmed=plan.place, tell=self.told.append, **how)

    async def state(self) -> ClusterState:
        await self.fleet.refresh(self.name)
        return next(one for one in self.fleet.state.clusters if one.name == self.name)

    async def store(self, name: str) -> Filestore:
        return next(one for one in (await self.state()).filestores if one.name == name)

    def cloud(self) -> SimulatedBackend:
        backends = {one.name: one for one in self.sources.backends()}
        found = backends[{"earth": "gcp-filestore", "ocean": "aws-efs"}.get(self.name, "azure-files")]
        assert isinstance(found, SimulatedBackend)
        return found

    def notes(self) -> list[str]:
        """What steps left to do elsewhere."""
        return [line for one in self.told if isinstance(one, events.StepDone) for line in one.outcome.notes]


@pytest.fixture
def earth(tmp_path: Path) -> Demo:
    return Demo(tmp_path, "earth")


@pytest.fixture
def ocean(tmp_path: Path) -> Demo:
    return Demo(tmp_path, "ocean")


@pytest.fixture
def forest(tmp_path: Path) -> Demo:
    return Demo(tmp_path, "forest")


async def test_a_share_is_grown_where_kubernetes_cannot_be_reached(tmp_path: Path) -> None:
    desert = Demo(tmp_path, "desert")
    before = await desert.state()
    assert (before.error is not None and before.error.kind, before.observed_at) == ("unreachable", None)
    target = desert.target("grow", filestore="deserthomes/homes")
    plan = await desert.plan(target)
    assert [(one.what, one.before, one.after) for one in plan.steps] == [
        ("grow deserthomes/homes", "1,024 GiB", "1,160 GiB")
    ]
    assert plan.affects.hubs == ("desert/dune",)
    assert any(note.startswith("whose servers run is not known: ") for note in plan.notes)
    result = await desert.run(target)
    assert (result.outcome, result.verdict is not None and result.verdict.state) == ("done", "gone")
    grown = await desert.state()
    assert "FST04" not in {one.code for one in (*grown.findings, *grown.hubs[0].findings)}
    assert "storage_size = 1160" in desert.notes()


async def test_what_terraform_declares_and_misses_is_made(earth: Demo) -> None:
    target = earth.target("create-filestore")
    plan = await earth.plan(target)
    (step,) = plan.steps
    assert "TFM01" in {one.code for one in (await earth.state()).findings}
    assert (step.what, step.undo) == ("make filestore earth-homedirs-archive", "")
    assert step.after == "BASIC_HDD, 1,024 GiB, in us-central1-b, network default"
    assert CloudRight(cloud="gcp", right="file.instances.create") in plan.needs
    assert (plan.permission, plan.namespace, plan.destructive, plan.affects.hubs) == ("write", "", False, ())
    with pytest.raises(NotPermittedYet):
        await earth.engine.run(target, approved=plan)
    result = await earth.run(target)
    assert (result.outcome, result.verdict is not None and result.verdict.state) == ("done", "gone")
    made = await earth.store("earth-homedirs-archive")
    assert (made.state, made.capacity_bytes, len(made.addresses)) == ("ready", 1024 * GIB, 1)
    assert "TFM01" not in {one.code for one in (await earth.state()).findings}
    assert f"      serverIP: {made.addresses[0]}" in earth.notes()
    declared = 'google_filestore_instance.homedirs["archive"]'
    assert any("terraform" in line and declared in line and made.id in line for line in earth.notes())
    assert all("archive" not in step.what for step in (await earth.plan(target)).steps)


async def test_a_new_one_is_named_as_terraform_would_and_its_lines_are_told(earth: Demo) -> None:
    target = earth.target("create-filestore", key="climate", tier="BASIC_SSD", capacity_gib=3000)
    result = await earth.run(target)
    assert result.outcome == "done"
    assert (await earth.store("earth-homedirs-climate")).tier == "BASIC_SSD"
    assert '  "climate" : { name_suffix : "climate", capacity_gb : 3000, tier : "BASIC_SSD" },' in earth.notes()
    assert (await earth.run(target)).outcome == "nothing"


async def test_an_efs_is_made_with_a_mount_target_wherever_nodes_are(ocean: Demo) -> None:
    plan = await ocean.plan(ocean.target("create-filestore", key="kelp"))
    assert len(plan.steps) == 4
    assert (await ocean.run(ocean.target("create-filestore", key="kelp"))).outcome == "done"
    made = await ocean.store("hub-homedirs-kelp")
    assert [target.zone for target in made.mount_targets or ()] == ["us-west-2a", "us-west-2b", "us-west-2c"]
    assert any('aws_efs_file_system.hub_homedirs["kelp"]' in line for line in ocean.notes())


async def test_the_half_of_a_filestore_is_made_whole_and_its_production_hubs_are_named(ocean: Demo) -> None:
    target = ocean.target("create-filestore")
    plan = await ocean.plan(target)
    assert [step.what for step in plan.steps] == ["make a mount target in us-west-2c, for the nodes there"]
    assert "ocean/prod" in plan.affects.hubs
    ocean.fleet.grant("ocean", "write")
    with pytest.raises(NotApproved):
        await ocean.engine.run(target, approved=plan)
    assert "FST11" in {one.code for hub in (await ocean.state()).hubs for one in hub.findings}
    assert (await ocean.run(target)).outcome == "done"
    assert "FST11" not in {one.code for hub in (await ocean.state()).hubs for one in hub.findings}
    # Terraform knows the file system itself: nothing of that is told anew.
    assert [line.split()[-2:] for line in ocean.notes() if "terraform" in line] == [
        ["plan", "-var-file=projects/ocean.tfvars"]
    ]


async def test_what_terraform_declares_under_another_name_is_not_made_a_second_time(ocean: Demo) -> None:
    assert "TFM05" in {one.code for one in (await ocean.state()).findings}
    plan = await ocean.plan(ocean.target("create-filestore", key="prod"))
    assert [step.what for step in plan.steps] == ["make a mount target in us-west-2c, for the nodes there"]


async def test_a_share_is_made_in_the_account_of_the_others(forest: Demo) -> None:
    assert (await forest.run(forest.target("create-filestore", key="moss", capacity_gib=200))).outcome == "done"
    assert (await forest.store("foresthomes/moss")).capacity_bytes == 200 * GIB


async def test_a_share_that_no_node_may_mount_is_not_called_done(forest: Demo) -> None:
    target = forest.target("create-filestore", key="foreststaging/more")
    assert "does not let in" in (await forest.plan(target)).risk
    result = await forest.run(target)
    assert result.outcome == "not-verified"
    assert "does not let the nodes in" in result.message
    assert (await forest.store("foreststaging/more")).capacity_bytes == 100 * GIB


@pytest.mark.parametrize("given", ["foresthomes/archive", "id"])
async def test_a_full_filestore_is_grown_and_its_finding_goes(forest: Demo, given: str) -> None:
    archive = await forest.store("foresthomes/archive")
    target = forest.target("grow", filestore=archive.id if given == "id" else given)
    plan = await forest.plan(target)
    (step,) = plan.steps
    assert (step.before, step.after) == ("1,024 GiB", "1,140 GiB")
    assert plan.affects.hubs == ("forest/canopy", "forest/understory")
    assert plan.parameters["to"] == 1140
    assert any("leaves 13 % free" in note for note in plan.notes)
    codes = {one.code for hub in (await forest.state()).hubs for one in hub.findings}
    assert "FST04" in codes
    assert (await forest.run(target)).outcome == "done"
    state = await forest.state()
    assert {one.code for hub in state.hubs for one in hub.findings} == codes - {"FST04"}
    assert {usage.capacity_bytes for usage in state.usages[archive.id].usages} == {1140 * GIB}
    assert (await forest.plan(target)).empty


async def test_no_server_is_said_to_take_what_none_was_asked(forest: Demo) -> None:
    forest.fleet.grant("forest", "write")
    preview = await forest.engine.preview(forest.target("grow", filestore="foresthomes/archive"))
    assert (preview.plan.empty, preview.dry_run) == (False, False)


async def test_a_hub_is_not_asked_to_mend_a_filestore_that_it_does_not_live_on(forest: Demo) -> None:
    state = await forest.state()
    hubs = {hub.name: findings_about(state, hub) for hub in state.hubs}
    about = {name: {one.filestore for one in found} - {None} for name, found in hubs.items()}
    full = next(one.id for one in state.filestores if one.name == "foresthomes/archive")
    assert {name for name, stores in about.items() if full in stores} == {"canopy", "understory"}
    assert any(one.hub is None for found in hubs.values() for one in found)


async def test_what_is_declared_smaller_is_said_with_the_lines_that_mend_it(earth: Demo) -> None:
    target = earth.target("grow", filestore="earth-homedirs", to=2048)
    assert any("google_filestore_instance.homedirs" in note for note in (await earth.plan(target)).notes)
    assert (await earth.run(target)).outcome == "done"
    assert "capacity_gb : 2048" in earth.notes()
    assert earth.notes()[-1] == "hubhomes grow earth/earth-homedirs --to 2048 writes that into the file"


async def test_what_has_no_size_or_room_enough_needs_none(ocean: Demo, forest: Demo) -> None:
    plan = await ocean.plan(ocean.target("grow", filestore="hub-homedirs"))
    assert plan.empty
    assert "grows by itself" in plan.notes[0]
    plan = await forest.plan(forest.target("grow", filestore="foresthomes/homes"))
    assert plan.empty
    assert "has room" in plan.notes[0]


REFUSED: tuple[tuple[str, str, Mapping[str, Any], str], ...] = (
    ("forest", "grow", {"filestore": "foresthomes/nothing"}, "no filestore foresthomes/nothing"),
    ("forest", "grow", {"filestore": "foresthomes/homes", "to": 100}, "has 4,096 GiB already"),
    ("reef", "grow", {"filestore": "home-nfs/coral/storage-quota-home-nfs"}, "its disk is Terraform's"),
    ("earth", "create-filestore", {"key": "x", "tier": "FAST"}, "no tier FAST"),
    ("earth", "create-filestore", {"key": "x", "capacity_gib": 100}, "begins at 1,024 GiB"),
    ("earth", "create-filestore", {"key": "x", "point": ["prod"]}, "edits no values"),
    ("ocean", "create-filestore", {"key": "x", "capacity_gib": 100}, "has no size"),
    ("forest", "create-filestore", {"key": "elsewhere/homes"}, "no premium account elsewhere"),
    ("summit", "create-filestore", {"key": "x"}, "reached as kubeconfig"),
)


@pytest.mark.parametrize(("cluster", "action", "parameters", "why"), REFUSED, ids=lambda one: str(one))
async def test_what_cannot_be_had_is_refused_with_the_reason(
    tmp_path: Path, cluster: str, action: str, parameters: Mapping[str, Any], why: str
) -> None:
    demo = Demo(tmp_path, cluster)
    with pytest.raises(Refused, match=why) as caught:
        await demo.plan(demo.target(action, **parameters))
    assert caught.value.next_step or "already" in why


async def test_a_cloud_that_cannot_be_asked_is_an_error_of_its_own(tmp_path: Path) -> None:
    polar = Demo(tmp_path, "polar")
    with pytest.raises(ProviderError, match="SSO session"):
        await polar.plan(polar.target("create-filestore", key="x"))


async def test_what_the_cloud_denies_is_told_in_its_words_and_nothing_is_made(earth: Demo) -> None:
    target = earth.target("create-filestore")
    earth.cloud().denials["earth"] = ProviderError(
        "forbidden", "denied: file.instances.create", next_step="ask for roles/file.editor"
    )
    result = await earth.run(target)
    assert (result.outcome, result.next_step) == ("failed", "ask for roles/file.editor")
    assert "denied: file.instances.create" in result.message
    assert len((await earth.plan(target)).steps) == 1


async def test_what_somebody_else_grew_meanwhile_is_planned_anew(forest: Demo) -> None:
    target = forest.target("grow", filestore="foresthomes/archive", to=1200)
    approved = await forest.plan(target)
    assert (await forest.run(forest.target("grow", filestore="foresthomes/archive", to=1100))).outcome == "done"
    with pytest.raises(PlanChanged, match="before was 1,024 GiB, is 1,100 GiB"):
        await forest.engine.run(target, approved=approved)


async def test_what_was_made_meanwhile_leaves_nothing_to_do(earth: Demo) -> None:
    target = earth.target("create-filestore", key="archive")
    approved = await earth.plan(target)
    assert (await earth.run(target)).outcome == "done"
    assert (await earth.engine.run(target, approved=approved)).outcome == "nothing"


async def test_cancelled_between_two_looks_and_gone_on_with(earth: Demo) -> None:
    target, cancel = earth.target("create-filestore", key="archive"), Cancel()

    def tell(event: events.Event) -> None:
        if isinstance(event, events.Said):
            cancel.ask()

    plan = await earth.plan(target)
    earth.fleet.grant("earth", "write")
    first = await earth.engine.run(target, approved=plan, cancel=cancel, tell=tell)
    assert first.outcome == "cancelled"
    assert (await earth.store("earth-homedirs-archive")).state == "creating"
    (run,) = await earth.engine.runs()
    assert any("being made already" in note for note in (await earth.plan(target)).notes)
    again = await earth.run(target_of(run), resumes=run.id)
    assert again.outcome == "done"
    names = [one.name for one in (await earth.state()).filestores]
    assert names.count("earth-homedirs-archive") == 1
    with pytest.raises(Refused, match="can't be undone"):
        await earth.plan(undo_target(run))
