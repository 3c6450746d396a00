"""create-filestore and grow in Terraform's variables: bytes on disk, commits and the tree, read anew, are witnesses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from console.actions import events
from console.actions.engine import undo_target
from console.actions.history import Run
from console.actions.plan import Plan
from console.actions.protocol import Cancel, Refused, Target
from console.actions.refusals import NotApproved, PlanChanged
from console.cli.exits import Exit
from console.inventory.terraform import TerraformResource, read_terraform
from tests.actions.allusers_demo import Demo
from tests.cli.command import Command
from tests.terraform.folders import OLD_GCP

EARTH, REEF = "terraform/gcp/projects/earth-hubs.tfvars", "terraform/gcp/projects/reef.tfvars"
DESERT, FOREST = "terraform/azure/projects/desert.tfvars", "terraform/azure/projects/forest.tfvars"
CORAL = "coral/storage-quota-home-nfs"


def create(cluster: str = "earth", **parameters: Any) -> Target:
    return Target(action="create-filestore", cluster=cluster, parameters=parameters)


def grow(cluster: str, filestore: str, **parameters: Any) -> Target:
    return Target(action="grow", cluster=cluster, parameters={"filestore": filestore, **parameters})


def declared(demo: Demo, address: str) -> TerraformResource | None:
    found = (one for each in read_terraform(demo.base, cache_dir=None) for one in each.resources)
    return next((one for one in found if one.address == address), None)


async def plan_of(demo: Demo, target: Target) -> Plan:
    return (await demo.engine.preview(target)).plan


async def only_run(demo: Demo) -> Run:
    return (await demo.engine.runs())[-1]


async def test_a_filestore_is_declared_then_nothing_is_to_do_then_it_is_undone(tmp_path: Path) -> None:
    demo, target = Demo(tmp_path), create(key="new", capacity_gib=2048)
    file = demo.base / EARTH
    before = file.read_bytes()
    plan = await plan_of(demo, target)
    (step,) = plan.steps
    assert step.after.splitlines() == [
        'google_filestore_instance.homedirs["new"]',
        "  earth-homedirs-new, 2,048 GiB (2.0 TiB), BASIC_HDD, us-central1-b, share homes",
    ]
    assert step.diff.splitlines()[-2] == '+  "new" : { name_suffix : "new", capacity_gb : 2048, tier : "BASIC_HDD" },'
    assert (plan.permission, plan.affects.hubs, file.read_bytes()) == ("none", (), before)
    assert plan.commands[1:] == (
        "terraform -chdir=terraform/gcp workspace select earth-hubs",
        "terraform -chdir=terraform/gcp plan -var-file=projects/earth-hubs.tfvars",
        "terraform -chdir=terraform/gcp apply -var-file=projects/earth-hubs.tfvars",
    )
    assert (await demo.run(target)).outcome == "done"
    made = declared(demo, 'google_filestore_instance.homedirs["new"]')
    assert made is not None
    assert made.capacity_gib == 2048
    again = await plan_of(demo, target)
    assert again.empty
    assert any(note.startswith("what is left: terraform") for note in again.notes)
    assert (await demo.run(undo_target(await only_run(demo)))).outcome == "done"
    assert file.read_bytes() == before
    assert demo.writes() == []


async def test_a_file_that_changes_after_the_plan_is_another_plan(tmp_path: Path) -> None:
    demo, target = Demo(tmp_path), create(key="new")
    plan = await plan_of(demo, target)
    file = demo.base / EARTH
    changed = file.read_bytes() + b"# mine\n"
    file.write_bytes(changed)
    with pytest.raises(PlanChanged):
        await demo.engine.run(target, approved=plan)
    assert file.read_bytes() == changed


@pytest.mark.parametrize(
    "target", [create(key="new"), grow("earth", "earth-homedirs", to=2048)], ids=lambda one: one.action
)
async def test_undo_of_a_file_that_was_changed_since_edits_to_the_same_effect(tmp_path: Path, target: Target) -> None:
    demo = Demo(tmp_path)
    file = demo.base / EARTH
    before = {one.address: one.capacity_gib for one in read_terraform(demo.base, cache_dir=None)[0].resources}
    await demo.run(target)
    file.write_bytes(b"# mine\n" + file.read_bytes())
    back = undo_target(await only_run(demo))
    assert any("changed since" in note for note in (await plan_of(demo, back)).notes)
    assert (await demo.run(back)).outcome == "done"
    assert {one.address: one.capacity_gib for one in read_terraform(demo.base, cache_dir=None)[0].resources} == before
    assert file.read_bytes().startswith(b"# mine\n")


async def test_hubs_are_pointed_at_one_that_is_there(tmp_path: Path) -> None:
    demo, target = Demo(tmp_path), create(key="filestore", point=["staging", "prod"])
    files = [demo.file("prod.values.yaml"), demo.file("staging.values.yaml")]
    for values in files:
        values.write_text(values.read_text() + "nfs: # elsewhere\n  pv: {serverIP: 10.9.9.9, baseShareName: /old/}\n")
    before = [values.read_bytes() for values in files]
    plan = await plan_of(demo, target)
    assert [step.before for step in plan.steps] == [
        "earth/prod: 10.9.9.9:/old/prod",
        "earth/staging: 10.9.9.9:/old/staging",
    ]
    assert [step.after for step in plan.steps] == [
        "earth/prod: 10.2.0.2:/homes/prod",
        "earth/staging: 10.2.0.2:/homes/staging",
    ]
    assert plan.affects.hubs == ("earth/prod", "earth/staging")
    assert "empty" in plan.risk
    with pytest.raises(NotApproved, match="earth/prod is production"):
        await demo.engine.run(target, approved=plan)
    assert (await demo.run(target, confirmed="earth")).outcome == "done"
    assert files[0].read_bytes() == before[0].replace(b"10.9.9.9", b"10.2.0.2").replace(b"/old/", b"/homes/")
    assert (await plan_of(demo, target)).empty
    assert (await demo.run(undo_target(await only_run(demo)), confirmed="earth")).outcome == "done"
    assert [values.read_bytes() for values in files] == before


async def test_hubs_are_pointed_at_one_that_was_made_beside_terraform(tmp_path: Path) -> None:
    demo, target = Demo(tmp_path), create(key="earth-homes-2023", point=["staging"])
    file = demo.file("staging.values.yaml")
    before = file.read_bytes()
    plan = await plan_of(demo, target)
    assert [step.after for step in plan.steps] == ["earth/staging: 10.2.0.18:/homes/staging"]
    assert plan.commands[0].endswith(
        "commit -m 'Point earth/staging at 10.2.0.18:/homes/staging' -- config/clusters/earth/staging.values.yaml"
    )
    assert (await demo.run(target)).outcome == "done"
    assert file.read_bytes() == before + b"nfs:\n  pv:\n    serverIP: 10.2.0.18\n"
    assert (await demo.run(undo_target(await only_run(demo)))).outcome == "done"
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (create(key="new"), "earth-homedirs-new is made: Terraform never deletes a filestore here"),
        (grow("earth", "earth-homedirs", to=2048), "earth-homedirs has grown"),
    ],
    ids=lambda one: one.action if isinstance(one, Target) else "",
)
async def test_what_was_made_of_it_meanwhile_is_not_taken_back(tmp_path: Path, target: Target, words: str) -> None:
    demo = Demo(tmp_path)
    assert (await demo.run(target)).outcome == "done"
    declared_run = await only_run(demo)
    content = (demo.base / EARTH).read_bytes()
    # As Terraform would: what the file declares comes to be in the cloud.
    live = Target(action=target.action, cluster="earth", parameters={**target.parameters, "live": True})
    assert (await demo.run(live, confirmed="earth")).outcome == "done"
    with pytest.raises(Refused, match=words):
        await plan_of(demo, undo_target(declared_run))
    assert (await plan_of(demo, target)).empty
    assert (demo.base / EARTH).read_bytes() == content
    if target.action == "create-filestore":
        pointed = await plan_of(demo, create(key="new", point=["staging"]))
        assert [step.after.startswith("earth/staging: 10.") for step in pointed.steps] == [True]


async def test_of_one_that_is_not_there_yet_only_the_lines_are_told(tmp_path: Path) -> None:
    demo = Demo(tmp_path, cluster="ocean")
    plan = await plan_of(demo, create("ocean", key="dask", point=["currents"]))
    assert [step.key for step in plan.steps] == ["edit terraform/aws/projects/ocean.tfvars"]
    notes = list(plan.notes)
    lines = notes[notes.index("for currents, with the address in capitals filled in:") + 1 :]
    assert lines == [
        "basehub:", "  nfs:", "    pv:", "      serverIP: FILE-SYSTEM-ID.efs.REGION.amazonaws.com",
        "      baseShareName: /",
    ]  # fmt: skip


async def test_a_folder_of_older_form_has_a_switch(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    (demo.base / "terraform/gcp/variables.tf").write_text(OLD_GCP)
    target = create(capacity_gib=2048)
    with pytest.raises(Refused, match="earth-homedirs is there, and Terraform has not made it"):
        await plan_of(demo, target)
    before = (demo.base / EARTH).read_bytes().replace(b'"earth"', b'"venus"')
    file = (demo.base / EARTH).rename(demo.base / "terraform/gcp/projects/earth.tfvars")
    file.write_bytes(before)
    assert (await demo.run(target)).outcome == "done"
    made = declared(demo, "google_filestore_instance.homedirs[0]")
    assert made is not None
    assert (made.capacity_gib, made.tier) == (2048, "BASIC_HDD")
    assert (await plan_of(demo, target)).empty
    with pytest.raises(Refused, match="one filestore alone"):
        await plan_of(demo, create(key="second"))
    assert (await demo.run(undo_target(await only_run(demo)))).outcome == "done"
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (create(key="../x"), "is no key"),
        (create(key="large", capacity_gib=9999), "is declared with 3,072 GiB"),
        (create(key="large", tier="ZONAL"), "a tier cannot change"),
        (create(key="new", location="x"), "go with --live"),
        (create(key="homes", point=["nobody"]), "no hub nobody"),
        (create(point=["prod"]), "several filestores: which one is meant"),
        (create("forest"), "one share for a cluster"),
        (create("ocean", key="x", capacity_gib=5), "neither size nor tier"),
        (create("summit"), "5:48"),
        (grow("forest", "foresthomes/homes", to=5000), "not written out as a single value"),
        (grow("forest", "foresthomes/archive", commit=True), "is not in Terraform"),
        (grow("earth", "earth-homedirs", to=512), "does not shrink"),
        (grow("earth", "earth-homedirs-large"), "how much of earth-homedirs-large is used is not known"),
        (grow("earth", "nothing"), "has no filestore nothing"),
        (grow("reef", "atoll/storage-quota-home-nfs", to=600), "no disk of atoll/storage-quota-home-nfs is known"),
        (grow("reef", CORAL, to=150), "a disk does not shrink"),
        (grow("reef", CORAL, watch=True, live=True), "--watch changes nothing"),
        (grow("reef", CORAL, watch=True, to=900), "not declared with 900 GiB"),
    ],
    ids=lambda one: "" if isinstance(one, Target) else one,
)  # fmt: skip
async def test_what_cannot_be_declared_is_refused(tmp_path: Path, target: Target, words: str) -> None:
    demo = Demo(tmp_path, cluster=target.cluster)
    with pytest.raises(Refused, match=words) as refused:
        await demo.engine.preview(target)
    assert refused.value.next_step or "size nor tier" in words or "go with" in words
    if target == grow("forest", "foresthomes/homes", to=5000):
        assert refused.value.next_step.endswith("\nstorage_size = 5000")


async def test_a_disk_is_declared_larger_and_put_back(tmp_path: Path) -> None:
    demo = Demo(tmp_path, cluster="reef")
    file, target = demo.base / REEF, grow("reef", CORAL)
    before = file.read_bytes()
    plan = await plan_of(demo, target)
    (step,) = plan.steps
    assert step.after.splitlines()[1:] == [
        f"  hub-nfs-homedirs-coral, the disk of {CORAL}: 230 GiB",
        "  leaves 13 % free; for how long is not known: it is full, so nothing tells how fast it fills",
    ]
    assert any(f"hubhomes grow reef/{CORAL} --watch waits for it" in note for note in plan.notes)
    assert (await demo.run(target)).outcome == "done"
    assert file.read_bytes() == before.replace(b'"coral"  = { size = 200', b'"coral"  = { size = 230')
    left = await plan_of(demo, target)
    assert left.empty
    assert any(note.startswith("what is left: terraform") for note in left.notes)
    assert (await demo.run(undo_target(await only_run(demo)))).outcome == "done"
    assert file.read_bytes() == before


async def test_growth_is_watched_until_the_file_system_shows_it(tmp_path: Path) -> None:
    demo = Demo(tmp_path, cluster="reef")
    await demo.run(grow("reef", CORAL))
    target = grow("reef", CORAL, watch=True)
    plan = await plan_of(demo, target)
    (step,) = plan.steps
    assert (step.arguments["do"], step.before, plan.verified_within_s) == ("watch", "200 GiB", 330.0)
    result = await demo.run(target)
    # Nobody applied Terraform here, so nothing grows: that is said, with the size that is there and who says so.
    assert result.outcome == "not-verified"
    waited = [one.why for one in demo.events if isinstance(one, events.Verifying)]
    assert f"{CORAL} has 200 GiB, says kubelet of reef-user-b" in waited
    assert demo.slept * 10 >= 300


async def test_growth_that_shows_is_verified(tmp_path: Path) -> None:
    demo = Demo(tmp_path, cluster="reef")
    await demo.run(grow("reef", CORAL))

    def resized() -> None:
        """What the kubelets tell when Terraform was applied and the server has seen it: the log of XFS is its own."""
        for page in demo.server.statistics.values():
            for volume in (one for pod in page["pods"] for one in pod.get("volume", ())):
                if volume.get("pvcRef", {}).get("namespace") == "coral":
                    volume |= {"capacityBytes": 229 * 2**30, "availableBytes": 29 * 2**30}

    demo.during = resized
    result = await demo.run(grow("reef", CORAL, watch=True))
    assert (result.outcome, result.verdict and result.verdict.state) == ("done", "gone")
    assert (await plan_of(demo, grow("reef", CORAL, watch=True))).empty


async def test_a_pace_that_is_known_tells_until_when_it_lasts(tmp_path: Path) -> None:
    demo = Demo(tmp_path, cluster="reef")
    plan = await plan_of(demo, grow("reef", "lagoon/storage-quota-home-nfs"))
    assert plan.steps[0].after.endswith("leaves 14 % free, and lasts 11 days at the pace of lately")


@pytest.mark.parametrize(
    ("target", "words"),
    [(grow("ocean", "hub-homedirs"), "grows by itself"), (grow("earth", "earth-homedirs"), "has room")],
)
async def test_what_needs_no_room_is_an_empty_plan_that_says_why(tmp_path: Path, target: Target, words: str) -> None:
    plan = await plan_of(Demo(tmp_path, cluster=target.cluster), target)
    assert plan.empty
    assert words in plan.notes[0]


async def test_the_commit_is_on_a_branch_and_nothing_else_of_the_checkout_changes(tmp_path: Path) -> None:
    demo, target = Demo(tmp_path, git=True), create(key="new", commit=True)
    assert (await demo.run(target)).outcome == "done"
    branch = "hubhomes/create-filestore-earth-new"
    assert demo.git("log", "-1", "--format=%s", branch) == "Declare filestore earth-homedirs-new for earth\n"
    assert demo.git("diff", "--name-only", "main", branch).split() == [EARTH]
    assert demo.git("show", f"{branch}:{EARTH}").encode() == (demo.base / EARTH).read_bytes()
    assert (await demo.run(undo_target(await only_run(demo)))).outcome == "done"
    assert demo.git("branch", "--format=%(refname:short)").split() == ["main"]
    assert demo.git("status", "--porcelain") == ""


async def test_cancelled_between_the_commit_and_the_edit(tmp_path: Path) -> None:
    demo, cancel = Demo(tmp_path, git=True), Cancel()
    target = grow("earth", "earth-homedirs", to=2048, commit=True)
    plan = await plan_of(demo, target)

    def stop(event: events.Event) -> None:
        if isinstance(event, events.StepDone):
            cancel.ask()

    before = (demo.base / EARTH).read_bytes()
    result = await demo.engine.run(target, approved=plan, cancel=cancel, tell=stop)
    assert (result.outcome, (demo.base / EARTH).read_bytes()) == ("cancelled", before)
    assert [step.arguments["do"] for step in (await plan_of(demo, target)).steps] == ["write"]


def test_by_command(hubhomes: Command) -> None:
    command = ("grow", f"reef/{CORAL}", "--to", "300", "--demo", "--json")
    plan = hubhomes(*command, "--dry-run").document("Plan")
    assert plan["steps"][0]["diff"].endswith(
        '-  "coral"  = { size = 200, name_suffix = "coral" }\n+  "coral"  = { size = 300, name_suffix = "coral" }\n'
        '   "lagoon" = { size = 500, name_suffix = "lagoon" }\n }\n'
    )
    done = hubhomes(*command, "--yes", "--digest", plan["digest"])
    assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.NONE, "done")
    made = hubhomes("create-filestore", "ocean", "--key", "kelp", "--demo", "--json", "--dry-run").document("Plan")
    assert made["steps"][0]["after"] == 'aws_efs_file_system.hub_homedirs["kelp"]\n  hub-homedirs-kelp, us-west-2'
    assert hubhomes("grow", "reef", "--demo", "--dry-run").code == Exit.USAGE
    checked = hubhomes("check", "reef/coral", "--demo", "--json").document("Check")["findings"]
    assert [one["action"] for one in checked if one["code"] == "FST04"] == ["grow"]


LINES = ["Intent", "begun commit", "done commit", "begun edit", "done edit", "Verification", "Ended"]
KILLED = {
    "create-filestore": ({"key": "new", "commit": True}, b'"new" : {', "create-filestore-earth-new"),
    "grow": (
        {"filestore": "earth-homedirs", "to": 2048, "commit": True},
        b"capacity_gb : 2048",
        "grow-earth-filestore",
    ),
}


@pytest.mark.parametrize("name", KILLED)
@pytest.mark.parametrize("number", range(1, len(LINES) + 1), ids=LINES)
def test_killed_then_finished_and_killed_then_undone(
    number: int, name: str, hubhomes: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters, mark, branch = KILLED[name]
    demo = Demo(tmp_path, git=True)
    file, branches = demo.base / EARTH, ["branch", "--format=%(refname:short)"]
    before = file.read_bytes()
    for way in ("finish", "undo"):
        monkeypatch.setenv("HUBHOMES_STATE", str(tmp_path / way))
        killed = subprocess.run(
            [sys.executable, "-m", "tests.actions.killed_declared", str(number), str(demo.base), "earth", name,
             json.dumps(parameters)],
            cwd=Path(__file__).parents[2], capture_output=True, timeout=300, check=False,
        )  # fmt: skip
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
        runs = hubhomes("history", "--json").document("History")["runs"]
        assert [run["state"] for run in runs] == ["open"] * (number > 1)
        if runs and (way == "finish" or number > 2):
            command = ("history", way, runs[0]["id"], "--config", str(demo.base))
            plan = hubhomes(*command, "--dry-run", "--json").document("Plan")
            assert hubhomes(*command, "--yes", "--digest", plan["digest"]).code == Exit.NONE
            states = [run["state"] for run in hubhomes("history", "--json").document("History")["runs"]]
            assert "closed" in states
            assert "open" not in states
        if way == "finish" and runs:
            assert mark in file.read_bytes()
            assert demo.git(*branches).split() == [f"hubhomes/{branch}", "main"]
            demo.git("checkout", "-q", "--", EARTH)
            demo.git("branch", "-q", "-D", f"hubhomes/{branch}")
        else:
            assert file.read_bytes() == before
            assert demo.git(*branches).split() == ["main"]
