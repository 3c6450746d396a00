"""The contract suite over a real cluster, through kubeconfig contexts."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from providers.kubernetes import resources
from providers.kubernetes.commands import look_scripts, watched
from providers.kubernetes.exec import run, running
from providers.kubernetes.permission import Level, Permission
from providers.kubernetes.protocol import Transport
from providers.kubernetes.session import KubeconfigConnector
from providers.kubernetes.status_errors import StatusError
from providers.kubernetes.writes import Writes
from tests.cluster.client import ApiClient, Json
from tests.cluster.node import RealCluster
from tests.cluster.rights import documented_role, grant_namespaced
from tests.contracts.kubernetes import KubernetesContract, Transports
from tests.contracts.kubernetes_changes import CONTAINER, KubernetesChangesContract, connected, execute
from tests.contracts.kubernetes_world import BUSYBOX, World
from tests.kubernetes.manifests import looking_pod

_numbers = itertools.count(1)


def settled(api: ApiClient, kind: str, name: str, namespace: str, phase: str) -> None:
    api.wait(f"{kind} {name}", lambda: api.get(kind, name, namespace)["status"].get("phase") == phase)


@pytest.mark.node
class TestReal(KubernetesContract):
    @pytest.fixture(scope="class")
    def world(self, real_node: RealCluster) -> Iterator[World]:
        number, api = next(_numbers), real_node.api
        world = World(f"contract-one-{number}", f"contract-two-{number}")
        for manifest in world.objects():
            api.create(manifest)
        grant_namespaced(api, world.one)
        for namespace in world.namespaces:
            settled(api, "PersistentVolumeClaim", "home-nfs", namespace, "Bound")
        settled(api, "Pod", "talker", world.one, "Succeeded")
        api.wait("Job", lambda: bool(api.get("Job", "nfs-share-creator", world.two)["status"].get("failed")))
        yield world
        # Its helper pod is nobody's for whoever looks for such in the whole cluster.
        for namespace in world.namespaces:
            api.delete("Namespace", namespace)

    @pytest.fixture
    def transports(self, real_node: RealCluster) -> Transports:
        async def opened(who: str) -> Transport:
            return await KubeconfigConnector(str(real_node.kubeconfig)).connect(who)

        return opened


class RealPlace:
    """A namespace of the real cluster."""

    def __init__(self, node: RealCluster, namespace: str) -> None:
        self.namespace = namespace
        self._node = node

    async def connect(self, who: str, level: Level) -> Transport:
        permission = Permission()
        if level != "read":
            permission.grant(level, until=datetime.now(UTC) + timedelta(minutes=5))
        return await KubeconfigConnector(str(self._node.kubeconfig)).connect(who, permission=permission)

    async def start(self, name: str) -> None:
        script = "while [ ! -e /tmp/end ]; do sleep 0.05; done"
        container = {"name": CONTAINER, "image": BUSYBOX, "command": ["sh", "-c", script]}
        spec = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 0, "containers": [container]}
        metadata = {"name": name, "namespace": self.namespace}
        self._node.api.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
        settled(self._node.api, "Pod", name, self.namespace, "Running")

    async def say(self, name: str, words: str) -> None:
        await self._run(name, 'echo "$1" >/proc/1/fd/1', words)

    async def end(self, name: str) -> None:
        await self._run(name, "touch /tmp/end")

    async def restrict(self) -> None:
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        self._node.api.patch("Namespace", self.namespace, "", {"metadata": {"labels": labels}})

    async def _run(self, name: str, script: str, *arguments: str) -> None:
        transport = await self.connect("admin", "write")
        command = ["sh", "-c", script, "x", *arguments]
        ended = await run(transport, self.namespace, name, container=CONTAINER, command=command, deadline_s=20)
        await transport.close()
        assert ended.exit_code == 0, ended.stderr


@pytest.mark.node
class TestRealChanges(KubernetesChangesContract):
    @pytest.fixture
    def place(self, real_node: RealCluster, real_namespace: str) -> Iterator[RealPlace]:
        yield RealPlace(real_node, real_namespace)
        # The suite makes a look's pod by hand: it is no look's, which would have removed it.
        real_node.api.delete("Pod", looking_pod()["metadata"]["name"], real_namespace, grace_s=0)

    async def test_hanging_up_ends_a_watched_command_and_what_it_started(self, place: RealPlace) -> None:
        await place.start("box")
        script = "sleep 1001 & sleep 1002"
        async with connected(place) as transport:
            async with running(
                transport,
                place.namespace,
                "box",
                container=CONTAINER,
                command=watched(["sh", "-c", script]),
                stdin=True,
                timeout_s=10,
            ):
                await until(lambda: sleeping(place, transport), {"sleep 1001", "sleep 1002"})
            await until(lambda: sleeping(place, transport), set())

    async def test_the_documented_rights_are_enough_to_probe(self, place: RealPlace, real_node: RealCluster) -> None:
        await place.start("box")
        grant_viewers(real_node.api, documented_role("hubhomes-probe"), place.namespace)
        async with connected(place, "viewer", "probe") as transport:
            writes = Writes(transport)
            manifest = looking_pod(namespace=place.namespace, image=BUSYBOX)
            made = await writes.create(resources.PODS, manifest, namespace=place.namespace)
            ended = await execute(transport, place, "sh", "-c", min(look_scripts()))
            assert ended.exit_code != 127
            assert await writes.delete(resources.PODS, made.name, namespace=place.namespace, uid=made.uid, grace_s=0)

    @pytest.mark.parametrize("verb", ["get", "create"])
    async def test_a_command_needs_both_verbs(self, place: RealPlace, real_node: RealCluster, verb: str) -> None:
        await place.start("box")
        role = documented_role("hubhomes-probe")
        one_verb = [{"apiGroups": [""], "resources": ["pods/exec"], "verbs": [verb]}]
        grant_viewers(real_node.api, role | {"rules": one_verb}, place.namespace)
        async with connected(place, "viewer") as transport:
            with pytest.raises(StatusError, match='pods "box" is forbidden') as refused:
                await execute(transport, place, "true")
        assert refused.value.next_step.startswith("ask for the right to create and get pods/exec in namespace")

    async def test_the_audit_log_saw_nothing_without_permission(self, place: RealPlace, real_node: RealCluster) -> None:
        await self.test_without_the_permission_nothing_is_changed_or_run(place)
        sent = [one for one in real_node.audited() if one.object_ref.namespace == place.namespace]
        assert [(one.verb, one.object_ref.resource, one.object_ref.name) for one in sent] == [
            ("create", "pods", looking_pod()["metadata"]["name"])
        ]


def grant_viewers(api: ApiClient, role: Json, namespace: str) -> None:
    """Gives the viewers the rights of ROLE in NAMESPACE."""
    metadata = {"name": "probe", "namespace": namespace}
    group = "rbac.authorization.k8s.io"
    own = {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": metadata, "rules": role["rules"]}
    reference = {"apiGroup": group, "kind": "Role", "name": "probe"}
    subjects = [{"apiGroup": group, "kind": "Group", "name": "viewers"}]
    binding = {"apiVersion": f"{group}/v1", "kind": "RoleBinding", "metadata": metadata}
    api.create(own)
    api.create(binding | {"roleRef": reference, "subjects": subjects})


async def sleeping(place: RealPlace, transport: Transport) -> set[str]:
    listed = (await execute(transport, place, "ps", "-o", "args")).stdout.decode().splitlines()
    return {line for line in listed if line.startswith("sleep 100")}


async def until(asking: Callable[[], Awaitable[set[str]]], wanted: set[str]) -> None:
    async with asyncio.timeout(20):
        while await asking() != wanted:
            await asyncio.sleep(0.05)
