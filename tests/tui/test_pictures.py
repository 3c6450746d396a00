"""The published pictures are what the screens show now."""

from __future__ import annotations

import pytest

from console.chain.model import FleetState
from tests.pictures import FOLDER, Picture, drawn, pictures

EVERY = tuple(pictures())


@pytest.mark.parametrize("picture", EVERY, ids=lambda picture: picture.file.stem)
async def test_picture_is_current(picture: Picture, demo: FleetState) -> None:
    assert picture.file.exists(), "write it: python -m tests.pictures"
    assert await drawn(picture) == picture.file.read_text(encoding="utf-8"), "write it again: python -m tests.pictures"


def test_no_picture_is_left_over() -> None:
    assert {file.name for file in FOLDER.glob("*.svg")} == {picture.file.name for picture in EVERY}
