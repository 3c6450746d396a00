"""Commands that are printed to be copied mean the fleet that was looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.actions.protocol import Refused
from console.actions.started import COMMANDS, Started
from console.cli.exits import Exit
from console.cli.main import cli
from console.cli.request import Request
from console.cli.scope import Scope
from console.settings import Settings
from tests.actions.conftest import Scene
from tests.actions.toy import TARGET, LampAction
from tests.cli.command import Command

DEMO = Started(("--demo",))
NO_FLEET = {"completion", "demo", "schema", "version"}


def test_every_command_about_a_fleet_is_known() -> None:
    from console.actions.registry import registered

    assert {*COMMANDS, *registered()} == {*cli.list_commands(None), "history"} - NO_FLEET  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hubhomes grow earth/nfs", "hubhomes --demo grow earth/nfs"),
        (
            "look (hubhomes status C), then hubhomes shell",
            "look (hubhomes --demo status C), then hubhomes --demo shell",
        ),
        ("hubhomes look-elsewhere", "hubhomes look-elsewhere"),
        ("a mistake of hubhomes itself", "a mistake of hubhomes itself"),
        ("the pod of hubhomes shells", "the pod of hubhomes shells"),
        ("hubhomes --config DIR", "hubhomes --config DIR"),
    ],
)
def test_what_becomes_of_a_text(text: str, said: str) -> None:
    assert DEMO.words(text) == said
    assert DEMO.words(said) == said
    assert Started().words(text) == text


def test_the_options_are_those_that_say_which_fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    request = Request(settings=Settings(), scope=Scope("earth"), config=Path("my tree"), contexts=("gke_a",))
    assert request.started.words("hubhomes status earth") == (
        f"hubhomes --config '{tmp_path}/my tree' --cluster earth --context gke_a status earth"
    )
    assert Request(settings=Settings(), scope=Scope("earth")).started == Started()


async def test_actions_say_so_in_all_that_is_read_and_keep_the_digest(tmp_path: Path) -> None:
    class Speaking(LampAction):
        async def plan(self, context):  # type: ignore[no-untyped-def]
            import msgspec

            plan = await super().plan(context)
            told = "hubhomes status earth"
            return msgspec.structs.replace(plan, notes=(told,), commands=(told,), risk=told)

    scene = Scene(tmp_path)
    scene.action = Speaking(scene.lamps)
    plain = (await scene.made().preview(TARGET)).plan
    scene.action = DEMO.find(lambda _: Speaking(scene.lamps))("lamps")  # type: ignore[assignment]
    plan = (await scene.made().preview(TARGET)).plan
    assert {*plan.notes, *plan.commands, plan.risk} == {"hubhomes --demo status earth"}
    assert plan.digest == plain.digest


def test_what_is_refused_names_such_a_command() -> None:
    with pytest.raises(Refused) as raised, DEMO.said():
        raise Refused("it is not there", next_step="hubhomes status says why")
    assert raised.value.next_step == "hubhomes --demo status says why"


def test_a_finding_of_the_demo_is_mended_in_the_demo(hubhomes: Command) -> None:
    assert (
        "mends it: hubhomes --demo clear-claim-ref earth/staging" in hubhomes("status", "earth/staging", "--demo").out
    )


def test_a_plan_of_the_demo_goes_on_in_the_demo(hubhomes: Command) -> None:
    outcome = hubhomes("--demo", "grow", "earth/earth-homedirs", "--to", "2048", "--dry-run")
    assert outcome.code == Exit.NONE, outcome.err
    assert outcome.out.startswith("grow  earth/earth-homedirs\n")
    assert "hubhomes --demo filestores earth/earth-homedirs" in outcome.out
    assert "hubhomes grow" not in outcome.out + outcome.err
