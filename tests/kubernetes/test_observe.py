"""A look at a cluster where not all is well."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from providers.errors import ErrorKind, ProviderError
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.observation import ClusterObservation
from providers.kubernetes.observe import observe
from providers.kubernetes.session import KubeconfigConnector
from providers.simulated.apiserver import Denial, Faults, Identity, SimulatedApiServer
from tests.contracts.kubernetes_world import LAST_WORDS, World
from tests.kubernetes.wire import Answering, Asked, Reply, always, kubeconfig, mute, serving

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WORLD = World("one", "two")


async def look(
    api: KubernetesApi, namespaces: Sequence[str] = (), *, deadline_s: float = 60, first_answer_s: float = 30
) -> ClusterObservation:
    return await observe(
        api,
        context="earth",
        namespaces=namespaces,
        now=lambda: NOW,
        deadline_s=deadline_s,
        first_answer_s=first_answer_s,
    )


def simulated(*denials: Denial, faults: Faults | None = None) -> SimulatedApiServer:
    objects = [*WORLD.objects(), *WORLD.filled_in()]
    return SimulatedApiServer(objects, logs=WORLD.logs(), identity=Identity(denials=denials), faults=faults)


async def look_over_wire(
    folder: Path, answering: Answering, *, deadline_s: float = 60, first_answer_s: float = 30
) -> tuple[ClusterObservation, list[Asked]]:
    async with serving(answering) as wire:
        transport = await KubeconfigConnector(kubeconfig(folder / "config", wire.url)).connect("earth")
        api = KubernetesApi(transport, timeout_s=30)
        try:
            return await look(api, deadline_s=deadline_s, first_answer_s=first_answer_s), wire.asked
        finally:
            await api.close()


async def test_a_kind_that_is_forbidden_everywhere_leaves_the_others() -> None:
    seen = await look(KubernetesApi(simulated(Denial(verb="list", resource="secrets"))), WORLD.namespaces)
    assert [(r.namespace, r.resource) for r in seen.hub_values.refusals] == [("one", "secrets"), ("two", "secrets")]
    assert seen.hub_values.partial
    assert len(seen.user_pods.items) == 7
    assert seen.user_pods.refusals == ()
    assert not seen.user_pods.partial


async def test_a_log_that_is_forbidden_is_said_to_be_so() -> None:
    (log,) = (await look(KubernetesApi(simulated(Denial(resource="pods/log"))))).share_creator_logs
    assert log.lines == ()
    assert log.error is not None
    assert "pods/log" in log.error
    assert "forbidden" in log.error


async def test_a_log_whose_pod_is_gone() -> None:
    server = SimulatedApiServer(WORLD.objects())
    (log,) = (await look(KubernetesApi(server))).share_creator_logs
    assert log.error == "its pods are gone, and their log with them"


async def test_the_log_of_the_newest_pod_is_read() -> None:
    older, newer = WORLD.filled_in()[1], WORLD.filled_in()[1]
    older["metadata"] |= {"name": "older", "creationTimestamp": "2026-01-01T00:00:00Z"}
    newer["metadata"] |= {"name": "newer", "creationTimestamp": "2026-01-02T00:00:00Z"}
    logs = {("two", "newer", "dummy"): LAST_WORDS, ("two", "older", "dummy"): "first try"}
    (log,) = (
        await look(KubernetesApi(SimulatedApiServer([*WORLD.objects(), newer, older], logs=logs)))
    ).share_creator_logs
    assert log.lines == (LAST_WORDS,)


async def test_a_mute_cluster_ends_with_the_first_answers_limit(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match=r"nothing answered within 0\.1 s") as error:
        await look_over_wire(tmp_path, mute, first_answer_s=0.1)
    assert error.value.kind == "timeout"


@pytest.mark.parametrize(
    ("reply", "kind"), [(Reply(401), "unauthorized"), (Reply(reset=True), "unreachable"), (Reply(cut=3), "unreachable")]
)
async def test_a_cluster_that_cannot_be_asked_at_all(tmp_path: Path, reply: Reply, kind: ErrorKind) -> None:
    with pytest.raises(ProviderError) as error:
        await look_over_wire(tmp_path, always(reply))
    assert error.value.kind == kind


async def test_one_list_that_never_ends_is_refused_and_the_others_stand(tmp_path: Path) -> None:
    async def answer(asked: Asked) -> Reply:
        return await mute(asked) if asked.target.startswith("/api/v1/services") else Reply(body=b'{"items": []}')

    seen, _ = await look_over_wire(tmp_path, answer, deadline_s=3)
    (refusal,) = seen.services.refusals
    assert (refusal.kind, refusal.resource, refusal.namespace) == ("timeout", "services", "")
    assert seen.user_pods.refusals == ()


async def test_one_list_that_fails_leaves_the_others(tmp_path: Path) -> None:
    async def answer(asked: Asked) -> Reply:
        return Reply(500) if "/persistentvolumes" in asked.target else Reply(body=b'{"items": []}')

    seen, asked = await look_over_wire(tmp_path, answer)
    assert [refusal.kind for refusal in seen.persistent_volumes.refusals] == ["internal"]
    assert seen.nodes.refusals == ()
    assert seen.requests == len(asked) == 14


async def test_objects_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    bad = json.dumps({"items": [{"metadata": {"name": "pv", "labels": 3}}]}).encode()

    async def answer(asked: Asked) -> Reply:
        return Reply(body=bad if "/persistentvolumes" in asked.target else b'{"items": []}')

    seen, _ = await look_over_wire(tmp_path, answer)
    assert seen.persistent_volumes.unreadable == ("pv",)


async def test_hub_values_are_decoded_once_as_long_as_their_secret_stays() -> None:
    server = simulated()
    api = KubernetesApi(server)
    first = {hub.namespace: hub for hub in (await look(api)).hub_values.items}
    changed = next(
        item for item in WORLD.objects() if item["kind"] == "Secret" and item["metadata"]["namespace"] == "two"
    )
    server.store.put(changed | {"data": {"values.yaml": ""}})
    second = {hub.namespace: hub for hub in (await look(api)).hub_values.items}
    assert second["one"] is first["one"]
    assert second["two"].admin_mounts == ()
    assert len(api.known_hub_values) == 2


async def test_a_refused_connection_is_the_whole_clusters() -> None:
    with pytest.raises(ProviderError) as error:
        await look(KubernetesApi(simulated(faults=Faults(refused=True))))
    assert error.value.kind == "unreachable"


async def test_a_second_look_does_not_fetch_secrets_that_stayed() -> None:
    server = simulated()
    first = await look(KubernetesApi(server))
    second = await look(KubernetesApi(server))
    assert second.hub_values == first.hub_values
    assert second.requests == first.requests


async def test_metadata_that_is_refused_costs_nothing(tmp_path: Path) -> None:
    secret = {"metadata": {"name": "hub", "namespace": "prod", "uid": "u", "resourceVersion": "1"}}

    async def answer(asked: Asked) -> Reply:
        if "/secrets" not in asked.target:
            return Reply(body=b'{"items": []}')
        partial = "PartialObjectMetadata" in asked.headers["accept"]
        return Reply(406) if partial else Reply(body=json.dumps({"items": [secret]}).encode())

    async with serving(answer) as wire:
        transport = await KubeconfigConnector(kubeconfig(tmp_path / "config", wire.url)).connect("earth")
        looks = [await look(KubernetesApi(transport)) for _ in range(2)]
        await transport.close()
    assert [seen.hub_values.items[0].namespace for seen in looks] == ["prod", "prod"]
