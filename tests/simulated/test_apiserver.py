from __future__ import annotations

import json
from typing import Any

import pytest

from providers.errors import ProviderError
from providers.simulated.apiserver import Denial, Faults, Grant, Identity, SimulatedApiServer


def pod(namespace: str, name: str, **labels: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"containers": [{"name": "notebook"}]},
        "status": {"phase": "Running"},
    }


def event(namespace: str, name: str, reason: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace},
        "involvedObject": {"kind": "Pod", "name": "jupyter-ana"},
        "reason": reason,
    }


PODS = (pod("b", "two", app="hub"), pod("a", "one", app="hub", team="x"), pod("a", "three", app="other"))


async def ask(server: SimulatedApiServer, path: str, **more: Any) -> Any:
    method = more.pop("method", "GET")
    response = await server.request(method, path, timeout_s=more.pop("timeout_s", 1.0), **more)
    return json.loads(response.body)


async def names(server: SimulatedApiServer, path: str, **query: str) -> list[str]:
    return [item["metadata"]["name"] for item in (await ask(server, path, query=query))["items"]]


async def test_lists_the_cluster_and_one_namespace_in_order() -> None:
    server = SimulatedApiServer(PODS)
    assert await names(server, "/api/v1/pods") == ["one", "three", "two"]
    assert await names(server, "/api/v1/namespaces/a/pods") == ["one", "three"]
    assert await names(server, "/api/v1/namespaces/empty/pods") == []
    assert (await ask(server, "/api/v1/pods"))["kind"] == "PodList"


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("app=hub", ["one", "two"]),
        ("app==hub,team", ["one"]),
        ("app=hub,!team", ["two"]),
        ("app!=hub", ["three"]),
        ("app in (hub, other)", ["one", "three", "two"]),
        ("app in (other),team", []),
        ("app notin (hub)", ["three"]),
    ],
)
async def test_selects_by_label(selector: str, found: list[str]) -> None:
    assert await names(SimulatedApiServer(PODS), "/api/v1/pods", labelSelector=selector) == found


async def test_selects_by_field() -> None:
    server = SimulatedApiServer((*PODS, event("a", "e1", "FailedMount"), event("b", "e2", "Pulled")))
    assert await names(server, "/api/v1/pods", fieldSelector="metadata.name=two") == ["two"]
    assert await names(server, "/api/v1/events", fieldSelector="reason=FailedMount") == ["e1"]
    assert await names(server, "/api/v1/events", fieldSelector="involvedObject.name=jupyter-bo") == []
    refused = await ask(server, "/api/v1/pods", query={"fieldSelector": "spec.colour=red"})
    assert (refused["code"], refused["reason"]) == (400, "BadRequest")
    assert "field label not supported: spec.colour" in refused["message"]


async def test_pages_until_there_is_no_token() -> None:
    server = SimulatedApiServer(PODS)
    first = await ask(server, "/api/v1/pods", query={"limit": "2"})
    assert first["metadata"]["remainingItemCount"] == 1
    token = first["metadata"]["continue"]
    second = await ask(server, "/api/v1/pods", query={"limit": "2", "continue": token})
    assert [item["metadata"]["name"] for item in second["items"]] == ["two"]
    assert "continue" not in second["metadata"]
    assert (await ask(server, "/api/v1/pods", query={"continue": "%%%"}))["code"] == 400


async def test_gets_one_and_says_what_is_missing() -> None:
    server = SimulatedApiServer(PODS)
    assert (await ask(server, "/api/v1/namespaces/a/pods/one"))["metadata"]["uid"]
    missing = await ask(server, "/apis/batch/v1/namespaces/a/jobs/gone")
    assert missing["message"] == 'jobs.batch "gone" not found'
    assert missing["details"] == {"name": "gone", "group": "batch", "kind": "jobs"}
    assert (await server.request("GET", "/api/v1/unheard-of", timeout_s=1)).status == 404


