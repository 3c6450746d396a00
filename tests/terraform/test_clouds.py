"""Which resources each cloud's variables declare."""

from __future__ import annotations

from pathlib import Path

from console.inventory.model import Origin
from console.inventory.terraform import DeclaredTerraform, TerraformResource, read_terraform
from tests.terraform import folders
from tests.terraform.folders import AWS_START, AZURE_START, GCP_START, write_folder


def one(checkout: Path) -> DeclaredTerraform:
    (declaration,) = read_terraform(checkout, cache_dir=None)
    assert declaration.error is None
    return declaration


def by_address(checkout: Path) -> dict[str, TerraformResource]:
    return {resource.address: resource for resource in one(checkout).resources}


def test_a_filestore_that_only_the_default_declares(tmp_path: Path) -> None:
    declaration = one(write_folder(tmp_path, "gcp", folders.GCP, sea=GCP_START))
    line = folders.GCP.splitlines().index('    "filestore" : {}') + 1
    assert declaration.resources == (
        TerraformResource(
            address='google_filestore_instance.homedirs["filestore"]',
            name="sea-homedirs",
            kind="filestore",
            origin=Origin("terraform/gcp/variables.tf", line, 5),
            capacity_gib=1024,
            tier="BASIC_HDD",
            zone="zone-b",
            region="zone",
            account="sea-one",
            share="homes",
            key="filestore",
        ),
    )
    assert declaration.filestores == "default"
    assert (declaration.file, declaration.name) == ("terraform/gcp/projects/sea.tfvars", "sea")
    assert (declaration.folder, declaration.var_file) == ("terraform/gcp", "projects/sea.tfvars")
    assert (declaration.cluster_name, declaration.account) == ("sea-cluster", "sea-one")


def test_an_empty_map_declares_no_filestore(tmp_path: Path) -> None:
    declaration = one(write_folder(tmp_path, "gcp", folders.GCP, sea=GCP_START + "filestores = {}\n"))
    assert (declaration.resources, declaration.filestores) == ((), "assigned")


def test_filestores_and_disks_of_gcp(tmp_path: Path) -> None:
    text = GCP_START + (
        "zone = null\n"
        "filestores = {\n"
        '  "a" : { capacity_gb : 2048, tier : "BASIC_SSD" },\n'
        '  "b" = { name_suffix = "b", capacity_gb = "3072", source_backup = null }\n'
        "}\n"
        'persistent_disks = { hub = { size = 0.5 * 200, name_suffix = "hub", tags = { x = "y", n = 1 } } }\n'
    )
    found = by_address(write_folder(tmp_path, "gcp", folders.GCP, sea=text))
    first = found['google_filestore_instance.homedirs["a"]']
    second = found['google_filestore_instance.homedirs["b"]']
    disk = found['google_compute_disk.nfs_homedirs["hub"]']
    assert (first.name, first.capacity_gib, first.tier, first.origin.line) == ("sea-homedirs", 2048, "BASIC_SSD", 5)
    assert (second.name, second.capacity_gib, second.tier) == ("sea-homedirs-b", 3072, "BASIC_HDD")
    assert second.origin == Origin("terraform/gcp/projects/sea.tfvars", 6, 3)
    assert (disk.name, disk.kind, disk.capacity_gib, disk.tier) == ("hub-nfs-homedirs-hub", "disk", 100, "pd-balanced")
    assert disk.tags == (("n", "1"), ("x", "y"))


def test_null_for_a_variable_is_not_its_default(tmp_path: Path) -> None:
    assert one(write_folder(tmp_path, "gcp", folders.GCP, sea=GCP_START + "zone = null\n")).zone == ""


def test_the_single_filestore_of_older_trees(tmp_path: Path) -> None:
    text = GCP_START + 'zone = "z"\nregion = "r"\nenable_filestore = true\nfilestore_capacity_gb = 2560\n'
    declaration = one(write_folder(tmp_path, "gcp", folders.OLD_GCP, sea=text))
    (resource,) = declaration.resources
    assert (declaration.filestores, resource.key) == ("absent", None)
    assert (resource.address, resource.name) == ("google_filestore_instance.homedirs[0]", "sea-homedirs")
    assert (resource.capacity_gib, resource.tier, resource.origin.line) == (2560, "BASIC_HDD", 5)


def test_an_older_tree_has_no_filestore_unless_it_says_so(tmp_path: Path) -> None:
    text = GCP_START + 'zone = "z"\nregion = "r"\nfilestores = { a = {} }\n'
    assert one(write_folder(tmp_path, "gcp", folders.OLD_GCP, sea=text)).resources == ()


