"""Filestores are made and grown from the command line: the plan first, then exactly that plan."""

from __future__ import annotations

from console.cli.exits import Exit
from tests.cli.command import Command

ARCHIVE = ("grow", "forest/foresthomes/archive", "--live", "--demo")
CLIMATE = ("create-filestore", "earth", "--key", "climate", "--live", "--demo")


def test_a_filestore_is_grown_by_the_plan_that_was_shown(hubhomes: Command) -> None:
    plan = hubhomes(*ARCHIVE, "--dry-run", "--json").document("Plan")
    (step,) = plan["steps"]
    assert (step["before"], step["after"]) == ("1,024 GiB", "1,140 GiB")
    (need,) = step["needs"]
    assert (need["system"], need["right"].rpartition("/")[2], need["granted"]) == ("azure", "write", True)
    assert plan["affects"]["hubs"] == ["forest/canopy", "forest/understory"]
    other = hubhomes(*ARCHIVE, "--to", "1200", "--yes", "--digest", plan["digest"])
    assert other.code == Exit.FAILED
    assert "the plan has changed" in other.err
    done = hubhomes(*ARCHIVE, "--yes", "--digest", plan["digest"])
    assert done.code == Exit.NONE
    assert done.err.splitlines()[-2:] == ["looking whether it helped", "verified"]


def test_the_suggested_size_is_said_with_the_digest_that_holds_it(hubhomes: Command) -> None:
    shown = hubhomes(*ARCHIVE, "--dry-run")
    (said,) = [line for line in shown.err.splitlines() if line.startswith("to run it: ")]
    assert said.startswith("to run it: --to=1140 --yes --digest ")
    done = hubhomes(*ARCHIVE, *said.removeprefix("to run it: ").split())
    assert done.code == Exit.NONE


def test_why_there_is_nothing_to_do_is_said_without_a_dry_run_too(hubhomes: Command) -> None:
    done = hubhomes("grow", "ocean/hub-homedirs", "--demo", "--yes", "--digest", "0000-0000-0000-0000")
    assert done.code == Exit.NONE
    assert done.err.splitlines()[-2] == "nothing to do"
    assert "a file system of EFS grows by itself" in done.err.splitlines()[-1]


def test_what_is_made_is_told_with_the_lines_for_values_and_terraform(hubhomes: Command) -> None:
    plan = hubhomes(*CLIMATE, "--capacity", "2000", "--dry-run", "--json").document("Plan")
    done = hubhomes(*CLIMATE, "--capacity", "2000", "--yes", "--digest", plan["digest"])
    assert done.code == Exit.NONE
    assert "          serverIP: 10.2." in done.err
    assert '      "climate" : { name_suffix : "climate", capacity_gb : 2000, tier : "BASIC_HDD" },' in done.err


def test_a_cloud_that_cannot_be_asked_is_what_could_not_be_observed(hubhomes: Command) -> None:
    asked = hubhomes("create-filestore", "polar", "--key", "x", "--live", "--demo", "--dry-run")
    assert asked.code == Exit.UNOBSERVED
    assert "SSO session" in asked.err
