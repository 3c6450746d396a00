"""The commands against the embedded fleet and a generated tree: data, contract, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from console.cli.complete import targets
from console.cli.exits import Exit
from console.cli.main import cli
from tests.cli.command import Command
from tests.trees import write_tree


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "tree", clusters=3, hubs=6)


def named(entries: list[Any], name: str) -> Any:
    return next(entry for entry in entries if entry["name"] == name)


def test_status_of_the_demo_is_the_contract(hubhomes: Command) -> None:
    outcome = hubhomes("status", "--demo", "--json")
    assert (outcome.code, outcome.err) == (Exit.NONE, "")
    found = outcome.document("Status")
    assert found["version"] == 1
    assert found["generated_at"].endswith("Z")
    staging = named(named(found["clusters"], "earth")["hubs"], "staging")
    assert staging["live"]["pv"]["phase"] == "Released"
    assert staging["live"]["pvc"] is not None
    assert [link["link"] for link in staging["links"]] == [
        "filestore", "export", "directory", "pv", "pvc", "mounts", "homes",
    ]  # fmt: skip
    assert [one["link"] for one in staging["findings"] if one["severity"] == "error"] == ["pv"]
    assert all(one["cluster"] == "earth" and one["hub"] == "staging" for one in staging["findings"])


def test_a_cluster_that_cannot_be_asked_is_null_and_not_missing(hubhomes: Command) -> None:
    found = hubhomes("status", "polar", "--demo", "--json").document("Status")
    (polar,) = found["clusters"]
    assert polar["error"]["kind"] == "unauthorized"
    assert polar["error"]["next_step"]
    assert polar["observed_at"] is None
    assert [(hub["live"], hub["seen"]) for hub in polar["hubs"]] == [(None, None)] * 3
    assert all(hub["declared"]["nfs_enabled"] for hub in polar["hubs"])


def test_one_hub(hubhomes: Command) -> None:
    found = hubhomes("status", "earth/prod", "--demo", "--json").document("Status")
    assert [(one["name"], [hub["name"] for hub in one["hubs"]]) for one in found["clusters"]] == [("earth", ["prod"])]
    by_options = hubhomes("--cluster", "earth", "--hub", "prod", "--demo", "status", "--json").document("Status")
    assert [hub["name"] for hub in by_options["clusters"][0]["hubs"]] == ["prod"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["earth"], Exit.FOUND),
        (["ocean/currents"], Exit.NONE),
        (["earth/climate"], Exit.NONE),
        (["earth/climate", "--fail-on", "info"], Exit.FOUND),
        (["earth/soils", "--fail-on", "error"], Exit.NONE),
        (["polar"], Exit.UNOBSERVED),
        (["polar/ice"], Exit.UNOBSERVED),
        ([], Exit.FOUND),
    ],
)
def test_the_exit_code_of_check(hubhomes: Command, arguments: list[str], code: Exit) -> None:
    outcome = hubhomes("check", "--demo", "--json", *arguments)
    document = outcome.document("Check")
    assert outcome.code == code
    assert document["outcome"] == {Exit.NONE: "none", Exit.FOUND: "found", Exit.UNOBSERVED: "unobserved"}[code]


def test_check_lists_worst_first_for_people(hubhomes: Command) -> None:
    outcome = hubhomes("check", "earth", "--demo")
    severities = [line.split()[0] for line in outcome.out.splitlines()[1:]]
    assert severities == sorted(severities)
    assert "info" not in severities
    assert "below warning not shown" in outcome.err


def test_check_says_what_it_could_not_see(hubhomes: Command) -> None:
    outcome = hubhomes("check", "polar", "--demo")
    assert outcome.err.startswith("not observed: polar cluster: ")
    assert hubhomes("check", "polar", "--demo", "--json").document("Check")["unobserved"][0]["cluster"] == "polar"


def test_filestores_are_the_contract(hubhomes: Command) -> None:
    found = hubhomes("filestores", "--demo", "--json").document("Filestores")
    backends = {store["backend"] for one in found["clusters"] for store in one["filestores"]}
    assert backends == {"home-nfs", "gcp-filestore", "aws-efs", "azure-files"}
    archive = next(
        store for store in named(found["clusters"], "forest")["filestores"] if store["name"].endswith("archive")
    )
    assert archive["hubs"] == ["canopy", "understory"]
    assert archive["usage"]["used_bytes"] < archive["usage"]["capacity_bytes"]
    assert {one["code"] for one in archive["findings"]} == {"FST04", "TFM02"}
    terraform = named(found["clusters"], "forest")["terraform"]
    assert archive["id"] in terraform["undeclared"]
    assert [(one["address"], one["found"]) for one in terraform["resources"]] == [
        ("azurerm_storage_share.homes", "live")
    ]


def test_filestores_of_one_hub_are_those_that_it_lives_on(hubhomes: Command) -> None:
    (forest,) = hubhomes("filestores", "forest/canopy", "--demo", "--json").document("Filestores")["clusters"]
    assert [store["name"] for store in forest["filestores"]] == ["foresthomes/archive"]


def test_filestores_for_people(hubhomes: Command) -> None:
    outcome = hubhomes("filestores", "--demo")
    assert "earth-homedirs " in outcome.out
    assert "polar: filestores may be missing here: " in outcome.err
    assert 'google_filestore_instance.homedirs["filestore"]' in outcome.out
    (archive,) = [line for line in outcome.out.splitlines() if "foresthomes/archive" in line]
    assert "not in Terraform" in archive
    file = "terraform/gcp/projects/earth-hubs.tfvars:14:3"
    assert f"earth: earth-homedirs-archive is declared ({file}) and not there" in outcome.err
    assert "summit: terraform/openstack/projects/summit.tfvars:5:" in outcome.err


def test_status_offline_of_a_tree(hubhomes: Command, tree: Path) -> None:
    outcome = hubhomes("status", "--offline", "--json", "--config", str(tree))
    found = outcome.document("Status")
    assert (outcome.code, len(found["clusters"])) == (Exit.NONE, 3)
    hubs = [hub for one in found["clusters"] for hub in one["hubs"]]
    assert len(hubs) == 6
    assert all(hub["live"] is None and hub["declared"]["resolved"] for hub in hubs)
    assert {one["state"] for one in found["clusters"]} == {"offline"}


def test_a_tree_without_contexts_says_what_creates_them(hubhomes: Command, tree: Path) -> None:
    outcome = hubhomes("status", "--json", "--config", str(tree))
    found = outcome.document("Status")
    assert {one["error"]["kind"] for one in found["clusters"]} == {"no_context"}
    assert all(one["error"]["next_step"] for one in found["clusters"])
    assert hubhomes("check", "--config", str(tree)).code == Exit.UNOBSERVED


def test_the_environment_names_the_tree(hubhomes: Command, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBHOMES_CONFIG", str(tree))
    assert len(hubhomes("status", "--offline", "--json").document("Status")["clusters"]) == 3


def test_the_working_folder_may_be_the_tree(hubhomes: Command, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = tree.parents[1] if tree.name == "clusters" else tree
    monkeypatch.chdir(checkout)
    assert len(hubhomes("status", "--offline", "--json").document("Status")["clusters"]) == 3


def test_without_anything_it_says_what_to_give(hubhomes: Command) -> None:
    found = hubhomes("status", "--json").document("Status")
    assert [one["error"]["kind"] for one in found["clusters"]] == ["no_context"]
    assert "--config" in found["clusters"][0]["error"]["next_step"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["status", "--nonsense"], "No such option"),
        (["status", "--offline"], "there is no configuration tree"),
        (["status", "--config", "/nowhere/at/all"], "/nowhere/at/all does not exist"),
        (["status", "--demo", "mars"], "there is no cluster mars; there are: "),
        (["status", "--demo", "--offline", "mars"], "there is no cluster mars; there are: "),
        (["status", "--demo", "earth/mars"], "earth has no hub mars; there are: prod, "),
        (["status", "--demo", "eart"], "there is no cluster eart; did you mean earth?"),
        (["status", "--demo", "earth/stagin"], "earth has no hub stagin; did you mean staging?"),
        (["status", "--demo", "earth", "--cluster", "ocean"], "earth and --cluster ocean: which of them?"),
        (["status", "--demo", "--hub", "prod"], "hub prod of which cluster?"),
        (["check", "--fail-on", "panic"], "'panic' is not one of"),
    ],
)
def test_what_cannot_be_is_said_on_stderr(hubhomes: Command, arguments: list[str], said: str) -> None:
    outcome = hubhomes(*arguments)
    assert (outcome.code, outcome.out) == (Exit.USAGE, "")
    assert said in outcome.err
    assert "Traceback" not in outcome.err


def test_context_with_a_tree_needs_its_cluster(hubhomes: Command, tree: Path) -> None:
    outcome = hubhomes("status", "--config", str(tree), "--context", "a")
    assert outcome.code == Exit.USAGE
    assert "add --cluster NAME" in outcome.err


def test_a_wrong_setting_is_named(hubhomes: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[timeouts]\ncluster = 3\n")
    monkeypatch.setenv("HUBHOMES_SETTINGS", str(file))
    outcome = hubhomes("status", "--demo")
    assert outcome.code == Exit.USAGE
    assert f"{file}:2: unknown key timeouts.cluster; did you mean timeouts.cluster_s?" in outcome.err


@pytest.mark.parametrize("arguments", [[], ["demo"], ["--demo", "--cluster", "earth", "--hub", "prod"]])
def test_without_a_terminal_the_console_names_another_way(hubhomes: Command, arguments: list[str]) -> None:
    outcome = hubhomes(*arguments)
    assert (outcome.code, outcome.out) == (Exit.USAGE, "")
    assert "next: hubhomes status" in outcome.err


def test_version_and_completion(hubhomes: Command) -> None:
    assert hubhomes("version").out.strip()[0].isdigit()
    for shell in ("bash", "zsh", "fish"):
        assert "_HUBHOMES_COMPLETE" in hubhomes("completion", shell).out


def test_the_shell_is_offered_clusters_and_hubs(hubhomes: Command, tree: Path) -> None:
    context = cli.make_context("hubhomes", ["--config", str(tree)], resilient_parsing=True)
    clusters = targets(context, cli.commands["status"].params[0], "")
    assert clusters == [
        one["name"]
        for one in hubhomes("status", "--offline", "--json", "--config", str(tree)).document("Status")["clusters"]
    ]
    hubs = targets(context, cli.commands["status"].params[0], f"{clusters[0]}/")
    assert hubs
    assert all(name.startswith(f"{clusters[0]}/") for name in hubs)


def test_the_shell_is_offered_nothing_without_a_tree(home: Path) -> None:
    context = cli.make_context("hubhomes", ["--config", str(home / "gone")], resilient_parsing=True)
    assert targets(context, cli.commands["status"].params[0], "") == []


def test_a_cluster_file_that_is_broken_is_a_row(hubhomes: Command, tmp_path: Path) -> None:
    folder = tmp_path / "broken" / "earth"
    folder.mkdir(parents=True)
    (folder / "cluster.yaml").write_text("name: earth\n\thubs: x\n")
    outcome = hubhomes("status", "--offline", "--config", str(folder.parent))
    assert outcome.out.splitlines()[1].startswith("!  earth")
    assert "cluster.yaml:2:1 is not valid YAML" in outcome.out


@pytest.mark.parametrize(("server", "kind"), [("https://127.0.0.1:1", "unreachable"), ("nonsense", "no_context")])
def test_a_cluster_that_refuses(
    hubhomes: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str, kind: str
) -> None:
    kubeconfig = {
        "current-context": "lab",
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "jo"}}],
        "clusters": [{"name": "lab", "cluster": {"server": server}}],
        "users": [{"name": "jo", "user": {"token": "sesame"}}],
    }
    file = tmp_path / "config"
    file.write_text(json.dumps(kubeconfig))
    monkeypatch.setenv("KUBECONFIG", str(file))
    outcome = hubhomes("status", "--json")
    (lab,) = outcome.document("Status")["clusters"]
    assert (lab["name"], lab["error"]["kind"]) == ("lab", kind)
    assert "sesame" not in outcome.out
    assert hubhomes("check").code == Exit.UNOBSERVED


def test_one_hub_for_people_is_its_chain_and_its_findings(hubhomes: Command) -> None:
    lines = hubhomes("status", "earth/prod", "--demo").out.splitlines()
    assert lines[0].startswith("earth/prod  PROD  gcp  basehub")
    assert lines[2].split() == ["link", "declared", "live", "seen"]
    links = [line.split()[1] for line in lines[3:] if line and line[0] in "✓!✗?·–" and " error " not in line]
    assert links == ["filestore", "export", "directory", "pv", "pvc", "mounts", "homes"]
    assert any(line.startswith("✗ error DIR01  share creator failed") for line in lines)
    assert any(line.startswith("    next: kubectl --context gke_earth") for line in lines)


def test_why_a_hub_is_not_observed_is_said_once(hubhomes: Command) -> None:
    lines = hubhomes("status", "polar/ice", "--demo").out.splitlines()
    assert lines[2].startswith("  next: ")
    assert sum("expired" in line for line in lines) == 1
