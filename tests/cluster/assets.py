"""Finds the programs that the real cluster needs, and builds them when they are missing.

    python -m tests.cluster.assets [--with helm|tofu|k9s]... [--print] [--if-possible]

A program is taken from the folder that KUBEBUILDER_ASSETS names, else from a cache outside the repository, whose
folders are named by what was pinned. Only whole folders stand there: they are built beside and moved in.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path

from tests.cluster.programs import GO_FOLDER, GROUPS, Group


class AssetsMissing(Exception):
    """A program is not there, and can't be built. The message says what to install."""


def cache_folder(group: Group) -> Path:
    """Where the finished programs of GROUP are: one folder for each state of its go.mod, go.sum and stamps."""
    pinned = hashlib.sha256(repr(group.programs).encode())
    for name in ("go.mod", "go.sum"):
        pinned.update((GO_FOLDER / group.name / name).read_bytes())
    return user_cache_path("hubhomes") / "assets" / f"{group.name}-{pinned.hexdigest()[:16]}"


def find(program: str) -> Path | None:
    """The program's file, or None. Never builds."""
    group = _group_of(program)
    named = os.environ.get("KUBEBUILDER_ASSETS")
    for folder in (*([Path(named)] if named else []), cache_folder(group)):
        if (folder / program).is_file():
            return folder / program
    return None


def require(program: str) -> Path:
    """The program's file. Raises AssetsMissing."""
    found = find(program)
    if found is None:
        raise AssetsMissing(f"{program} is not built: run  python -m tests.cluster.assets  {_how(_group_of(program))}")
    return found


def why_not(program: str) -> str | None:
    """What is missing, and how to get it; None where the program is there."""
    try:
        require(program)
    except AssetsMissing as missing:
        return str(missing)
    return None


def build(name: str) -> Path:
    """Builds the group NAME unless it is there; gives its folder. Raises AssetsMissing, CalledProcessError."""
    group = GROUPS[name]
    done = cache_folder(group)
    if done.is_dir():
        return done
    if shutil.which("go") is None:
        raise AssetsMissing(f"{name} is not built, and there is no Go here to build it with: install Go 1.26")
    done.parent.mkdir(parents=True, exist_ok=True)
    with _alone(done.parent / f".{group.name}.lock"):
        if not done.is_dir():
            print(f"building {name} from its pinned Go modules: {group.minutes} min, once", file=sys.stderr, flush=True)
            _build_into(done, group)
    return done


def _build_into(done: Path, group: Group) -> None:
    with tempfile.TemporaryDirectory(prefix=f".building-{group.name}-", dir=done.parent) as folder:
        unfinished = Path(folder) / "out"
        unfinished.mkdir()
        for stamp in dict.fromkeys(program.stamp for program in group.programs):
            together = [program for program in group.programs if program.stamp == stamp]
            flags = " ".join(("-s -w", *(f"-X {variable}" for variable in stamp)))
            # Go names a file after the last part of its package, which is v3 for etcd: alone, it is told the name.
            target = str(unfinished / together[0].name) if len(together) == 1 else f"{unfinished}/"
            packages = [program.package for program in together]
            subprocess.run(
                ["go", "build", "-mod=readonly", "-trimpath", "-ldflags", flags, "-o", target, *packages],
                cwd=GO_FOLDER / group.name,
                check=True,
                stdout=sys.stderr,
            )
        unfinished.rename(done)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _group_of(program: str) -> Group:
    return next(group for group in GROUPS.values() if any(own.name == program for own in group.programs))


def _how(group: Group) -> str:
    option = "" if group.name == "kubernetes" else f"--with {group.name}  "
    return f"{option}({group.minutes} min, once; needs Go 1.26)"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.assets", description=__doc__.partition("\n")[0])
    others = sorted(set(GROUPS) - {"kubernetes"})
    parser.add_argument("--with", dest="more", action="append", default=[], choices=others)
    parser.add_argument("--print", action="store_true", help="print where the programs are, build nothing")
    parser.add_argument("--if-possible", action="store_true", help="without Go say so, and go on")
    options = parser.parse_args(arguments)
    names = ["kubernetes", *options.more]
    if options.print:
        for program in (program.name for name in names for program in GROUPS[name].programs):
            print(program, find(program) or "missing")
        return 0
    try:
        for name in names:
            if any(find(program.name) is None for program in GROUPS[name].programs):
                build(name)
    except AssetsMissing as missing:
        print(missing, file=sys.stderr)
        return 0 if options.if_possible and os.environ.get("HUBHOMES_CI") != "1" else 1
    except subprocess.CalledProcessError as failed:
        print(f"the build failed with exit code {failed.returncode}; its words are above", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
