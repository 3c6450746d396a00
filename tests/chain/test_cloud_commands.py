"""Commands of the clouds' tools: whole, quoted, and in the place where the filestore is."""

from __future__ import annotations

import shlex

import pytest

from console.chain import cloud_commands
from tests.chain.builders import changed, store
from tests.chain.cases.store_troubles import ARCHIVE, SHARE, file_system, target

_TIB = 1024**4

GOOGLE = store(ARCHIVE, exports=("/homes",))
REGIONAL = store("projects/p/locations/europe-west4/instances/homes")
EFS = file_system(target("a"))
AZURE = store(SHARE, address="foresthomes.file.core.windows.net", backend="azure-files")
IN_CLUSTER = store("home-nfs/prod/nfs", backend="home-nfs", namespace="prod")


def test_each_cloud_shows_its_own_in_its_place() -> None:
    assert cloud_commands.shown(GOOGLE).endswith("archive-2023 --project earth-hubs --location us-central1-b")
    assert cloud_commands.shown(EFS, profile="research") == (
        "aws efs describe-file-systems --region us-west-2 --profile research --file-system-id fs-0a1b2c3d"
    )
    assert cloud_commands.shown(AZURE) == (
        "az storage share-rm show --subscription 5a --resource-group forest-hubs --storage-account foresthomes "
        "--name homes"
    )
    assert cloud_commands.shown(IN_CLUSTER) == ""


def test_backups_are_kept_in_the_region() -> None:
    assert "--region us-central1 --instance archive-2023" in cloud_commands.gcloud_backup(GOOGLE)
    assert "--region europe-west4 --instance homes" in cloud_commands.gcloud_backup(REGIONAL)
    assert cloud_commands.gcloud_backup(EFS) == ""


def test_growing() -> None:
    assert cloud_commands.grown(GOOGLE, to_bytes=_TIB).endswith("--file-share name=homes,capacity=1024GB")
    assert cloud_commands.grown(AZURE, to_bytes=_TIB + 1).endswith("--name homes --quota 1025")
    assert cloud_commands.grown(EFS, to_bytes=_TIB) == ""


@pytest.mark.parametrize("name", ["archive; rm -rf ~", "a b", "$(id)", "a'b"])
def test_names_stay_one_word(name: str) -> None:
    google = store(f"projects/p/locations/us-central1-b/instances/{name}", exports=("/homes",))
    azure = changed(AZURE, id=SHARE.replace("shares/homes", f"shares/{name}"))
    for line in (cloud_commands.shown(google), cloud_commands.gcloud_backup(google), cloud_commands.shown(azure)):
        assert name in shlex.split(line)
