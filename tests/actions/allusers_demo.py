"""One cluster of the demo with an engine over it, its tree as a git checkout where that is asked for."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import msgspec

from console.actions import events
from console.actions.allusers.action import Allusers
from console.actions.engine import Engine
from console.actions.protocol import Target
from console.actions.record import Record, utc_now
from console.actions.registry import action as registered_action
from console.actions.running import Result
from console.actions.surroundings import Surroundings
from console.actions.verifying import Clock
from console.fleet.fleet import Fleet
from console.fleet.sources import DemoSources
from console.settings import Deploy, Settings
from providers.simulated.apiserver import SimulatedApiServer
from providers.simulated.demo import DemoConnector
from providers.simulated.resources import Json, by_path

EVERY_SECRET = ("demo-cookie-secret", "demo-proxy-token", "demo-oauth-secret", "demo-api-token")


class Demo:
    """`slept` counts the pauses of whoever waited, which are as good as 10 s each; `during` is called in each."""

    def __init__(self, folder: Path, *, deploy: str | None = None, git: bool = False, cluster: str = "earth") -> None:
        self.cluster = cluster
        settings = msgspec.structs.replace(Settings(), deploy=Deploy(command=deploy))
        self.sources = DemoSources(utc_now, at_once=True)
        self.root = self.sources.root() or folder
        self.base = self.root.parent.parent
        self.fleet = Fleet(self.sources, settings, only=cluster)
        self.record = Record(folder / "state")
        self.events: list[events.Event] = []
        self.slept = 0
        self.during: Any = lambda: None
        self.engine = Engine(
            Surroundings(self.fleet, settings, now=utc_now).observe,
            self.record,
            find=lambda name: Allusers(sleep=self._sleep) if name == "allusers" else registered_action(name),
            clock=Clock(sleep=self._sleep, monotonic=lambda: self.slept * 10.0),
            verify_deadline_s=30.0,
        )
        if git:
            self.git("init", "-q", "-b", "main")
            self.git("config", "user.name", "Ada")
            self.git("config", "user.email", "ada@example.org")
            self.git("add", "-A")
            self.git("commit", "-q", "-m", "Begin")

    async def _sleep(self, seconds: float) -> None:
        self.slept += 1
        self.during()

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", "-C", str(self.base), *words], check=True, capture_output=True, text=True)
        return done.stdout

    @property
    def server(self) -> SimulatedApiServer:
        connector = self.sources.connector()
        assert isinstance(connector, DemoConnector)
        return connector.servers[self.cluster]

    def file(self, name: str) -> Path:
        return self.root / "earth" / name

    def writes(self) -> list[tuple[str, str, bool]]:
        """What could have changed something: method, the end of the path, and whether it was a dry run."""
        return [
            (one.method, one.path.partition("/namespaces/")[2], one.dry_run)
            for one in self.server.requests
            if one.method != "GET" and "selfsubject" not in one.path and "/leases" not in one.path
        ]

    def put(self, group: str, resource: str, namespace: str, name: str) -> Json:
        """The object itself, to be changed and stored again."""
        kind = by_path(group, "v1", resource)
        assert kind is not None
        found = self.server.store.get(kind, namespace, name)
        assert found is not None
        return found

    async def run(self, target: Target, **how: Any) -> Result:
        plan = (await self.engine.preview(target)).plan
        self.fleet.grant(self.cluster, "write")
        return await self.engine.run(target, approved=plan, tell=self.events.append, **how)


def asked(hub: str, state: str, **parameters: Any) -> Target:
    return Target(action="allusers", cluster="earth", hub=hub, parameters={"state": state, **parameters})