async def test_partial_metadata_by_accept_header() -> None:
    headers = {"Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}
    partial = await ask(SimulatedApiServer(PODS), "/api/v1/pods", headers=headers)
    assert partial["kind"] == "PartialObjectMetadataList"
    assert set(partial["items"][0]) == {"kind", "apiVersion", "metadata"}


async def test_a_collection_is_not_deleted() -> None:
    server = SimulatedApiServer(PODS)
    response = await server.request("DELETE", "/api/v1/namespaces/a/pods", timeout_s=1)
    assert response.status == 405
    assert await names(server, "/api/v1/namespaces/a/pods") == ["one", "three"]


async def test_what_is_deleted_is_gone_unless_it_is_a_dry_run() -> None:
    server = SimulatedApiServer(PODS)
    path = "/api/v1/namespaces/a/pods/one"
    assert (await server.request("DELETE", path, query={"dryRun": "All"}, timeout_s=1)).status == 200
    assert await names(server, "/api/v1/namespaces/a/pods") == ["one", "three"]
    assert (await server.request("DELETE", path, timeout_s=1)).status == 200
    assert await names(server, "/api/v1/namespaces/a/pods") == ["three"]


async def test_log_of_a_pod() -> None:
    server = SimulatedApiServer(PODS, logs={("a", "one", "notebook"): "first\nsecond\nthird\n"})
    path = "/api/v1/namespaces/a/pods/one/log"
    response = await server.request("GET", path, query={"tailLines": "2"}, timeout_s=1)
    assert response.body == b"second\nthird\n"
    wrong = await ask(server, path, query={"container": "other"})
    assert wrong["message"] == "container other is not valid for pod one"


async def test_rights_in_some_namespaces_only() -> None:
    viewer = Identity(user="viewer", grants=(Grant(namespace="a"),))
    server = SimulatedApiServer(PODS, identity=viewer)
    refused = await ask(server, "/api/v1/pods")
    assert (refused["code"], refused["details"]) == (403, {"kind": "pods"})
    assert refused["message"] == (
        'pods is forbidden: User "viewer" cannot list resource "pods" in API group "" at the cluster scope'
    )
    assert await names(server, "/api/v1/namespaces/a/pods") == ["one", "three"]
    assert (await ask(server, "/api/v1/namespaces/b/pods"))["code"] == 403


async def test_reviews_tell_the_same_as_the_requests() -> None:
    secrets_hidden = Identity(user="jo", denials=(Denial(verb="list", resource="secrets"),))
    server = SimulatedApiServer(PODS, identity=secrets_hidden)

    async def allowed(**attributes: str) -> bool:
        body = json.dumps({"spec": {"resourceAttributes": attributes}}).encode()
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        return bool((await ask(server, path, method="POST", body=body))["status"]["allowed"])

    assert not await allowed(verb="list", resource="secrets")
    assert await allowed(verb="list", resource="pods", namespace="a")
    assert (await ask(server, "/api/v1/secrets"))["code"] == 403
    who = await ask(server, "/apis/authentication.k8s.io/v1/selfsubjectreviews", method="POST", body=b"{}")
    assert who["status"]["userInfo"]["username"] == "jo"


async def test_a_right_to_one_name_is_found_by_the_field_selector() -> None:
    hub_only = Identity(grants=(Grant(resources=("secrets",), names=("hub",)),))
    server = SimulatedApiServer(identity=hub_only)
    assert await names(server, "/api/v1/secrets", fieldSelector="metadata.name=hub") == []
    assert (await ask(server, "/api/v1/secrets"))["code"] == 403


async def test_faults() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    def server(**faults: Any) -> SimulatedApiServer:
        return SimulatedApiServer(PODS, faults=Faults(**faults), sleep=sleep)

    assert (await ask(server(unauthorized=True), "/api/v1/pods"))["code"] == 401
    throttled = await server(throttled=True).request("GET", "/api/v1/pods", timeout_s=1)
    assert (throttled.status, throttled.headers["retry-after"]) == (429, "1")
    assert (await ask(server(unavailable=True), "/api/v1/pods"))["code"] == 503
    stale = server(pages_expire=True)
    token = (await ask(stale, "/api/v1/pods", query={"limit": "1"}))["metadata"]["continue"]
    assert (await ask(stale, "/api/v1/pods", query={"continue": token}))["reason"] == "Expired"
    broken = await server(broken=True).request("GET", "/api/v1/pods", timeout_s=1)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
        json.loads(broken.body)
    with pytest.raises(ProviderError) as refused:
        await ask(server(refused=True), "/api/v1/pods")
    with pytest.raises(ProviderError) as mute:
        await ask(server(mute=True), "/api/v1/pods", timeout_s=2)
    assert (refused.value.kind, mute.value.kind, waited) == ("unreachable", "timeout", [2])
    assert await ask(server(latency_s=0.3), "/api/v1/pods")
    with pytest.raises(ProviderError) as slow:
        await ask(server(latency_s=9.0), "/api/v1/pods", timeout_s=5)
    assert (slow.value.kind, waited) == ("timeout", [2, 0.3, 5])


async def test_keeps_a_log_of_requests() -> None:
    server = SimulatedApiServer(PODS)
    await ask(server, "/api/v1/pods", query={"limit": "1"})
    assert [(seen.method, seen.path, seen.query) for seen in server.requests] == [
        ("GET", "/api/v1/pods", {"limit": "1"})
    ]
