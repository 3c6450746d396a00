"""The lab's fleet of broken hubs: what was planted is told, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.endtoend.conftest import Json, Run
from tests.lab.clouds import CLOUD_CLUSTERS, CloudCluster
from tests.lab.fleet import LabFleet
from tests.lab.hubs import BY_NAME, CLUSTER_FINDINGS, HUBS

pytestmark = pytest.mark.node

SCHEMA = Path(__file__).parents[2] / "console" / "cli" / "contract" / "schema.json"


def cluster_of(document: Json, name: str) -> Json:
    return next(cluster for cluster in document["clusters"] if cluster["name"] == name)


def hub_of(document: Json, name: str) -> Json:
    return next(hub for hub in cluster_of(document, "lab")["hubs"] if hub["name"] == name)


def codes(findings: list[Json]) -> list[str]:
    return sorted(finding["code"] for finding in findings)


def words(finding: Json) -> str:
    return " ".join((finding["message"], finding["consequence"], *finding["detail"]))


@pytest.mark.parametrize("name", BY_NAME)
def test_a_hub_tells_what_is_wrong_with_it_and_nothing_else(status: Json, name: str) -> None:
    hub = hub_of(status, name)
    assert codes(hub["findings"]) == sorted(BY_NAME[name].expects), [words(each) for each in hub["findings"]]


def test_no_hub_is_missing_or_made_up(status: Json) -> None:
    assert sorted(hub["name"] for hub in cluster_of(status, "lab")["hubs"]) == sorted(hub.name for hub in HUBS)


@pytest.mark.parametrize("name", CLUSTER_FINDINGS)
def test_a_cluster_tells_its_own_trouble(status: Json, name: str) -> None:
    assert codes(cluster_of(status, name)["findings"]) == sorted(CLUSTER_FINDINGS[name])


@pytest.mark.parametrize("cloud", CLOUD_CLUSTERS, ids=lambda cloud: cloud.name)
def test_a_cluster_on_a_cloud_tells_what_is_wrong_there_and_nothing_else(status: Json, cloud: CloudCluster) -> None:
    found = cluster_of(status, cloud.name)
    assert codes(found["findings"]) == sorted(cloud.expects), [words(each) for each in found["findings"]]
    assert {hub["name"]: codes(hub["findings"]) for hub in found["hubs"]} == {
        hub.name: sorted(hub.expects) for hub in cloud.hubs
    }
    names = {store["id"]: store["name"] for store in found["filestores"]}
    on = {hub["name"]: [names[store] for store in hub["filestores"]] for hub in found["hubs"]}
    assert on == {hub.name: [hub.store] if hub.store else [] for hub in cloud.hubs}


def test_all_four_backends_are_there(status: Json) -> None:
    told = {store["backend"] for cluster in status["clusters"] for store in cluster["filestores"]}
    assert told == {"home-nfs", "gcp-filestore", "aws-efs", "azure-files"}


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("expired", "unauthorized", "does not accept the credentials"),
        ("imposter", "tls", "authority that is not trusted"),
        ("refused", "unreachable", "connection refused"),
        ("mute", "timeout", "within 3 s"),
        ("nowhere", "no_context", "no kubeconfig context serves nowhere"),
    ],
)
def test_a_cluster_that_cannot_be_asked_says_why(status: Json, name: str, kind: str, said: str) -> None:
    cluster = cluster_of(status, name)
    assert (cluster["error"]["kind"], cluster["observed_at"]) == (kind, None)
    assert said in cluster["error"]["message"]
    assert cluster["error"]["next_step"]
    assert [hub["live"] for hub in cluster["hubs"]] == [None]


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("pv-elsewhere", "PV04", "/export/old-place"),
        ("pv-options", "PV05", "noatime"),
        ("pvc-lost", "PV01", "Lost"),
        ("pv-missing", "PV01", "Pending"),
        ("pv-released", "PV02", "1 user cannot start"),
        ("creator-failed", "DIR01", "File exists"),
        ("override", "DIR05", "No such file or directory"),
        ("twin-a", "DIR06", "twin-b"),
        ("mount-nodir", "MNT10", "No such file or directory"),
        ("mount-denied", "MNT11", "access denied by server"),
        ("mount-protocol", "MNT14", "protocol is not supported"),
        ("mount-hang", "MNT16", "ana"),
        ("older-pods", "MNT05", "ana"),
        ("allusers-live", "MNT02", "/home/jovyan/allusers"),
        ("disk-full", "FST04", "says node exporter of disk-full/shared-volume-metrics"),
        ("nfs-down", "FST01", "ErrImageNeverPull"),
        ("nfs-degraded", "FST02", "enforce-xfs-quota"),
    ],
)
def test_a_finding_names_the_values_that_matter(status: Json, name: str, code: str, said: str) -> None:
    finding = next(each for each in hub_of(status, name)["findings"] if each["code"] == code)
    assert said in words(finding)


def test_a_forbidden_namespace_hides_its_own_hub_only(status: Json) -> None:
    healthy, forbidden = cluster_of(status, "annex")["hubs"]
    assert (healthy["name"], forbidden["name"]) == ("healthy", "pv-delete")
    marks = {link["link"]: link["mark"] for link in healthy["links"]}
    assert (marks["pvc"], marks["mounts"]) == ("ok", "ok")
    assert {link["mark"] for link in forbidden["links"]} <= {"unobserved", "unlooked"}
    refused = next(link for link in forbidden["links"] if link["link"] == "pvc")
    assert "list persistentvolumeclaims" in refused["why"]
    told = cluster_of(status, "annex")["findings"][0]
    assert any("in namespace pv-delete" in line for line in told["detail"])


def test_a_viewer_without_rights_is_told_so_and_nothing_is_called_missing(hubhomes: Run, lab: LabFleet) -> None:
    users = str(lab.cluster.kubeconfig)
    answer = hubhomes(
        "check", "lab/pv-missing", "--context", "viewer", "--fail-on", "error", "--json", KUBECONFIG=users
    )
    document = json.loads(answer.stdout)
    assert answer.returncode == 3, answer.stderr
    assert codes(document["findings"]) in ([], ["CLU05"])
    unobserved = {each["link"] for each in document["unobserved"] if each["hub"] == "pv-missing"}
    assert {"pv", "pvc", "mounts"} <= unobserved


def test_check_finds_what_status_shows(hubhomes: Run, status: Json) -> None:
    answer = hubhomes("check", "--fail-on", "info", "--json")
    assert answer.returncode == 1
    document = json.loads(answer.stdout)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))

    def keyed(findings: list[Json]) -> list[tuple[Any, ...]]:
        return sorted((each["cluster"], each["hub"] or "", each["code"]) for each in findings)

    shown = [finding for cluster in status["clusters"] for finding in cluster["findings"]]
    shown += [finding for cluster in status["clusters"] for hub in cluster["hubs"] for finding in hub["findings"]]
    assert keyed(document["findings"]) == keyed(shown)


def test_the_document_keeps_the_contract(status: Json) -> None:
    jsonschema.validate(status, json.loads(SCHEMA.read_text()))


def test_the_healthy_hub_is_drawn_from_live_objects(status: Json) -> None:
    hub = hub_of(status, "healthy")
    volume, claim, pods = hub["live"]["pv"], hub["live"]["pvc"], hub["seen"]["pods"]
    assert (volume["phase"], volume["path"], volume["claim"]) == ("Bound", "/export/healthy", "healthy/home-nfs")
    assert (claim["phase"], claim["volume"]) == ("Bound", "healthy-home-nfs")
    assert (pods["running"], pods["admin_running"], pods["older_mounts"]) == (3, 1, 0)
    assert hub["filestores"] == ["home-nfs/healthy/storage-quota-home-nfs"]


def test_no_secret_leaves_the_cluster(hubhomes: Run, status: Json) -> None:
    from providers.simulated.hub import SECRETS

    told = json.dumps(status) + hubhomes("status", "lab").stdout + hubhomes("check", "lab").stdout
    assert not [secret for secret in SECRETS if secret in told]
