"""Every incident that is planted in the demo is mended by the action that its finding names, finding by finding."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from console.actions.engine import Engine
from console.actions.offers import Offers, place_of
from console.actions.protocol import Refused, Target
from console.actions.record import Record, utc_now
from console.actions.registry import registered
from console.actions.surroundings import Surroundings
from console.actions.verifying import Clock
from console.chain.model import ClusterState, Finding
from console.fleet.fleet import Fleet
from console.fleet.sources import DemoSources
from console.fleet.start import demo_settings
from console.settings import Settings
from providers.errors import ProviderError

SETTINGS = demo_settings(Settings())
CLUSTERS = ("earth", "forest", "ocean", "reef", "desert")
"""Those that can be reached, and one of which the cloud can."""

_APPLY = "its disk is declared larger, and grows when Terraform is applied: nothing here does that"
UNMENDABLE: Mapping[tuple[str, str | None, str], str] = {
    ("reef", "coral", "FST04"): _APPLY,
    ("reef", "lagoon", "FST05"): _APPLY,
    ("reef", None, "FST04"): _APPLY,
    ("reef", None, "FST05"): _APPLY,
}
"""What stands all the same, by cluster, hub and code, and why."""


class Practice:
    """One cluster of the demo, every hub of which is looked into."""

    def __init__(self, folder: Path, cluster: str) -> None:
        self.cluster = cluster
        self.fleet = Fleet(DemoSources(utc_now, at_once=True), SETTINGS, only=cluster, coalesce_s=0)
        self.passed_s = 0.0
        self.engine = Engine(
            Surroundings(self.fleet, SETTINGS, now=utc_now).observe,
            Record(folder / "state"),
            clock=Clock(monotonic=lambda: self.passed_s, sleep=self.sleep),
        )

    async def sleep(self, seconds: float) -> None:
        self.passed_s += seconds

    @property
    def state(self) -> ClusterState:
        return next(one for one in self.fleet.state.clusters if one.name == self.cluster)

    async def observe(self, hub: str | None = None) -> None:
        """Looks at the cluster, and inside HUB; inside every hub of it where none is named."""
        await self.fleet.refresh(self.cluster)
        self.fleet.grant(self.cluster, "write")
        for each in self.state.hubs:
            if hub in (None, each.name):
                with suppress(ProviderError):  # without a way in nothing is seen there
                    await self.fleet.look(self.cluster, each.name, deep=True)

    def findings(self) -> list[Finding]:
        """Those whose action there is, the cluster's own first."""
        hubs = [finding for hub in self.state.hubs for finding in hub.findings]
        return [finding for finding in (*self.state.findings, *hubs) if finding.action in registered()]

    def target(self, finding: Finding) -> Target:
        offer = Offers().of(finding, filestores=place_of(self.state, finding.hub).filestores)
        assert offer is not None
        asked = {**offer.target.parameters, **({"stop_servers": True} if finding.action == "rebind" else {})}
        return msgspec.structs.replace(offer.target, parameters=asked)

    async def mend(self, target: Target) -> str:
        """Does what is planned for TARGET, whatever name has to be typed; gives how it ended, in words."""
        try:
            plan = (await self.engine.preview(target)).plan
            self.fleet.grant(self.cluster, "write")
            result = await self.engine.run(target, approved=plan, confirmed=plan.place)
        except (Refused, ProviderError) as error:
            return f"refused: {error}"
        return f"{result.outcome}: {result.message}".rstrip(": ")


async def mended(folder: Path, cluster: str) -> tuple[dict[str, str], list[Finding]]:
    """Mends CLUSTER finding by finding, as findings go and others come; how each action ended, and what is left."""
    practice = Practice(folder / cluster, cluster)
    await practice.observe()
    tried: dict[str, str] = {}
    while True:
        waiting = {_words(target): target for target in map(practice.target, practice.findings())}
        target = next((one for words, one in waiting.items() if words not in tried), None)
        if target is None:
            break
        tried[_words(target)] = await practice.mend(target)
        await practice.observe(target.hub)
    await practice.fleet.close()
    return tried, practice.findings()


async def test_until_nothing_is_left(tmp_path: Path) -> None:
    ended = await asyncio.gather(*(mended(tmp_path, cluster) for cluster in CLUSTERS))
    tried = {words: how for each, _ in ended for words, how in each.items()}
    assert {words: how for words, how in tried.items() if how != "done"} == {}
    assert {(one.cluster, one.hub, one.code) for _, left in ended for one in left} == set(UNMENDABLE)
    named = {finding.action for finding in await planted()} & set(registered())
    assert named <= {words.partition(" ")[0] for words in tried}


async def planted() -> list[Finding]:
    """What the whole fleet shows before anybody has looked inside."""
    fleet = Fleet(DemoSources(utc_now, at_once=True), SETTINGS)
    try:
        return list((await fleet.once()).all_findings())
    finally:
        await fleet.close()


def _words(target: Target) -> str:
    return f"{target.action} {target.cluster}/{target.hub} {dict(target.parameters)}"
