"""Commits edited files on a branch of their own, by git's plumbing: nothing that is checked out, staged or remote
changes."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from console.actions.protocol import Refused
from providers.kubernetes.redact import redacted

_TIMEOUT_S = 60
_ELSEWHERE = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX",
)  # fmt: skip
"""Variables that would lead git to another repository than the file's."""
_NONE = "0" * 40


class Blob(msgspec.Struct, frozen=True):
    """What the file at `path` of the repository becomes."""

    path: str
    blob: str


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """A commit that is to be on `branch`: on top of the commit `base`, `files` and nothing else become as they say."""

    branch: str
    base: str
    files: tuple[Blob, ...]
    message: str

    def arguments(self) -> Mapping[str, Any]:
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


def commit_in(arguments: Mapping[str, Any]) -> Commit:
    """The commit that a step's ARGUMENTS hold."""
    return msgspec.convert({key: arguments[key] for key in Commit.__struct_fields__}, Commit)


class Change(msgspec.Struct, frozen=True):
    """FILE, as it is in HEAD and BEFORE, becomes AFTER."""

    file: Path
    before: bytes
    after: bytes


class Repository:
    """The git checkout around FILE, links followed. Raises Refused where there is none."""

    def __init__(self, file: Path) -> None:
        self._top = Path(os.path.realpath(file)).parent
        self._top = Path(os.path.realpath(self._git("rev-parse", "--show-toplevel").decode().rstrip("\n")))

    def planned(self, changes: Sequence[Change], *, name: str, message: str) -> Commit:
        """The commit of all CHANGES, on branch NAME or the next that is free.

        Nothing is written. Raises Refused where a file has changes of its own, or is not of this checkout.
        """
        base = self._resolved("HEAD")
        if base is None:
            raise Refused(f"{self._top} has no commit yet: --commit has nothing to build on")
        self._git("var", "GIT_COMMITTER_IDENT")
        files = tuple(self._changed(change, base) for change in changes)
        commit = Commit(branch=name, base=base, files=files, message=message)
        for number in range(2, 100):
            if self._resolved(f"refs/heads/{commit.branch}") is None or self.covers(commit):
                return commit
            commit = msgspec.structs.replace(commit, branch=f"{name}-{number}")
        raise Refused(f"there are too many branches {name}", next_step="remove those that are done with")

    def _changed(self, change: Change, base: str) -> Blob:
        """Raises Refused where the file is not as in the commit BASE, or not in this checkout."""
        file = Path(os.path.realpath(change.file))
        if not file.is_relative_to(self._top):
            raise Refused(f"{file} is not in the checkout {self._top}", next_step="leave out --commit")
        path = file.relative_to(self._top).as_posix()
        if self._blob_in(base, path) != self._hashed(path, change.before):
            raise Refused(f"{path} has changes that are not committed", next_step="commit them, or leave out --commit")
        if self._git("diff", "--cached", "--name-only", "-z", "--", path):
            raise Refused(f"{path} has staged changes", next_step="commit them, or leave out --commit")
        return Blob(path, self._hashed(path, change.after))

    def has(self, commit: Commit) -> bool:
        """Whether the tip of its branch is that COMMIT: the same base, and its files so, and no others."""
        if not self.covers(commit):
            return False
        tip = f"refs/heads/{commit.branch}"
        paths = self._git("diff-tree", "-r", "-z", "--no-commit-id", "--name-only", commit.base, tip)
        return {*os.fsdecode(paths).split("\0")} - {""} == {one.path for one in commit.files}

    def covers(self, commit: Commit) -> bool:
        """Whether the tip of its branch has the files of COMMIT on the same base, others besides or not: a run that was
        cut short may have edited some of what its commit says."""
        tip = self._resolved(f"refs/heads/{commit.branch}")
        if tip is None or self._resolved(f"{tip}^") != commit.base:
            return False
        return all(self._blob_in(tip, one.path) == one.blob for one in commit.files)

    def make(self, commit: Commit, contents: Sequence[bytes]) -> bool:
        """Makes COMMIT of the CONTENTS of its files; False where it is made already. Raises Refused."""
        if self.has(commit):
            return False
        entries = [self._stored(one, content, commit.base) for one, content in zip(commit.files, contents, strict=True)]
        with tempfile.TemporaryDirectory(prefix="hubhomes-index-") as folder:
            index = {"GIT_INDEX_FILE": f"{folder}/index"}
            self._git("read-tree", commit.base, environment=index)
            for entry in entries:
                self._git("update-index", "--cacheinfo", entry, environment=index)
            tree = self._git("write-tree", environment=index).decode().strip()
        made = self._git("commit-tree", tree, "-p", commit.base, "-F", "-", content=commit.message.encode())
        # From nothing: a branch that somebody has made meanwhile stays theirs.
        self._git("update-ref", "-m", "hubhomes", f"refs/heads/{commit.branch}", made.decode().strip(), _NONE)
        return True

    def _stored(self, planned: Blob, content: bytes, base: str) -> str:
        """CONTENT among the repository's objects, as the index names it. Raises Refused where it is not as PLANNED."""
        mode = self._git("ls-tree", "-z", base, "--", planned.path).split(b" ", 1)[0].decode()
        blob = self._hashed(planned.path, content, "-w")
        if blob != planned.blob:
            raise Refused(f"{planned.path} is not what was planned", next_step="plan again")
        return f"{mode},{blob},{planned.path}"

    def removable(self, commit: Commit) -> str:
        """Why the branch of COMMIT stays as it is; "" where it can be removed."""
        if not self.has(commit):
            return f"branch {commit.branch} is gone, or has other commits by now: it stays as it is"
        where = self._git("for-each-ref", "--format=%(worktreepath)", f"refs/heads/{commit.branch}").decode().strip()
        return f"branch {commit.branch} is checked out: it stays" if where else ""

    def remove(self, commit: Commit) -> bool:
        """Removes the branch of COMMIT; False where it is not there any more, or not ours to remove."""
        if self.removable(commit):
            return False
        tip = self._resolved(f"refs/heads/{commit.branch}") or _NONE
        self._git("update-ref", "-d", f"refs/heads/{commit.branch}", tip)
        return True

    def _resolved(self, name: str) -> str | None:
        try:
            return self._git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").decode().strip()
        except Refused:
            return None

    def _blob_in(self, commit: str, path: str) -> str | None:
        listed = self._git("ls-tree", "-z", commit, "--", path).decode()
        return listed.split("\t", 1)[0].rpartition(" ")[2] if listed else None

    def _hashed(self, path: str, content: bytes, *options: str) -> str:
        """The blob of CONTENT, with what git's filters make of it at PATH."""
        return self._git("hash-object", *options, "--stdin", f"--path={path}", content=content).decode().strip()

    def _git(self, *words: str, content: bytes = b"", environment: Mapping[str, str] | None = None) -> bytes:
        own = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
        own |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_LITERAL_PATHSPECS": "1"}
        own |= environment or {}
        try:
            done = subprocess.run(
                ["git", "-C", str(self._top), *words],
                input=content,
                env=own,
                capture_output=True,
                timeout=_TIMEOUT_S,
                check=True,
            )
        except FileNotFoundError as error:
            raise Refused("git is not installed: --commit needs it") from error
        except subprocess.TimeoutExpired as error:
            raise Refused(f"git {words[0]} did not end within {_TIMEOUT_S} s") from error
        except subprocess.CalledProcessError as error:
            said = redacted(error.stderr.decode(errors="replace"))
            raise Refused(
                f"git {words[0]} failed: {said}", next_step="leave out --commit, and commit by hand"
            ) from error
        return done.stdout
