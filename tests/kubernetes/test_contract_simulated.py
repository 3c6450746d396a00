"""The contract suite over the simulated API server."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from providers.kubernetes.guard import Guard
from providers.kubernetes.permission import Level, Permission
from providers.kubernetes.protocol import Transport
from providers.simulated.apiserver import Grant, Identity, SimulatedApiServer
from providers.simulated.pods import ExecAnswer, ExecRequest, no_such_program
from tests.contracts.kubernetes import KubernetesContract, Transports
from tests.contracts.kubernetes_changes import CONTAINER, KubernetesChangesContract
from tests.contracts.kubernetes_world import World


class TestSimulated(KubernetesContract):
    @pytest.fixture
    def world(self) -> World:
        return World("one", "two")

    @pytest.fixture
    def transports(self, world: World) -> Transports:
        identities = {
            "admin": Identity(user="admin"),
            "viewer": Identity(user="viewer", grants=()),
            "namespaced": Identity(user="namespaced", grants=(Grant(namespace=world.one),)),
        }

        async def opened(who: str) -> Transport:
            objects = [*world.objects(), *world.filled_in()]
            return Guard(SimulatedApiServer(objects, logs=world.logs(), identity=identities[who]))

        return opened


async def this_machine(request: ExecRequest) -> ExecAnswer:
    """Runs the command here, so that what goes in and comes out is no invention of the tests."""
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(*request.command, stdin=pipe, stdout=pipe, stderr=pipe)
    except FileNotFoundError:
        return await no_such_program(request)
    try:
        stdout, stderr = await process.communicate(request.stdin)
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    return ExecAnswer(exit_code=process.returncode or 0, stdout=stdout, stderr=stderr)


class SimulatedPlace:
    """A namespace of one simulated API server."""

    namespace = "prod"

    def __init__(self) -> None:
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}
        self._server = SimulatedApiServer([namespace], execs=this_machine)

    async def connect(self, who: str, level: Level) -> Transport:
        permission = Permission()
        if level != "read":
            permission.grant(level, until=datetime.now(UTC) + timedelta(minutes=5))
        grants = (Grant(verbs=("*",)),) if who == "admin" else ()
        self._server.identity = Identity(user=who, grants=grants)
        return Guard(self._server, permission)

    async def start(self, name: str) -> None:
        self._put(name, "Running")

    async def say(self, name: str, words: str) -> None:
        self._server.logs.append((self.namespace, name, CONTAINER), f"{words}\n")

    async def end(self, name: str) -> None:
        self._put(name, "Succeeded")
        self._server.logs.tell()

    async def restrict(self) -> None:
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        metadata = {"name": self.namespace, "labels": labels}
        self._server.store.put({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})

    def _put(self, name: str, phase: str) -> None:
        metadata = {"name": name, "namespace": self.namespace}
        spec = {"containers": [{"name": CONTAINER}]}
        status = {"phase": phase}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}
        self._server.store.put(pod)


class TestSimulatedChanges(KubernetesChangesContract):
    @pytest.fixture
    def place(self) -> SimulatedPlace:
        return SimulatedPlace()
