"""The role in the docs is enough to make and to grow an instance, and no more than that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from providers.filestores.changes import Follow
from providers.filestores.gcp_filestore.guard import CHANGING, READING
from tests.contracts.filestore_changes import draft_of, finish, writing
from tests.filestores.gcp_changes import homes, over_grpc, over_rest, scope

PAGE = Path(__file__).parents[2] / "docs" / "filestores.md"


def granted() -> set[str]:
    section = PAGE.read_text().partition("## What is made in Google Cloud")[2].partition("\n## ")[0]
    written = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert written is not None
    return set(yaml.safe_load(written[1])["includedPermissions"])


def right(method: str) -> str:
    """Google's name of the right to METHOD: file.instances.create of CreateInstance."""
    verb, kind = re.fullmatch(r"([A-Z][a-z]+)([A-Z][a-z]+)", method).groups()
    return f"file.{kind.lower().rstrip('s')}s.{verb.lower()}"


@pytest.mark.parametrize("over", [over_grpc, over_rest])
async def test_the_role_grants_what_is_asked_for_and_what_each_piece_names(over):
    with over(homes()) as cloud:
        changes = await cloud.connect()
        growth = await changes.draft_growth(scope(), await cloud.filestore(), 2048)
        named = {each for piece in ((await draft_of(cloud)).pieces + growth.pieces) for each in piece.rights}
        await finish(cloud)
        await changes.make(scope(), growth.pieces[0], permission=writing(), follow=Follow())
    assert named <= granted()
    assert {right(method) for method in cloud.changing.seen} | {"file.instances.list"} == granted()


def test_the_guard_lets_out_what_the_role_grants_and_a_list_of_backups():
    assert {right(method) for method in READING | CHANGING} == granted() | {"file.backups.list"}
