"""What a finding's action is asked for, and the command that says the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from console.actions.offers import Offers, Place, command_of
from console.chain.model import Finding
from tests.chain.builders import cluster, inventory, store

CASES: tuple[tuple[str, Mapping[str, Any], str], ...] = (
    ("restart-server", {"user": "d e"}, "restart-server earth/prod --user='d e'"),
    ("restart-server", {}, "restart-server earth/prod --user USER"),
    ("allusers", {"state": "off", "live": True}, "allusers earth/prod off --live"),
    ("allusers", {"state": "on", "lasts_s": 7200.0, "read_only": False}, "allusers earth/prod on --for=7200s"),
    ("allusers", {}, "allusers earth/prod on|off"),
    ("fix-permissions", {"home": ["-rf", "bo"], "deep": True},
     "fix-permissions earth/prod --home=-rf --home=bo --deep"),
    ("retire-home", {"name": ("./-rf", "./d e")}, "retire-home earth/prod ./-rf './d e'"),
    ("retire-home", {"name": tuple("x" * 21)}, "retire-home earth/prod NAME"),
    ("retire-home", {}, "retire-home earth/prod NAME"),
    ("fix-permissions", {"home": ()}, "fix-permissions earth/prod"),
    ("clear-claim-ref", {}, "clear-claim-ref earth/prod"),
)  # fmt: skip


def finding(action: str, asks: Mapping[str, Any]) -> Finding:
    return Finding(
        code="XXX01", severity="error", link="pv", message="m", cluster="earth", hub="prod", action=action, asks=asks
    )


@pytest.mark.parametrize(("action", "asks", "command"), CASES, ids=lambda one: str(one)[:30])
def test_the_command_says_what_the_finding_asks_for(action: str, asks: Mapping[str, Any], command: str) -> None:
    assert command_of(finding(action, asks)) == f"hubhomes {command}"


def test_a_filestore_is_named_as_people_call_it_where_that_name_is_its_own() -> None:
    share = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a/shares/homes"
    one, other = (msgspec.structs.replace(store(share), name="a/homes"), store("fs-1"))
    full = msgspec.structs.replace(finding("grow", {"live": True}), hub=None, filestore=share)
    assert command_of(full, cluster=cluster(stores=inventory(one, other))) == "hubhomes grow earth/a/homes --live"
    twice = cluster(stores=inventory(one, msgspec.structs.replace(other, name="a/homes")))
    assert command_of(full, cluster=twice) == f"hubhomes grow earth/{share} --live"


def test_the_first_finding_of_an_action_says_what_it_is_asked_for() -> None:
    found = (finding("allusers", {"state": "off"}), finding("allusers", {"state": "on"}), finding("restart-server", {}))
    place = Place(cluster="earth", hub="prod")
    offers = {offer.target.action: offer.target.parameters for offer in Offers().at(place, found)}
    assert (offers["allusers"], offers["restart-server"], offers["fix-permissions"]) == ({"state": "off"}, {}, {})
    assert all(not offer.target.parameters for offer in Offers().at(place))


def test_where_homes_are_meant_actions_on_them_come_first_and_are_asked_about_them() -> None:
    one = Place(cluster="earth", hub="prod", homes=("./bo",), users=("bo",))
    several = Place(cluster="earth", hub="prod", homes=("./bo", "./-41"), users=("bo", "A"))
    found = (finding("retire-home", {"name": ("./bo", "./chi", "./dee")}),)
    first = Offers().at(one, found)
    assert {offer.target.action: offer.target.parameters for offer in first if offer.target.parameters} == {
        "retire-home": {"name": ("./bo",)},
        "fix-permissions": {"home": ("./bo",)},
        "move-aside": {"home": "./bo"},
        "rename-home": {"old": "./bo"},
        "restart-server": {"user": "bo"},
    }
    assert first[0].target.action == "retire-home"
    assert all(offer.target.parameters for offer in first[:5])
    named = {offer.target.action for offer in Offers().at(several) if offer.target.parameters}
    assert named == {"retire-home", "fix-permissions"}
    assert (str(one), str(several)) == ("earth/prod  bo", "earth/prod  2 homes")
