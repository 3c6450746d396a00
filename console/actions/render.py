"""A plan in lines: as text to read before approving, and as a diff. Whatever is remote is made safe to show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from console.actions.plan import Plan, Right, Step
from console.chain.words import plain


def text_lines(
    plan: Plan,
    *,
    place: str = "",
    denied: Iterable[Right] = (),
    unasked: Mapping[Right, str] | None = None,
    remedy: str = "",
) -> list[str]:
    """PLAN in full, down to its digest. PLACE is what people call where it acts; DENIED are rights that are known to be
    missing, UNASKED not known."""
    head = f"{plan.action}  {place or plan.about}" + (f"  takes back {plan.undoes}" if plan.undoes else "")
    if plan.empty:
        return [plain(head), "nothing to do", *_notes(plan)]
    lines = [plain(head)]
    for number, step in enumerate(plan.steps, start=1):
        lines += _step_lines(number, step)
    missing, unknown = set(denied), unasked or {}
    words = dict.fromkeys(missing, " (you may not)") | dict.fromkeys(unknown, " (could not be asked)")
    lines += [f"needs  {plain(str(right))}{words.get(right, '')}" for right in plan.needs]
    lines += [plain(f"why    {why}") for why in dict.fromkeys(unknown.values()) if why]
    lines += [plain(f"next   {remedy}")] * bool(remedy)
    lines += [plain(f"users  {', '.join(plan.affects.users)}")] * bool(plan.affects.users)
    lines += [plain(f"hubs   {', '.join(plan.affects.hubs)}")] * bool(plan.affects.hubs)
    lines += [plain(f"risk   {plan.risk}")] * bool(plan.risk)
    lines += [f"lasts  {_hours(plan.lasts_s)}, then it is reminded of"] if plan.lasts_s is not None else []
    lines += _notes(plan)
    lines += [plain(f"same   {command}") for command in plan.commands]
    return [*lines, f"plan   {plan.digest}"]


def diff_lines(plan: Plan) -> list[str]:
    """What goes (-) and what comes (+), step by step; a line that stays is told once."""
    lines: list[str] = []
    for step in plan.steps:
        before, after = step.before.splitlines(), step.after.splitlines()
        lines.append(plain(f"@@ {step.what} @@"))
        if step.diff:
            lines += [plain(line) for line in step.diff.splitlines()]
            continue
        lines += [plain(f"-{line}") for line in before if line not in after]
        lines += [plain(f"{'+' if line not in before else ' '}{line}") for line in after]
    return lines


def _step_lines(number: int, step: Step) -> list[str]:
    mark = "  ! " if step.destructive else "    "
    lines = [plain(f"{number}{mark[len(str(number)) :]}{step.what}")]
    lines += _side("now", step.before)
    lines += _side("then", step.after)
    lines += [plain(f"      {line}") for line in step.diff.splitlines()]
    return [*lines, plain(f"      undo  {step.undo or 'not possible'}")]


def _side(name: str, text: str) -> list[str]:
    rows = text.splitlines() or ["nothing"]
    return [plain(f"      {name if index == 0 else '':<4}  {row}") for index, row in enumerate(rows)]


def _notes(plan: Plan) -> list[str]:
    return [plain(f"note   {note}") for note in plan.notes]


def _hours(seconds: float) -> str:
    for unit_s, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit_s and seconds % unit_s == 0:
            return f"{seconds / unit_s:g} {unit}"
    return f"{seconds:g} s"
