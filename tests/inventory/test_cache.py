"""What is kept between runs: used while nothing has changed, and never trusted further."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from console.inventory.model import Inventory
from console.inventory.read import read_inventory, read_outline
from tests.inventory.checkouts import CLUSTER, PROD, checkout, only_cluster, only_hub, write

COMPUTED = "{ nfs: { pv: { mountOptions: [std.extVar('VARS_2I2C_HUB_NAME'), import 'lib.libsonnet'] } } }"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "helm-charts" / "basehub" / "lib.libsonnet", "'one'")
    return checkout(tmp_path, jsonnet=COMPUTED)


def _read(root: Path, cache: Path) -> Inventory:
    return read_inventory(root, cache_dir=cache)


def _options(inventory: Inventory) -> tuple[str, ...]:
    return only_hub(inventory).mount_options.value


def _kept(cache: Path, suffix: str) -> Path:
    (file,) = cache.glob(f"*.{suffix}")
    return file


def test_a_second_run_gives_the_same(root: Path, cache: Path) -> None:
    first = _read(root, cache)

    assert _read(root, cache) == first
    assert read_outline(root, cache_dir=cache) == first
    assert _options(first) == ("prod", "one")


def test_an_unchanged_tree_needs_no_parser(root: Path, cache: Path) -> None:
    _read(root, cache)
    program = (
        "import sys\nfrom pathlib import Path\nfrom console.inventory.read import read_inventory\n"
        "inventory = read_inventory(Path(sys.argv[1]), cache_dir=Path(sys.argv[2]))\n"
        "print(inventory.resolved, 'yaml' in sys.modules, 'subprocess' in sys.modules)\n"
    )

    output = subprocess.run(
        [sys.executable, "-c", program, str(root), str(cache)], capture_output=True, text=True, check=True
    )

    assert output.stdout == "True False False\n"


def test_a_changed_file_of_the_same_size_and_times_is_seen(root: Path, cache: Path) -> None:
    file = root / "earth" / "prod.values.yaml"
    _read(root, cache)
    before = file.stat()
    with file.open("r+") as opened:
        opened.write(PROD.replace("10.2.0.2", "10.2.0.3"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert only_hub(_read(root, cache)).server.value == "10.2.0.3"


def test_a_missing_file_that_appears_is_seen(tmp_path: Path, cache: Path) -> None:
    root = checkout(tmp_path, common=None)
    assert only_cluster(_read(root, cache)).problems
    write(root / "earth" / "common.values.yaml", "")

    assert only_cluster(_read(root, cache)).problems == ()


def test_a_new_cluster_and_a_new_chart_file_are_seen(tmp_path: Path, cache: Path) -> None:
    root = checkout(tmp_path)
    _read(root, cache)
    write(root / "ocean" / "cluster.yaml", CLUSTER.replace("earth", "ocean"))
    assert [cluster.name for cluster in _read(root, cache).clusters] == ["earth", "ocean"]

    write(tmp_path / "helm-charts/basehub/values.jsonnet", "{ nfs: { pv: { mountOptions: ['new'] } } }")
    assert _read(root, cache).clusters[0].hubs[0].mount_options.value == ("new",)


def test_a_changed_import_is_evaluated_again(tmp_path: Path, root: Path, cache: Path) -> None:
    _read(root, cache)
    write(tmp_path / "helm-charts/basehub/lib.libsonnet", "'two'")

    assert not read_outline(root, cache_dir=cache).evaluated
    assert _options(_read(root, cache)) == ("prod", "two")


def test_kept_results_of_jsonnet_outlive_another_files_change(root: Path, cache: Path) -> None:
    _read(root, cache)
    kept = _kept(cache, "jsonnet").stat()
    write(root / "earth" / "common.values.yaml", "other: 1\n")

    assert _options(_read(root, cache)) == ("prod", "one")
    assert _kept(cache, "jsonnet").stat().st_ino == kept.st_ino


def test_an_outline_is_not_kept(root: Path, cache: Path) -> None:
    assert not read_outline(root, cache_dir=cache).evaluated

    assert _read(root, cache).resolved


@pytest.mark.parametrize("content", [b"", b"\x00", b"not msgpack at all", b"\x81\xa4code\xa1x"])
@pytest.mark.parametrize("suffix", ["inventory", "jsonnet"])
def test_a_damaged_cache_is_written_anew(root: Path, cache: Path, content: bytes, suffix: str) -> None:
    first = _read(root, cache)
    _kept(cache, suffix).write_bytes(content)
    _kept(cache, "inventory").write_bytes(content)

    assert _read(root, cache) == first
    assert len(_kept(cache, suffix).read_bytes()) > len(content)


def test_only_its_owner_can_read_the_cache(root: Path, cache: Path) -> None:
    _read(root, cache)

    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in cache.iterdir()} == {0o600}
    assert len(list(cache.iterdir())) == 2


def test_a_cache_that_can_not_be_written_costs_nothing(root: Path, tmp_path: Path) -> None:
    write(tmp_path / "a-file", "")

    assert _options(_read(root, tmp_path / "a-file" / "cache")) == ("prod", "one")


def test_two_trees_do_not_share_results(root: Path, tmp_path: Path, cache: Path) -> None:
    _read(root, cache)
    other = checkout(tmp_path / "other")

    assert _options(_read(other, cache)) == ("soft", "noatime")
    assert _options(_read(root, cache)) == ("prod", "one")
