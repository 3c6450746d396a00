"""The table of homes: what was worked out once is taken over, and is what would be worked out anew."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from console.chain.homes_table import HomesTable, Servers, homes_table, sorted_in_runs
from console.chain.policy import Policy
from console.chain.seen_facts import SeenFacts
from console.chain.seen_homes import HomeServer
from tests.chain.builders import ago
from tests.chain.insides import NOW, entry, look, quota, quotas

NAMES = (b"ana", b"bo", b"chi", b"_shared", b"gone", b"-rf")
LISTED = SeenFacts(look=look(entry("ana"), entry("bo", uid=0), entry("chi", modified_at=ago(days=900)), entry("-rf")))
TOLD = SeenFacts(quotas=quotas(quota("ana", 3), quota("bo", 10)))

servers = st.dictionaries(
    st.sampled_from(NAMES),
    st.builds(
        HomeServer,
        user=st.sampled_from(("ana", "bo")),
        pod=st.just("jupyter"),
        running=st.booleans(),
        began=st.sampled_from((None, ago(minutes=1), ago(minutes=9))),
    ),
)


def table(facts: SeenFacts, running: Servers | None, before: HomesTable | None = None, **changes: object) -> HomesTable:
    usual = {"policy": Policy(), "now": NOW}
    found = homes_table(facts, running, before=before, **(usual | changes))  # type: ignore[arg-type]
    assert found is not None
    return found


@given(st.sampled_from((LISTED, TOLD)), st.none() | servers, st.none() | servers)
def test_other_servers_change_what_they_would_have_changed_anew(
    facts: SeenFacts, earlier: Servers | None, later: Servers | None
) -> None:
    before = table(facts, earlier)
    assert table(facts, later, before).homes == table(facts, later).homes


def test_what_did_not_change_is_the_very_same() -> None:
    running = {b"ana": HomeServer(user="ana", pod="jupyter-ana", running=True)}
    before = table(LISTED, running)
    assert table(LISTED, dict(running), before) is before
    changed = table(LISTED, {}, before)
    kept = {row.name: row for row in before.homes.rows}
    assert [row.name for row in changed.homes.rows if row is not kept[row.name]] == [b"ana"]


def test_another_look_another_policy_and_another_day_are_worked_out_anew() -> None:
    before = table(LISTED, {})
    assert table(SeenFacts(look=look()), {}, before).homes.total == 1
    stricter = Policy(expected_uid=0)
    assert table(LISTED, {}, before, policy=stricter).homes == table(LISTED, {}, policy=stricter).homes
    later = NOW + timedelta(days=400)
    assert table(LISTED, {}, before, now=later).homes == table(LISTED, {}, now=later).homes


@given(st.lists(st.integers()))
def test_runs_are_merged_to_what_sorting_gives(numbers: list[int]) -> None:
    many = numbers * 400
    assert list(sorted_in_runs(many, key=abs)) == sorted(many, key=abs)
