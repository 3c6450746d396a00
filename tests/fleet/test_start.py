"""Which tree and which contexts a fleet starts with."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.chain.policy import Policy
from console.fleet.record import policy_of
from console.fleet.start import demo_settings, start_fleet, tree_root, with_contexts
from console.inventory.errors import ConfigurationError
from console.settings import Settings


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    clusters = tmp_path / "checkout" / "config" / "clusters" / "earth"
    clusters.mkdir(parents=True)
    (clusters / "cluster.yaml").write_text("name: earth\n")
    return tmp_path / "checkout"


def test_the_defaults_are_the_policys() -> None:
    assert policy_of(Settings()) == Policy()


def test_the_command_line_wins_over_the_settings(checkout: Path, tmp_path: Path) -> None:
    settings = Settings(config=str(tmp_path / "elsewhere"))
    assert tree_root(settings, checkout, ()) == checkout / "config" / "clusters"
    with pytest.raises(ConfigurationError, match="elsewhere does not exist"):
        tree_root(settings, None, ())


def test_the_working_folder_is_a_tree_only_where_it_holds_one(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert tree_root(Settings(), None, ()) is None
    monkeypatch.chdir(checkout)
    assert tree_root(Settings(), None, ()) == checkout / "config" / "clusters"


def test_contexts_alone_mean_no_tree(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)
    assert tree_root(Settings(config=str(checkout)), None, ["lab"]) is None
    assert tree_root(Settings(), checkout, ["lab"]) is not None


def test_a_context_of_the_command_line_serves_the_cluster_named(checkout: Path) -> None:
    mapped = with_contexts(Settings(contexts={"ocean": "o"}), checkout, "earth", ["lab"])
    assert mapped.contexts == {"ocean": "o", "earth": "lab"}
    assert mapped.origin("contexts.earth") == "command line --context"
    for cluster, contexts in ((None, ["lab"]), ("earth", ["lab", "other"])):
        with pytest.raises(ConfigurationError, match="it is not said which"):
            with_contexts(Settings(), checkout, cluster, contexts)


def test_offline_needs_a_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="no configuration tree to read offline"):
        start_fleet(Settings(), offline=True)


def test_the_demo_takes_nothing_of_the_users_clusters() -> None:
    mine = Settings(contexts={"earth": "mine"}, namespaces={"earth": ("a",)}, config="/mine", theme="light")
    assert demo_settings(mine) == Settings(theme="light")
