"""`look`, `user` and --probe against the embedded fleet, and homes of any names in the contract."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.chain.policy import Policy
from console.chain.seen_homes import first_rows
from console.chain.seen_model import SeenHome
from console.cli.contract.looks import Home
from console.cli.documents.looks import home
from console.cli.exits import Exit
from tests.chain.insides import NOW, entry
from tests.cli.command import Command
from tests.kubernetes.looks.scripts import read, request, said
from tests.kubernetes.looks.trees import TREES, Tree, folder, plant


def bytes_of(found: dict[str, Any] | Home) -> bytes:
    name, encoded = (
        (found.name, found.name_base64) if isinstance(found, Home) else (found["name"], found["name_base64"])
    )
    return name.encode() if encoded is None else base64.b64decode(encoded)


def codes(document: Any) -> set[str]:
    return {finding["code"] for finding in document["findings"]}


def test_without_probe_it_says_what_would_run(hubhomes: Command) -> None:
    outcome = hubhomes("look", "earth/prod", "--demo")
    assert (outcome.code, outcome.out) == (Exit.USAGE, "")
    assert "starts one pod of image busybox:1.36.1 in namespace prod" in outcome.err
    assert "--probe" in outcome.err


def test_a_look_is_the_contract_and_holds_every_home(hubhomes: Command) -> None:
    outcome = hubhomes("look", "earth/prod", "--demo", "--probe", "--homes", "--json")
    assert (outcome.code, outcome.err) == (Exit.NONE, "")
    found = outcome.document("Look")
    assert found["seen"]["directory"] == {"exists": True, "kind": "directory", "uid": 0, "gid": 0, "mode": "0755"}
    assert found["seen"]["homes"]["listed"] is True
    assert found["seen"]["look"]["complete"] is True
    assert {"DIR01", "HOM01", "HOM03", "HOM06"} <= codes(found)
    assert {b"jos\xe9", b"two\nlines", b"-rf", b"with space"} < {bytes_of(one) for one in found["homes"]}
    (kim,) = [one for one in found["homes"] if one["name"] == "kim"]
    assert (kim["mark"], kim["problems"], kim["uid"]) == ("broken", ["owned by root"], 0)


def test_a_look_for_people(hubhomes: Command) -> None:
    out = hubhomes("look", "earth/prod", "--demo", "--probe", "--size", "ana").out
    assert "owned by root" in out
    assert "jos\\xe9" in out
    (ana,) = [line for line in out.splitlines() if " ana " in line and "1000:1000" in line]
    assert "iB" in ana


def test_a_home_that_is_none_cannot_be_sized(hubhomes: Command) -> None:
    outcome = hubhomes("look", "earth/prod", "--demo", "--probe", "--size", "nobody-here")
    assert outcome.code == Exit.USAGE
    assert "earth/prod has no home nobody-here" in outcome.err


def test_a_look_that_is_not_allowed_says_which_right(hubhomes: Command) -> None:
    outcome = hubhomes("look", "summit/peak", "--demo", "--probe")
    assert outcome.code == Exit.UNOBSERVED
    assert "needs the right to create pods" in outcome.err


@pytest.mark.parametrize("arguments", [("look", "earth"), ("look", "earth/prod", "--offline")])
def test_what_cannot_be_looked_at_is_a_wrong_usage(hubhomes: Command, arguments: tuple[str, ...]) -> None:
    assert hubhomes(*arguments, "--demo").code == Exit.USAGE


def test_status_probes_every_hub(hubhomes: Command) -> None:
    found = hubhomes("status", "reef", "--demo", "--probe", "--json").document("Status")
    (reef,) = found["clusters"]
    seen = {hub["name"]: hub["seen"] for hub in reef["hubs"]}
    assert seen["prod"]["homes"]["quotas_at"] is not None
    assert "HOM08" in {code for hub in reef["hubs"] for code in codes(hub)}


def test_check_finds_more_with_probe(hubhomes: Command) -> None:
    without = codes(hubhomes("check", "earth/course", "--demo", "--json").document("Check"))
    probed = codes(hubhomes("check", "earth/course", "--demo", "--probe", "--json").document("Check"))
    assert "HOM02" in probed - without


def test_a_user_is_found_across_hubs(hubhomes: Command) -> None:
    outcome = hubhomes("user", "bo", "--cluster", "reef", "--demo", "--probe", "--json")
    found = outcome.document("User")
    (prod,) = [one for one in found["homes"] if one["hub"] == "prod"]
    assert prod["home"]["quota"]["hard_bytes"] == 10 * 1024**3
    assert prod["home"]["problems"] == ["cannot save: quota 10 GiB reached"]
    assert [one["code"] for one in prod["findings"]] == ["HOM08"]


def test_a_user_over_quota_is_told_which_key_raises_it(hubhomes: Command) -> None:
    told = " ".join(hubhomes("user", "bo", "--cluster", "reef", "--demo", "--probe").out.split())
    assert "HOM08 1 user cannot save: quota 10 GiB reached: bo" in told
    assert "next raise jupyterhub-home-nfs.quotaEnforcer.config.QuotaManager.hard_quota" in told


def test_a_users_server_and_its_mounts_show_without_probing(hubhomes: Command) -> None:
    outcome = hubhomes("look", "earth", "--user", "bo", "--demo")
    assert outcome.code == Exit.NONE
    assert "jupyter-bo" in outcome.out
    assert "/home/jovyan  bo  read-write" in outcome.out
    assert "--probe looks" in outcome.err


def test_a_user_who_is_nowhere_may_be_where_nobody_looked(hubhomes: Command) -> None:
    assert hubhomes("user", "nobody-here", "--cluster", "earth", "--demo").code == Exit.UNOBSERVED


names = st.binary(min_size=1, max_size=255).filter(lambda name: b"/" not in name and b"\0" not in name)
texts = st.text(min_size=1, max_size=60).map(lambda text: text.encode(errors="surrogatepass").replace(b"/", b"\\"))


@given(st.lists(names | texts.filter(lambda name: b"\0" not in name), max_size=20))
def test_any_tree_of_names_goes_through_the_json_and_back(listed: list[bytes]) -> None:
    rows: tuple[SeenHome, ...] = first_rows((entry(name) for name in listed), policy=Policy(), now=NOW)
    text = msgspec.json.encode([home(row) for row in rows])
    found = msgspec.json.decode(text, type=list[Home])
    assert [bytes_of(one) for one in found] == listed
    assert all(one.name.isprintable() and one.user.isprintable() for one in found)


@settings(max_examples=60)
@given(TREES)
def test_any_tree_goes_from_the_folder_to_the_json_and_back(tree: Tree) -> None:
    with folder() as place:
        plant(place, tree)
        asked = request()
        seen, _ = read(said(place, asked), asked)
    rows = first_rows(seen.entries or (), policy=Policy(), now=NOW)
    found = msgspec.json.decode(msgspec.json.encode([home(row) for row in rows]), type=list[Home])
    assert {bytes_of(one): one.kind for one in found} == {
        name: "other" if kind == "fifo" else kind for name, ((kind, _), _) in tree.items()
    }
    assert len(found) == len(tree)
    modes = {name: f"{how:04o}" for name, ((kind, how), _) in tree.items() if kind != "link" and isinstance(how, int)}
    assert {bytes_of(one): one.mode for one in found if one.kind != "link"} == modes
    assert all(one.link_target is None or one.link_target.isprintable() for one in found)
