"""One filestore for people: state, fullness, findings, hubs, where it is mounted from, and all else that is known."""

from __future__ import annotations

from datetime import datetime

from console.chain.filestore_words import (
    STATE_MARK,
    MountPlace,
    about_pairs,
    filestore_mark,
    findings_on,
    fullness,
    fullnesses,
    hubs_on,
    mount_places,
    state_words,
    unused_words,
    usage_note,
)
from console.chain.model import ClusterState
from console.chain.words import plain
from console.cli.hub_lines import finding_lines
from console.cli.marks import COLOURS, SEVERITY_MARKS, hub_word, shapes
from console.cli.table import Cell, Column, styled, table
from providers.filestores.protocol import Filestore

NAME_WIDTH = 14
BAR = 30


def detail_lines(
    cluster: ClusterState, store: Filestore, now: datetime, *, width: int | None, colour: bool, unicode: bool
) -> list[str]:
    """STORE with its heading, in sections."""
    marks = shapes(unicode=unicode)
    findings = findings_on(cluster, store)
    mark = filestore_mark(store, findings)
    head = plain("  ".join(word for word in (f"{cluster.name}/{store.name}", store.backend, store.tier) if word))
    lines = [f"{styled(marks[mark], fg=COLOURS.get(mark)) if colour else marks[mark]} {head}"]
    lines.append(pair("state", f"{marks[STATE_MARK[store.state]]} {state_words(store, now)}"))
    lines += used_lines(cluster, store, now, unicode=unicode)
    lines += terraform_lines(cluster, store)
    for finding in findings:
        lines += ["", *finding_lines(finding, marks[SEVERITY_MARKS[finding.severity]], colour=colour, cluster=cluster)]
    lines += ["", *hub_rows(cluster, store, width=width, colour=colour, unicode=unicode)]
    places = mount_places(store, cluster.node_zones)
    if store.mount_targets is None:
        lines += [pair("zones", ", ".join(f"{place.zone} ({place.words})" for place in places))] if places else []
    elif places:
        lines += ["", *place_rows(places, width=width, colour=colour, unicode=unicode)]
    lines += ["", pair("addresses", ", ".join(store.addresses) or "none"), pair("exports", ", ".join(store.exports))]
    lines += [pair(name, text) for name, text in about_pairs(store, now)]
    return [*lines, pair("cloud's page", store.page)] if store.page else lines


def pair(name: str, text: str) -> str:
    return plain(f"  {name:<{NAME_WIDTH}} {text}").rstrip()


def used_lines(cluster: ClusterState, store: Filestore, now: datetime, *, unicode: bool) -> list[str]:
    """How full, as a bar with its numbers, by every source that tells."""
    told, sources = fullness(cluster, store), fullnesses(cluster, store)
    shown = "" if told.share is None else f"{bar(told.share, unicode=unicode)} {told.percent}  "
    lines = [pair("used", shown + told.words)]
    for index, source in enumerate(sources):
        words = f"says {source.said_by(now)}" if index == 0 else f"{source.words}, says {source.said_by(now)}"
        lines.append(pair("" if index == 0 else "also", words))
    note = usage_note(cluster, store)
    return [*lines, pair("", note)] if note else lines


def bar(share: float, *, unicode: bool) -> str:
    """A bar of BAR characters; what is not full leaves one."""
    filled = min(round(share * BAR), BAR if share >= 1 else BAR - 1)
    full, empty = ("█", "░") if unicode else ("#", ".")
    return full * filled + empty * (BAR - filled)


def terraform_lines(cluster: ClusterState, store: Filestore) -> list[str]:
    """What Terraform declares of it, and where that is otherwise."""
    made = cluster.terraform
    if made is None:
        return []
    known = made.of(store.id)
    lines = [pair("terraform", made.words(store.id) or "not known whether Terraform declares it")]
    if known is not None:
        lines.append(pair("", f"declared in {known.origin}"))
        lines += [pair("", f"{each.what}: declared {each.declared}, live {each.live}") for each in known.drift]
    return [*lines, pair("", f"not read: {made.error}")] if made.error else lines


def hub_rows(cluster: ClusterState, store: Filestore, *, width: int | None, colour: bool, unicode: bool) -> list[str]:
    """The hubs that live on it, each with its mark and its worst finding; or that there are none."""
    marks, hubs = shapes(unicode=unicode), hubs_on(cluster, store)
    if not hubs:
        return [pair("hubs", unused_words(cluster, store))]
    columns = [
        Column(heading=""),
        Column(heading="hub", least=12),
        Column(heading="", gap=1),
        Column(heading="worst finding", least=12, sentences=True),
    ]
    rows = []
    for hub in hubs:
        mark = hub.mark
        cells = [Cell(marks[mark], COLOURS.get(mark)), Cell(hub.name), Cell("PROD" if hub.production else "")]
        rows.append([*cells, Cell(hub_word(hub))])
    return table(columns, rows, width=width, colour=colour, unicode=unicode)


def place_rows(places: tuple[MountPlace, ...], *, width: int | None, colour: bool, unicode: bool) -> list[str]:
    """The zones that it is mounted from, and those where nodes run without a mount target."""
    marks = shapes(unicode=unicode)
    columns = [
        Column(heading=""),
        Column(heading="zone"),
        Column(heading="mount target", least=12, sentences=True),
        Column(heading="address"),
        Column(heading="subnet", least=12),
        Column(heading="security groups", least=12),
    ]
    rows = []
    for place in places:
        target = place.target
        words = f"{place.words}: {target.detail}" if target and target.detail else place.words
        cells = [Cell(marks[place.mark], COLOURS.get(place.mark)), Cell(place.zone), Cell(words)]
        more = (
            (", ".join(target.addresses), target.subnet, ", ".join(target.security_groups)) if target else ("", "", "")
        )
        rows.append([*cells, *(Cell(text) for text in more)])
    return table(columns, rows, width=width, colour=colour, unicode=unicode)
