"""One filestore by keyboard: from wherever it is named, what it tells, and where its keys lead."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from console.chain.filestore_lookup import Wanted
from console.chain.model import ClusterState, Finding, FleetState, ShareUsage
from providers.filestores.protocol import Filestore, Firewall, MountTarget, Usage
from tests.tui.driving import console
from tests.tui.fakes import NOW, cluster, filestore, finding, hub, incident

TIB = 1024**4
PAGE = "https://us-west-2.console.aws.amazon.com/efs/home?region=us-west-2#/file-systems/fs-1"
FULL = finding(
    "FST04",
    "filestore",
    "share 98 % full (20 GiB left)",
    cluster="ocean",
    filestore="fs-1",
    next_step="Grow it, or free space.",
)


def target(zone: str, **more: object) -> MountTarget:
    values: dict[str, object] = {
        "id": f"fsmt-{zone}", "zone": zone, "state": "ready", "addresses": ("192.168.1.1",), "subnet": f"subnet-{zone}",
        "security_groups": ("sg-1",), "admits_nodes": True,
    }  # fmt: skip
    return MountTarget(**(values | more))  # type: ignore[arg-type]


def full_store() -> Filestore:
    usage = Usage(used_bytes=int(0.98 * TIB), capacity_bytes=TIB, source="kubelet of node-a", observed_at=NOW)
    return msgspec.structs.replace(
        filestore("fs-1"),
        name="hub-homedirs",
        backend="aws-efs",
        usage=usage,
        mount_targets=(target("us-west-2a"), target("us-west-2b", admits_nodes=False, detail="sg-1 refuses nodes")),
        encrypted=True,
        backups=False,
        firewall=Firewall(admits_all=False, subnets=("nodes",), admits_nodes=True),
        created_at=NOW - timedelta(days=30),
        page=PAGE,
        facts=(("throughput", "elastic"),),
    )


def ocean(*own: Finding, store: Filestore | None = None) -> ClusterState:
    found = store or full_store()
    told = tuple(msgspec.structs.replace(one, hub="prod") for one in own)
    made = cluster(
        "ocean",
        hub("ocean", "prod", store=found.id, findings=told),
        hub("ocean", "climate", store=found.id),
        provider="aws",
        filestores=(found, filestore("fs-old", used=0.5)),
        findings=own,
    )
    other = Usage(used_bytes=TIB // 2, capacity_bytes=TIB, source="node exporter", observed_at=NOW)
    usage = ShareUsage(usages=(found.usage, other) if found.usage else (), days_left=2.5)
    return msgspec.structs.replace(
        made,
        filestore_hubs={found.id: ("prod", "climate")},
        usages={found.id: usage},
        node_zones={"us-west-2a": 3, "us-west-2b": 1, "us-west-2c": 2},
    )


def state(*clusters: ClusterState) -> FleetState:
    return FleetState(version=3, generated_at=NOW, clusters=clusters or (ocean(FULL),))


async def test_it_tells_state_fullness_hubs_and_where_it_is_mounted() -> None:
    async with console(state(), size=(120, 60), filestore=Wanted("hub-homedirs")) as seen:
        text = seen.text
        assert "✗ ocean / hub-homedirs" in seen.lines[0]
        assert "98 %" in text
        assert "1004 GiB of 1.0 TiB, 20 GiB free" in text
        assert "says kubelet of node-a" in text
        assert "says node exporter" in text
        assert "full in 2 days" in text
        assert "FST04  share 98 % full" in text
        assert "next  Grow it" in text
        assert "ready, lets nodes in, 3 nodes here" in text
        assert "✗ us-west-2b" in text
        assert "refuses nodes on 2049" in text
        assert "no mount target, and 2 nodes run here" in text
        assert "2026-02-07, 30 d ago" in text
        assert PAGE in text
        assert [key for key in seen.keys if key.startswith("hub:")] == ["hub:ocean/prod", "hub:ocean/climate"]


@pytest.mark.parametrize(
    "keys",
    [("S", "enter"), ("enter", "f"), ("enter", "enter"), ("F", "enter"), ("colon", *"hub-homedirs", "enter")],
    ids=["filestores", "hub-f", "hub-enter", "finding", "palette"],
)
async def test_every_place_that_names_it_leads_there_and_back(keys: tuple[str, ...]) -> None:
    async with console(state()) as seen:
        await seen.press(*keys)
        assert "ocean / hub-homedirs" in seen.lines[0]
        await seen.press("escape")
        assert "ocean / hub-homedirs" not in seen.lines[0]


async def test_keys_lead_to_its_hubs_and_its_page() -> None:
    async with console(state(), filestore=Wanted("fs-1", "ocean")) as seen:
        seen.listed.jump("hub:ocean/climate")
        await seen.press("enter")
        assert "ocean / climate" in seen.lines[0]
        await seen.press("escape", "o")
        assert seen.app.clipboard == PAGE
        await seen.press("K")
        assert "kubectl shows nothing of it" in seen.lines[-2]
        await seen.press("y")
        assert "name: hub-homedirs" in seen.text
        await seen.press("slash", *"throughput", "enter", "c")
        assert "throughput: elastic" in seen.app.clipboard
        await seen.press("escape", "escape", "h")
        assert seen.keys == ["ocean/prod", "ocean/climate"]


async def test_its_findings_are_worst_first() -> None:
    remark = finding("TFM05", "filestore", "another name", cluster="ocean", severity="info", filestore="fs-1")
    async with console(state(ocean(remark, FULL)), filestore=Wanted("fs-1")) as seen:
        assert [key for key in seen.keys if key.startswith("finding:")] == ["finding:0:FST04", "finding:1:TFM05"]


async def test_the_next_of_the_list() -> None:
    async with console(state()) as seen:
        await seen.press("S", "enter", "n")
        assert "fs-old" in seen.lines[0]
        assert "no hub lives on it; it holds 512 GiB and takes 1.0 TiB" in seen.text
        await seen.press("h")
        assert "no hub lives on it" in seen.lines[-2]
        await seen.press("n")
        assert "no further filestore" in seen.lines[-2]


async def test_what_is_not_listed_says_why_it_may_be_there() -> None:
    polar = incident().clusters[2]
    async with console(state(ocean(), polar), filestore=Wanted("elsewhere")) as seen:
        assert "No filestore elsewhere is listed so far" in seen.text
        assert "polar cannot be observed: the token of context gke_polar has expired" in seen.text
        await seen.put(state(ocean(store=msgspec.structs.replace(full_store(), name="elsewhere"))))
        assert "ocean / elsewhere" in seen.lines[0]
        await seen.put(state(ocean()))
        assert "is listed (any more)" in seen.text
        await seen.press("escape")
        assert "FLEET" in seen.lines[0]


async def test_a_name_of_several_offers_each() -> None:
    reef = msgspec.structs.replace(ocean(), name="reef")
    async with console(state(ocean(), reef), filestore=Wanted("hub-homedirs")) as seen:
        assert seen.keys == ["store:ocean/fs-1", "store:reef/fs-1"]
        await seen.press("down", "enter")
        assert "reef / hub-homedirs" in seen.lines[0]


async def test_a_bar_in_ascii_and_no_size_breaks_it() -> None:
    async with console(state(), ascii_only=True, filestore=Wanted("fs-1")) as seen:
        assert seen.text.isascii()
        assert "#########" in seen.text
        for size in ((50, 10), (20, 5), (300, 90), (80, 24)):
            await seen.resize(*size)
            await seen.press("down", "pagedown", "G")
        assert "hub-homedirs" in seen.lines[0]


async def test_a_full_disk_comes_before_every_other_error() -> None:
    """Also where the other error is of production, has more beside it, and comes first by name."""
    other = hub("earth", "prod", findings=(finding("PV02", "pv", "PV is Released"), finding("PVC02", "pvc", "Pending")))
    full = hub("reef", "lab", findings=(finding("FST04", "filestore", "full", cluster="reef", hub="lab"),))
    found = state(cluster("earth", other), cluster("reef", full))
    async with console(found) as seen:
        assert seen.keys[0] == "reef/lab"
        await seen.press("F")
        assert seen.keys[0].startswith("reef/lab:FST04")


async def test_wide_fleets_say_how_full() -> None:
    async with console(state(), size=(120, 36)) as seen:
        assert "used" in seen.lines[1]
        assert any("ocean/prod" in line and "98 %" in line for line in seen.lines)
