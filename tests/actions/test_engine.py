"""The engine on lamps: what it does, what it refuses, and what stands in the record then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from console.actions import events
from console.actions.engine import target_of, undo_target
from console.actions.history import reminders, state_of
from console.actions.plan import Need, Plan, Step
from console.actions.protocol import Cancel, Context, Refused
from console.actions.record import RecordFailed
from console.actions.refusals import DryRunRefused, Locked, NotApproved, NotPermittedYet, PlanChanged, RightsMissing
from providers.errors import ProviderError
from providers.simulated.apiserver import Grant, Identity, SimulatedApiServer
from tests.actions.conftest import Scene
from tests.actions.toy import TARGET


async def test_a_plan_changes_nothing_and_leaves_no_record(scene: Scene) -> None:
    preview = await scene.engine.preview(TARGET)
    assert [step.what for step in preview.plan.steps] == ["switch lamp a on", "switch lamp b on"]
    assert preview.to_type is None
    assert scene.lamps.writes == []
    assert not scene.record.folder.exists()


async def test_a_run_does_what_the_plan_says_once_and_verifies(scene: Scene) -> None:
    told: list[events.Event] = []
    plan = (await scene.engine.preview(TARGET)).plan
    result = await scene.engine.run(TARGET, approved=plan.digest, ticket="OPS-7", tell=told.append)
    assert result.outcome == "done"
    assert scene.lamps.writes == [("a", True), ("b", True)]
    assert scene.events() == [
        "Intent", "StepBegun a", "StepDone a", "StepBegun b", "StepDone b", "Verification", "Ended done",
    ]  # fmt: skip
    (run,) = await scene.engine.runs()
    assert (run.intent.ticket, run.intent.who.kubernetes_user, run.intent.digest) == (
        "OPS-7", "ada@example.org", plan.digest,
    )  # fmt: skip
    assert [type(one).__name__ for one in told] == [
        "Begun", "StepStarted", "StepDone", "StepStarted", "StepDone", "Verifying", "Verified",
    ]  # fmt: skip


async def test_with_nothing_to_do_nothing_is_recorded(scene: Scene) -> None:
    scene.lamps.light(a=True, b=True)
    preview = await scene.engine.preview(TARGET)
    assert preview.plan.empty
    result = await scene.engine.run(TARGET, approved=preview.plan)
    assert (result.outcome, result.run) == ("nothing", None)
    assert not scene.record.folder.exists()


async def test_a_world_that_changed_since_the_approval_is_refused_in_words(scene: Scene) -> None:
    plan = (await scene.engine.preview(TARGET)).plan
    scene.lamps.light(a=True, b=False, c=False)
    with pytest.raises(PlanChanged) as refused:
        await scene.engine.run(TARGET, approved=plan)
    assert refused.value.differences == ("no longer: switch lamp a on", "new: switch lamp c on")
    with pytest.raises(PlanChanged):
        await scene.engine.run(TARGET, approved="")
    assert scene.lamps.writes == []
    assert not scene.record.folder.exists()


async def test_running_users_may_come_and_go(scene: Scene) -> None:
    plan = (await scene.engine.preview(TARGET)).plan
    scene.action.users = ("grace",)
    assert (await scene.engine.run(TARGET, approved=plan)).outcome == "done"


async def test_missing_rights_are_named_before_anything_is_done(scene: Scene) -> None:
    scene.action.needs = (Need("patch", "persistentvolumes"), Need("delete", "pods", "staging"))
    grant = Grant(verbs=("delete",), resources=("pods",), namespace="staging")
    scene.surroundings.transport = SimulatedApiServer(identity=Identity(grants=(grant,)))
    preview = await scene.engine.preview(TARGET)
    assert preview.denied == (Need("patch", "persistentvolumes"),)
    with pytest.raises(RightsMissing, match=r"ada@example.org may not patch persistentvolumes\Z"):
        await scene.engine.run(TARGET, approved=preview.plan)
    assert scene.lamps.writes == []
    assert not scene.record.folder.exists()


async def test_what_the_server_would_refuse_is_refused_first(scene: Scene) -> None:
    scene.action.refusals = ("exceeded quota: pods",)
    plan = (await scene.engine.preview(TARGET)).plan
    with pytest.raises(DryRunRefused, match="exceeded quota"):
        await scene.engine.run(TARGET, approved=plan)
    assert scene.lamps.writes == []


async def test_without_the_permission_nothing_is_sent_nor_tried(scene: Scene) -> None:
    scene.surroundings.permission.revoke()
    scene.action.refusals = ("never asked",)
    preview = await scene.engine.preview(TARGET)
    assert (preview.dry_run, preview.refusals) == (False, ())
    with pytest.raises(NotPermittedYet, match="read-only"):
        await scene.engine.run(TARGET, approved=preview.plan)
    assert scene.lamps.writes == []


@pytest.mark.parametrize("reason", ["production", "destructive"])
async def test_what_is_grave_asks_for_the_name(scene: Scene, reason: str) -> None:
    scene.surroundings.production = reason == "production"
    scene.action.destructive = reason == "destructive"
    preview = await scene.engine.preview(TARGET)
    assert preview.to_type == "staging"
    for typed in ("", "yes", "prod"):
        with pytest.raises(NotApproved):
            await scene.engine.run(TARGET, approved=preview.plan, confirmed=typed)
    assert scene.lamps.writes == []
    assert (await scene.engine.run(TARGET, approved=preview.plan, confirmed="staging")).outcome == "done"


async def test_a_step_that_fails_ends_the_run_and_says_why(scene: Scene) -> None:
    scene.lamps.broken = frozenset({"b"})
    plan = (await scene.engine.preview(TARGET)).plan
    result = await scene.engine.run(TARGET, approved=plan)
    assert (result.outcome, result.message) == ("failed", "switch lamp b on: lamp b is broken")
    assert result.next_step == "screw in another"
    assert scene.events()[-2:] == ["StepFailed b", "Ended failed"]
    assert scene.lamps.state() == {"a": True, "b": False, "c": True}


async def test_cancelled_between_steps(scene: Scene) -> None:
    cancel = Cancel()
    scene.action.during = lambda step, context: cancel.ask()
    plan = (await scene.engine.preview(TARGET)).plan
    result = await scene.engine.run(TARGET, approved=plan, cancel=cancel)
    assert (result.outcome, result.message) == ("cancelled", "1 of 2 steps were done")
    assert scene.lamps.writes == [("a", True)]
    assert scene.events()[-1] == "Ended cancelled"
    assert await scene.engine.open_runs() == ()


async def test_cancelled_inside_a_long_step(scene: Scene) -> None:
    cancel = Cancel()

    def during(step: Step, context: Context) -> None:
        cancel.ask()
        context.cancel.check()

    scene.action.during = during
    plan = (await scene.engine.preview(TARGET)).plan
    result = await scene.engine.run(TARGET, approved=plan, cancel=cancel)
    assert result.outcome == "cancelled"
    assert scene.lamps.writes == []
    (run,) = await scene.engine.runs()
    assert [one.step.key for one in run.touched] == ["a"]


async def test_a_task_that_is_cancelled_leaves_a_run_to_finish_or_undo(scene: Scene) -> None:
    def during(step: Step, context: Context) -> None:
        if step.key == "b":
            raise asyncio.CancelledError

    scene.action.during = during
    plan = (await scene.engine.preview(TARGET)).plan
    with pytest.raises(asyncio.CancelledError):
        await scene.engine.run(TARGET, approved=plan)
    (run,) = await scene.engine.open_runs()
    assert scene.events()[-1] == "Ended interrupted"
    assert [one.outcome is not None for one in run.steps] == [True, False]


async def test_progress_has_a_rate_and_a_rest(scene: Scene) -> None:
    def during(step: Step, context: Context) -> None:
        for done in (10, 20, 100):
            scene.time.passed_s += 1
            context.progress(done, 100)

    scene.action.during = during
    told: list[events.Event] = []
    plan = (await scene.engine.preview(TARGET)).plan
    await scene.engine.run(TARGET, approved=plan, tell=told.append)
    seen = [(one.done, one.rate, one.remaining_s) for one in told if isinstance(one, events.Progress)]
    assert seen[:2] == [(10, 10.0, 9.0), (20, 10.0, 8.0)]
    assert seen[2][2] == 0


async def test_what_still_stands_at_the_deadline_is_not_verified(scene: Scene) -> None:
    scene.action.stubborn = True
    plan = (await scene.engine.preview(TARGET)).plan
    result = await scene.engine.run(TARGET, approved=plan)
    assert (result.outcome, result.verdict and result.verdict.state) == ("not-verified", "still")
    assert 20 <= scene.time.passed_s <= 30
    assert scene.events()[-2:] == ["Verification", "Ended not-verified"]


async def test_what_cannot_be_seen_afterwards_is_unobserved_and_not_well(scene: Scene) -> None:
    def during(step: Step, context: Context) -> None:
        scene.lamps.blind = step.key == "b"

    scene.action.during = during
    plan = (await scene.engine.preview(TARGET)).plan
    result = await scene.engine.run(TARGET, approved=plan)
    assert (result.outcome, result.verdict and result.verdict.state) == ("not-verified", "unobserved")
    assert result.message == "earth does not answer"


async def test_a_last_look_without_an_answer_does_not_take_back_what_was_seen(scene: Scene) -> None:
    scene.action.stubborn = True
    plan = (await scene.engine.preview(TARGET)).plan

    def tell(event: events.Event) -> None:
        scene.lamps.blind = isinstance(event, events.Verifying) and event.remaining_s < 10

    result = await scene.engine.run(TARGET, approved=plan, tell=tell)
    assert (result.outcome, result.verdict and result.verdict.state) == ("not-verified", "still")
    assert result.message == "something is not as asked for; then the last look: earth does not answer"


async def test_what_cannot_be_observed_cannot_be_planned(scene: Scene) -> None:
    scene.lamps.blind = True
    with pytest.raises(ProviderError, match="does not answer"):
        await scene.engine.preview(TARGET)


class Door:
    """A lock that somebody may hold."""

    def __init__(self, holder: str = "", warning: str = "") -> None:
        self.holder = holder
        self.warning = warning
        self.held_by_us = False

    @asynccontextmanager
    async def held(self, plan: Plan, context: Context) -> AsyncIterator[str]:
        if self.holder:
            raise Locked(f"{self.holder} is at work on {plan.place}")
        self.held_by_us = True
        yield self.warning
        self.held_by_us = False


async def test_the_second_sees_the_name_of_the_first(scene: Scene) -> None:
    door = Door("grace@laptop: lamps, since 12:00")
    engine = scene.made(lock=door)
    plan = (await engine.preview(TARGET)).plan
    with pytest.raises(Locked, match="grace@laptop"):
        await engine.run(TARGET, approved=plan)
    assert scene.lamps.writes == []
    assert not scene.record.folder.exists()


async def test_the_lock_is_held_while_it_runs_and_a_warning_is_told(scene: Scene) -> None:
    door = Door(warning="nobody is kept out: may not create leases")
    held: list[bool] = []
    scene.action.during = lambda step, context: held.append(door.held_by_us)
    told: list[events.Event] = []
    engine = scene.made(lock=door)
    plan = (await engine.preview(TARGET)).plan
    await engine.run(TARGET, approved=plan, tell=told.append)
    assert held == [True, True]
    assert not door.held_by_us
    assert [one.message for one in told if isinstance(one, events.Warned)] == [door.warning]


async def test_a_record_that_cannot_be_written_stops_before_anything_is_done(scene: Scene) -> None:
    scene.record.folder.write_text("a file where the folder should be")
    plan = (await scene.engine.preview(TARGET)).plan
    with pytest.raises(RecordFailed, match="cannot be"):
        await scene.engine.run(TARGET, approved=plan)
    assert scene.lamps.writes == []


async def test_undone_it_is_as_it_was_and_only_once(scene: Scene) -> None:
    before = scene.lamps.state()
    await scene.engine.run(TARGET, approved=(await scene.engine.preview(TARGET)).plan)
    (run,) = await scene.engine.runs()
    back = undo_target(run)
    preview = await scene.engine.preview(back)
    assert preview.plan.undoes == run.id
    assert (await scene.engine.run(back, approved=preview.plan)).outcome == "done"
    assert scene.lamps.state() == before
    first, second = await scene.engine.runs()
    assert first.undone_by == second.id
    with pytest.raises(Refused, match="taken back already"):
        await scene.engine.preview(back)
    with pytest.raises(Refused, match=r"took .* back itself"):
        await scene.engine.preview(undo_target(second))


async def test_what_cannot_be_undone_says_so(scene: Scene) -> None:
    scene.action.undo = False
    await scene.engine.run(TARGET, approved=(await scene.engine.preview(TARGET)).plan)
    (run,) = await scene.engine.runs()
    assert not run.undoable
    with pytest.raises(Refused, match="can't be undone: switch lamp a on"):
        await scene.engine.preview(undo_target(run))


async def test_a_limit_in_time_is_reminded_of_until_it_is_undone(scene: Scene) -> None:
    scene.action.lasts_s = 7200
    await scene.engine.run(TARGET, approved=(await scene.engine.preview(TARGET)).plan)
    (run,) = await scene.engine.runs()
    assert run.ended_at is not None
    (soon,) = reminders([run], run.ended_at)
    assert (soon.due, soon.place, (soon.until - run.ended_at).total_seconds()) == (False, "earth/staging", 7200)
    assert reminders([run], soon.until)[0].due
    scene.action.lasts_s = None
    back = undo_target(run)
    await scene.engine.run(back, approved=(await scene.engine.preview(back)).plan)
    assert reminders(await scene.engine.runs(), soon.until) == ()


async def test_a_run_of_this_process_counts_as_running(scene: Scene) -> None:
    seen: list[str] = []

    def during(step: Step, context: Context) -> None:
        from console.actions.history import runs

        seen.extend(state_of(run) for run in runs(scene.record.read().lines))

    scene.action.during = during
    await scene.engine.run(TARGET, approved=(await scene.engine.preview(TARGET)).plan)
    assert seen == ["running", "running"]


async def test_the_rest_is_planned_from_what_was_meant(scene: Scene) -> None:
    scene.lamps.broken = frozenset({"b"})
    await scene.engine.run(TARGET, approved=(await scene.engine.preview(TARGET)).plan)
    scene.lamps.broken = frozenset()
    (run,) = await scene.engine.runs()
    assert target_of(run) == TARGET
    assert [step.key for step in (await scene.engine.preview(target_of(run))).plan.steps] == ["b"]
