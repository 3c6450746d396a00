"""Writes go/GROUP/go.mod and go.sum anew, after a version in programs.py was changed.

    python -m tests.cluster.pin [GROUP ...]

Needs Go and a module proxy. The go.sum that comes out is committed: builds then take what was reviewed or fail.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.cluster.programs import GO_FOLDER, GROUPS, KUBERNETES, Group

GO_VERSION = "1.26.0"


def main(names: list[str]) -> None:
    for name in names or list(GROUPS):
        pin(GROUPS[name])


def pin(group: Group) -> None:
    folder = GO_FOLDER / group.name
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"module hubhomes.test/{group.name}", f"go {GO_VERSION}"]
    for requirement in group.requires:
        lines.append(f"require {requirement.replace('@', ' ')}")
        lines.extend(_replacements(_own_go_mod(requirement)))
    lines.extend(f"tool {program.package}" for program in group.programs)
    (folder / "go.mod").write_text("\n".join(lines) + "\n")
    (folder / "go.sum").unlink(missing_ok=True)
    subprocess.run(["go", "mod", "tidy"], cwd=folder, check=True)


def _own_go_mod(requirement: str) -> str:
    answer = subprocess.run(["go", "mod", "download", "-json", requirement], check=True, capture_output=True, text=True)
    return Path(json.loads(answer.stdout)["GoMod"]).read_text()


def _replacements(go_mod: str) -> list[str]:
    """The replace lines that count for us too: a dependency's own are ignored by Go.

    Kubernetes replaces its staging modules by folders; published, they have the version 0.MINOR.PATCH.
    """
    staging = sorted(set(re.findall(r"(k8s\.io/[a-z0-9-]+) => \./staging", go_mod)))
    published = f"v0.{KUBERNETES.partition('.')[2]}"
    return [
        *(f"replace {module} => {module} {published}" for module in staging),
        *(
            f"replace {found}"
            for found in re.findall(r"^(?:replace)?\s+(\S+(?: v\S+)? => [a-z]\S+ v\S+)", go_mod, re.M)
        ),
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
