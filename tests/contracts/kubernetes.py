"""What every API server must keep to, real or simulated. An implementation's own suite subclasses this.

class TestMine(KubernetesContract):
    @pytest.fixture
    def world(self): ...      # a World, loaded and settled: volumes bound, the Job failed, the talker done
    @pytest.fixture
    def transports(self): ...  # opens a transport that only reads, as "admin", "viewer" (no rights), or
                               # "namespaced" (may get and list in world.one, and nowhere else)
Other objects may stand beside the world's; its namespaces are its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from providers.errors import ProviderError
from providers.kubernetes import resources
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.guard import NotPermitted
from providers.kubernetes.observation import ClusterObservation, Listing
from providers.kubernetes.observe import observe
from providers.kubernetes.protocol import Transport
from tests.contracts.kubernetes_world import LAST_WORDS, WORDS, World

Transports = Callable[[str], Awaitable[Transport]]
USER_PODS = "app=jupyterhub,component=singleuser-server"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@asynccontextmanager
async def asking(transports: Transports, who: str = "admin", *, page_size: int = 500) -> AsyncIterator[KubernetesApi]:
    """An API as WHO, closed at the end."""
    api = KubernetesApi(await transports(who), page_size=page_size)
    try:
        yield api
    finally:
        await api.close()


def ours(objects: Iterable[Any] | None, world: World) -> list[str]:
    """The names of those in the world's namespaces, as namespace/name, in order."""
    found = (item.metadata for item in objects or ())
    return sorted(f"{metadata.namespace}/{metadata.name}" for metadata in found if metadata.namespace in world)


