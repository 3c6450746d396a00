"""`hubhomes filestores`, the filestores of one name, and the console's deep link to one."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from console.chain.filestore_lookup import Wanted
from console.cli.console import headless
from console.cli.exits import Exit
from console.cli.main import cli
from console.cli.request import Request
from console.cli.scope import NotThere, Scope, parse_target
from console.settings import Settings
from tests.cli.command import Command

ARCHIVE = "foresthomes/archive"
TREE = Path(__file__).parents[2] / "providers" / "simulated" / "tree"


def test_the_table_has_full_ones_first_and_says_who_has_no_hubs(hubhomes: Command) -> None:
    lines = hubhomes("filestores", "--demo").out.splitlines()
    marks = [line[:1] for line in lines[1:]]
    assert marks == sorted(marks, key="✗!?…·✓".index)
    assert "100 %" in lines[1]
    assert any("no hub lives on it" in line for line in lines)


def test_one_filestore_in_full(hubhomes: Command) -> None:
    outcome = hubhomes("filestores", f"forest/{ARCHIVE}", "--demo")
    assert outcome.code == Exit.NONE
    assert outcome.out.startswith(f"✗ forest/{ARCHIVE}  azure-files")
    assert "97 %  994 GiB of 1.0 TiB, 30 GiB free" in outcome.out
    assert "error FST04" in outcome.out
    assert "canopy" in outcome.out
    assert hubhomes("filestores", "--filestore", ARCHIVE, "--demo").out.startswith(f"✗ forest/{ARCHIVE}  azure-files")


def test_one_filestore_as_the_contract(hubhomes: Command) -> None:
    found = hubhomes("filestores", "ocean/hub-homedirs", "--demo", "--json").document("Filestores")
    (ocean,) = found["clusters"]
    (store,) = ocean["filestores"]
    assert store["name"] == "hub-homedirs"
    assert store["usages"][0] == store["usage"]
    assert {target["zone"] for target in store["mount_targets"]}.isdisjoint(store["zones_without_target"])
    assert store["zones_without_target"]
    assert {"name", "value"} == set(store["facts"][0])
    assert (store["unused"], store["days_left"]) == (False, None)


def test_a_hub_of_that_name_is_meant_first(hubhomes: Command) -> None:
    (forest,) = hubhomes("filestores", "forest/canopy", "--demo", "--json").document("Filestores")["clusters"]
    assert [store["name"] for store in forest["filestores"]] == [ARCHIVE]


def test_a_filestore_that_is_not_there_says_which_are(hubhomes: Command) -> None:
    outcome = hubhomes("filestores", "--cluster", "forest", "--filestore", "foresthomes/archiv", "--demo")
    assert outcome.code == Exit.USAGE
    assert f"there is no filestore forest/foresthomes/archiv; did you mean forest/{ARCHIVE}" in outcome.err
    assert (
        "polar cannot be observed"
        in hubhomes("filestores", "polar/x", "--demo").err
        + hubhomes("filestores", "--cluster", "polar", "--filestore", "x", "--demo").err
    )


def test_a_hub_and_a_filestore_at_once_are_refused() -> None:
    with pytest.raises(NotThere, match="hub h and filestore f"):
        parse_target(None, "c", "h", "f")
    assert parse_target("c", None, None, "f") == Scope("c", None, "f")
    assert Scope("c", None, "f").wanted == Wanted("f", "c")


def test_without_a_terminal_the_same_is_told_by_a_command() -> None:
    request = Request(settings=Settings(), scope=Scope("forest", None, ARCHIVE), demo=True)
    assert headless(request) == f"hubhomes filestores --filestore {ARCHIVE} forest --demo"


def completed(line: list[str], incomplete: str) -> list[str]:
    shell = ShellComplete(cli, {}, "hubhomes", "_HUBHOMES_COMPLETE")
    return [item.value for item in shell.get_completions(line, incomplete)]


def test_the_shell_completes_filestores(monkeypatch: pytest.MonkeyPatch) -> None:
    assert completed(["demo", "--filestore"], "forest") == [ARCHIVE, "foresthomes/homes", "foreststaging/homes"]
    monkeypatch.setenv("HUBHOMES_CONFIG", str(TREE))
    declared = completed(["--filestore"], "earth-homedirs")
    assert "earth-homedirs" in declared
    assert completed(["--cluster", "mars", "filestores", "--filestore"], "") == []
    assert completed(["filestores", "--config", "/nowhere", "--filestore"], "") == []


def test_a_filestore_of_a_cluster_that_cannot_be_reached_is_told_by_its_cloud(hubhomes: Command) -> None:
    outcome = hubhomes("filestores", "desert/deserthomes/homes", "--demo")
    assert outcome.out.startswith("✗ desert/deserthomes/homes  azure-files")
    assert "98 %  1004 GiB of 1.0 TiB, 20 GiB free" in outcome.out
    assert "dune" in outcome.out
    assert "desert: filestores may be missing here: home-nfs: desert was not observed" in outcome.err
    (desert,) = hubhomes("filestores", "desert", "--demo", "--json").document("Filestores")["clusters"]
    (store,) = desert["filestores"]
    assert (desert["error"]["kind"], desert["observed_at"]) == ("unreachable", None)
    assert (store["hubs"], [one["code"] for one in store["findings"]]) == (["dune"], ["FST04"])


def test_the_status_of_a_cluster_that_cannot_be_reached_has_its_filestores_trouble(hubhomes: Command) -> None:
    lines = hubhomes("status", "--demo").out.splitlines()
    (row,) = [line for line in lines if "desert (1 hub)" in line]
    assert row.startswith("✗")
    assert row.split()[4:9] == ["✗", "?", "?", "?", "?"]
    assert "unreachable; share 98 % full (20 GiB left); desert-aks.hcp" in row
    (desert,) = hubhomes("status", "desert/dune", "--demo", "--json").document("Status")["clusters"]
    (dune,) = desert["hubs"]
    assert (dune["live"], dune["seen"], dune["backend"]) == (None, None, "azure-files")
    marks = {link["link"]: link["mark"] for link in dune["links"]}
    assert (marks.pop("filestore"), marks.pop("export"), set(marks.values())) == ("broken", "ok", {"unobserved"})


def test_an_alert_about_it_is_found_and_not_only_unobserved(hubhomes: Command) -> None:
    outcome = hubhomes("check", "desert", "--demo")
    assert outcome.code == Exit.FOUND
    assert "FST04" in outcome.out
    assert "not observed: desert cluster" in outcome.err
