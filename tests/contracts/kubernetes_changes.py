"""What every API server must keep to when something is changed, run or followed there, real or simulated.

class TestMine(KubernetesChangesContract):
    @pytest.fixture
    def place(self): ...   # a Place: a namespace of the test's own, and ways to play with it
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import pytest

from providers.errors import ProviderError
from providers.kubernetes import resources
from providers.kubernetes.api import KubernetesApi, Right
from providers.kubernetes.commands import watched
from providers.kubernetes.exec import CommandResult, run, running
from providers.kubernetes.guard import NotPermitted
from providers.kubernetes.leases import LeaseHeld, Leases
from providers.kubernetes.permission import Level
from providers.kubernetes.protocol import Transport
from providers.kubernetes.resources import Resource
from providers.kubernetes.status_errors import AlreadyExists, Conflict, Invalid, NotAdmitted, StatusError
from providers.kubernetes.writes import Writes
from tests.kubernetes.manifests import looking_pod

Json = dict[str, Any]
MAPS = Resource[Any](plural="configmaps", kind=dict)
CONTAINER = "main"
BYTES = bytes(range(256)) * 300


class Place(Protocol):
    """One namespace of a cluster. Users: "admin" may do everything, "viewer" nothing."""

    namespace: str

    async def connect(self, who: str, level: Level) -> Transport: ...

    async def start(self, name: str) -> None:
        """Starts a pod that waits, with one container CONTAINER in which there is a shell; returns when it runs."""
        ...

    async def say(self, name: str, words: str) -> None:
        """Writes a line to that pod's log."""
        ...

    async def end(self, name: str) -> None:
        """Lets that pod end."""
        ...

    async def restrict(self) -> None:
        """Puts the namespace under Pod Security "restricted"."""
        ...


def config_map(name: str, **data: str) -> Json:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


@asynccontextmanager
async def connected(place: Place, who: str = "admin", level: Level = "write") -> AsyncIterator[Transport]:
    transport = await place.connect(who, level)
    try:
        yield transport
    finally:
        await transport.close()


async def data(transport: Transport, place: Place, name: str) -> dict[str, str]:
    """The data of a ConfigMap as it is."""
    found: Json = await KubernetesApi(transport).get(MAPS, name, namespace=place.namespace)
    return dict(found.get("data") or {})


async def execute(
    transport: Transport,
    place: Place,
    *command: str,
    pod: str = "box",
    container: str = CONTAINER,
    stdin: bytes | None = None,
    deadline_s: float = 20,
) -> CommandResult:
    return await run(
        transport,
        place.namespace,
        pod,
        container=container,
        command=command,
        stdin=stdin,
        deadline_s=deadline_s,
    )


