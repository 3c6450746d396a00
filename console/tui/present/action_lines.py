"""One action as lines: its plan with all that is known about it, and how its run goes."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from console.actions.plan import Need, Plan, Right, Step
from console.actions.preview import Preview
from console.actions.protocol import Parameter
from console.actions.render import diff_lines
from console.chain.words import kubectl, plain, some
from console.tui.present.lines import Line, Role, cut, wrap
from console.tui.present.run_progress import RunProgress, StepProgress, StepState, amount_words

STEPS_SHOWN = 200
"""How many steps are drawn; the count of the rest is."""
SIDE_LINES = 4
"""How many lines of a side are drawn; the diff has all."""
_LABEL = 9

_SHAPES: dict[StepState, tuple[str, Role]] = {
    "waiting": ("·", "quiet"), "running": ("…", "accent"), "done": ("✓", "ok"), "same": ("✓", "ok"),
    "failed": ("✗", "error"), "stopped": ("!", "warning"),
}  # fmt: skip


def words_of(action: str) -> str:
    """An action's name as people say it."""
    return action.replace("-", " ")


def labelled(label: str, text: str, width: int, role: Role = "", *, mark: Line = ()) -> list[Line]:
    """TEXT wrapped behind LABEL, with MARK before its first line."""
    inset = sum(len(part) for part, _ in mark)
    lines: list[Line] = []
    for y, piece in enumerate(wrap(text, max(width - _LABEL - 2 - inset, 20))):
        name: Line = ((f" {label if y == 0 else '':<{_LABEL}}", "quiet"),)
        lines.append((*name, *(mark if y == 0 else ((" " * inset, ""),)), (piece, role)))
    return lines


def plan_lines(
    preview: Preview, width: int, *, ticket: str, locked: str, asked: str, commands: bool, full: bool
) -> list[Line]:
    """The plan with what is known of it. ASKED are the parameters in words; COMMANDS and FULL show all of them, and
    all of each side."""
    plan = preview.plan
    lines: list[Line] = []
    if asked:
        lines += labelled("undoes" if plan.undoes else "with", asked, width)
    if plan.empty:
        lines += [(), ((" ✓ ", "ok"), ("Nothing to do: all of it is as it should be, or is gone.", "strong"))]
        return [*lines, *(line for note in plan.notes for line in labelled("note", note, width))]
    together = plan.undoes is not None or len({step.undo for step in plan.steps}) == 1
    for number, step in enumerate(plan.steps[:STEPS_SHOWN], start=1):
        lines += step_lines(number, step, width, undo=not together, full=full or bool(step.diff))
    if len(plan.steps) > STEPS_SHOWN:
        lines.append(((f"   and {len(plan.steps) - STEPS_SHOWN:,} more steps; d shows what each changes", "quiet"),))
    lines += [(), *about_lines(preview, width, together=together)]
    lines += locked_lines(locked, width)
    lines += labelled("as", f"{preview.context.who}", width, mark=())
    lines += labelled("ticket", ticket or "none; t gives one", width, "" if ticket else "quiet")
    if commands:
        lines += command_lines(plan, width)
    elif plan.commands:
        noun = "command that does" if len(plan.commands) == 1 else "commands that do"
        lines += labelled("same", f"K shows the {noun} the same by hand", width, "quiet")
    return [*lines, *labelled("plan", plan.digest, width)]


def step_lines(number: int, step: Step, width: int, *, undo: bool, full: bool) -> list[Line]:
    """What is done, the exact values before and after, and how that is undone."""
    first, *more = wrap(plain(step.what), width - 6)
    lines: list[Line] = [((f"{number:>3} ", "quiet"), (first, "strong"))]
    lines += [((f"    {piece}", "strong"),) for piece in more]
    if step.destructive:
        lines.append((("    ! something of the users is gone afterwards", "error"),))
    lines += _side("now", step.before, width, full=full) + _side("then", step.after, width, full=full)
    if undo:
        lines += _side("undo", step.undo or "not possible", width, full=True)
    return lines


