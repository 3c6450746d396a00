"""Which guided actions fit a place, and which of them a finding names: only those that there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from shlex import quote
from typing import Any

import msgspec

from console.actions.protocol import Action, Parameter, Target
from console.actions.registry import action as registered_action
from console.actions.registry import probes_to_plan, registered
from console.chain.model import ClusterState, Finding, HubState

_MOST_WORDS = 20
"""How many values of one parameter a command shows."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where one is: a cluster, one of its hubs, and what is meant there: filestores by id, homes as ./NAME with their
    users."""

    cluster: str
    hub: str | None = None
    filestores: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    users: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f"{self.cluster}/{self.hub}" if self.hub else self.cluster
        if not self.homes:
            return where
        homes = self.homes[0].removeprefix("./") if len(self.homes) == 1 else f"{len(self.homes):,} homes"
        return f"{where}  {homes}"


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An action that fits a place. `mends` are the codes of the findings there that name it; `where` is the place in
    the words of the command line."""

    target: Target
    summary: str
    where: str
    mends: tuple[str, ...] = ()


class Offers:
    """The actions NAMES, each made by FIND: those of the registry, unless a test says others."""

    def __init__(
        self,
        names: Callable[[], tuple[str, ...]] = registered,
        find: Callable[[str], Action] = registered_action,
        probes: Callable[[str], bool] = probes_to_plan,
    ) -> None:
        self.names = names
        self.find = find
        self.probes = probes

    def at(self, place: Place, findings: Iterable[Finding] = ()) -> tuple[Offer, ...]:
        """What fits PLACE; those that FINDINGS name come first, in the order of the findings, asked for as the first
        of their findings says. Where homes are meant, what is about those goes before all else."""
        codes: dict[str, list[str]] = {}
        asks: dict[str, Mapping[str, Any]] = {}
        for finding in findings:
            if finding.action:
                codes.setdefault(finding.action, []).append(finding.code)
                asks.setdefault(finding.action, finding.asks)
        named = [name for name in codes if name in self.names()]
        ordered = [*named, *(name for name in self.names() if name not in codes)]
        ordered.sort(key=lambda name: not of_homes(self.find(name), place))
        return tuple(
            Offer(
                target=msgspec.structs.replace(target, parameters={**asks.get(name, {}), **target.parameters}),
                summary=action.summary,
                where=where(target),
                mends=tuple(dict.fromkeys(codes.get(name, ()))),
            )
            for name in ordered
            for action in (self.find(name),)
            for target in targets(action, place)
        )

    def of(self, finding: Finding, *, filestores: tuple[str, ...] = ()) -> Offer | None:
        """The action that FINDING names, at the finding's place; None where it names none that there is. FILESTORES
        are those of the place, where the finding is about none by name."""
        if not self.named(finding) or not finding.cluster:
            return None
        stores = (finding.filestore,) if finding.filestore else filestores
        place = Place(cluster=finding.cluster, hub=finding.hub, filestores=stores)
        found = self.at(place, (finding,))
        return found[0] if found and found[0].mends else None

    def named(self, finding: Finding) -> bool:
        """Whether FINDING names an action that there is."""
        return finding.action is not None and finding.action in self.names()


def targets(action: Action, place: Place) -> tuple[Target, ...]:
    """What ACTION would be asked for at PLACE: for each filestore there, where it is about one; none: it fits not."""
    if action.target == "cluster":
        return (Target(action=action.name, cluster=place.cluster),)
    if action.target == "hub":
        asked = of_homes(action, place)
        return (
            (Target(action=action.name, cluster=place.cluster, hub=place.hub, parameters=asked),) if place.hub else ()
        )
    return tuple(
        Target(action=action.name, cluster=place.cluster, parameters={"filestore": store}) for store in place.filestores
    )


def of_homes(action: Action, place: Place) -> Mapping[str, Any]:
    """What ACTION is asked for about the homes of PLACE; nothing where it takes one, and several are meant."""
    given = {"name": place.homes, "user": place.users}
    found: dict[str, Any] = {}
    for one in action.parameters:
        values = given.get(one.of_home, ())
        if values and one.kind == "texts":
            found[one.name] = values
        elif len(values) == 1:
            found[one.name] = values[0]
    return found


def where(target: Target) -> str:
    """The place of TARGET as the command line names it: C, C/H or C/FILESTORE."""
    part = target.hub or target.parameters.get("filestore")
    return f"{target.cluster}/{part}" if part else target.cluster


def called(target: Target, clusters: Iterable[ClusterState]) -> str:
    """The place of TARGET as people call it: a filestore by its name, where CLUSTERS know its id."""
    stores = (store for one in clusters if one.name == target.cluster for store in one.filestores)
    named = next((store.name for store in stores if store.id == target.parameters.get("filestore")), "")
    return f"{target.cluster}/{named}" if named else where(target)


def findings_about(cluster: ClusterState, hub: HubState) -> tuple[Finding, ...]:
    """HUB's findings, and behind them those of its CLUSTER that are about it, too: not those about filestores that
    it does not live on."""
    others = (one for one in cluster.findings if one.hub is None and one.filestore in (None, *hub.filestores))
    return (*hub.findings, *others)


def place_of(cluster: ClusterState, hub: str | None = None) -> Place:
    """CLUSTER as a place, or its HUB with the filestores that it lives on."""
    stores = next((one.filestores for one in cluster.hubs if one.name == hub), ()) if hub else ()
    return Place(cluster=cluster.name, hub=hub, filestores=stores)


def command_of(finding: Finding, offers: Offers | None = None, *, cluster: ClusterState | None = None) -> str:
    """The command that mends FINDING, a filestore of CLUSTER by the name that it alone has there; "" where it names no
    action that there is."""
    offers = offers or Offers()
    offer = offers.of(finding)
    if offer is None:
        return ""
    words = [
        word
        for one in offers.find(offer.target.action).parameters
        for word in option_words(one, offer.target.parameters.get(one.name))
    ]
    return " ".join(("hubhomes", offer.target.action, _named(offer, cluster), *words))


def _named(offer: Offer, cluster: ClusterState | None) -> str:
    stores = cluster.filestores if cluster is not None else ()
    name = next((one.name for one in stores if one.id == offer.target.parameters.get("filestore")), "")
    alone = [one.name for one in stores].count(name) == 1
    return quote(f"{offer.target.cluster}/{name}") if alone else offer.where


def option_words(parameter: Parameter, value: Any) -> tuple[str, ...]:
    """PARAMETER with its VALUE as words of the command line; what has to be said and is not, or is too long to be
    shown, stands in capitals."""
    option = f"--{parameter.option or parameter.name.replace('_', '-')}"
    several = isinstance(value, (list, tuple))
    long = several and len(value) > _MOST_WORDS
    if long or value in (None, "", False, ()):
        if not long and not (parameter.required or (parameter.argument and parameter.choices)):
            return ()
        missing = "|".join(parameter.choices) or parameter.name.upper()
        return (missing,) if parameter.argument else (option, missing)
    if parameter.kind == "flag":
        return (option,)
    values = value if several else (value,)
    texts = [f"{one:g}s" if parameter.kind == "duration" else quote(str(one)) for one in values]
    return tuple(texts) if parameter.argument else tuple(f"{option}={text}" for text in texts)