class KubernetesContract:
    """Runs over any API server."""

    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError

    @pytest.fixture
    def transports(self) -> Transports:
        raise NotImplementedError

    async def test_lists_the_whole_cluster(self, world: World, transports: Transports) -> None:
        async with asking(transports) as api:
            claims = await api.list(resources.PERSISTENT_VOLUME_CLAIMS)
        assert ours(claims.items, world) == [f"{world.one}/home-nfs", f"{world.two}/home-nfs"]
        assert claims.unreadable == ()

    async def test_lists_one_namespace(self, world: World, transports: Transports) -> None:
        async with asking(transports) as api:
            pods = await api.list(resources.PODS, namespace=world.one, labels=USER_PODS)
            none = await api.list(resources.PODS, namespace="no-such-namespace")
        assert ours(pods.items, world) == [f"{world.one}/jupyter-u{number}" for number in range(5)]
        assert none.items == ()

    async def test_label_selectors(self, world: World, transports: Transports) -> None:
        async with asking(transports) as api:
            helpers = await api.list(resources.PODS, labels="hubhomes/owner")
            servers = await api.list(resources.DEPLOYMENTS, labels="app.kubernetes.io/component=nfs-server")
            hubs = await api.list(resources.DEPLOYMENTS, labels="app=jupyterhub,component=hub")
        assert ours(helpers.items, world) == [f"{world.one}/hubhomes-look-1"]
        assert ours(servers.items, world) == [f"{world.one}/storage-quota-home-nfs"]
        assert ours(hubs.items, world) == [f"{world.one}/hub", f"{world.two}/hub"]

    async def test_field_selectors(self, world: World, transports: Transports) -> None:
        async with asking(transports) as api:
            jobs = await api.list(resources.JOBS, fields="metadata.name=nfs-share-creator")
            secrets = await api.list(resources.HUB_SECRETS, fields="metadata.name=hub")
            events = await api.list(resources.EVENTS, fields="reason=FailedMount")
        assert ours(jobs.items, world) == [f"{world.two}/nfs-share-creator"]
        assert ours(secrets.items, world) == [f"{world.one}/hub", f"{world.two}/hub"]
        assert ours(events.items, world) == [f"{world.one}/jupyter-u0.1"]

    async def test_pages_make_the_whole_list(self, world: World, transports: Transports) -> None:
        async with asking(transports, page_size=2) as api:
            pods = await api.list(resources.PODS, namespace=world.one, labels=USER_PODS)
            asked = api.requests
        assert ours(pods.items, world) == [f"{world.one}/jupyter-u{number}" for number in range(5)]
        assert asked == 3

    async def test_narrow_structs_hold_what_the_chain_reads(self, world: World, transports: Transports) -> None:
        async with asking(transports) as api:
            volume = await api.get(resources.PERSISTENT_VOLUMES, world.volumes[0])
            claim = await api.get(resources.PERSISTENT_VOLUME_CLAIMS, "home-nfs", namespace=world.one)
            pod = await api.get(resources.PODS, "jupyter-u0", namespace=world.one)
            events = await api.list(resources.EVENTS, namespace=world.one, fields="reason=FailedMount")
        assert volume.spec.nfs is not None
        assert (volume.spec.nfs.server, volume.spec.nfs.path) == ("10.2.0.2", f"/homes/{world.one}")
        assert volume.spec.mount_options == ("hard", "noatime")
        assert volume.spec.persistent_volume_reclaim_policy == "Retain"
        assert volume.spec.claim_ref is not None
        assert (volume.spec.claim_ref.namespace, volume.spec.claim_ref.name) == (world.one, "home-nfs")
        assert (volume.status.phase, claim.status.phase) == ("Bound", "Bound")
        assert (claim.spec.volume_name, claim.spec.storage_class_name) == (world.volumes[0], "")
        assert pod.metadata.creation_timestamp is not None
        assert pod.metadata.annotations.username == "u0@example.org"
        assert pod.spec.volumes[0].persistent_volume_claim is not None
        assert pod.spec.volumes[0].persistent_volume_claim.claim_name == "home-nfs"
        mounts = [mount for mount in pod.spec.containers[0].volume_mounts if mount.name == "home"]
        assert [(m.mount_path, m.sub_path, m.read_only) for m in mounts] == [
            ("/home/jovyan", "u0", False),
            ("/home/jovyan/shared", "_shared", True),
        ]
        assert pod.status.phase == "Pending"
        (event,) = events.items or ()
        assert (event.count, event.last_timestamp) == (3, datetime(2026, 11, 1, 10, 5, tzinfo=UTC))

    async def test_an_object_that_is_missing(self, world: World, transports: Transports) -> None:
        async with asking(transports) as api:
            with pytest.raises(ProviderError, match=f"get pods/gone in namespace {world.one}: not found"):
                await api.get(resources.PODS, "gone", namespace=world.one)

    async def test_the_last_lines_of_a_log(self, world: World, transports: Transports) -> None:
        async with asking(transports) as api:
            text = await api.pod_log(world.one, "talker", "main", 3)
        assert tuple(text.splitlines()) == WORDS[-3:]

    async def test_who_we_are_and_what_we_may(self, world: World, transports: Transports) -> None:
        async with asking(transports, "namespaced") as api:
            assert await api.user() == "namespaced"
            assert await api.allowed("list", "pods", namespace=world.one)
            assert not await api.allowed("list", "pods", namespace=world.two)
            assert not await api.allowed("list", "pods")
            assert not await api.allowed("delete", "jobs", group="batch", namespace=world.one)
            assert not await api.allowed("create", "pods/exec", namespace=world.one)

    async def test_forbidden_names_verb_resource_and_place(self, world: World, transports: Transports) -> None:
        async with asking(transports, "viewer") as api:
            with pytest.raises(ProviderError, match=r"cannot list pods \(cluster-wide\): forbidden") as everywhere:
                await api.list(resources.PODS)
            with pytest.raises(ProviderError, match=f"cannot list jobs in namespace {world.one}: forbidden"):
                await api.list(resources.JOBS, namespace=world.one)
        assert everywhere.value.kind == "forbidden"
        assert everywhere.value.next_step == "ask for the right to list pods (cluster-wide)"

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("DELETE", "/api/v1/namespaces/{one}/pods/talker"),
            ("PATCH", "/api/v1/namespaces/{one}/secrets/hub"),
            ("POST", "/api/v1/namespaces/{one}/pods"),
            ("GET", "/api/v1/namespaces/{one}/pods/talker/exec"),
        ],
    )
    async def test_nothing_that_changes_leaves(
        self, world: World, transports: Transports, method: str, path: str
    ) -> None:
        transport = await transports("admin")
        try:
            with pytest.raises(NotPermitted):
                await transport.request(method, path.format(one=world.one), timeout_s=5)
        finally:
            await transport.close()

    async def test_a_look_at_everything(self, world: World, transports: Transports) -> None:
        async with asking(transports) as api:
            seen = await look(api, world)
        assert {volume.metadata.name for volume in seen.persistent_volumes.items} >= set(world.volumes)
        assert len(ours(seen.user_pods.items, world)) == 7
        assert ours(seen.hub_deployments.items, world) == [f"{world.one}/hub", f"{world.two}/hub"]
        assert ours(seen.home_nfs_deployments.items, world) == [f"{world.one}/storage-quota-home-nfs"]
        assert f"{world.one}/storage-quota-home-nfs" in ours(seen.services.items, world)
        assert ours(seen.helper_pods.items, world) == [f"{world.one}/hubhomes-look-1"]
        assert ours(seen.mount_events.items, world) == [f"{world.one}/jupyter-u0.1"]
        assert f"{world.two}/jupyter-u1.1" in ours(seen.scheduling_events.items, world)
        assert seen.nodes.items
        assert seen.user == "admin"
        assert not [listing.refusals for listing in listings(seen).values() if listing.refusals]
        (log,) = [log for log in seen.share_creator_logs if log.namespace == world.two]
        assert (log.lines, log.error) == ((LAST_WORDS,), None)

    async def test_a_look_keeps_the_mounts_of_hub_secrets_and_nothing_else(
        self, world: World, transports: Transports
    ) -> None:
        async with asking(transports) as api:
            seen = await look(api, world)
        values = {hub.namespace: hub for hub in seen.hub_values.items}
        one, two = values[world.one], values[world.two]
        assert (one.storage_type, one.pvc_name, one.sub_path) == ("static", "home-nfs", "{escaped_username}")
        assert one.home_mount_path == "/home/jovyan"
        assert [(m.key, m.mount_path, m.sub_path, m.read_only) for m in one.admin_mounts] == [
            ("01-shared", "/home/jovyan/shared-readwrite", "_shared", False),
            ("02-allusers", "/home/jovyan/allusers", "", True),
        ]
        assert [(m.key, m.mount_path, m.read_only) for m in one.user_mounts] == [(None, "/home/jovyan/shared", True)]
        assert [(m.key, m.mount_path, m.read_only) for m in two.admin_mounts] == [
            (None, "/home/jovyan/allusers", False)
        ]
        assert one.error is None
        assert "s3cret" not in repr(seen)

    async def test_requests_do_not_grow_with_hubs(self, world: World, transports: Transports) -> None:
        async with asking(transports) as api:
            seen = await look(api, world)
        failed = len(seen.share_creator_logs)
        assert seen.requests <= 14 + 2 * failed

    async def test_rights_in_one_namespace_only(self, world: World, transports: Transports) -> None:
        async with asking(transports, "namespaced") as api:
            seen = await look(api, world)
        assert len(ours(seen.user_pods.items, world)) == 5
        assert [(r.namespace, r.kind, r.verb, r.resource) for r in seen.user_pods.refusals] == [
            (world.two, "forbidden", "list", "pods")
        ]
        assert [hub.namespace for hub in seen.hub_values.items] == [world.one]
        assert seen.hub_values.refusal(world.one) is None
        assert seen.hub_values.refusal(world.two) is not None
        assert [(r.namespace, r.resource) for r in seen.persistent_volumes.refusals] == [("", "persistentvolumes")]
        assert [(r.namespace, r.resource) for r in seen.nodes.refusals] == [("", "nodes")]

    async def test_no_rights_at_all_is_an_observation(self, world: World, transports: Transports) -> None:
        async with asking(transports, "viewer") as api:
            seen = await observe(api, context="c", namespaces=(), now=lambda: NOW)
        assert all(listing.refusal() is not None for listing in listings(seen).values())
        assert seen.hub_values.refusals[0].message.startswith("cannot list secrets (cluster-wide): forbidden")
        assert (seen.user, seen.observed_at, seen.context) == ("viewer", NOW, "c")


async def look(api: KubernetesApi, world: World) -> ClusterObservation:
    return await observe(api, context="c", namespaces=world.namespaces, now=lambda: NOW)


def listings(seen: ClusterObservation) -> dict[str, Listing[Any]]:
    fields = {name: getattr(seen, name) for name in seen.__struct_fields__}
    return {name: value for name, value in fields.items() if isinstance(value, Listing)}
