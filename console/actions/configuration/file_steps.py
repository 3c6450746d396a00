"""Steps that edit files of the configuration: the commit of an edit, the edit itself, and the way back of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from console.actions.configuration.file_edit import FileEdit, content_of, edit_in, put, sha256
from console.actions.configuration.git_commit import Change, Repository, commit_in
from console.actions.outcomes import Outcome
from console.actions.plan import Step
from console.chain.words import command, some

UNDO = "the bytes of before, while the file is as it was left; else an edit to the same effect"


def committed(writes: Sequence[Step], base: Path, *, name: str, message: str) -> list[Step]:
    """WRITES, and before them the one commit of all that they edit, made of what is there before; no commit where a
    branch has it already. NAME is the branch's. Raises Refused."""
    if not writes:
        return []
    edits = [edit_in(step.arguments) for step in writes]
    contents = [content_of(base / edit.file) for edit in edits]
    repository = Repository(base / edits[0].file)
    changes = [Change(base / edit.file, was, edit.edited(was)) for edit, was in zip(edits, contents, strict=True)]
    commit = repository.planned(changes, name=f"hubhomes/{name}", message=message)
    if repository.covers(commit):
        return [*writes]
    files = [edit.file for edit in edits]
    step = Step(
        key="commit",
        what=f"commit {some(files)} on branch {commit.branch}",
        before="",
        after=f"{commit.message}on top of {commit.base[:12]}; nothing is pushed",
        undo="the branch is removed, while nothing else is on it",
        arguments={"do": "commit", **commit.arguments(), "edits": [edit.arguments() for edit in edits]},
    )
    return [step, *writes]


def commit_command(files: Iterable[str], base: Path, message: str) -> str:
    """By which edited FILES are committed by hand, where no step does."""
    return command("git", "-C", str(base), "commit", "-m", message.strip(), "--", *files)


def write_step(change: FileEdit, *, before: str, after: str, diff: str, was: Mapping[str, Any]) -> Step:
    """The edit. BEFORE and AFTER tell its effect; WAS is what asks for the reverse of it."""
    return Step(
        key=f"edit {change.file}",
        what=f"edit {change.file}",
        before=before,
        after=after,
        undo=UNDO,
        arguments={"do": "write", **change.arguments(), "was": dict(was)},
        diff=diff,
    )


def do(arguments: Mapping[str, Any], base: Path) -> Outcome:
    """Does a step, which blocks. BASE is the folder that file names are in. Raises Refused."""
    if arguments["do"] == "write":
        edit = edit_in(arguments)
        if put(base / edit.file, edit):
            return Outcome(what=f"{edit.file} is written")
        return Outcome(what=f"{edit.file} said so already", changed=False)
    commit, edits = commit_in(arguments), [edit_in(one) for one in arguments["edits"]]
    repository = Repository(base / edits[0].file)
    if arguments["do"] == "uncommit":
        if repository.remove(commit):
            return Outcome(what=f"branch {commit.branch} is removed")
        return Outcome(what=repository.removable(commit), changed=False)
    if repository.make(commit, [edit.edited(content_of(base / edit.file)) for edit in edits]):
        return Outcome(what=f"branch {commit.branch} has it")
    return Outcome(what=f"branch {commit.branch} had it already", changed=False)


def not_as_written(step: Step, base: Path) -> str:
    """The file of a step that writes, where it is not what was written; else ""."""
    if step.arguments["do"] != "write":
        return ""
    edit = edit_in(step.arguments)
    return "" if sha256(content_of(base / edit.file)) == edit.after_sha256 else edit.file


def taken_back(step: Step, base: Path) -> Step | None:
    """The way back of an edit, to the bytes of before; None where it is taken back, or the file was changed since."""
    from console.inventory.editing.diff import unified

    edit = edit_in(step.arguments)
    content = content_of(base / edit.file)
    if sha256(content) != edit.after_sha256:
        return None
    return msgspec.structs.replace(
        step,
        before=step.after,
        after=step.before,
        undo="",
        arguments={"do": "write", **edit.reversed.arguments()},
        diff=unified(edit.file, content, edit.reversed.edited(content)),
    )


def changed_since(step: Step, base: Path) -> bool:
    """Whether the file of an edit is neither as it was before nor as it was left."""
    edit = edit_in(step.arguments)
    return sha256(content_of(base / edit.file)) not in (edit.before_sha256, edit.after_sha256)


def uncommitted(arguments: Mapping[str, Any], base: Path) -> tuple[Step | None, list[str]]:
    """The way back of a commit, and why there is none."""
    commit = commit_in(arguments)
    why = Repository(base / arguments["edits"][0]["file"]).removable(commit)
    if why:
        return None, [why]
    step = Step(
        key="commit",
        what=f"remove branch {commit.branch}",
        before=commit.message,
        after="",
        arguments={**arguments, "do": "uncommit"},
    )
    return step, []