def test_filestores_and_volumes_of_aws(tmp_path: Path) -> None:
    text = AWS_START + (
        'filestores = { prod = { name_suffix = "prod", tags = { Owner : "us" } }, "a b" = {} }\n'
        'ebs_volumes = { "x" = { size = 512, type = "gp3" } }\n'
    )
    found = by_address(write_folder(tmp_path, "aws", folders.AWS, sea=text))
    assert set(found) == {
        'aws_efs_file_system.hub_homedirs["a b"]',
        'aws_efs_file_system.hub_homedirs["prod"]',
        'aws_ebs_volume.nfs_home_dirs["x"]',
    }
    assert found['aws_efs_file_system.hub_homedirs["a b"]'].name == "hub-homedirs"
    prod = found['aws_efs_file_system.hub_homedirs["prod"]']
    assert (prod.name, prod.capacity_gib, prod.tags) == ("hub-homedirs-prod", None, (("Owner", "us"),))
    volume = found['aws_ebs_volume.nfs_home_dirs["x"]']
    assert (volume.name, volume.capacity_gib, volume.tier) == ("hub-nfs-home-dirs", 512, "gp3")
    assert (volume.zone, volume.region) == ("coast-1a", "coast-1")


def test_the_filestore_of_a_whole_aws_cluster(tmp_path: Path) -> None:
    text = AWS_START + "disable_cluster_wide_filestore = false\n"
    (resource,) = one(write_folder(tmp_path, "aws", folders.AWS, sea=text)).resources
    assert (resource.address, resource.name) == ("aws_efs_file_system.homedirs[0]", "hub-homedirs")
    assert resource.origin.line == 4


def test_the_filestore_of_a_whole_aws_cluster_has_no_index_where_it_has_no_switch(tmp_path: Path) -> None:
    (resource,) = one(write_folder(tmp_path, "aws", folders.OLD_AWS, sea=AWS_START)).resources
    assert resource.address == "aws_efs_file_system.homedirs"
    assert resource.origin == Origin("terraform/aws/projects/sea.tfvars")


def test_the_share_of_azure(tmp_path: Path) -> None:
    text = AZURE_START + "storage_size = 2048\n"
    (resource,) = one(write_folder(tmp_path, "azure", folders.AZURE, sea=text)).resources
    assert (resource.address, resource.name, resource.parent) == ("azurerm_storage_share.homes", "homes", "seahomes")
    assert (resource.capacity_gib, resource.account, resource.region) == (2048, "0-1", "north")
    assert resource.origin.line == 4


def test_the_disks_of_openstack(tmp_path: Path) -> None:
    text = 'prefix = "sea"\npersistent_disks = {\n  hub = { size = 250, name_suffix = "hub" }\n}\n'
    (resource,) = one(write_folder(tmp_path, "openstack", folders.OPENSTACK, sea=text)).resources
    assert resource.address == 'openstack_blockstorage_volume_v3.nfs_home_dirs["hub"]'
    assert (resource.name, resource.kind, resource.capacity_gib) == ("hub-nfs-homedirs-hub", "disk", 250)


def test_a_key_with_quotes_is_written_in_an_address_as_terraform_writes_it(tmp_path: Path) -> None:
    text = AWS_START + 'filestores = { "a\\"$${b}" = {} }\n'
    (resource,) = one(write_folder(tmp_path, "aws", folders.AWS, sea=text)).resources
    assert resource.address == 'aws_efs_file_system.hub_homedirs["a\\"$${b}"]'


def test_every_cloud_of_a_checkout(tmp_path: Path) -> None:
    write_folder(tmp_path, "gcp", folders.GCP, sea=GCP_START, lake=GCP_START)
    write_folder(tmp_path, "aws", folders.AWS, sea=AWS_START)
    write_folder(tmp_path, "azure", folders.AZURE, bay=AZURE_START + "storage_size = 1\n")
    write_folder(tmp_path, "uptime", folders.AWS, bay="")
    found = [(one.cloud, one.name) for one in read_terraform(tmp_path, cache_dir=None)]
    assert found == [("gcp", "lake"), ("gcp", "sea"), ("aws", "sea"), ("azure", "bay")]


def test_a_checkout_without_terraform(tmp_path: Path) -> None:
    assert read_terraform(tmp_path, cache_dir=None) == ()