def _side(name: str, text: str, width: int, *, full: bool) -> list[Line]:
    rows = [piece for row in (text.splitlines() or ["nothing"]) for piece in _inset(plain(row), width - 12)]
    shown = rows if full else rows[:SIDE_LINES]
    lines: list[Line] = [
        ((f"     {name if y == 0 else '':<5} ", "quiet"), (row, "" if text else "quiet")) for y, row in enumerate(shown)
    ]
    if len(rows) > len(shown):
        lines.append(((f"           and {len(rows) - len(shown):,} more lines: d", "quiet"),))
    return lines


def _inset(row: str, width: int) -> list[str]:
    """ROW wrapped, each piece as far in as it begins."""
    bare = row.lstrip()
    margin = row[: len(row) - len(bare)]
    return [margin + piece for piece in wrap(bare, max(width - len(margin), 20))]


def about_lines(preview: Preview, width: int, *, together: bool) -> list[Line]:
    """Rights, whom it touches, what may go wrong, how it is undone, what the server says to it."""
    plan = preview.plan
    lines = needs_lines(preview, width)
    users = plan.affects.users
    blind = not users and preview.context.cluster.error is not None
    who = f"{len(users):,} with running servers: {some(users, 6)}" if users else "no running server is touched"
    who = "not known: the cluster could not be observed" if blind else who
    lines += labelled("users", plain(who), width, "warning" if users or blind else "")
    if plan.affects.hubs:
        lines += labelled("hubs", plain(", ".join(plan.affects.hubs)), width)
    if plan.risk:
        lines += labelled("risk", plain(plan.risk), width, "warning")
    for index, note in enumerate(plan.notes):
        lines += labelled("note" if index == 0 else "", plain(note), width)
    if plan.lasts_s is not None:
        lines += labelled("lasts", f"{_span(plan.lasts_s)}; then it is reminded of until it is taken back", width)
    if plan.undoes:
        again = f"{words_of(plan.action)} does it again, by a plan of its own"
        lines += labelled("undo", f"no: {again}", width, "warning")
    elif together:
        undo = plan.steps[0].undo
        words = f"yes: {undo}" if undo else "not possible"
        lines += labelled("undo", plain(words), width, "" if undo else "warning")
    if preview.refusals:
        for index, refusal in enumerate(preview.refusals):
            lines += labelled("dry run" if index == 0 else "", plain(refusal), width, "error", mark=(("✗ ", "error"),))
    elif preview.dry_run and plan.permission != "none":
        lines += labelled("dry run", "the server would take it", width, mark=(("✓ ", "ok"),))
    return lines


def needs_lines(preview: Preview, width: int) -> list[Line]:
    """The rights of all steps: allowed, missing with how to ask for it, or not known."""
    missing = [need for need in preview.plan.needs if need in preview.denied]
    allowed = [need for need in preview.plan.needs if need not in missing and need not in preview.unasked]
    rows: list[tuple[str, str, Role]] = [(f"{need}  missing: you may not", "✗ ", "error") for need in missing]
    for why in dict.fromkeys(preview.unasked.values()):
        unknown = ", ".join(str(need) for need in preview.plan.needs if preview.unasked.get(need) == why)
        rows.append((f"{unknown}  could not be asked: {why}", "? ", "accent"))
    rows += [(f"{words}  allowed", "✓ ", "ok") for words in _by_namespace(allowed)]
    lines: list[Line] = []
    for index, (text, shape, role) in enumerate(rows):
        lines += labelled("needs" if index == 0 else "", plain(text), width, mark=((shape, role),))
    grants = granting_commands(preview)
    if grants:
        lines += labelled("ask", "an administrator of the cluster for these rights; c copies the commands:", width)
        lines += [line for one in grants for line in labelled("", one, width, "quiet")]
    lines += labelled("next", plain(preview.remedy), width) if preview.remedy else []
    return lines


