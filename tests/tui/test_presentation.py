"""Rows, columns and words of the screens, without a terminal."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path

import msgspec
import pytest
from textual.color import Color

from console.chain.marks import Mark
from console.chain.model import ClusterError, ClusterState, Finding, FleetState
from console.cli.scope import Scope
from console.cli.status import status_lines
from console.tui.keys import SCREENS, page
from console.tui.present.clock import Clock
from console.tui.present.filestore_lines import filestore_rows
from console.tui.present.filters import Filter
from console.tui.present.finding_lines import finding_lines
from console.tui.present.finding_rows import finding_rows
from console.tui.present.fleet_lines import FINDING_LEAST, head_line, layout, row_item, status
from console.tui.present.fleet_rows import arranged, fleet_rows
from console.tui.present.lines import plain, width_of
from console.tui.present.objects import LiveObject, of_finding, showing_command
from console.tui.present.panel_lines import panel_lines
from console.tui.themes import DARK, LIGHT
from tests.tui.fakes import CLOCK, NOW, RELEASED, cluster, filestore, finding, hub, incident, large

EVERYTHING = Filter()


@pytest.mark.parametrize("width", [50, 60, 80, 100, 120, 160, 200, 300])
def test_rows_are_as_wide_as_their_head_and_fit(width: int) -> None:
    rows = fleet_rows(incident())
    columns = layout(rows, width)
    finding_at = plain(head_line(columns, width)).find("worst finding")
    for row in rows:
        (line,) = row_item(row, columns, width, CLOCK).lines
        assert width_of(line) <= width
        assert finding_at == -1 or columns.finding == 0 or width_of(line[:-1]) == finding_at - 2


def test_wider_terminals_have_more_columns_and_room_for_the_finding() -> None:
    rows = fleet_rows(incident())
    shown = [plain(head_line(layout(rows, width), width)).split() for width in (80, 120, 160, 200)]
    assert set(shown[0]) < set(shown[1]) < set(shown[2]) <= set(shown[3])
    assert layout(rows, 120).finding >= FINDING_LEAST
    assert "export" in shown[-1]


def test_production_comes_first_among_equals() -> None:
    one = finding("PV01", "pv", "missing", hub="a", cluster="c")
    other = finding("PV01", "pv", "missing", hub="prod", cluster="c")
    hubs = (
        hub("c", "a", marks={"pv": "broken"}, findings=(one,)),
        hub("c", "prod", marks={"pv": "broken"}, findings=(other,)),
    )
    rows = fleet_rows(msgspec.structs.replace(incident(), clusters=(cluster("c", *hubs),)))
    assert [row.key for row in arranged(rows, order="worst", wanted=EVERYTHING)] == ["c/prod", "c/a"]


def test_both_front_ends_have_the_same_hubs_first(demo: FleetState) -> None:
    shown = arranged(fleet_rows(demo), order="worst", wanted=EVERYTHING)
    lines = status_lines(demo, Scope(), width=None, colour=False, unicode=True)[1:]
    printed = [line.split()[1] for line in lines]
    hubs = {row.key for row in shown if row.kind == "hub"} & set(printed)
    assert [key for key in printed if key in hubs] == [row.key for row in shown if row.key in hubs]
    assert printed[0] == "reef/coral", "the fullest disk"


def test_a_filestores_finding_is_no_row_of_the_cluster_when_its_hubs_have_it() -> None:
    full = finding("FST04", "filestore", "share 97 % full", filestore="homes-nfs")
    on_hub = msgspec.structs.replace(full, hub="prod")
    state = msgspec.structs.replace(
        incident(), clusters=(cluster("earth", hub("earth", "prod", findings=(on_hub,)), findings=(full,)),)
    )
    assert [row.key for row in fleet_rows(state)] == ["earth/prod"]
    rows, total = finding_rows(state, EVERYTHING)
    assert total == 1
    assert rows[0].hubs == ("prod",)


def test_the_fullest_disk_comes_first_among_full_ones() -> None:
    clusters = []
    for name, used in (("earth", 0.97), ("ocean", 1.0)):
        full = finding("FST04", "filestore", f"share {used:.0%} full", cluster=name, filestore="homes-nfs")
        on_hub = msgspec.structs.replace(full, hub="a")
        stores = (filestore("homes-nfs", used=used),)
        clusters.append(cluster(name, hub(name, "a", findings=(on_hub,)), findings=(full,), filestores=stores))
    state = msgspec.structs.replace(incident(), clusters=tuple(clusters))
    shown = arranged(fleet_rows(state), order="worst", wanted=EVERYTHING)
    assert [row.key for row in shown] == ["ocean/a", "earth/a"]
    assert [row.target for row in finding_rows(state, EVERYTHING)[0]] == ["ocean/", "earth/"]


def test_a_clusters_own_finding_has_a_row() -> None:
    orphan = finding("CLU07", "cluster", "helper pod left", severity="warning")
    state = msgspec.structs.replace(incident(), clusters=(cluster("earth", hub("earth", "prod"), findings=(orphan,)),))
    assert [(row.key, row.mark) for row in fleet_rows(state)] == [("earth/", "warning"), ("earth/prod", "ok")]


def test_the_trees_own_findings_have_a_row() -> None:
    broken = finding("CFG01", "configuration", "two clusters of one name", cluster="")
    state = msgspec.structs.replace(incident(), findings=(broken,))
    row = fleet_rows(state)[0]
    assert (row.key, row.mark) == ("the configuration", "broken")


def test_status_of_a_fleet_offline_and_of_several_out_of_reach() -> None:
    offline = msgspec.structs.replace(incident(), clusters=tuple(
        msgspec.structs.replace(one, state="offline", error=None) for one in incident().clusters
    ))  # fmt: skip
    assert plain(status(offline, CLOCK)) == "offline: declared side only, nothing is asked"
    error = incident().clusters[2].error
    lost = msgspec.structs.replace(incident(), clusters=tuple(
        msgspec.structs.replace(one, state="failed", error=error) for one in incident().clusters[:2]
    ))  # fmt: skip
    assert plain(status(lost, CLOCK)) == "0 of 2 clusters · 2 out of reach: earth, ocean"


def test_filestores_by_trouble_and_fill() -> None:
    stores = (filestore("calm", used=0.2), filestore("fuller", used=0.8), filestore("gone", state="down", used=None))
    state = msgspec.structs.replace(
        incident(), clusters=(cluster("earth", hub("earth", "prod", store="calm"), filestores=stores),)
    )
    rows, total = filestore_rows(state, EVERYTHING)
    assert total == 3
    assert [row.key for row in rows] == ["earth/gone", "earth/fuller", "earth/calm"]


def test_a_finding_gives_way_in_the_right_order() -> None:
    whole = finding_lines(RELEASED, 80, CLOCK)
    short = finding_lines(RELEASED, 80, CLOCK, limit=len(whole) - 1)
    assert any("ProvisioningFailed" in plain(line) for line in whole)
    assert not any("ProvisioningFailed" in plain(line) for line in short)
    assert any("next" in plain(line) for line in short)


def test_since_is_said_once() -> None:
    said = msgspec.structs.replace(RELEASED, message="Released for 25 min")
    assert "(for 25 min)" in plain(finding_lines(RELEASED, 100, CLOCK)[0])
    assert "(for" not in plain(finding_lines(said, 100, CLOCK)[0])


def test_commands_are_quoted_and_secrets_are_never_shown() -> None:
    found = LiveObject("earth", "my context", "persistentvolumes", "", "a;b")
    assert showing_command(found) == "kubectl --context 'my context' get pv 'a;b' -o yaml"
    secret = msgspec.structs.replace(RELEASED, subject="Secret/prod/hub")
    assert of_finding(secret, context=None) is None
    pod = msgspec.structs.replace(RELEASED, subject="Pod/prod/jupyter-ana")
    assert of_finding(pod, context=None) == LiveObject("earth", None, "pods", "prod", "jupyter-ana")


def test_times_of_day_carry_the_date_on_other_days() -> None:
    clock = Clock(now=lambda: NOW, zone=UTC)
    assert clock.time_of_day(NOW - timedelta(hours=1)) == "13:02:31"
    assert clock.time_of_day(NOW - timedelta(days=2)) == "2026-03-07 14:02"


def test_a_large_fleet_has_a_row_for_each_hub() -> None:
    assert len(fleet_rows(large())) == 171


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_colour_can_be_read(theme: object) -> None:
    named = {**theme.variables}  # type: ignore[attr-defined]
    inks = [theme.foreground, theme.error, theme.warning, theme.success, theme.accent, named["quiet"], named["badge"]]  # type: ignore[attr-defined]
    for paper in (theme.background, named["cursor"], named["bar"]):  # type: ignore[attr-defined]
        for ink in inks:
            assert contrast(ink, paper) >= 4.5, (ink, paper)


def contrast(ink: str, paper: str) -> float:
    """The contrast ratio of the Web Content Accessibility Guidelines."""
    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [part / 255 for part in Color.parse(colour).rgb]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_page_of_keys_is_current() -> None:
    written = (Path(__file__).parents[2] / "docs" / "keys.md").read_text(encoding="utf-8")
    assert written == page(), "write it again: python -m console.tui.keys > docs/keys.md"
    assert len(set(SCREENS)) == len(SCREENS)


def test_every_screen_has_its_keys_on_the_page() -> None:
    from importlib import import_module

    modules = {path.stem for path in (Path(__file__).parents[2] / "console/tui/screens").glob("*.py")}
    assert modules - {
        "__init__",
        "base",
        "filtered",
        "panelled",
        "document",
        "yaml_text",
        "acts",
        "asking",
        "typing",
        "permitting",
        "looks_inside",
    } == {module for module, _ in SCREENS}
    for module, name in SCREENS:
        assert hasattr(import_module(f"console.tui.screens.{module}"), name)


@pytest.mark.parametrize("height", range(3, 10))
def test_what_to_do_next_is_never_what_gives_way(height: int) -> None:
    step = "kubectl --context gke_earth-hubs_us-central1-b_earth-cluster patch pv staging-home-nfs --type=json"
    long = msgspec.structs.replace(RELEASED, consequence="Servers cannot start. " * 9, next_step=step)
    shown = [plain(line) for line in finding_lines(long, 80, CLOCK, limit=height)]
    assert len(shown) <= height
    assert step.replace(" ", "") in "".join(shown).replace(" ", "")
    assert height < 5 or any("mends it  m  " in line for line in shown)
    assert height != 6 or any(line.endswith(" …") for line in shown)


def test_a_hub_with_nothing_found_says_what_was_not_told() -> None:
    blind = hub("c", "base", marks={"pv": "unobserved"})
    pv = msgspec.structs.replace(blind.link("pv"), why="forbidden: list persistentvolumes")
    blind = msgspec.structs.replace(blind, links=tuple(pv if each.link == "pv" else each for each in blind.links))
    (row,) = fleet_rows(msgspec.structs.replace(incident(), findings=(), clusters=(cluster("c", blind),)))
    (line,) = row_item(row, layout([row], 100), 100, CLOCK).lines
    assert "forbidden: list persistentvolumes" in plain(line)
    assert any("PV" in plain(each) and "forbidden" in plain(each) for each in panel_lines(row, 80, 7, CLOCK))


def test_a_cluster_that_no_longer_answers_keeps_its_rows_and_says_from_when_they_are() -> None:
    error = ClusterError(kind="timeout", message="no connection within 3 s", since=NOW)
    hubs = (
        hub("earth", "prod"),
        hub("earth", "staging", marks={"pv": "broken"}, findings=(RELEASED,)),
    )
    once = msgspec.structs.replace(cluster("earth", *hubs), error=error, state="failed", observed_at=NOW)
    state = msgspec.structs.replace(incident(), findings=(), clusters=(once,))
    rows = fleet_rows(state)
    assert [(row.key, row.mark) for row in rows] == [
        ("earth/", "unobserved"), ("earth/prod", "unobserved"), ("earth/staging", "broken"),
    ]  # fmt: skip
    shown = [plain(row_item(row, layout(rows, 120), 120, CLOCK).lines[0]) for row in rows]
    assert all(f"seen {CLOCK.time_of_day(NOW)}" in line for line in shown[1:])
    assert any("since then: no connection" in plain(line) for line in panel_lines(rows[1], 80, 7, CLOCK))
    assert [row.key for row in fleet_rows(state, turned=frozenset({"earth"}))] == ["earth/"]


def test_a_look_under_way_moves_no_row_of_a_cluster_that_was_never_reached() -> None:
    error = ClusterError(kind="timeout", message="no connection within 3 s", since=NOW)
    mute = msgspec.structs.replace(cluster("mute", hub("mute", "a", base="unobserved")), error=error, observed_at=None)
    for looking in ("failed", "observing"):
        state = msgspec.structs.replace(
            incident(), findings=(), clusters=(msgspec.structs.replace(mute, state=looking),)
        )
        assert [row.key for row in fleet_rows(state)] == ["mute/"]


def away(*findings: Finding, seen: bool = False) -> ClusterState:
    """A cluster out of reach, whose cloud tells FINDINGS of the share of its hub."""
    error = ClusterError(kind="unreachable", message="no route to host", next_step="check the VPN", since=NOW)
    marks: dict[str, Mark] = {"filestore": "broken" if findings else "ok"}
    one = hub("desert", "dune", base="unobserved", marks=marks, findings=findings)
    state = cluster("desert", one, state="failed", provider="azure", error=error)
    gone = finding("CLU01", "cluster", "no route to host", hub=None, cluster="desert", severity="warning")
    at = NOW - timedelta(hours=1) if seen else None
    return msgspec.structs.replace(state, findings=(gone, *findings), observed_at=at)


FULL = finding("FST04", "filestore", "share 98 % full (20 GiB left)", hub="dune", cluster="desert", filestore="s")


@pytest.mark.parametrize("seen", [False, True])
def test_a_row_out_of_reach_says_so_and_what_its_cloud_tells(seen: bool) -> None:
    state = msgspec.structs.replace(incident(), clusters=(away(FULL, seen=seen), *incident().clusters))
    rows = arranged(fleet_rows(state), order="worst", wanted=EVERYTHING)
    row = rows[0]
    (line,) = row_item(row, layout(rows, 120), 120, CLOCK).lines
    assert plain(line).rstrip().endswith("unreachable; share 98 % full (20 GiB left)")
    assert (row.kind, row.mark) == ("cluster", "broken")
    assert row.marks[0] == ("unobserved" if seen else "broken")
    assert set(row.marks[1:]) == {"unobserved"}


def test_a_row_out_of_reach_whose_cloud_tells_nothing_bad_says_what_to_do() -> None:
    rows = fleet_rows(msgspec.structs.replace(incident(), clusters=(away(),)))
    (line,) = row_item(rows[0], layout(rows, 120), 120, CLOCK).lines
    assert plain(line).rstrip().endswith("unreachable: check the VPN")
    assert (rows[0].mark, rows[0].marks[0]) == ("unobserved", "ok")
