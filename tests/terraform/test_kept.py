"""What is kept between runs, and that the parser is not even imported where it is not needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from console.inventory.terraform import read_terraform
from tests.terraform import folders
from tests.terraform.folders import GCP_START, write_folder

SECOND_RUN = """
import sys
from pathlib import Path
from console.inventory.terraform import read_terraform
found = read_terraform(Path(sys.argv[1]), cache_dir=Path(sys.argv[2]))
costly = {"hcl2", "lark", "console.inventory.terraform.read"}
print(sorted(one.name for one in found), sorted(costly & set(sys.modules)))
"""


def second_run(checkout: Path, cache: Path) -> str:
    command = [sys.executable, "-c", SECOND_RUN, str(checkout), str(cache)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_second_run_reads_without_the_parser(tmp_path: Path) -> None:
    checkout, cache = write_folder(tmp_path / "tree", "gcp", folders.GCP, sea=GCP_START, broken="a = {"), tmp_path / "c"
    first = read_terraform(checkout, cache_dir=cache)
    assert read_terraform(checkout, cache_dir=cache) == first
    assert second_run(checkout, cache) == "['broken', 'sea'] []"


def test_parsed_files_serve_where_another_one_changed(tmp_path: Path) -> None:
    checkout, cache = write_folder(tmp_path / "tree", "gcp", folders.GCP, sea=GCP_START, lake=GCP_START), tmp_path / "c"
    read_terraform(checkout, cache_dir=cache)
    (checkout / "terraform/gcp/projects/lake.tfvars").unlink()
    assert second_run(checkout, cache) == "['sea'] ['console.inventory.terraform.read']"


def test_a_new_folder_is_noticed(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert read_terraform(tmp_path / "tree", cache_dir=cache) == ()
    write_folder(tmp_path / "tree", "gcp", folders.GCP, sea=GCP_START)
    assert len(read_terraform(tmp_path / "tree", cache_dir=cache)) == 1


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    checkout, cache = write_folder(tmp_path / "tree", "gcp", folders.GCP, sea=GCP_START), tmp_path / "cache"
    assert len(read_terraform(checkout, cache_dir=cache)[0].resources) == 1
    write_folder(checkout, "gcp", folders.GCP, sea=GCP_START + "filestores = {}\n")
    assert read_terraform(checkout, cache_dir=cache)[0].resources == ()


def test_what_is_gone_is_not_kept(tmp_path: Path) -> None:
    checkout, cache = write_folder(tmp_path / "tree", "gcp", folders.GCP, sea=GCP_START, a="b = 1"), tmp_path / "cache"
    read_terraform(checkout, cache_dir=cache)
    (kept,) = cache.glob("*.terraform")
    before = kept.stat().st_size
    (checkout / "terraform/gcp/projects/a.tfvars").unlink()
    read_terraform(checkout, cache_dir=cache)
    assert kept.stat().st_size < before


def test_damaged_remains_are_no_trouble(tmp_path: Path) -> None:
    checkout, cache = write_folder(tmp_path / "tree", "gcp", folders.GCP, sea=GCP_START), tmp_path / "cache"
    first = read_terraform(checkout, cache_dir=cache)
    for kept in cache.iterdir():
        kept.write_bytes(kept.read_bytes()[:-7])
    assert read_terraform(checkout, cache_dir=cache) == first


def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    checkout = write_folder(tmp_path / "tree", "gcp", folders.GCP, sea=GCP_START)
    (tmp_path / "file").touch()
    assert read_terraform(checkout, cache_dir=tmp_path / "file" / "cache")[0].error is None