def _by_namespace(needs: Iterable[Right]) -> list[str]:
    """`get pods, delete pods in prod`: the rights in each namespace in one sentence, others by themselves."""
    found: dict[str, list[str]] = {}
    for need in needs:
        if isinstance(need, Need):
            found.setdefault(f" in {need.namespace}" if need.namespace else " in the whole cluster", []).append(
                need.what
            )
        else:
            found.setdefault("", []).append(str(need))
    return [f"{', '.join(rights)}{where}" for where, rights in found.items()]


def granting_commands(preview: Preview) -> tuple[str, ...]:
    """What an administrator would run to give us the rights of Kubernetes that are missing."""
    context, user = preview.context.cluster.context, preview.context.who.kubernetes_user
    commands: list[str] = []
    for number, need in enumerate(_kubernetes(preview.denied), start=1):
        name = f"hubhomes-{preview.plan.action}" + (f"-{number}" if number > 1 else "")
        resource = f"{need.resource}.{need.group}" if need.group else need.resource
        kind, where = ("role", ("-n", need.namespace)) if need.namespace else ("clusterrole", ())
        rules = (f"--verb={need.verb}", f"--resource={resource}")
        commands.append(kubectl(context, *where, "create", kind, name, *rules))
        binding = (f"--{kind}={name}", f"--user={user or 'YOU'}")
        commands.append(kubectl(context, *where, "create", f"{kind}binding", name, *binding))
    return tuple(commands)


def _kubernetes(rights: Iterable[Right]) -> list[Need]:
    return [one for one in rights if isinstance(one, Need)]


def locked_lines(locked: str, width: int) -> list[Line]:
    return labelled("lock", plain(locked), width, "warning", mark=(("! ", "warning"),)) if locked else []


def command_lines(plan: Plan, width: int) -> list[Line]:
    """What would do the same by hand."""
    return [
        line
        for index, command in enumerate(plan.commands)
        for line in labelled("same" if index == 0 else "", plain(command), width)
    ]


def change_lines(plan: Plan, width: int) -> list[Line]:
    """What goes and what comes, line by line."""
    lines: list[Line] = []
    for text in diff_lines(plan):
        role: Role = "error" if text.startswith("-") else "ok" if text.startswith("+") else ""
        if text.startswith("@@"):
            role = "accent"
            lines.append(())
        lines += [((f" {piece}", role),) for piece in wrap(text, width - 2)]
    return lines


def has_diff(plan: Plan) -> bool:
    """Whether line by line more is to be seen of PLAN than its steps show."""
    return any(step.diff or max(step.before.count("\n"), step.after.count("\n")) >= 1 for step in plan.steps)


def problem_lines(message: str, next_step: str, changes: Sequence[str], width: int) -> list[Line]:
    """Why there is no plan, or why it did not run."""
    lines: list[Line] = []
    for y, piece in enumerate(wrap(plain(message), width - 5)):
        lines.append(((" ! " if y == 0 else "   ", "warning"), (piece, "strong")))
    for change in changes:
        lines += [((f"     {'' if y else '- '}{piece}", ""),) for y, piece in enumerate(wrap(plain(change), width - 9))]
    if next_step:
        lines += [((f"   {'next  ' if y == 0 else ' ' * 6}", "quiet"), (piece, "")) for y, piece in enumerate(
            wrap(plain(next_step), width - 11)
        )]  # fmt: skip
    return lines


def run_lines(plan: Plan, progress: RunProgress, width: int) -> list[Line]:
    """Each step as far as it is; long lists around the one that runs."""
    lines: list[Line] = []
    first, last = _window(len(plan.steps), progress.current)
    if first > 1:
        lines.append(((f"   {first - 1:,} steps before these are done", "quiet"),))
    for number in range(first, last + 1):
        lines += _running_step(number, plan.steps[number - 1], progress.step(number), width)
    if last < len(plan.steps):
        lines.append(((f"   {len(plan.steps) - last:,} more steps follow", "quiet"),))
    for warning in progress.warnings:
        lines += labelled("warning", plain(warning), width, "warning")
    return lines


