"""What Terraform declares against what is live: what may be concluded, and what to add and run."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.chain.model import ClusterState
from console.chain.terraform import TerraformPlace, terraform_state
from console.chain.terraform_import import import_lines
from console.chain.terraform_model import TerraformState
from console.inventory.terraform import DeclaredTerraform, TerraformSide, read_terraform
from console.inventory.terraform.parse import parse
from providers.filestores.protocol import Filestore
from tests.chain.builders import finding, inventory, marks, only
from tests.chain.terraform_builders import (
    SUBSCRIPTION,
    azure_share,
    broken,
    declaration,
    disk,
    drifted,
    efs,
    file_system,
    filestore,
    instance,
    share,
)
from tests.terraform import folders
from tests.terraform.folders import AWS_START, GCP_START, write_folder


def made(state: ClusterState) -> TerraformState:
    assert state.terraform is not None
    return state.terraform


def codes_of(state: ClusterState) -> list[str]:
    return [each.code for each in state.findings if each.code.startswith("TFM")]


def found(state: ClusterState) -> list[tuple[str, str | None, str]]:
    return [(one.found, one.live, one.why) for one in made(state).resources]


def test_what_is_declared_as_it_is_has_no_finding_and_stands_in_the_chain() -> None:
    state = drifted(instance(), declares=declaration("gcp", filestore()))
    assert codes_of(state) == []
    assert made(state).words(instance().id) == 'google_filestore_instance.homedirs["filestore"]'
    link = only(state).link("filestore")
    assert link.mark == "ok"
    assert link.declared[1:] == (
        'google_filestore_instance.homedirs["filestore"]',
        "BASIC_HDD  1,024 GiB (1.0 TiB)",
    )


def test_a_cluster_without_a_file_is_not_known() -> None:
    assert drifted(instance(), declares=()).terraform is None


def test_a_disk_is_shown_with_its_size_and_never_called_missing() -> None:
    state = drifted(declares=declaration("gcp", disk()))
    (resource,) = made(state).resources
    assert (resource.found, resource.capacity_gib, resource.why) == ("unknown", 500, "disks are not listed")
    assert codes_of(state) == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"listed": ("home-nfs",)}, "gcp-filestore was not asked"),
        ({"provider": "kubeconfig", "listed": ("gcp-filestore",)}, "gcp is not asked for it"),
        ({"project": "other"}, "it is declared in earth-hubs, and other was asked"),
    ],
)
def test_what_was_not_asked_completely_is_not_missing(changes: dict[str, str], why: str) -> None:
    state = drifted(declares=declaration("gcp", filestore(), account="earth-hubs"), **changes)  # type: ignore[arg-type]
    ((word, live, told),) = found(state)
    assert (word, live) == ("unknown", None)
    assert told.endswith(why)
    assert codes_of(state) == []


def test_another_region_of_aws_is_not_missing() -> None:
    declares = declaration("aws", file_system(), region="us-east-1")
    state = drifted(declares=declares, provider="aws", region="us-west-2")
    assert found(state)[0][2] == "it is declared in us-east-1, and us-west-2 was asked"


def test_the_same_name_in_another_zone_is_another_filestore() -> None:
    state = drifted(instance(zone="us-central1-a", address="10.9.9.9"), declares=declaration("gcp", filestore()))
    assert codes_of(state) == ["TFM01", "TFM02"]


def test_two_of_one_name_are_told_apart_by_the_hubs_on_them() -> None:
    declares = declaration("aws", file_system())
    one, other = efs("fs-01"), efs("fs-02", address="10.9.9.9")
    assert made(drifted(one, other, declares=declares, provider="aws")).resources[0].live == "fs-01"
    nobody = drifted(efs("fs-01", address="10.9.9.8"), other, declares=declares, provider="aws")
    assert found(nobody) == [("unknown", None, "2 filestores are named hub-homedirs")]
    assert codes_of(nobody) == []


def test_one_that_a_neighbour_declares_too_is_nobodys_for_sure() -> None:
    neighbour = declaration("aws", file_system(), name="ocean")
    elsewhere = efs("fs-02", address="10.9.9.9")
    state = drifted(elsewhere, declares=declaration("aws", file_system()), others=(neighbour,), provider="aws")
    assert found(state) == [("unknown", None, "hub-homedirs may be that of another cluster of the account")]


@pytest.mark.parametrize(
    "neighbour",
    [
        declaration("gcp", filestore("ocean-homedirs"), name="ocean"),
        broken("gcp", name="ocean"),
        declaration("gcp", name="ocean", account="earth-hubs"),
    ],
    ids=["declares it", "can't be read", "may have made it"],
)
def test_what_may_be_another_clusters_is_not_said_to_be_undeclared(neighbour: DeclaredTerraform) -> None:
    unused = instance("ocean-homedirs", address="10.9.9.9")
    state = drifted(unused, declares=declaration("gcp", account="earth-hubs"), others=(neighbour,))
    assert made(state).undeclared == ()


def test_a_neighbour_of_another_account_changes_nothing() -> None:
    unused = instance("ocean-homedirs", address="10.9.9.9")
    neighbour = broken("gcp", name="ocean", account="ocean-hubs")
    state = drifted(unused, declares=declaration("gcp", account="earth-hubs"), others=(neighbour,))
    assert made(state).undeclared == (unused.id,)


def test_what_kubernetes_made_for_a_claim_was_not_made_by_hand() -> None:
    state = drifted(instance("pvc-7f3a", address="10.9.9.9"), declares=declaration("gcp"))
    assert made(state).undeclared == ()


def test_an_unreadable_file_lets_nothing_be_concluded() -> None:
    state = drifted(instance(), declares=broken())
    assert made(state).error == "terraform/gcp/projects/earth.tfvars:7:2: no HCL"
    assert (made(state).undeclared, codes_of(state)) == ((), ["TFM06"])
    assert marks(only(state))["filestore"] == "ok"


@pytest.mark.parametrize("tier", ["STANDARD", "basic_hdd"])
def test_two_words_for_one_tier(tier: str) -> None:
    assert codes_of(drifted(instance(tier=tier), declares=declaration("gcp", filestore()))) == []


def test_the_share_of_azure_by_its_account() -> None:
    declares = declaration("azure", share("EarthHomes"))
    assert codes_of(drifted(azure_share(), declares=declares, provider="azure")) == []
    other = drifted(azure_share(account="elsewhere"), declares=declares, provider="azure")
    assert codes_of(other) == ["TFM01", "TFM02"]


def test_a_share_by_hand_is_a_resource_of_its_workspace() -> None:
    declares = declaration("azure", share(), name="earth-hubs")
    archive = azure_share("archive", gib=512)
    state = drifted(azure_share(), archive, declares=declares, provider="azure")
    detail = finding(state, "TFM02").detail
    assert detail[0] == "no hub lives on it"
    assert 'resource "azurerm_storage_share" "earthhomes_archive" {' in detail
    assert '  count = terraform.workspace == "earth-hubs" ? 1 : 0' in detail
    assert "  storage_account_name = azurerm_storage_account.homes.name" in detail
    command = next(line for line in detail if " import " in line)
    assert shlex.split(command)[-2:] == [
        "azurerm_storage_share.earthhomes_archive[0]",
        "https://earthhomes.file.core.windows.net/archive",
    ]
    assert SUBSCRIPTION in detail[-1]


def test_the_commands_choose_the_workspace_of_the_file() -> None:
    lines = import_lines(declaration("gcp", name="lake"), instance("lake-homedirs-new"))
    select, take, plan = (shlex.split(line) for line in lines[-3:])
    assert select == ["terraform", "-chdir=terraform/gcp", "workspace", "select", "lake"]
    assert take == [
        "terraform", "-chdir=terraform/gcp", "import", "-var-file=projects/lake.tfvars",
        'google_filestore_instance.homedirs["new"]', instance("lake-homedirs-new").id,
    ]  # fmt: skip
    assert plan == ["terraform", "-chdir=terraform/gcp", "plan", "-var-file=projects/lake.tfvars"]


@pytest.mark.parametrize(
    ("store", "words"),
    [
        (instance("homes"), "the variables name all filestores earth-homedirs[-SUFFIX]"),
        (instance(zone="us-east1-b"), "in us-east1-b it needs a resource of its own"),
        (instance(exports=("/vol1",)), "with share /vol1 it needs a resource of its own"),
    ],
)
def test_what_the_variables_cannot_say_is_a_resource_of_its_own(store: Filestore, words: str) -> None:
    why, _, *lines = import_lines(declaration("gcp", name="earth"), store)
    assert words in why
    end = lines.index("}") + 1
    block = parse("\n".join(lines[:end]).encode() + b"\n").blocks[0]
    assert block.labels[:2] == ("resource", "google_filestore_instance")
    label = block.labels[2]
    assert shlex.split(lines[end + 2])[-2:] == [f"google_filestore_instance.{label}[0]", store.id]
    assert f"  name = {json.dumps(store.name)}" in lines
    assert f"    name = {json.dumps(store.exports[0][1:])}" in lines


def test_a_resource_of_its_own_stays_in_its_network() -> None:
    network = "projects/earth-hubs/global/networks/hubs"
    store = instance("homes", facts=(("network", f"{network} (direct peering, 10.0.0.0/29)"),))
    assert f"    network = {json.dumps(network)}" in import_lines(declaration("gcp"), store)


def test_the_declared_one_keeps_its_label() -> None:
    declares = declaration("azure", share(), name="earth")
    state = drifted(azure_share(), azure_share(account="staging"), declares=declares, provider="azure")
    detail = finding(state, "TFM02").detail
    assert 'resource "azurerm_storage_share" "staging_homes" {' in detail
    assert '  storage_account_name = "staging"' in detail


SHAPES = {
    "assigned": (folders.GCP, 'filestores = {\n  "filestore" : {},\n}\n'),
    "empty": (folders.GCP, "filestores = {\n}\n"),
    "default": (folders.GCP, ""),
}
CHECKOUT = "terraform/gcp/projects/sea.tfvars"


def added(text: str, lines: tuple[str, ...]) -> str:
    """TEXT with the LINES that a finding says to add: within the map where it says so, else at the end."""
    head, *rest = lines
    body = rest[: next(index for index, line in enumerate(rest) if line.startswith("then run"))]
    if head.endswith("in filestores = { }:"):
        return re.sub(r"\n\}\n$", lambda _: "\n" + "\n".join(body) + "\n}\n", text)
    return text + "\n".join(body) + "\n"


def state_after(checkout: Path, *stores: Filestore) -> TerraformState:
    (declared,) = read_terraform(checkout, cache_dir=None)
    assert declared.error is None, declared.error
    state = terraform_state(
        TerraformSide(own=(declared,)),
        place=TerraformPlace(cluster="sea", provider=declared.cloud),
        inventory=inventory(*stores, listed=("gcp-filestore", "aws-efs")),
        used={store.id for store in stores},
    )
    assert state is not None
    return state


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=25)
@given(
    suffix=st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True),
    gib=st.integers(1024, 60_000),
    tier=st.sampled_from(["BASIC_HDD", "BASIC_SSD", "ZONAL", "REGIONAL", "ENTERPRISE"]),
)
def test_the_lines_to_add_declare_what_is_there_and_keep_the_rest(
    tmp_path_factory: pytest.TempPathFactory, shape: str, suffix: str, gib: int, tier: str
) -> None:
    variables, text = SHAPES[shape]
    checkout = write_folder(tmp_path_factory.mktemp("sea"), "gcp", variables, sea=GCP_START + text)
    store = instance(f"sea-homedirs-{suffix}", zone="zone-b", gib=gib, tier=tier)
    (before,) = read_terraform(checkout, cache_dir=None)
    lines = import_lines(before, store)
    file = checkout / CHECKOUT
    file.write_text(added(file.read_text(), lines))
    state = state_after(checkout, store)
    known = state.of(store.id)
    assert known is not None
    assert (known.drift, state.undeclared) == ((), ())
    assert known.address in shlex.split(lines[-2])
    kept = {one.address for one in before.resources}
    assert {one.address for one in state.resources} == kept | {known.address}


def test_the_single_filestore_of_an_older_folder(tmp_path: Path) -> None:
    text = GCP_START + 'zone = "zone-b"\nregion = "r"\n'
    checkout = write_folder(tmp_path, "gcp", folders.OLD_GCP, sea=text)
    store = instance("sea-homedirs", zone="zone-b", gib=2048, tier="ZONAL")
    (before,) = read_terraform(checkout, cache_dir=None)
    (checkout / CHECKOUT).write_text(added(text, import_lines(before, store)))
    known = state_after(checkout, store).of(store.id)
    assert known is not None
    assert (known.address, known.drift) == ("google_filestore_instance.homedirs[0]", ())


def test_a_file_system_without_the_name_that_terraform_gives(tmp_path: Path) -> None:
    checkout = write_folder(tmp_path, "aws", folders.AWS, sea=AWS_START)
    (before,) = read_terraform(checkout, cache_dir=None)
    lines = import_lines(before, efs("fs-9", name='odd "one" ${x}'))
    file = checkout / "terraform/aws/projects/sea.tfvars"
    body = lines[: next(index for index, line in enumerate(lines) if "changes its tag" in line)]
    file.write_text(added(AWS_START, body))
    (after,) = read_terraform(checkout, cache_dir=None)
    assert after.error is None
    assert [one.name for one in after.resources] == ['hub-homedirs-odd "one" ${x}']
    assert "an apply then changes its tag Name" in lines[-1]


def test_the_larger_size_is_what_grow_is_asked_for_unless_it_may_be_another_filestore() -> None:
    smaller = drifted(instance(gib=512), declares=declaration("gcp", filestore(capacity_gib=1024)))
    assert (finding(smaller, "TFM03").action, finding(smaller, "TFM03").asks) == ("grow", {"to": 1024, "live": True})
    other = drifted(instance(gib=512), declares=declaration("gcp", filestore(capacity_gib=1024, tier="ZONAL")))
    assert finding(other, "TFM03").action is None


@pytest.mark.parametrize("shape", ["assigned", "default"])
def test_the_lines_for_another_capacity_say_what_is_there(tmp_path: Path, shape: str) -> None:
    variables, text = SHAPES[shape]
    checkout = write_folder(tmp_path, "gcp", variables, sea=GCP_START + text)
    (before,) = read_terraform(checkout, cache_dir=None)
    state = drifted(instance("sea-homedirs", zone="zone-b", gib=2048), declares=before)
    detail = finding(state, "TFM03").detail
    assert (finding(state, "TFM03").action, finding(state, "TFM03").asks) == ("grow", {"to": 2048})
    assert "an apply would shrink it: basic tiers refuse that, others do it" in detail
    if shape == "assigned":
        assert detail[-3] == "to keep what is there, in the entry at terraform/gcp/projects/sea.tfvars:4:3:"
        assert detail[-2:] == ("capacity_gb : 2048", 'tier : "BASIC_HDD"')
    else:
        start = detail.index(f"to keep what is there, add to {CHECKOUT}:")
        (checkout / CHECKOUT).write_text(GCP_START + "\n".join(detail[start + 1 :]) + "\n")
        known = state_after(checkout, instance("sea-homedirs", zone="zone-b", gib=2048)).resources
        assert [(one.capacity_gib, one.drift) for one in known] == [(2048, ())]
