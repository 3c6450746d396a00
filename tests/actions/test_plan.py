"""A plan's digest covers what would be done, and nothing else; differences are told in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.actions.approval import approval_needed
from console.actions.plan import Affects, CloudRight, Need, Plan, Step, differences, same_digest, until
from tests.actions.toy import NOW, hub_state

TEXTS = st.text(max_size=8)
STEPS = st.builds(
    Step,
    key=TEXTS,
    what=TEXTS,
    before=TEXTS,
    after=TEXTS,
    undo=TEXTS,
    destructive=st.booleans(),
    arguments=st.dictionaries(TEXTS, TEXTS | st.integers(0, 9), max_size=3),
)
PLANS = st.builds(
    Plan,
    action=TEXTS,
    cluster=TEXTS,
    hub=st.none() | TEXTS,
    steps=st.lists(STEPS, min_size=1, max_size=3, unique_by=lambda step: step.key).map(tuple),
)
replace = msgspec.structs.replace


@given(plan=PLANS, users=st.lists(TEXTS).map(tuple), words=TEXTS, version=TEXTS)
def test_what_changes_by_itself_is_left_out(plan: Plan, users: tuple[str, ...], words: str, version: str) -> None:
    other = replace(
        plan,
        affects=replace(plan.affects, users=users),
        notes=(words,),
        risk=words,
        commands=(words,),
        steps=tuple(replace(step, observed={"resourceVersion": version}) for step in plan.steps),
    )
    assert other.digest == plan.digest
    assert differences(plan, other) == ()


CHANGES: tuple[Callable[[Step, str], Step], ...] = (
    lambda step, more: replace(step, before=step.before + more),
    lambda step, more: replace(step, after=step.after + more),
    lambda step, more: replace(step, what=step.what + more),
    lambda step, more: replace(step, undo=step.undo + more),
    lambda step, more: replace(step, destructive=not step.destructive),
    lambda step, more: replace(step, arguments={**step.arguments, "more than eight": more}),
)


@given(plan=PLANS, place=st.integers(0, 2), more=st.text(min_size=1, max_size=4), change=st.sampled_from(CHANGES))
def test_every_change_of_a_step_changes_it(plan: Plan, place: int, more: str, change: Callable[..., Step]) -> None:
    index = place % len(plan.steps)
    steps = (*plan.steps[:index], change(plan.steps[index], more), *plan.steps[index + 1 :])
    other = replace(plan, steps=steps)
    assert not same_digest(other.digest, plan.digest)
    assert differences(plan, other)


@pytest.mark.parametrize(
    "changed",
    [
        {"cluster": "ocean"},
        {"hub": None},
        {"hub": "prod"},
        {"parameters": {"deep": True}},
        {"affects": Affects(hubs=("earth/prod",))},
        {"lasts_s": 60.0},
        {"undoes": "20260301-1"},
        {"steps": ()},
    ],
)
def test_where_and_for_how_long_is_covered(changed: dict[str, Any]) -> None:
    plan = Plan(action="lamps", cluster="earth", hub="staging", steps=(Step(key="a", what="a", before="", after="b"),))
    assert replace(plan, **changed).digest != plan.digest


def test_the_digest_of_one_plan_is_always_the_same() -> None:
    step = Step(key="a", what="switch", before="off", after="on", arguments={"b": 1, "a": [1, {"d": 1, "c": 2}]})
    other = replace(step, arguments={"a": [1, {"c": 2, "d": 1}], "b": 1})
    plan = Plan(action="lamps", cluster="earth", steps=(step,))
    assert plan.digest == replace(plan, steps=(other,)).digest == "1a25-4bfb-af2c-a04b"


def test_two_steps_of_one_key_are_no_plan() -> None:
    step = Step(key="a", what="switch", before="off", after="on")
    with pytest.raises(ValueError, match="one key"):
        Plan(action="lamps", cluster="earth", steps=(step, step))


def test_a_digest_may_be_written_as_one_likes() -> None:
    assert same_digest("9F3c 12ab".replace(" ", "-") + "-77de-0b41", "9f3c12ab77de0b41")
    assert not same_digest("", "")
    assert not same_digest("9f3c", "9f3c")


def test_needs_are_listed_once_and_in_words() -> None:
    need = Need("delete", "pods", "prod")
    right = CloudRight("aws", "elasticfilesystem:CreateMountTarget")
    steps = tuple(Step(key=key, what="", before="", after="", needs=(need, right)) for key in "ab")
    plan = Plan(action="x", cluster="earth", steps=steps)
    assert [str(one) for one in plan.needs] == ["delete pods in prod", "aws elasticfilesystem:CreateMountTarget"]
    assert str(Need("create", "leases", "prod", "coordination.k8s.io")) == "create leases.coordination.k8s.io in prod"


def test_what_has_to_be_typed() -> None:
    step = Step(key="a", what="a", before="", after="b")
    plan = Plan(action="lamps", cluster="earth", hub="staging", steps=(step,))
    usual, production = [hub_state(production=False)], [hub_state(production=True)]
    assert approval_needed(plan, usual) is None
    assert approval_needed(plan, production) == "staging"
    assert approval_needed(replace(plan, steps=()), production) is None
    assert approval_needed(replace(plan, steps=(replace(step, destructive=True),)), usual) == "staging"
    elsewhere = replace(plan, hub="other")
    assert approval_needed(elsewhere, production) is None
    assert approval_needed(replace(elsewhere, affects=Affects(hubs=("earth/staging",))), production) == "other"
    assert approval_needed(replace(elsewhere, hub=None, affects=Affects(hubs=("earth/staging",))), production) == (
        "earth"
    )


def test_until_counts_from_the_end() -> None:
    plan = Plan(action="lamps", cluster="earth", lasts_s=60)
    assert until(plan, NOW) == NOW + timedelta(seconds=60)
    assert until(replace(plan, lasts_s=None), NOW) is None
