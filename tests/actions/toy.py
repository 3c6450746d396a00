"""A world of named lamps in one file, and an action that switches them: what the engine is proved on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from console.actions.history import Run
from console.actions.outcomes import Outcome, Verdict, Who
from console.actions.plan import Affects, Need, Plan, Step
from console.actions.protocol import Context, Parameter, Refused, Target
from console.chain.model import Allusers, ClusterState, FleetState, HubState
from console.settings import Settings
from providers.errors import ProviderError
from providers.kubernetes.permission import Permission

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TARGET = Target(action="lamps", cluster="earth", hub="staging", parameters={"on": True})


class Lamps:
    """The lamps in FILE. `broken` are those that fail, `blind` that they can't be seen."""

    def __init__(self, file: Path, *, broken: frozenset[str] = frozenset()) -> None:
        self.file = file
        self.broken = broken
        self.blind = False
        self.writes: list[tuple[str, bool]] = []

    def light(self, **lamps: bool) -> Lamps:
        self.file.write_text(json.dumps(lamps))
        return self

    def state(self) -> dict[str, bool]:
        found: dict[str, bool] = json.loads(self.file.read_text())
        return found

    def switch(self, name: str, on: bool) -> None:
        if name in self.broken:
            raise ProviderError("internal", f"lamp {name} is broken", next_step="screw in another")
        self.writes.append((name, on))
        self.file.write_text(json.dumps({**self.state(), name: on}))


def word(on: bool) -> str:
    return "on" if on else "off"


class LampAction:
    """Switches every lamp that is not as asked for. `refusals` are what the server says to a dry run; `during` is
    called within each step, before the lamp is switched."""

    name = "lamps"
    summary = "Switch the lamps of a hub."
    target = "hub"
    parameters = (Parameter(name="on", kind="flag", help="On instead of off."),)

    def __init__(self, lamps: Lamps) -> None:
        self.lamps = lamps
        self.refusals: tuple[str, ...] = ()
        self.needs: tuple[Need, ...] = ()
        self.during: Callable[[Step, Context], None] = lambda step, context: None
        self.lasts_s: float | None = None
        self.destructive = False
        self.undo = True
        self.stubborn = False
        self.users: tuple[str, ...] = ()

    async def plan(self, context: Context) -> Plan:
        wanted = bool(context.parameters.get("on"))
        changes = {name: wanted for name, on in self.lamps.state().items() if on != wanted}
        return self._plan(context, changes, context.parameters)

    def _plan(self, context: Context, changes: Mapping[str, bool], parameters: Mapping[str, Any]) -> Plan:
        return Plan(
            action=self.name,
            cluster="earth",
            hub=context.hub.name if context.hub else None,
            parameters=parameters,
            steps=tuple(self._step(name, on) for name, on in sorted(changes.items())),
            affects=Affects(users=self.users, hubs=("earth/staging",)),
            lasts_s=self.lasts_s,
        )

    def _step(self, name: str, on: bool) -> Step:
        return Step(
            key=name,
            what=f"switch lamp {name} {word(on)}",
            before=word(not on),
            after=word(on),
            needs=self.needs,
            undo=f"switch it {word(not on)}" if self.undo else "",
            destructive=self.destructive,
            arguments={"on": on},
        )

    async def preview(self, plan: Plan, context: Context) -> tuple[str, ...]:
        return self.refusals

    async def run(self, step: Step, context: Context) -> Outcome:
        self.during(step, context)
        on = bool(step.arguments["on"])
        if self.lamps.state()[step.key] == on:
            return Outcome(what=f"{step.key} is {word(on)} already", changed=False)
        self.lamps.switch(step.key, on)
        return Outcome(what=f"{step.key} is {word(on)}", undo={"was": not on})

    async def verify(self, plan: Plan, context: Context) -> Verdict:
        left = [step.key for step in plan.steps if self.lamps.state()[step.key] != step.arguments["on"]]
        if left or self.stubborn:
            return Verdict(state="still", why=f"{', '.join(left) or 'something'} is not as asked for")
        return Verdict(state="gone")

    async def undo_plan(self, run: Run, context: Context) -> Plan:
        was = {one.step.key: not one.step.arguments["on"] for one in run.touched}
        now = self.lamps.state()
        return self._plan(
            context, {name: on for name, on in was.items() if now[name] != on}, run.intent.plan.parameters
        )


class Surroundings:
    """What the engine looks at: one cluster with one hub, whose permission is `permission`."""

    def __init__(self, lamps: Lamps, *, production: bool = False, level: str = "write") -> None:
        self.lamps = lamps
        self.production = production
        self.permission = Permission(now=lambda: NOW)
        if level == "write":
            self.permission.grant("write", until=datetime(2027, 1, 1, tzinfo=UTC))
        self.transport: Any = None
        self.looks = 0

    async def observe(self, target: Target) -> Context:
        self.looks += 1
        if self.lamps.blind:
            raise ProviderError("unreachable", "earth does not answer")
        hub = hub_state(production=self.production)
        if target.hub not in (None, hub.name):
            raise Refused(f"earth has no hub {target.hub}")
        cluster = ClusterState(name="earth", provider="gcp", context="earth", state="observed", hubs=(hub,))
        return Context(
            fleet=FleetState(version=1, generated_at=NOW, clusters=(cluster,)),
            cluster=cluster,
            hub=hub if target.hub else None,
            parameters=target.parameters,
            settings=Settings(),
            who=Who(os_user="ada", host="bastion", kubernetes_user="ada@example.org"),
            now=lambda: NOW,
            transport=self.transport,
            permission=self.permission,
        )


def hub_state(*, production: bool) -> HubState:
    return HubState(
        cluster="earth",
        name="staging",
        namespace="staging",
        release="staging",
        chart="basehub",
        backend="manual",
        production=production,
        declared=None,
        declared_allusers=Allusers(enabled=None),
        pv=None,
        pvc=None,
        live_allusers=None,
    )