def _window(steps: int, current: int) -> tuple[int, int]:
    """The first and the last step to draw, by their numbers."""
    if steps <= STEPS_SHOWN:
        return 1, steps
    first = min(max(1, current - 5), steps - STEPS_SHOWN + 1)
    return first, first + STEPS_SHOWN - 1


def _running_step(number: int, step: Step, state: StepProgress, width: int) -> list[Line]:
    shape, role = _SHAPES[state.state]
    amount = amount_words(state)
    head = cut(plain(step.what), width - 8 - len(amount))
    lines: list[Line] = [
        ((f" {shape} ", role), (f"{number} ", "quiet"), (head, "strong" if state.state == "running" else ""))
    ]
    if amount:
        lines[0] = (*lines[0], (f"  {amount}", "quiet"))
    words = state.words
    if state.state == "stopped":
        words = "stopped here: it may be half done; plan again to see"
    ended: Role = "error" if state.state == "failed" else "quiet"
    told = wrap(plain(words), width - 8) if words else []
    said = state.said if words not in state.said else state.said[:-1]
    after = wrap(plain(state.next_step), width - 14) if state.next_step else []
    lines += [((f"     {piece}", ended),) for piece in told]
    lines += [(("     next  ", "quiet"), (piece, "")) for piece in after]
    lines += note_lines(state.notes, width)
    return [*lines, *(((f"     │ {cut(plain(line), width - 9)}", "quiet"),) for line in said)]


def note_lines(notes: Iterable[str], width: int) -> list[Line]:
    """What a step leaves to do elsewhere, in full; each line as far in as it is: lines of files are among them."""
    lines: list[Line] = []
    for note in map(plain, notes):
        bare = note.lstrip()
        margin = note[: len(note) - len(bare)]
        lines += [((f"     {margin}{piece}", ""),) for piece in wrap(bare, width - 8 - len(margin))]
    return lines


def verifying_lines(progress: RunProgress, width: int) -> list[Line]:
    """Whether it is as it was planned to be, as far as that is known."""
    verdict, looking = progress.verdict, progress.verifying
    if verdict is not None:
        shape: tuple[str, Role] = {"gone": ("✓", "ok"), "still": ("✗", "error"), "unobserved": ("?", "accent")}[
            verdict.state
        ]  # type: ignore[assignment] # literal roles
        words = {
            "gone": "verified" if verdict.why else "verified: it is as planned",
            "still": "it still stands",
            "unobserved": "it can't be told",
        }
        text = words[verdict.state] + (f": {verdict.why}" if verdict.why else "")
        return [(), *labelled("looked", plain(text), width, "strong", mark=((f"{shape[0]} ", shape[1]),))]
    if looking is not None:
        why = f"; so far: {looking.why}" if looking.why else ""
        text = f"looking whether it is as planned, for {looking.remaining_s:.0f} s at most{why}"
        return [(), *labelled("looking", plain(text), width, mark=(("… ", "accent"),))]
    return []


def asked_words(parameters: Sequence[Parameter], values: object) -> str:
    """The parameters in words: `on, read only, for 2 h`; those that were not given are left out."""
    given = dict(values) if isinstance(values, dict) else {}
    words: list[str] = []
    for one in parameters:
        value, name = given.get(one.name), (one.option or one.name).replace("_", " ").replace("-", " ")
        if one.kind == "flag":
            words += [name] * bool(value)
        elif value not in (None, "", (), []):
            shown = value_words(one, value)
            words.append(shown if one.argument else f"{name} {shown}")
    return plain(", ".join(words))


def value_words(parameter: Parameter, value: object) -> str:
    """A parameter's VALUE as it would be typed."""
    if parameter.kind == "flag":
        return "yes" if value else "no"
    if value in (None, "", (), []):
        return ""
    if parameter.kind == "duration" and isinstance(value, (int, float)):
        return _span(value)
    return shlex.join(str(one) for one in value) if isinstance(value, (list, tuple)) else str(value)


def _span(seconds: float) -> str:
    for unit_s, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit_s and seconds % unit_s == 0:
            return f"{seconds / unit_s:g} {unit}"
    return f"{seconds:g} s"
