"""A guided action by keyboard, from the hub's screen to its end: over the demo, and over the real node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.keys import _character_to_key

from console.actions.protocol import Action
from console.actions.registry import action as registered_action
from console.tui.jobs import Job
from console.tui.screens.action import ActionScreen
from console.tui.screens.answers import unanswered
from tests.tui.driving import Console


class Hands(Console):
    """What somebody does at the keyboard, and then waits for."""

    async def type(self, text: str) -> None:
        await self.press(*map(_character_to_key, text))

    async def settle(self) -> None:
        """Until nothing is under way, and it is drawn."""
        assert self.app.jobs is not None
        await self.app.jobs.settled()
        await self._pilot.pause()
        await self._pilot.pause()

    async def observed(self, hub: str) -> None:
        """Until HUB (CLUSTER/HUB) is known, and its cluster has been looked at."""
        for _ in range(6000):
            state = self.app.state
            clusters = {one.name for one in state.clusters if one.state == "observed"}
            if hub.partition("/")[0] in clusters and hub in {one.key for one in state.hubs()}:
                await self._pilot.pause()
                return
            await self._pilot.pause(0.02)
        raise AssertionError(f"{hub} was not observed")

    async def at(self, hub: str) -> None:
        """The screen of HUB, from wherever one is."""
        while len(self.app.screen_stack) > 1:
            await self.press("escape")
        await self.press("escape", "slash")
        await self.type(hub)
        await self.press("enter", "enter")

    async def mend(self, code: str) -> None:
        """The plan that the finding CODE names, from the list of all findings."""
        while len(self.app.screen_stack) > 1:
            await self.press("escape")
        await self.press("F", "slash")
        await self.type(code)
        await self.press("enter", "m")
        await self.settle()

    async def plan(self, hub: str, name: str, asked: Mapping[str, Any]) -> None:
        """The plan of the action NAME at HUB, ASKED for so; what looks inside to plan is permitted on the way."""
        await self.at(hub)
        await self.press("a", "slash")
        await self.type(name.replace("-", " "))
        await self.press("enter", "enter")
        await self.settle()
        if unanswered(registered_action(name), {}):
            await self.answer(registered_action(name), asked)
        if self.job.phase == "new":
            await self.press("w")
            await self.settle()

    async def answer(self, action: Action, asked: Mapping[str, Any]) -> None:
        """Says what is ASKED for, line by line, and plans with it."""
        for parameter in action.parameters:
            value = asked.get(parameter.name)
            if parameter.kind == "choice" and value is not None:
                await self.press(*["enter"] * (parameter.choices.index(value) + 1))
            elif parameter.kind == "flag" and value:
                await self.press("enter")
            elif value is not None:
                await self.press("enter")
                await self.type(" ".join(value) if isinstance(value, list) else str(value))
                await self.press("enter")
            await self.press("down")
        await self.press("G", "enter")
        await self.settle()

    async def permit(self) -> None:
        await self.press("w")
        await self.settle()

    async def approve(self) -> None:
        """Enter, and Enter once more, or the name that is asked for; does not wait for the end."""
        await self.press("enter")
        preview = self.job.preview
        assert preview is not None
        if preview.to_type is not None:
            await self.type(preview.to_type)
        await self.press("enter")

    @property
    def job(self) -> Job:
        screen = self.app.screen
        assert isinstance(screen, ActionScreen), self.text
        return screen.job
