"""Names that name nothing, and streams that take nothing: one line and an exit code that means what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.cli.exits import Exit
from tests.cli.command import Command

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")


def run(*arguments: str, redirected: str, home: Path) -> tuple[int, str]:
    """Exit code and all that was said, with shell redirections."""
    environment = {
        **os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "HOME": str(home), "HUBHOMES_STATE": str(home),
    }  # fmt: skip
    words = [sys.executable, "-m", "console.cli.main", *arguments]
    done = subprocess.run(
        ["sh", "-c", f'"$@" {redirected}', "sh", *words],
        capture_output=True, text=True, env=environment, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("command", ["status", "check", "filestores"])
@pytest.mark.parametrize(("target", "what"), [("", "cluster"), ("earth/", "hub"), ("/", "cluster")])
def test_a_target_of_a_variable_that_is_not_set_is_not_the_whole_fleet(
    hubhomes: Command, command: str, target: str, what: str
) -> None:
    outcome = hubhomes(command, target, "--demo")
    assert outcome.code == Exit.USAGE
    assert f"names no {what}" in outcome.err
    assert outcome.out == ""


def test_an_empty_name_is_nobodys(hubhomes: Command) -> None:
    assert "an empty name is nobody's" in hubhomes("user", "", "--demo").err
    outcome = hubhomes("retire-home", "earth/prod", "", "--demo", "--dry-run")
    assert (outcome.code, "'' is no name of a home" in outcome.err) == (Exit.FAILED, True)


def test_a_home_that_is_not_there_has_a_next_step_that_can_be_copied(hubhomes: Command) -> None:
    for action in (("retire-home", "earth/prod", "nobody"), ("rename-home", "earth/prod", "nobody", "somebody")):
        outcome = hubhomes(*action, "--demo", "--dry-run")
        assert "hubhomes --demo look earth/prod --homes --probe" in outcome.err


@needs_full
@pytest.mark.parametrize("command", [("check", "earth"), ("status",), ("status", "--json")])
def test_output_that_cannot_be_written_is_no_finding(command: tuple[str, ...], home: Path) -> None:
    code, said = run(*command, "--demo", redirected=">/dev/full", home=home)
    assert code == Exit.OUTPUT
    assert "standard output cannot be written: No space left on device" in said
    assert "Traceback" not in said


@needs_full
@pytest.mark.parametrize("redirected", ["2>/dev/full", "2>&-"])
def test_narration_that_nobody_takes_changes_nothing(redirected: str, home: Path) -> None:
    assert run("check", "summit/base", "--demo", redirected=redirected, home=home)[0] == Exit.UNOBSERVED
    assert run("status", "nowhere", "--demo", redirected=redirected, home=home)[0] == Exit.USAGE
    assert run("grow", "--demo", redirected=redirected, home=home)[0] == Exit.USAGE


@needs_full
def test_a_run_goes_on_where_nobody_can_be_told(hubhomes: Command, home: Path) -> None:
    action = ("remove-helper-pods", "earth", "--demo", "--json")
    digest = hubhomes(*action, "--dry-run").document("Plan")["digest"]
    code, said = run(*action, "--yes", "--digest", digest, redirected="2>/dev/full", home=home)
    assert code == Exit.NONE
    assert '"outcome":"done"' in said


def test_closed_output_is_no_traceback(home: Path) -> None:
    code, said = run("check", "earth", "--demo", "--json", redirected=">&-", home=home)
    assert (code, "Traceback" in said) == (Exit.FOUND, False)
