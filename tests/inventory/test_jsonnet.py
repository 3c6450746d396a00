"""Values that a chart computes: values.jsonnet."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.inventory.jsonnet import Job
from console.inventory.model import Origin
from console.inventory.workers import run_jobs
from tests.inventory.checkouts import CLUSTER, PROD, checkout, only_hub, only_problem, read, write

VARIABLES = """\
{ nfs: { pv: { mountOptions: [
  std.extVar('VARS_2I2C_' + name)
  for name in ['CLUSTER_NAME', 'HUB_NAME', 'HUB_DOMAIN', 'PROVIDER', 'ACCOUNT_ID']
] } } }
"""
JSONNET_FILE = "helm-charts/basehub/values.jsonnet"


def test_the_hub_is_told_to_the_chart(tmp_path: Path) -> None:
    hub = only_hub(read(checkout(tmp_path, jsonnet=VARIABLES)))

    assert hub.mount_options.value == ("earth", "prod", "prod.example.org", "gcp", "planet")
    assert hub.mount_options.origin == Origin(JSONNET_FILE, chart=True)
    assert hub.mount_options.origin.source == "chart"


def test_computed_values_stand_between_the_chart_and_the_hub(tmp_path: Path) -> None:
    computed = "{ nfs: { pv: { mountOptions: ['x'], serverIP: '10.9.9.9' } } }"

    hub = only_hub(read(checkout(tmp_path, jsonnet=computed)))

    assert hub.mount_options.value == ("x",)
    assert hub.server.value == "10.2.0.2"


def test_a_computed_null_removes_the_charts_mount(tmp_path: Path) -> None:
    computed = "{ jupyterhub: { custom: { singleuserAdmin: { extraVolumeMounts: { '1-shared-readwrite': null } } } } }"

    hub = only_hub(read(checkout(tmp_path, jsonnet=computed)))

    assert (hub.admin_mounts, hub.chart_admin_mounts) == ((), ())


def test_a_linked_file_is_told_its_own_unresolved_path(tmp_path: Path) -> None:
    by_path = (
        "local parts = std.split(std.thisFile, '/');\n"
        "local config = { nfs: { pv: { mountOptions: [parts[std.length(parts) - 2]] } } };\n"
        "if parts[std.length(parts) - 2] == 'daskhub' then { basehub: config } else config\n"
    )
    cluster = CLUSTER.replace("helm_chart: basehub", "helm_chart: daskhub")
    root = checkout(tmp_path, cluster=cluster, jsonnet=by_path, daskhub="dask-gateway: {enabled: true}\n")
    (tmp_path / "helm-charts/daskhub/values.jsonnet").symlink_to("../basehub/values.jsonnet")

    hub = only_hub(read(root))

    assert hub.mount_options.value == ("daskhub",)
    assert hub.mount_options.origin == Origin("helm-charts/daskhub/values.jsonnet", chart=True)


def test_a_hubs_own_jsonnet_file(tmp_path: Path) -> None:
    cluster = CLUSTER.replace("common.values.yaml", "common.values.jsonnet")
    root = checkout(tmp_path, cluster=cluster)
    write(root / "earth" / "lib.libsonnet", "{ options: ['soft', std.extVar('VARS_2I2C_HUB_NAME')] }")
    write(
        root / "earth" / "common.values.jsonnet",
        "{ nfs: { pv: { mountOptions: (import 'lib.libsonnet').options, serverIP: '10.9.9.9' } } }",
    )

    hub = only_hub(read(root))

    assert hub.mount_options.value == ("soft", "prod")
    assert hub.mount_options.origin == Origin("config/clusters/earth/common.values.jsonnet")
    assert hub.server.value == "10.2.0.2"


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("{\n  a: error 'no such hub',\n}", (2, 6), "values.jsonnet fails: no such hub"),
        ("{\n  a: nothing,\n}", (2, 6), "values.jsonnet fails: Unknown variable: nothing"),
        ("{ a: 1,,\n}", (1, 8), "values.jsonnet fails: "),
        ("{ a: import 'nowhere.libsonnet' }", (1, 6), "nowhere.libsonnet is not found"),
        ("[1]", (0, 0), "does not evaluate to a map"),
        ("{ a: std.extVar('OTHER') }", (0, 0), "OTHER"),
    ],
)
def test_a_file_that_fails(tmp_path: Path, text: str, place: tuple[int, int], words: str) -> None:
    inventory = read(checkout(tmp_path, jsonnet=text))
    problem, hub = only_problem(inventory), only_hub(inventory)

    assert problem.kind == ("not-a-map" if text == "[1]" else "jsonnet")
    assert problem.hub == "prod"
    assert problem.origin.file == JSONNET_FILE
    assert place in ((0, 0), (problem.origin.line, problem.origin.column))
    assert words in problem.message
    assert str(tmp_path) not in problem.message
    assert (hub.resolved, hub.server.value) == (False, "10.2.0.2")


def test_one_failing_chart_is_one_problem(tmp_path: Path) -> None:
    root = checkout(tmp_path, jsonnet="{ a: error 'always' }")
    write(root / "ocean" / "cluster.yaml", CLUSTER.replace("earth", "ocean"))
    write(root / "ocean" / "prod.values.yaml", PROD)
    write(root / "ocean" / "common.values.yaml", "")

    (problem,) = read(root).problems

    assert problem.message == f"{JSONNET_FILE} fails: always (hits earth/prod, ocean/prod)"


def test_a_job_that_does_not_end_is_given_up_and_the_others_answer(tmp_path: Path) -> None:
    inner = "std.foldl(function(a, b) a + b, std.range(0, 10000), 0)"
    endless_text = f"std.foldl(function(a, b) a + {inner}, std.range(0, 100000), 0)"  # minutes, in little memory
    write(tmp_path / "endless.jsonnet", endless_text)
    write(tmp_path / "good.jsonnet", "{ hub: std.extVar('hub') }")
    good, endless = str(tmp_path / "good.jsonnet"), str(tmp_path / "endless.jsonnet")
    jobs = [Job(path, {"hub": str(number)}) for number, path in enumerate([good, endless, good, endless, good])]

    evaluations = run_jobs(jobs, timeout_s=2)

    assert [evaluation.error is None for evaluation in evaluations] == [True, False, True, False, True]
    assert [evaluation.lasting for evaluation in evaluations] == [True, False, True, False, True]
    assert '"4"' in (evaluations[4].text or "")


def test_many_jobs_answer_in_their_order(tmp_path: Path) -> None:
    write(tmp_path / "good.jsonnet", "{ hub: std.extVar('hub') }")
    jobs = [Job(str(tmp_path / "good.jsonnet"), {"hub": f"hub {number}"}) for number in range(50)]

    evaluations = run_jobs(jobs)

    assert [f'"hub {number}"' in (found.text or "") for number, found in enumerate(evaluations)] == [True] * 50
