"""A cluster of many hubs and user pods, made on a real API server as quickly as it takes them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from providers.simulated import statuses
from providers.simulated.chart import (
    Release,
    hub_deployment,
    hub_secret,
    namespace,
    persistent_volume,
    persistent_volume_claim,
    user_pod,
)
from tests.cluster.client import ApiClient, Json

SERVER = "10.2.0.2"
_THREADS = 8
_ENVIRONMENT = 2
"""Variables that are kept of a user pod's: so many make it 3 to 6 kB, as the API server stores it."""


def load(api: ApiClient, *, hubs: int, pods: int) -> None:
    """HUBS hubs, each with its PersistentVolume, claim, Secret and Deployment, and PODS running user pods over them."""
    releases = [Release(name=f"hub-{number:03}", server=SERVER, base_share="/homes/") for number in range(hubs)]
    api.create_all((namespace(release.name) for release in releases), threads=_THREADS)
    with ThreadPoolExecutor(_THREADS) as pool:
        for done in pool.map(lambda release: _deploy(api, release), releases):
            assert done is None
        for done in pool.map(lambda pod: _start(api, pod), _pods(releases, pods)):
            assert done is None


def _deploy(api: ApiClient, release: Release) -> None:
    claim = api.create(persistent_volume_claim(release))
    api.create(persistent_volume(release))
    bound = statuses.volume(persistent_volume(release), "Bound", claim=claim)
    api.patch("PersistentVolume", release.pv_name, "", {"spec": {"claimRef": bound["spec"]["claimRef"]}})
    _set_status(api, bound)
    _set_status(api, statuses.claim(claim, "Bound"))
    api.create(hub_secret(release))
    _set_status(api, statuses.deployment(api.create(hub_deployment(release))))


def _pods(releases: list[Release], count: int) -> Iterator[Json]:
    for number in range(count):
        pod = user_pod(releases[number % len(releases)], f"user-{number}", node_name="", ownership_fix=False)
        (container,) = pod["spec"]["containers"]
        container["env"] = container["env"][:_ENVIRONMENT]
        yield pod


def _start(api: ApiClient, pod: Json) -> None:
    api.create(pod)
    _set_status(api, statuses.running_pod(pod, datetime(2026, 11, 1, 8, tzinfo=UTC)))


def _set_status(api: ApiClient, manifest: Json) -> None:
    metadata = manifest["metadata"]
    change = {"status": manifest["status"]}
    api.patch(manifest["kind"], metadata["name"], metadata.get("namespace", ""), change, subresource="status")
