"""Writes screenshots/: the real screens over the embedded fleet, at two sizes, dark and light.

    python -m tests.pictures

The scenarios are those that the tests hold against the written pictures.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.tui.scenarios import SCENARIOS, Scenario, assume_terminal, demo_app, demo_state, looked_state

FOLDER = Path(__file__).parent.parent / "screenshots"
SIZES = ((80, 24), (120, 36))
THEMES = ("dark", "light")


class Picture(NamedTuple):
    """One scenario at one size in one theme."""

    scenario: Scenario
    size: tuple[int, int]
    theme: str

    @property
    def file(self) -> Path:
        columns, rows = self.size
        return FOLDER / f"{self.scenario.name}-{columns}x{rows}-{self.theme}.svg"


def pictures() -> Iterator[Picture]:
    """Every picture that there should be."""
    for scenario in SCENARIOS:
        for size in SIZES:
            for theme in THEMES:
                yield Picture(scenario, size, theme)


async def drawn(picture: Picture) -> str:
    """PICTURE as SVG, the same for the same screen. `demo_state` must have been called before."""
    with tempfile.TemporaryDirectory() as folder:
        app = demo_app(
            theme=picture.theme, record=Path(folder) if picture.scenario.acts else None, looked=picture.scenario.looked
        )
        async with app.run_test(size=picture.size) as pilot:
            for key in ("", *picture.scenario.keys):
                await pilot.press(*filter(None, (key,)))
                if app.jobs is not None:
                    await app.jobs.settled()
            await pilot.pause()
            await pilot.pause()
            return normalised(app.export_screenshot(title=f"hubhomes {picture.scenario.name}"))


def normalised(svg: str) -> str:
    """SVG without the number that is new in each run, with its blanks kept by viewers that drop them."""
    svg = re.sub(r"terminal-\d+", "terminal", svg).replace("<text ", '<text xml:space="preserve" ')
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def main() -> None:
    """Write every picture, and remove those that there should not be."""
    assume_terminal()
    demo_state()
    looked_state()
    FOLDER.mkdir(exist_ok=True)
    wanted = {picture.file: picture for picture in pictures()}
    for stray in set(FOLDER.glob("*.svg")) - set(wanted):
        stray.unlink()
    for file, picture in wanted.items():
        file.write_text(asyncio.run(drawn(picture)), encoding="utf-8")
        print(file.relative_to(FOLDER.parent))


if __name__ == "__main__":
    main()