class KubernetesChangesContract:
    """Runs over any API server."""

    @pytest.fixture
    def place(self) -> Place:
        raise NotImplementedError

    async def test_what_is_created_is_there_once(self, place: Place) -> None:
        async with connected(place) as transport:
            writes = Writes(transport)
            made = await writes.create(MAPS, config_map("one", a="1"), namespace=place.namespace)
            assert (made.name, made.namespace) == ("one", place.namespace)
            assert made.uid
            with pytest.raises(
                AlreadyExists, match=r"cannot create configmaps/one in namespace .* it is there already"
            ):
                await writes.create(MAPS, config_map("one", a="2"), namespace=place.namespace)
            assert await data(transport, place, "one") == {"a": "1"}

    async def test_creating_with_a_token_is_safe_to_repeat(self, place: Place) -> None:
        async with connected(place) as transport:
            writes = Writes(transport)
            first = await writes.create(MAPS, config_map("one"), namespace=place.namespace, token="t1")
            again = await writes.create(MAPS, config_map("one"), namespace=place.namespace, token="t1")
            assert again.uid == first.uid
            with pytest.raises(AlreadyExists):
                await writes.create(MAPS, config_map("one"), namespace=place.namespace, token="t2")

    async def test_a_dry_run_leaves_nothing(self, place: Place) -> None:
        async with connected(place) as transport:
            writes, prod = Writes(transport), place.namespace
            await writes.create(MAPS, config_map("dry"), dry_run=True, namespace=prod)
            assert await writes.metadata(MAPS, "dry", namespace=prod) is None
            made = await writes.create(MAPS, config_map("one", a="1"), namespace=prod)
            await writes.merge_patch(MAPS, "one", {"data": {"a": "2"}}, dry_run=True, namespace=prod)
            await writes.apply(MAPS, config_map("one", b="2"), dry_run=True, namespace=prod)
            change = [{"op": "remove", "path": "/data/a"}]
            version = made.resource_version
            await writes.json_patch(MAPS, "one", change, resource_version=version, dry_run=True, namespace=prod)
            assert await writes.delete(MAPS, "one", uid=made.uid, dry_run=True, namespace=prod)
            assert await writes.metadata(MAPS, "one", namespace=prod) == made
            assert await data(transport, place, "one") == {"a": "1"}

    async def test_a_patch_meets_the_object_that_was_read_or_none(self, place: Place) -> None:
        async with connected(place) as transport:
            writes, prod = Writes(transport), place.namespace
            made = await writes.create(MAPS, config_map("one", a="1", b="1"), namespace=prod)
            version = made.resource_version
            change: Json = {"data": {"a": "2", "b": None}}
            await writes.merge_patch(MAPS, "one", change, resource_version=version, uid=made.uid, namespace=prod)
            assert await data(transport, place, "one") == {"a": "2"}
            with pytest.raises(Conflict, match=r"cannot patch configmaps/one .* it was changed meanwhile"):
                await writes.merge_patch(MAPS, "one", {"data": {"a": "3"}}, resource_version=version, namespace=prod)
            with pytest.raises(Conflict):
                await writes.merge_patch(MAPS, "one", {"data": {"a": "3"}}, uid="another", namespace=prod)
            step = [{"op": "replace", "path": "/data/a", "value": "3"}]
            with pytest.raises(Conflict):
                await writes.json_patch(MAPS, "one", step, resource_version=version, namespace=prod)
            assert await data(transport, place, "one") == {"a": "2"}

    async def test_a_json_patch_changes_one_path(self, place: Place) -> None:
        async with connected(place) as transport:
            writes, prod = Writes(transport), place.namespace
            made = await writes.create(MAPS, config_map("one", a="1", b="1"), namespace=prod)
            step = [{"op": "replace", "path": "/data/a", "value": "2"}]
            changed = await writes.json_patch(MAPS, "one", step, resource_version=made.resource_version, namespace=prod)
            assert changed.resource_version != made.resource_version
            assert await data(transport, place, "one") == {"a": "2", "b": "1"}

    async def test_apply_makes_changes_and_takes_back_its_own_fields_only(self, place: Place) -> None:
        async with connected(place) as transport:
            writes, prod = Writes(transport), place.namespace
            await writes.apply(MAPS, config_map("one", a="1", b="1"), namespace=prod)
            await writes.merge_patch(MAPS, "one", {"data": {"others": "x"}}, namespace=prod)
            await writes.apply(MAPS, config_map("one", a="2"), namespace=prod)
            again = await writes.apply(MAPS, config_map("one", a="2"), namespace=prod)
            assert await data(transport, place, "one") == {"a": "2", "others": "x"}
            assert await writes.metadata(MAPS, "one", namespace=prod) == again

    async def test_only_the_object_that_was_meant_is_deleted(self, place: Place) -> None:
        async with connected(place) as transport:
            writes, prod = Writes(transport), place.namespace
            made = await writes.create(MAPS, config_map("one"), namespace=prod)
            assert not await writes.delete(MAPS, "one", uid="another", namespace=prod)
            assert await writes.metadata(MAPS, "one", namespace=prod) == made
            assert not await writes.delete(MAPS, "one", uid=made.uid, resource_version="1", namespace=prod)
            assert await writes.delete(MAPS, "one", uid=made.uid, namespace=prod)
            assert await writes.metadata(MAPS, "one", namespace=prod) is None
            assert not await writes.delete(MAPS, "one", uid=made.uid, namespace=prod)

    async def test_what_is_wrong_is_named(self, place: Place) -> None:
        async with connected(place) as transport:
            with pytest.raises(Invalid, match=r"metadata\.name: Invalid value"):
                await Writes(transport).create(MAPS, config_map("UPPER"), namespace=place.namespace)
            with pytest.raises(StatusError, match=r'namespaces "no-such" not found'):
                await Writes(transport).create(MAPS, config_map("one"), namespace="no-such")

    async def test_admission_is_not_taken_for_a_missing_right(self, place: Place) -> None:
        await place.restrict()
        async with connected(place) as transport:
            pod = looking_pod(namespace=place.namespace)
            with pytest.raises(NotAdmitted, match=r'Pod Security forbids it: .*violates PodSecurity "restricted') as no:
                await Writes(transport).create(resources.PODS, pod, namespace=place.namespace, dry_run=True)
        assert 'restricted volume type "nfs"' in no.value.message
        assert no.value.kind == "forbidden"

    async def test_a_missing_right_is_named(self, place: Place) -> None:
        async with connected(place, "viewer") as transport:
            with pytest.raises(StatusError, match=r"cannot create configmaps/one in namespace .*: forbidden") as no:
                await Writes(transport).create(MAPS, config_map("one"), namespace=place.namespace)
            assert not isinstance(no.value, NotAdmitted)
            assert no.value.next_step == f"ask for the right to create configmaps/one in namespace {place.namespace}"
            wanted = [
                Right("create", "pods/exec", place.namespace),
                Right("create", "leases", place.namespace, "coordination.k8s.io"),
            ]
            missing = await KubernetesApi(transport).missing_rights(wanted)
        assert [str(one) for one in missing] == [
            f"create pods/exec in namespace {place.namespace}",
            f"create leases.coordination.k8s.io in namespace {place.namespace}",
        ]
        async with connected(place) as transport:
            assert await KubernetesApi(transport).missing_rights(wanted) == ()

    # Commands and logs

    async def test_a_command_gives_each_output_and_its_exit_code(self, place: Place) -> None:
        await place.start("box")
        async with connected(place) as transport:
            script = 'printf "$1"; printf wrong >&2; exit 3'
            ended = await execute(transport, place, "sh", "-c", script, "x", "a b\\0c\\n")
            assert (ended.exit_code, ended.stdout, ended.stderr) == (3, b"a b\0c\n", b"wrong")
            quiet = await execute(transport, place, "true")
            assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, b"", b"")

    async def test_an_argument_is_never_read_by_a_shell(self, place: Place) -> None:
        await place.start("box")
        hostile = "$(reboot) `id` 'x' \"y\" ; rm -rf / & \n -n é"
        async with connected(place) as transport:
            ended = await execute(transport, place, "printf", "%s", hostile)
        assert ended.stdout == hostile.encode()

    async def test_bytes_go_in_and_come_out_as_they_are(self, place: Place) -> None:
        await place.start("box")
        async with connected(place) as transport:
            ended = await execute(transport, place, "cat", stdin=BYTES)
        assert (ended.exit_code, ended.stdout) == (0, BYTES)

    async def test_output_comes_while_the_command_runs(self, place: Place) -> None:
        await place.start("box")
        async with (
            connected(place) as transport,
            running(
                transport,
                place.namespace,
                "box",
                container=CONTAINER,
                command=["sh", "-c", "read line; echo got $line"],
                stdin=True,
                timeout_s=10,
            ) as command,
        ):
            await command.write(b"one\n")
            await command.end_input()
            written = b"".join([piece async for _, piece in command])
            assert (written, command.exit_code) == (b"got one\n", 0)

    async def test_a_command_that_cannot_run_says_why(self, place: Place) -> None:
        await place.start("box")
        async with connected(place) as transport:
            with pytest.raises(ProviderError, match="executable file not found"):
                await execute(transport, place, "no-such-program")
            with pytest.raises(StatusError, match='pods "gone" not found') as gone:
                await execute(transport, place, "true", pod="gone")
            assert gone.value.status == 404
            with pytest.raises(StatusError, match="container other is not valid for pod box"):
                await execute(transport, place, "true", container="other")
        async with connected(place, "viewer") as transport:
            with pytest.raises(StatusError, match='resource "pods/exec"') as no:
                await execute(transport, place, "true")
        assert no.value.kind == "forbidden"
        assert no.value.next_step == f"ask for the right to create and get pods/exec in namespace {place.namespace}"

    async def test_a_command_that_does_not_end_ends_with_its_deadline(self, place: Place) -> None:
        await place.start("box")
        async with connected(place) as transport:
            with pytest.raises(ProviderError, match=r"sleep in container main of pod box .* within 0\.5 s") as no:
                await execute(transport, place, "sleep", "30", deadline_s=0.5)
        assert no.value.kind == "timeout"

    async def test_a_watched_command_ends_as_it_would_by_itself(self, place: Place) -> None:
        await place.start("box")
        async with (
            connected(place) as transport,
            running(
                transport,
                place.namespace,
                "box",
                container=CONTAINER,
                command=watched(["sh", "-c", 'echo "$1"; exit 7', "x", "a b"]),
                stdin=True,
                timeout_s=10,
            ) as command,
        ):
            written = b"".join([piece async for _, piece in command])
        assert (written, command.exit_code) == (b"a b\n", 7)

    async def test_a_command_that_writes_without_end_is_cut_off(self, place: Place) -> None:
        await place.start("box")
        async with connected(place) as transport:
            with pytest.raises(ProviderError, match="it writes more than 1000 bytes"):
                await run(
                    transport,
                    place.namespace,
                    "box",
                    container=CONTAINER,
                    command=["head", "-c", "100000", "/dev/zero"],
                    deadline_s=20,
                    limit_bytes=1000,
                )

    async def test_a_log_is_followed_until_the_pod_ends(self, place: Place) -> None:
        await place.start("box")
        path = f"/api/v1/namespaces/{place.namespace}/pods/box/log"
        query = {"container": CONTAINER, "follow": "true"}
        async with connected(place, level="read") as transport:
            await place.say("box", "first")
            async with asyncio.timeout(30), transport.stream(path, query=query, timeout_s=10) as log:
                assert log.status == 200
                seen = b""
                async for piece in log:
                    seen += piece
                    if seen == b"first\n":
                        await place.say("box", "second")
                    elif seen == b"first\nsecond\n":
                        await place.end("box")
            assert seen == b"first\nsecond\n"
            async with transport.stream(path.replace("box", "gone"), query=query, timeout_s=10) as log:
                assert log.status == 404

    # Leases

    async def test_the_second_who_comes_sees_the_firsts_name(self, place: Place) -> None:
        async with connected(place) as transport:
            leases = Leases(transport)
            assert await leases.holder(place.namespace) is None
            held = await leases.acquire(place.namespace, holder="ana@bastion", purpose="fix permissions", duration_s=60)
            with pytest.raises(
                LeaseHeld, match=r"ana@bastion is at work in namespace .* \(fix permissions\)"
            ) as refused:
                await leases.acquire(place.namespace, holder="jo@laptop", purpose="grow", duration_s=60)
            assert refused.value.by.holder == "ana@bastion"
            held = await leases.renew(held, duration_s=120)
            assert await leases.release(held)
            assert not await leases.release(held)
            assert await leases.holder(place.namespace) is None

    async def test_a_lease_that_is_not_renewed_is_taken_over(self, place: Place) -> None:
        async with connected(place) as transport:
            leases = Leases(transport)
            ended = await leases.acquire(place.namespace, holder="ana", purpose="a", duration_s=1)
            async with asyncio.timeout(20):
                while await leases.holder(place.namespace) is not None:
                    await asyncio.sleep(0.05)
            mine = await leases.acquire(place.namespace, holder="jo", purpose="b", duration_s=60)
            assert not await leases.release(ended)
            with pytest.raises(LeaseHeld, match="jo is at work"):
                await leases.renew(ended, duration_s=60)
            assert await leases.release(mine)

    # Without permission

    async def test_without_the_permission_nothing_is_changed_or_run(self, place: Place) -> None:
        await place.start("box")
        attempts_refused: tuple[tuple[Level, int], ...] = (("read", 5), ("probe", 4))
        for level, attempts in attempts_refused:
            async with connected(place, level=level) as transport:
                writes, prod = Writes(transport), place.namespace
                tried: list[Awaitable[object]] = [
                    writes.create(MAPS, config_map("one"), namespace=prod),
                    writes.apply(MAPS, config_map("one"), dry_run=True, namespace=prod),
                    writes.delete(resources.PODS, "box", uid="x", namespace=prod),
                    execute(transport, place, "true"),
                    writes.create(resources.PODS, looking_pod(namespace=place.namespace), namespace=prod),
                ]
                for one in tried[:attempts]:
                    with pytest.raises(NotPermitted):
                        await one
                for one in tried[attempts:]:
                    await one
