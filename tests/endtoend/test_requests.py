"""What reaches the API server, by its own audit log: looking only, and no more of it for more hubs."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cluster.node import AuditedRequest
from tests.endtoend.conftest import LOOKER, Run
from tests.lab.fleet import LabFleet

pytestmark = pytest.mark.node

REVIEWS = {"selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"}


def is_looking(request: AuditedRequest) -> bool:
    asks_for_rights = request.verb == "create" and request.object_ref.resource in REVIEWS
    return request.verb in ("get", "list", "watch") or asks_for_rights


@pytest.fixture(scope="module")
def sent(hubhomes: Run, lab: LabFleet) -> tuple[int, list[AuditedRequest]]:
    """How many requests the document claims of the cluster `lab`, and those that arrived for it."""
    before = len(lab.cluster.audited())
    answer = hubhomes("status", "lab", "--json")
    cluster = json.loads(answer.stdout)["clusters"][0]
    return cluster["requests"], lab.cluster.audited()[before:]


def test_only_looking(sent: tuple[int, list[AuditedRequest]], lab: LabFleet) -> None:
    assert sent[1]
    changing = [one for one in lab.cluster.audited() if not is_looking(one) and one.user.username != LOOKER]
    assert not changing


def test_the_count_is_true_and_does_not_follow_the_hubs(sent: tuple[int, list[AuditedRequest]]) -> None:
    claimed, requests = sent
    assert len(requests) == claimed
    # One list of each kind and who we are; in one namespace only the pod and log of the share creator that failed, and
    # where an exporter is, whether we may ask it, and its answer.
    in_namespaces = [request.object_ref for request in requests if request.object_ref.namespace]
    assert [(each.namespace, each.resource, each.subresource) for each in in_namespaces] == [
        ("creator-failed", "pods", ""),
        ("creator-failed", "pods", "log"),
        ("disk-full", "pods", "proxy"),
    ]
    looks = [request.request_uri for request in requests if request.verb in ("get", "list")]
    assert len(set(looks)) == len(looks)


def test_of_secrets_only_those_named_hub(sent: tuple[int, list[AuditedRequest]]) -> None:
    asked = [request.request_uri for request in sent[1] if request.object_ref.resource == "secrets"]
    assert [parse_qs(urlsplit(uri).query)["fieldSelector"] for uri in asked] == [["metadata.name=hub"]]


def test_offline_sends_nothing(hubhomes: Run, lab: LabFleet) -> None:
    before = len(lab.cluster.audited())
    assert hubhomes("status", "--offline", "--json").returncode == 0
    assert len(lab.cluster.audited()) == before
