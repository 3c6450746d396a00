"""How full shares are, through the API server's proxy: what is asked, what is understood, what is said otherwise."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from providers.errors import ProviderError
from providers.filestores.protocol import Usage
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.guard import Guard
from providers.kubernetes.observation import ClusterObservation
from providers.kubernetes.observe import observe
from providers.kubernetes.protocol import Response
from providers.kubernetes.usage.ask import MAX_BYTES, ask_usage
from providers.kubernetes.usage.directories import ask_directories
from providers.kubernetes.usage.shares import Claim, DirectorySize, Share, ShareAnswer, UsageAnswers
from providers.simulated.access import Denial, Grant, Identity
from providers.simulated.apiserver import Faults, SimulatedApiServer
from providers.simulated.proxied import ClaimFigures, node_exporter_page, statistics

NOW = datetime(2026, 3, 9, 14, 2, 31, tzinfo=UTC)
GIB = 1024**3
PROXIED = "/proxy/"


def pod(
    namespace: str,
    name: str,
    *,
    node: str = "node-a",
    claim: str = "home-nfs",
    phase: str = "Running",
    containers: tuple[str, ...] = ("notebook",),
    **labels: str,
) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "containers": [{"name": each, "image": "busybox"} for each in containers],
        "volumes": [{"name": "home", "persistentVolumeClaim": {"claimName": claim}}],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": spec | ({"nodeName": node} if node else {}),
        "status": {"phase": phase},
    }


def server_of_user(namespace: str, *, node: str = "node-a", phase: str = "Running") -> dict[str, Any]:
    return pod(
        namespace,
        f"jupyter-{namespace}-{node}",
        node=node,
        phase=phase,
        app="jupyterhub",
        component="singleuser-server",
    )


def exporter(namespace: str) -> dict[str, Any]:
    return pod(namespace, "shared-volume-metrics-1", app="jupyterhub", component="shared-volume-metrics")


def home_nfs(namespace: str, *containers: str) -> dict[str, Any]:
    manifest = pod(namespace, "storage-quota-home-nfs-1", claim="storage-quota-home-nfs", containers=containers)
    labels = {"app.kubernetes.io/component": "nfs-server", "component": "shared-volume-metrics"}
    return manifest | {"metadata": manifest["metadata"] | {"labels": labels}}


def share(key: str, *namespaces: str, server: tuple[str, str] | None = None) -> Share:
    claims = tuple(Claim(namespace=each, name="home-nfs") for each in namespaces or (key,))
    return Share(key=key, claims=claims, server=server)


def figures(namespace: str, used_gib: float, capacity_gib: float, **more: int) -> ClaimFigures:
    used, capacity = int(used_gib * GIB), int(capacity_gib * GIB)
    return ClaimFigures(namespace=namespace, claim="home-nfs", used_bytes=used, capacity_bytes=capacity, **more)


async def asked(
    server: SimulatedApiServer, *shares: Share, namespaces: tuple[str, ...] = (), deadline_s: float = 5
) -> UsageAnswers:
    api = KubernetesApi(Guard(server))
    seen = await observe(api, context="c", namespaces=namespaces, now=lambda: NOW)
    server.requests.clear()
    answers = await ask_usage(api, shares, seen, now=lambda: NOW, deadline_s=deadline_s)
    assert answers.requests == len(server.requests)
    return answers


def through_proxies(server: SimulatedApiServer) -> list[str]:
    return [request.path for request in server.requests if PROXIED in request.path]


def only(answers: UsageAnswers) -> ShareAnswer:
    (answer,) = answers.answers.values()
    return answer


async def test_a_kubelet_tells_of_the_share_behind_a_claim() -> None:
    server = SimulatedApiServer([server_of_user("prod")])
    server.statistics["node-a"] = statistics("node-a", [figures("prod", 31, 32)], NOW)
    usage = only(await asked(server, share("prod"))).usage
    assert usage == Usage(
        used_bytes=31 * GIB,
        capacity_bytes=32 * GIB,
        source="kubelet of node-a",
        observed_at=NOW.replace(microsecond=0),
        inodes=4_194_304,
        inodes_used=1_048_576,
    )


async def test_what_is_kept_for_root_is_not_free() -> None:
    server = SimulatedApiServer([server_of_user("prod")])
    server.statistics["node-a"] = statistics("node-a", [figures("prod", 95, 100, available_bytes=0)], NOW)
    usage = only(await asked(server, share("prod"))).usage
    assert usage is not None
    assert usage.used_bytes == usage.capacity_bytes == 95 * GIB


async def test_an_endless_file_system_has_no_capacity() -> None:
    server = SimulatedApiServer([server_of_user("prod")])
    endless = ClaimFigures(namespace="prod", claim="home-nfs", used_bytes=3 * GIB, capacity_bytes=8 * 2**60)
    server.statistics["node-a"] = statistics("node-a", [endless], NOW)
    usage = only(await asked(server, share("prod"))).usage
    assert usage is not None
    assert (usage.used_bytes, usage.capacity_bytes) == (3 * GIB, None)
    assert (usage.inodes, usage.inodes_used) == (None, None)


async def test_few_kubelets_are_asked_for_many_shares() -> None:
    names = [f"hub-{number}" for number in range(12)]
    pods = [server_of_user(name, node=node) for name in names for node in ("node-a", "node-b")]
    server = SimulatedApiServer([*pods, server_of_user("alone", node="node-c")])
    server.statistics["node-a"] = statistics("node-a", [figures(name, 1, 2) for name in names], NOW)
    server.statistics["node-c"] = statistics("node-c", [figures("alone", 1, 2)], NOW)
    answers = await asked(server, *(share(name) for name in (*names, "alone")))
    assert all(answer.usage for answer in answers.answers.values())
    assert sorted(through_proxies(server)) == [
        "/api/v1/nodes/node-a/proxy/stats/summary",
        "/api/v1/nodes/node-c/proxy/stats/summary",
    ]
    assert answers.requests == 4  # and two reviews


async def test_hubs_on_one_share_are_one_question() -> None:
    names = [f"hub-{number}" for number in range(5)]
    server = SimulatedApiServer([server_of_user(name, node=f"node-{name}") for name in names])
    for name in names:
        server.statistics[f"node-{name}"] = statistics("n", [figures(name, 1, 2)], NOW)
    assert only(await asked(server, share("one", *names))).usage is not None
    assert len(through_proxies(server)) == 1


async def test_an_exporter_tells_where_no_server_runs() -> None:
    server = SimulatedApiServer([server_of_user("prod", phase="Pending"), exporter("prod")])
    server.pages["prod", "shared-volume-metrics-1", 9100] = node_exporter_page(9 * GIB, 10 * GIB)
    usage = only(await asked(server, share("prod"))).usage
    assert usage == Usage(
        used_bytes=9 * GIB,
        capacity_bytes=10 * GIB,
        source="node exporter of prod/shared-volume-metrics-1",
        observed_at=NOW,
    )


@pytest.mark.parametrize(("files", "told"), [((1000, 20), (1000, 980)), ((0, 0), (None, None)), ((5, 9), (None, None))])
async def test_an_exporter_tells_of_inodes_where_they_have_a_limit(
    files: tuple[int, int], told: tuple[int | None, int | None]
) -> None:
    server = SimulatedApiServer([exporter("prod")])
    labels = '{mountpoint="/shared-volume"}'
    more = f"node_filesystem_files{labels} {files[0]}\nnode_filesystem_files_free{labels} {files[1]}\n"
    server.pages["prod", "shared-volume-metrics-1", 9100] = node_exporter_page(9 * GIB, 10 * GIB) + more
    usage = only(await asked(server, share("prod"))).usage
    assert usage is not None
    assert (usage.inodes, usage.inodes_used) == told


async def test_another_hubs_exporter_is_not_believed() -> None:
    server = SimulatedApiServer([exporter("other")])
    server.pages["other", "shared-volume-metrics-1", 9100] = node_exporter_page(9 * GIB, 10 * GIB)
    assert only(await asked(server, share("prod"))).why == "no running server mounts it; no exporter mounts it"
    assert through_proxies(server) == []


async def test_the_in_cluster_servers_own_exporter() -> None:
    server = SimulatedApiServer([home_nfs("prod", "nfs-server", "enforce-xfs-quota", "metrics-exporter")])
    server.pages["prod", "storage-quota-home-nfs-1", 9100] = node_exporter_page(9 * GIB, 10 * GIB)
    usage = only(await asked(server, share("prod", server=("storage-quota-home-nfs", "prod")))).usage
    assert usage is not None
    assert (usage.used_bytes, usage.capacity_bytes) == (9 * GIB, 10 * GIB)
    assert len(through_proxies(server)) == 1


async def test_the_quota_enforcers_page_tells_what_is_used() -> None:
    server = SimulatedApiServer([home_nfs("prod", "nfs-server", "enforce-xfs-quota")])
    server.pages["prod", "storage-quota-home-nfs-1", 7500] = (
        'dirsize_total_size_bytes{directory="ana"} 1.5e+09\n'
        'dirsize_hard_limit_bytes{directory="ana"} 1e+10\n'
        'dirsize_total_size_bytes{directory="bo"} 5e+08\n'
    )
    usage = only(await asked(server, share("prod", server=("storage-quota-home-nfs", "prod")))).usage
    assert usage is not None
    assert (usage.used_bytes, usage.capacity_bytes) == (2_000_000_000, None)


async def test_missing_rights_are_named_and_nothing_goes_through_a_proxy() -> None:
    identity = Identity(denials=(Denial(resource="nodes/proxy"), Denial(resource="pods/proxy")))
    server = SimulatedApiServer([server_of_user("prod"), exporter("prod")], identity=identity)
    answers = await asked(server, share("prod"), share("two"))
    assert {answer.why for answer in answers.answers.values()} == {
        "the kubelets' figures: the right get nodes/proxy is missing; exporters: the right get pods/proxy is missing"
    }
    # Both rights in the whole cluster; which pods there are; the right in the one namespace where an exporter is.
    assert [request.method for request in server.requests] == ["POST", "POST", "GET", "POST"]
    assert through_proxies(server) == []


async def test_a_role_in_one_namespace_is_found_out_by_who_sees_the_whole_cluster() -> None:
    reading = (Grant(resources=("pods", "persistentvolumeclaims", "persistentvolumes", "deployments")),)
    identity = Identity(grants=(*reading, Grant(namespace="prod", resources=("pods/proxy",))))
    server = SimulatedApiServer([exporter("prod"), exporter("other")], identity=identity)
    server.pages["prod", "shared-volume-metrics-1", 9100] = node_exporter_page(9 * GIB, 10 * GIB)
    answers = await asked(server, share("prod"), share("other"))
    assert answers.answers["prod"].usage is not None
    assert "exporters: the right get pods/proxy is missing" in answers.answers["other"].why
    assert through_proxies(server) == ["/api/v1/namespaces/prod/pods/shared-volume-metrics-1:9100/proxy/metrics"]


async def test_a_right_in_some_namespaces_is_used_there() -> None:
    identity = Identity(grants=(Grant(namespace="prod"),))
    server = SimulatedApiServer([exporter("prod"), exporter("other")], identity=identity)
    server.pages["prod", "shared-volume-metrics-1", 9100] = node_exporter_page(9 * GIB, 10 * GIB)
    answers = await asked(server, share("prod"), share("other"), namespaces=("prod", "other"))
    assert answers.answers["prod"].usage is not None
    assert "get pods/proxy" in answers.answers["other"].why
    assert through_proxies(server) == ["/api/v1/namespaces/prod/pods/shared-volume-metrics-1:9100/proxy/metrics"]


async def test_no_share_is_no_question() -> None:
    server = SimulatedApiServer()
    assert await asked(server) == UsageAnswers()


async def test_an_exporter_that_does_not_answer_is_its_shares_word_alone() -> None:
    server = SimulatedApiServer([exporter("prod"), server_of_user("two")])
    server.statistics["node-a"] = statistics("node-a", [figures("two", 1, 2)], NOW)
    answers = await asked(server, share("prod"), share("two"))
    assert answers.answers["two"].usage is not None
    assert answers.answers["prod"].why == (
        "no running server mounts it; node exporter of prod/shared-volume-metrics-1 does not answer (status 503)"
    )


async def test_a_kubelet_that_hangs_on_the_share_says_nothing_of_it() -> None:
    server = SimulatedApiServer([server_of_user("prod")])
    server.statistics["node-a"] = statistics("node-a", [], NOW)
    assert only(await asked(server, share("prod"))).why.startswith("the kubelet of node-a does not tell of it yet")


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("<html>sign in</html>", "tells nothing of /shared-volume"),
        ("node_filesystem_size_bytes{broken 12\n", "answers with something that is no metrics page"),
        (
            'node_filesystem_device_error{mountpoint="/shared-volume"} 1\n'
            'node_filesystem_size_bytes{mountpoint="/"} 1e9\n',
            "cannot read /shared-volume",
        ),
        ('node_filesystem_size_bytes{mountpoint="/shared-volume"} NaN\n', "tells nothing of /shared-volume"),
    ],
)
async def test_a_page_that_is_none(page: str, why: str) -> None:
    server = SimulatedApiServer([exporter("prod")])
    server.pages["prod", "shared-volume-metrics-1", 9100] = page
    answer = only(await asked(server, share("prod")))
    assert answer.usage is None
    assert answer.why.endswith(why)


async def test_statistics_that_are_none() -> None:
    server = SimulatedApiServer([server_of_user("prod")])
    server.statistics["node-a"] = {"pods": "many"}
    assert "does not answer with statistics" in only(await asked(server, share("prod"))).why


class Endless:
    """A transport whose proxied answers are longer than anybody wants."""

    def __init__(self, server: SimulatedApiServer) -> None:
        self._server = server

    async def request(self, method: str, path: str, **options: Any) -> Response:
        if PROXIED in path:
            return Response(status=200, body=b"#" * (MAX_BYTES + 1))
        return await self._server.request(method, path, **options)

    async def close(self) -> None:
        pass


async def test_an_answer_is_not_taken_at_any_length() -> None:
    server = SimulatedApiServer([server_of_user("prod")])
    seen = await observe(KubernetesApi(server), context="c", namespaces=(), now=lambda: NOW)
    answers = await ask_usage(KubernetesApi(Endless(server)), [share("prod")], seen, now=lambda: NOW, deadline_s=5)  # type: ignore[arg-type]
    assert "more than 32 MiB" in only(answers).why


async def test_silence_ends_at_the_deadline() -> None:
    class Mute(Endless):
        async def request(self, method: str, path: str, **options: Any) -> Response:
            if PROXIED in path:
                await asyncio.Event().wait()
            return await self._server.request(method, path, **options)

    server = SimulatedApiServer([server_of_user("prod")])
    seen = await observe(KubernetesApi(server), context="c", namespaces=(), now=lambda: NOW)
    answers = await ask_usage(KubernetesApi(Mute(server)), [share("prod")], seen, now=lambda: NOW, deadline_s=0.05)  # type: ignore[arg-type]
    assert only(answers).why == "no answer within 0.05 s"


@pytest.mark.parametrize("faults", [Faults(unavailable=True), Faults(refused=True), Faults(broken=True)])
async def test_a_cluster_in_trouble_is_words_on_the_share(faults: Faults) -> None:
    server = SimulatedApiServer([server_of_user("prod")])
    seen: ClusterObservation = await observe(KubernetesApi(server), context="c", namespaces=(), now=lambda: NOW)
    server.faults = faults
    answer = only(await ask_usage(KubernetesApi(server), [share("prod")], seen, now=lambda: NOW, deadline_s=5))
    assert answer.usage is None
    assert answer.why


DIRSIZE = 'dirsize_total_size_bytes{directory="ana"} 5\ndirsize_entries_count{directory="ana"} 2\n'
LIMITS = 'dirsize_total_size_bytes{directory="ana"} 6\ndirsize_hard_limit_bytes{directory="ana"} 9\n'


def walker(namespace: str) -> dict[str, Any]:
    return pod(namespace, "shared-dirsize-metrics-1", app="jupyterhub", component="shared-dirsize-metrics")


async def directories(server: SimulatedApiServer) -> tuple[DirectorySize, ...]:
    api = KubernetesApi(Guard(server))
    seen = await observe(api, context="c", namespaces=(), now=lambda: NOW)
    return await ask_directories(api, "prod", seen.home_nfs_pods.items)


async def test_directories_by_the_walker_and_the_server_together() -> None:
    server = SimulatedApiServer([walker("prod"), walker("other"), home_nfs("prod", "nfs-server", "enforce-xfs-quota")])
    server.pages["prod", "shared-dirsize-metrics-1", 8000] = DIRSIZE
    server.pages["prod", "storage-quota-home-nfs-1", 7500] = LIMITS
    assert await directories(server) == (DirectorySize(directory="ana", total_bytes=5, entries=2, hard_limit_bytes=9),)


async def test_one_exporter_that_fails_leaves_the_others_word() -> None:
    server = SimulatedApiServer([walker("prod"), home_nfs("prod", "nfs-server", "enforce-xfs-quota")])
    server.pages["prod", "storage-quota-home-nfs-1", 7500] = LIMITS
    assert await directories(server) == (DirectorySize(directory="ana", total_bytes=6, hard_limit_bytes=9),)


async def test_directories_without_the_right_or_an_exporter() -> None:
    with pytest.raises(ProviderError, match="no exporter of directory sizes runs in prod"):
        await directories(SimulatedApiServer([walker("other")]))
    server = SimulatedApiServer([walker("prod")], identity=Identity(denials=(Denial(resource="pods/proxy"),)))
    with pytest.raises(ProviderError, match="the right get pods/proxy is missing"):
        await directories(server)
    assert through_proxies(server) == []


async def test_directories_of_an_exporter_that_does_not_answer() -> None:
    with pytest.raises(ProviderError, match="get pods/proxy of shared-dirsize-metrics-1:8000"):
        await directories(SimulatedApiServer([walker("prod")]))
