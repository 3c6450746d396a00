"""What the plans of create-filestore and grow say of limits, of what is there, and of what is left to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from console.actions.protocol import Refused
from tests.actions.allusers_demo import Demo
from tests.actions.test_filestores_declared import create, grow, plan_of


async def test_a_hub_whose_values_say_so_already_is_told_with_what_is_left(tmp_path: Path) -> None:
    plan = await plan_of(Demo(tmp_path), create(key="filestore", point=["soils"]))
    assert plan.empty
    assert plan.notes[-2:] == (
        "the values of earth/soils say so already",
        "soils lives on it when it was deployed and its PersistentVolume was made again: hubhomes rebind earth/soils",
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"tier": "FOO"}, "FOO is no tier of Filestore, as far as is known: BASIC_HDD, BASIC_SSD"),
        ({"tier": "ZONAL", "capacity_gib": 1100}, "ZONAL has steps of 256 GiB: 1280 GiB would be one, as far as"),
        ({"capacity_gib": 500}, "BASIC_HDD has 1024 to 65433 GiB, as far as"),
        (
            {"tier": "ENTERPRISE"},
            "ENTERPRISE is made in a region, and the variables make filestores in zone us-central1",
        ),
    ],
    ids=lambda one: str(one)[:30],
)
async def test_what_google_may_refuse_of_an_entry_is_said_before(
    tmp_path: Path, asked: dict[str, Any], said: str
) -> None:
    plan = await plan_of(Demo(tmp_path), create(key="new", **asked))
    assert len(plan.steps) == 1
    assert plan.notes[0].startswith(said)


async def test_where_another_is_declared_or_listed_the_words_are_of_that(tmp_path: Path) -> None:
    demo = Demo(tmp_path, cluster="ocean")
    assert any(
        note == "hub-homedirs is there in its place, of another name: its finding TFM05 says how the two agree"
        for note in (await plan_of(demo, create("ocean", key="prod"))).notes
    )
    demo = Demo(tmp_path, cluster="polar")
    notes = (await plan_of(demo, create("polar"))).notes
    assert "whether it is there is not known: aws-efs: the SSO session of account 210987654321 has expired" in notes
    demo = Demo(tmp_path, cluster="forest")
    with pytest.raises(Refused) as refused:
        await plan_of(demo, create("forest", key="more"))
    assert refused.value.next_step.startswith("hubhomes grow forest/foresthomes/homes gives it more room; hubhomes")
    assert "create-filestore forest --key more --live makes one beside Terraform" in refused.value.next_step
    demo = Demo(tmp_path, cluster="earth")
    with pytest.raises(Refused) as refused:
        await plan_of(demo, create(key="archive", capacity_gib=2048))
    assert refused.value.next_step.startswith("hubhomes grow earth/earth-homedirs-archive --to 2048")


@pytest.mark.parametrize(
    ("way", "cluster", "filestore", "gib"),
    [
        ("grow_live", "forest", "foresthomes/archive", 1140),
        ("grow_target", "reef", "coral/storage-quota-home-nfs", 230),
    ],
)
async def test_the_size_that_was_suggested_stays_the_approved_one_however_much_is_used_by_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, cluster: str, filestore: str, gib: int
) -> None:
    demo, target = Demo(tmp_path, cluster=cluster), grow(cluster, filestore)
    plan = await plan_of(demo, target)
    assert plan.parameters["to"] == gib
    monkeypatch.setattr(f"console.actions.filestores.{way}.roomy_gib", lambda _used: gib + 100)
    assert (await plan_of(demo, target)).parameters["to"] == gib + 100
    demo.fleet.grant(cluster, "write")
    result = await demo.engine.run(target, approved=plan, confirmed=plan.place)
    assert (result.outcome, result.plan.digest) == ("done", plan.digest)


async def test_there_is_nothing_to_wait_for_where_the_disk_is_in_use(tmp_path: Path) -> None:
    plan = await plan_of(Demo(tmp_path, cluster="reef"), grow("reef", "lagoon/storage-quota-home-nfs", watch=True))
    assert plan.notes == (
        "lagoon/storage-quota-home-nfs has 500 GiB, and 500 GiB are declared: there is nothing to wait for",
    )


LAGOON = "lagoon/storage-quota-home-nfs"


def with_volume(demo: Demo, cloud: str, volume: str) -> Demo:
    """The values of reef's lagoon say that its server's disk is VOLUME."""
    values = demo.root / "reef" / "lagoon.values.yaml"
    values.write_text(f"{values.read_text()}\njupyterhub-home-nfs:\n  {cloud}: {{volumeId: {volume}}}\n")
    return demo


async def test_no_other_disk_is_grown_than_the_values_name(tmp_path: Path) -> None:
    other = "projects/reef/zones/europe-west4-a/disks/hub-nfs-homedirs-lagoon-2"
    demo = with_volume(Demo(tmp_path, cluster="reef"), "gke", other)
    with pytest.raises(Refused, match=r"its values name the volume .*/hub-nfs-homedirs-lagoon-2") as refused:
        await plan_of(demo, grow("reef", LAGOON))
    assert "lagoon (hub-nfs-homedirs-lagoon)" in refused.value.message
    own = with_volume(Demo(tmp_path, cluster="reef"), "gke", other.removesuffix("-2"))
    assert not any("is taken for its disk" in note for note in (await plan_of(own, grow("reef", LAGOON))).notes)


@pytest.mark.parametrize(
    ("volume", "said"),
    [
        ("", "the server's values name no volume"),
        (
            "vol-0a1b2c3d4e",
            "the server's values name vol-0a1b2c3d4e, which no variables do: aws ec2 describe-volumes --volume-ids "
            "vol-0a1b2c3d4e --query 'Volumes[].Tags' tells its name",
        ),
    ],
)
async def test_a_disk_known_by_its_hubs_name_alone_is_said_to_be(tmp_path: Path, volume: str, said: str) -> None:
    demo = Demo(tmp_path, cluster="reef")
    plan = await plan_of(with_volume(demo, "eks", volume) if volume else demo, grow("reef", LAGOON))
    taken = 'google_compute_disk.nfs_homedirs["lagoon"] is taken for its disk by the name of its hub'
    assert f"{taken}: {said}" in plan.notes
