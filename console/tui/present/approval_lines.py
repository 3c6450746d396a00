"""What stands below a plan: what is missing before it can run, or how to run it; and how a run has ended."""

from __future__ import annotations

from console.actions.plan import Plan
from console.actions.preview import Preview
from console.actions.running import Result
from console.chain.words import count, plain
from console.tui.present.action_lines import words_of
from console.tui.present.lines import Line, Role, wrap


def panel_height(width: int) -> int:
    """How many lines are kept for it."""
    return 2 if width >= 80 else 4


def approval_lines(
    preview: Preview, *, permitted: bool, expired: bool, minutes: float, confirming: bool, typing: bool, width: int
) -> list[Line]:
    """What to do so that the plan of PREVIEW runs. EXPIRED: the permission was granted, and has ended."""
    plan = preview.plan
    if plan.empty:
        return _lines("", "Esc goes back.", width)
    if preview.denied:
        return _lines("error", "It can't run: rights are missing (above). r asks again.", width)
    if not permitted:
        return _lines("warning", _permit_words(plan, expired=expired, minutes=minutes), width)
    if preview.refusals:
        return _lines("error", "It can't run: the API server would refuse it (above). r plans again.", width)
    if preview.to_type is not None:
        why = to_type_reason(preview)
        if typing:
            return _lines("warning", f"{why}: type  {preview.to_type}  and Enter to run it; Esc gives up.", width)
        return _lines("warning", f"{why}: Enter opens a field for the name; nothing runs until it is typed.", width)
    if confirming:
        return _lines(
            "warning", f"Run {count(len(plan.steps), 'step')} on {plan.about} now?  Enter: yes  Esc: no", width
        )
    return _lines("", f"Enter runs it: {count(len(plan.steps), 'step')} on {plan.about}. It is asked once more.", width)


def planning_lines(cluster: str, minutes: float, *, expired: bool, width: int) -> list[Line]:
    """What is missing before it can even be planned."""
    state = "the permission for that has ended" if expired else "that is not permitted there yet"
    text = f"To plan this, a helper pod looks inside; {state}. w permits looking inside hubs of {cluster} for {minutes:g} min; nothing is changed."  # noqa: E501
    return _lines("warning", text, width)


def to_type_reason(preview: Preview) -> str:
    """PROD, and that something is gone afterwards, where these are why a name has to be typed."""
    plan = preview.plan
    touched = {plan.place, *plan.affects.hubs}
    production = [hub.key for hub in preview.context.fleet.hubs() if hub.production and hub.key in touched]
    return " ".join(["PROD"] * bool(production) + ["takes away for good"] * plan.destructive) or plan.place


def _permit_words(plan: Plan, *, expired: bool, minutes: float) -> str:
    what = "writing" if plan.permission == "write" else "looking inside"
    state = f"the permission for {what} has ended" if expired else f"no {what} is permitted there yet"
    return f"{plan.cluster}: {state}. w permits {what} on {plan.cluster} for {minutes:g} min; nothing runs by that."


def running_lines(plan: Plan, *, stopping: bool, looking: bool, width: int) -> list[Line]:
    if stopping:
        text = "Stopping behind this step. What was done stays done, and is in the record. Esc leaves the screen."
        return _lines("warning", text, width)
    if looking:
        text = "Every step is done, and it is looked whether all is as planned. Esc ends the look; b leaves it running."
        return _lines("", text, width)
    return _lines("", f"{words_of(plan.action)} is running on {plan.about}. Esc stops it behind this step; b leaves it running.", width)  # fmt: skip  # noqa: E501


def ended_lines(result: Result, width: int, *, undoable: bool) -> list[Line]:
    """How it ended, and the record's number."""
    if result.outcome == "nothing":
        return _lines("ok", "✓ Nothing was left to do: nothing was changed.", width)
    heads: dict[str, tuple[str, Role]] = {
        "done": ("✓ done and verified", "ok"),
        "not-verified": ("! done, not verified", "warning"),
        "failed": ("✗ failed", "error"),
        "cancelled": ("! stopped", "warning"),
    }
    words, role = heads[result.outcome]
    undo = "u takes it back" if undoable else "it can't be taken back"
    lines = _lines(role, f"{words} · record {result.run} · {undo}", width)
    if result.message and result.outcome != "done":
        after = f"  next: {result.next_step}" if result.next_step else ""
        lines += _lines("", plain(result.message + after), width)
    elif result.outcome == "done" and result.plan.lasts_s is not None:
        lines += _lines("", "It is limited in time: it is reminded of until it is taken back.", width)
    return lines[: panel_height(width)]


def _lines(role: Role, text: str, width: int) -> list[Line]:
    return [((f" {piece}", role),) for piece in wrap(text, width - 2)]
