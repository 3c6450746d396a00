"""The policy in the docs is enough to make a file system, and no more than that."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.contracts.filestore_changes import draft_of, finish

PAGE = Path(__file__).parents[3] / "docs" / "filestores.md"
SERVICES = {
    "elasticfilesystem": ("FileSystem", "MountTarget", "Lifecycle", "BackupPolicy"),
    "eks": ("Cluster",),
    "ec2": ("Instances", "Subnets", "SecurityGroups"),
}


def policy() -> dict[str, set[str]]:
    """Its actions by the statement that grants them."""
    section = PAGE.read_text().partition("## What is made in AWS")[2].partition("\n## ")[0]
    written = re.search(r"```json\n(.*?)```", section, re.DOTALL)
    assert written is not None
    statements = json.loads(written[1])["Statement"]
    return {each["Sid"]: set(each["Action"]) for each in statements if isinstance(each["Action"], list)}


def action(operation: str) -> str:
    return next(
        f"{service}:{operation}" for service, parts in SERVICES.items() if any(part in operation for part in parts)
    )


async def test_the_policy_grants_what_is_asked_for_and_what_each_part_names(account):
    named = {right for piece in (await draft_of(account)).pieces for right in piece.rights}
    account.wire.seen.clear()
    await finish(account)
    sent = {action(operation) for operation in account.wire.seen if operation != "GetCallerIdentity"}
    granted = policy()
    assert sent | named == granted["Ask"] | granted["Make"]
    assert {right for right in sent | named if ":Describe" in right} == granted["Ask"]
