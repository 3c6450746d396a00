"""Which requests leave under each permission, and which never do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

import pytest

from providers.kubernetes.guard import Guard, NotPermitted
from tests.kubernetes.guarded import LOOK, NOW, POD, PODS, Clock, Recording, encoded, permitted
from tests.kubernetes.manifests import looking_pod, with_value

REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/persistentvolumes"),
        ("GET", "/apis/apps/v1/deployments"),
        ("GET", POD),
        ("GET", f"{POD}/log"),
        ("GET", "/api/v1/namespaces/exec/pods/proxy"),
        ("GET", "/api/v1/namespaces/attach"),
        ("GET", "/version"),
        ("GET", "/api/v1/nodes/ip-10-0-1-2.ec2.internal/proxy/stats/summary"),
        ("GET", "/api/v1/namespaces/prod/pods/shared-volume-metrics-5d9c-abcde:9100/proxy/metrics"),
        ("GET", "/api/v1/namespaces/prod/pods/shared-dirsize-metrics-5d9c-abcde:8000/proxy/metrics"),
        ("GET", "/api/v1/namespaces/prod/pods/storage-quota-home-nfs-5d9c-abcde:7500/proxy/metrics"),
        ("POST", REVIEW),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"),
        ("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews"),
    ],
)
async def test_what_only_looks_leaves(method: str, path: str) -> None:
    wire = Recording()
    await Guard(wire).request(method, path, body=b"{}" if method == "POST" else None, timeout_s=1)
    assert wire.sent == [(method, path)]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", POD),
        ("PATCH", POD),
        ("PUT", POD),
        ("post", REVIEW),
        ("POST", "/api/v1/namespaces/prod/pods"),
        ("POST", f"{REVIEW}/"),
        ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews"),
        ("POST", "/apis/authorization.k8s.io/v1/namespaces/prod/localsubjectaccessreviews"),
        ("POST", f"{POD}/exec"),
        ("GET", f"{POD}/exec"),
        ("GET", f"{POD}/attach"),
        ("GET", f"{POD}/portforward"),
        ("GET", f"{POD}/proxy"),
        ("GET", "/api/v1/namespaces/prod/pods/jupyter-ana:8080/proxy/metrics"),
        ("GET", "/api/v1/namespaces/prod/pods/jupyter-ana/proxy/metrics"),
        ("GET", "/api/v1/namespaces/prod/pods/https:jupyter-ana:9100/proxy/metrics"),
        ("GET", "/api/v1/namespaces/prod/pods/jupyter-ana:9100/proxy/metrics/"),
        ("GET", "/api/v1/namespaces/prod/pods/jupyter-ana:9100/proxy/metrics/more"),
        ("GET", "/api/v1/namespaces/prod/pods/jupyter-ana:91000/proxy/metrics"),
        ("GET", "/api/v1/namespaces/prod/pods/jupyter-ana:9100/proxy/debug"),
        ("GET", "/api/v1/namespaces/prod/pods/jupyter-ana:9100/proxy/../metrics"),
        ("GET", "/api/v1/namespaces/prod/pods/jupyter-ana:9100/exec/proxy/metrics"),
        ("GET", "/api/v1/namespaces/prod/services/hub:9100/proxy/metrics"),
        ("POST", "/api/v1/namespaces/prod/pods/jupyter-ana:9100/proxy/metrics"),
        ("GET", "/api/v1/namespaces/prod/services/hub:8081/proxy/shutdown"),
        ("GET", "/api/v1/nodes/node-a/proxy/metrics"),
        ("GET", "/api/v1/nodes/node-a/proxy/stats/summary/"),
        ("GET", "/api/v1/nodes/node-a/proxy/stats/container"),
        ("GET", "/api/v1/nodes/node-a:10250/proxy/stats/summary"),
        ("POST", "/api/v1/nodes/node-a/proxy/stats/summary"),
        ("PUT", "/api/v1/nodes/node-a/proxy/stats/summary"),
        ("GET", "/api/v1/nodes/node-a/proxy/run/prod/pod/c"),
        ("GET", "/api/v1/proxy/nodes/node-a"),
        ("GET", "/api/v1/watch/pods"),
        ("GET", f"{POD}/%65xec"),
        ("GET", "/api/v1/namespaces/prod/pods//jupyter-ana/exec"),
        ("GET", "/api/v1/namespaces/prod/pods/x/../jupyter-ana/exec"),
        ("GET", f"{POD}/log?x=1"),
        ("GET", f"{POD}/log#x"),
        ("GET", f"{POD}/log\r\nX: y"),
        ("GET", "/logs/kube-apiserver.log"),
        ("GET", "https://elsewhere/api/v1/pods"),
        ("CONNECT", POD),
        ("", POD),
    ],
)
async def test_what_could_change_something_is_refused_before_it_leaves(method: str, path: str) -> None:
    wire = Recording()
    with pytest.raises(NotPermitted, match="read-only"):
        await Guard(wire).request(method, path, timeout_s=1)
    assert wire.sent == []


@pytest.mark.parametrize("name", ["Upgrade", "Connection", "Impersonate-User", "X-HTTP-Method-Override"])
async def test_headers_that_turn_a_get_into_more_are_refused(name: str) -> None:
    wire = Recording()
    with pytest.raises(NotPermitted):
        await Guard(wire).request("GET", POD, headers={name: "websocket"}, timeout_s=1)
    assert wire.sent == []


async def test_a_get_carries_no_body() -> None:
    with pytest.raises(NotPermitted):
        await Guard(Recording()).request("GET", POD, body=b"{}", timeout_s=1)


@pytest.mark.parametrize("path", ["/api/v1/nodes/node-a/proxy/stats/summary", f"{POD}:9100/proxy/metrics"])
async def test_figures_are_asked_for_whole(path: str) -> None:
    wire = Recording()
    with pytest.raises(NotPermitted, match="more than its figures"):
        await Guard(wire).request("GET", path, query={"collect[]": "filesystem"}, timeout_s=1)
    assert wire.sent == []


# Under permissions


async def test_a_pod_that_only_looks_is_sent_as_it_was_checked() -> None:
    wire = Recording()
    await Guard(wire, permitted("probe")).request("POST", PODS, body=encoded(looking_pod()), timeout_s=1)
    assert [json.loads(body or b"") for body in wire.bodies] == [looking_pod()]


async def test_a_pod_that_could_do_more_needs_the_permission_to_write() -> None:
    body = encoded(with_value(looking_pod(), "spec.containers.0.volumeMounts.0.readOnly", False))
    wire = Recording()
    with pytest.raises(NotPermitted, match=r"mounts homes writable.*needs the permission to write") as refused:
        await Guard(wire, permitted("probe")).request("POST", PODS, body=body, timeout_s=1)
    assert (refused.value.kind, refused.value.needs) == ("forbidden", "write")
    assert "grant the permission to write for this cluster" in refused.value.next_step
    assert wire.sent == []
    await Guard(wire, permitted("write")).request("POST", PODS, body=body, timeout_s=1)
    assert wire.bodies == [body]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", POD),
        ("DELETE", f"{LOOK}/eviction"),
        ("PATCH", LOOK),
        ("PUT", LOOK),
        ("PATCH", f"{LOOK}/ephemeralcontainers"),
        ("POST", f"{LOOK}/eviction"),
        ("POST", "/apis/batch/v1/namespaces/prod/jobs"),
        ("POST", "/api/v1/pods"),
        ("PATCH", "/api/v1/namespaces/prod/secrets/hub"),
        ("DELETE", "/api/v1/persistentvolumes/hubhomes-x"),
        ("DELETE", "/apis/apps/v1/namespaces/prod/pods/hubhomes-x"),
    ],
)
async def test_probing_changes_nothing_but_helper_pods(method: str, path: str) -> None:
    wire = Recording()
    with pytest.raises(NotPermitted, match=r"probing only: .* needs the permission to write"):
        await Guard(wire, permitted("probe")).request(method, path, body=b"{}", timeout_s=1)
    assert wire.sent == []
    await Guard(wire, permitted("write")).request(method, path, body=b"{}", timeout_s=1)
    assert wire.sent == [(method, path)]


async def test_a_helper_pod_is_deleted_under_probing() -> None:
    wire = Recording()
    await Guard(wire, permitted("probe")).request("DELETE", LOOK, body=b"{}", timeout_s=1)
    assert wire.sent == [("DELETE", LOOK)]


async def test_a_manifest_in_another_spelling_is_not_read_as_one_that_looks() -> None:
    body, headers = encoded(looking_pod()), {"Content-Type": "application/yaml"}
    with pytest.raises(NotPermitted, match="not JSON"):
        await Guard(Recording(), permitted("probe")).request("POST", PODS, body=body, headers=headers, timeout_s=1)


async def test_a_dry_run_needs_the_permission_to_write() -> None:
    with pytest.raises(NotPermitted, match="permission to write"):
        await Guard(Recording(), permitted("probe")).request(
            "PATCH", "/api/v1/namespaces/prod/persistentvolumeclaims/x", query={"dryRun": "All"}, timeout_s=1
        )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/namespaces/prod/secrets"),
        ("GET", "/api/v1/secrets"),
        ("GET", "/api/v1/namespaces/prod/secrets/sh.helm.release.v1.prod.v7"),
        ("GET", "/api/v1/namespaces/prod/secrets/hub/status"),
        ("POST", "/api/v1/namespaces/prod/secrets"),
        ("PATCH", "/api/v1/namespaces/prod/secrets/other"),
        ("DELETE", "/api/v1/namespaces/prod/secrets/hub"),
        ("POST", "/api/v1/namespaces/prod/serviceaccounts/hub/token"),
        ("DELETE", PODS),
        ("DELETE", "/apis/apps/v1/deployments"),
        ("POST", f"{POD}/exec"),
        ("GET", f"{POD}/exec"),
        ("GET", f"{POD}/portforward"),
        ("POST", "/api/v1/nodes/node-a/proxy/run/prod/pod/c"),
        ("PATCH", f"{POD}%2f"),
        ("DELETE", "/api/v1/namespaces/prod/pods/../pods/x"),
        ("TRACE", POD),
    ],
)
async def test_what_no_permission_lets_out(method: str, path: str) -> None:
    wire = Recording()
    with pytest.raises(NotPermitted, match="no permission lets that out") as refused:
        await Guard(wire, permitted("write")).request(method, path, timeout_s=1)
    assert refused.value.needs is None
    assert wire.sent == []


async def test_nobody_is_impersonated_under_any_permission() -> None:
    with pytest.raises(NotPermitted, match="speaks for somebody else"):
        await Guard(Recording(), permitted("write")).request(
            "GET", POD, headers={"Impersonate-User": "root"}, timeout_s=1
        )


@pytest.mark.parametrize(
    ("path", "query", "accept"),
    [
        ("/api/v1/secrets", {"fieldSelector": "metadata.name=hub"}, "application/json"),
        ("/api/v1/namespaces/prod/secrets", {}, "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"),
        ("/api/v1/namespaces/prod/secrets/hub", {}, "application/json"),
    ],
)
async def test_the_hubs_own_secret_is_read(path: str, query: Mapping[str, str], accept: str) -> None:
    wire = Recording()
    await Guard(wire).request("GET", path, query=query, headers={"Accept": accept}, timeout_s=1)
    assert wire.sent == [("GET", path)]


async def test_a_permission_ends_by_the_clock_and_by_its_recall() -> None:
    clock = Clock()
    permission = permitted("write", clock)
    guard = Guard(Recording(), permission)
    await guard.request("DELETE", POD, timeout_s=1)
    permission.revoke()
    with pytest.raises(NotPermitted, match="read-only"):
        await guard.request("DELETE", POD, timeout_s=1)
    permission.grant("write", until=NOW + timedelta(minutes=15))
    clock.now = NOW + timedelta(minutes=15)
    with pytest.raises(NotPermitted, match="read-only"):
        await guard.request("DELETE", POD, timeout_s=1)


async def test_a_helper_pod_made_here_is_deleted_when_the_permission_has_ended_and_no_other() -> None:
    wire, permission = Recording(), permitted("probe")
    guard = Guard(wire, permission)
    await guard.request("POST", PODS, body=encoded(looking_pod()), timeout_s=1)
    permission.revoke()
    await guard.request("DELETE", LOOK, body=b"{}", timeout_s=1)
    assert wire.sent == [("POST", PODS), ("DELETE", LOOK)]
    for other in (f"{PODS}/hubhomes-other", POD, LOOK.replace("/prod/", "/staging/")):
        with pytest.raises(NotPermitted, match="read-only"):
            await guard.request("DELETE", other, timeout_s=1)


@pytest.mark.parametrize(("status", "query"), [(409, {}), (201, {"dryRun": "All"})])
async def test_a_helper_pod_that_was_not_made_here_stays(status: int, query: Mapping[str, str]) -> None:
    permission = permitted("probe")
    guard = Guard(Recording(status), permission)
    await guard.request("POST", PODS, query=query, body=encoded(looking_pod()), timeout_s=1)
    permission.revoke()
    with pytest.raises(NotPermitted, match="read-only"):
        await guard.request("DELETE", LOOK, timeout_s=1)


# Streams and commands
