"""What keeps a look from beginning, or ends it, on a real node: each in its own words, and no pod is left."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import aclosing
from pathlib import Path

import pytest

from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.looks.helper_pods import list_helper_pods, remove_pod
from providers.kubernetes.looks.look import look, looked
from providers.kubernetes.looks.protocol import Finished, LookFailure, Placement, Requested, SizeBegun
from tests.cluster.client import Json
from tests.cluster.node import RealCluster
from tests.kubernetes.looks.real import SERVER, helper_pods, phase, request, session, share

pytestmark = pytest.mark.node

REPOSITORY = Path(__file__).parents[3]
MOUNT_FAULTS = {
    "denied": "access denied by server while mounting {source}",
    "refused": "Connection refused",
    "timeout": "Connection timed out",
    "protocol": "requested NFS version or transport protocol is not supported",
    "options": "an incorrect mount option was specified",
    "name": "Failed to resolve server {source}: Name or service not known",
}


async def failure_of(cluster: RealCluster, namespace: str, **changes: object) -> LookFailure:
    async with session(cluster) as transport:
        seen = await looked(transport, request(namespace, **changes))
    assert seen.failure is not None
    assert seen.entries is None
    assert seen.hub is None
    assert not seen.complete
    assert helper_pods(cluster, namespace) == []
    return seen.failure


@pytest.mark.parametrize("symptom", MOUNT_FAULTS)
async def test_a_mount_that_fails_is_an_answer_in_seconds(
    real_node: RealCluster, real_namespace: str, symptom: str
) -> None:
    share(real_node, real_namespace)
    path = f"/homes/{real_namespace}"
    words = MOUNT_FAULTS[symptom].format(source=f"{SERVER}:{path}")
    real_node.fail_mounts(SERVER, path, words)
    began = time.monotonic()
    failure = await failure_of(real_node, real_namespace)

    assert (failure.kind, failure.symptom) == ("mount", symptom)
    assert words in failure.words
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(("symptom", "words"), [("hanging", "hang"), ("stale", "Stale file handle")])
async def test_a_mount_that_hangs_or_is_stale_is_followed_by_the_export(
    real_node: RealCluster, real_namespace: str, symptom: str, words: str
) -> None:
    """As EFS does with a directory that is not there, while its base path answers."""
    (share(real_node, real_namespace) / "ana").mkdir()
    real_node.fail_mounts(SERVER, f"/homes/{real_namespace}", words)
    async with session(real_node) as transport:
        seen = await looked(transport, request(real_namespace, silence_s=8.0))

    assert (seen.through, seen.failure) == ("export", None)
    assert seen.claim_failure is not None
    assert (seen.claim_failure.kind, seen.claim_failure.symptom) == ("mount", symptom)
    assert [entry.name for entry in seen.entries or ()] == [b"ana"]
    assert helper_pods(real_node, real_namespace) == []


async def test_a_server_that_gives_no_sign_at_its_base_path_either_hangs(
    real_node: RealCluster, real_namespace: str
) -> None:
    share(real_node, real_namespace)
    base = f"/mute-{real_namespace}"
    for path in (f"/homes/{real_namespace}", base):
        real_node.fail_mounts(SERVER, path, "hang")
    failure = await failure_of(real_node, real_namespace, silence_s=4.0, base_path=base)

    assert (failure.kind, failure.symptom) == ("mount", "hanging")
    assert f"through the export: {SERVER}:{base}: the mount has hung" in failure.words


async def test_a_claim_that_is_not_there(real_node: RealCluster, real_namespace: str) -> None:
    failure = await failure_of(real_node, real_namespace, server="")

    assert failure.kind == "unbound"
    assert 'persistentvolumeclaim "home-nfs" not found' in failure.words


async def test_an_image_that_cannot_be_pulled(real_node: RealCluster, real_namespace: str) -> None:
    share(real_node, real_namespace)
    failure = await failure_of(real_node, real_namespace, image="localhost/nowhere:1")

    assert failure.kind == "image"
    assert "localhost/nowhere:1" in failure.message


async def test_no_node_takes_the_pod(real_node: RealCluster, real_namespace: str) -> None:
    share(real_node, real_namespace)
    placement = Placement(node_selector={"hub.jupyter.org/node-purpose": "nowhere"})
    failure = await failure_of(real_node, real_namespace, placement=placement, silence_s=2.0)

    assert failure.kind == "no-room"
    assert "0/1 nodes are available" in failure.words


async def test_a_namespace_whose_quota_is_used_up(real_node: RealCluster, real_namespace: str) -> None:
    share(real_node, real_namespace)
    quota: Json = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "none"},
        "spec": {"hard": {"pods": "0"}},
    }
    path = f"/api/v1/namespaces/{real_namespace}/resourcequotas"
    real_node.api.request("POST", path, quota)
    counted = "the quota is counted"
    real_node.api.wait(counted, lambda: "hard" in real_node.api.request("GET", f"{path}/none").get("status", {}))
    failure = await failure_of(real_node, real_namespace)

    assert failure.kind == "quota"
    assert "exceeded quota" in failure.words


def enforce(cluster: RealCluster, namespace: str, level: str) -> None:
    change = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": level}}}
    cluster.api.patch("Namespace", namespace, "", change)


async def test_pod_security_baseline_admits_a_look_that_sees_everything(
    real_node: RealCluster, real_namespace: str
) -> None:
    folder = share(real_node, real_namespace)
    (folder / "locked").mkdir(mode=0o700)
    (folder / "locked" / "inside").mkdir()
    enforce(real_node, real_namespace, "baseline")
    async with session(real_node) as transport:
        seen = await looked(transport, request(real_namespace, through="export", deep=True))

    assert seen.failure is None
    assert seen.looked_as == "reader"
    assert [deep.entry.name for deep in seen.deeper or ()] == [b"inside"]


async def test_pod_security_restricted_admits_a_look_as_a_user(real_node: RealCluster, real_namespace: str) -> None:
    folder = share(real_node, real_namespace)
    (folder / "alice").mkdir()
    (folder / "locked").mkdir(mode=0o700)
    enforce(real_node, real_namespace, "restricted")
    async with session(real_node) as transport:
        seen = await looked(transport, request(real_namespace, deep=True))

    assert seen.failure is None
    assert seen.looked_as == "user"
    assert {entry.name for entry in seen.entries or ()} == {b"alice", b"locked"}
    assert not seen.complete
    assert "Permission denied" in seen.why


async def test_pod_security_restricted_refuses_the_export_itself(real_node: RealCluster, real_namespace: str) -> None:
    share(real_node, real_namespace)
    enforce(real_node, real_namespace, "restricted")
    failure = await failure_of(real_node, real_namespace, through="export")

    assert failure.kind == "denied"
    assert 'uses restricted volume type "nfs"' in failure.words
    assert failure.next_step == "look through the claim"


async def test_what_keeps_a_look_from_the_export_is_told_beside_what_is_wrong_with_the_claim(
    real_node: RealCluster, real_namespace: str
) -> None:
    share(real_node, real_namespace, exists=False)
    enforce(real_node, real_namespace, "restricted")
    failure = await failure_of(real_node, real_namespace)

    assert failure.symptom == "missing-directory"
    assert f"through the export: namespace {real_namespace} admits no helper pod" in failure.words


SLOW = (b"slow",) * 4000
"""So many sizes take a minute to count."""


async def test_a_look_that_is_cancelled_leaves_no_pod(real_node: RealCluster, real_namespace: str) -> None:
    (share(real_node, real_namespace) / "slow").mkdir()
    async with session(real_node) as transport:

        async def until_cancelled() -> None:
            async with aclosing(look(transport, request(real_namespace, homes=SLOW))) as events:
                async for event in events:
                    if isinstance(event, SizeBegun):
                        counting.set()

        counting = asyncio.Event()
        task = asyncio.create_task(until_cancelled())
        await asyncio.wait_for(counting.wait(), 30)
        assert len(helper_pods(real_node, real_namespace)) == 1
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert helper_pods(real_node, real_namespace) == []
    assert time.monotonic() - began < 3


async def test_a_look_that_takes_too_long_ends_by_its_deadline(real_node: RealCluster, real_namespace: str) -> None:
    (share(real_node, real_namespace) / "slow").mkdir()
    async with session(real_node) as transport:
        seen = await looked(transport, request(real_namespace, homes=SLOW, deadline_s=8))

    assert seen.failure is not None
    assert seen.failure.kind == "deadline"
    assert seen.entries is not None
    assert seen.space is not None
    assert helper_pods(real_node, real_namespace) == []


_KILLED = """
import asyncio, sys
from pathlib import Path
from providers.kubernetes.looks.look import look
from providers.kubernetes.looks.protocol import Requested, SizeBegun
from providers.kubernetes.permission import Permission
from providers.kubernetes.session import KubeconfigConnector
from tests.kubernetes.looks.real import request

async def main(kubeconfig, namespace):
    transport = await KubeconfigConnector(kubeconfig).connect("admin", permission=Permission(probe_always=True))
    async for event in look(transport, request(namespace, homes=(b"slow",) * 4000, deadline_s=8)):
        if isinstance(event, SizeBegun):
            print("counting", flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_killed_console_leaves_a_pod_that_ends_and_is_found(
    real_node: RealCluster, real_namespace: str
) -> None:
    (share(real_node, real_namespace) / "slow").mkdir()
    command = [sys.executable, "-c", _KILLED, str(real_node.kubeconfig), real_namespace]
    console = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE)
    assert console.stdout is not None
    assert console.stdout.readline() == b"counting\n"
    os.kill(console.pid, signal.SIGKILL)
    console.wait()
    console.stdout.close()

    (name,) = helper_pods(real_node, real_namespace)
    real_node.api.wait("its deadline", lambda: phase(real_node, "Pod", name, real_namespace) == "Failed")
    async with session(real_node) as transport:
        (orphan,) = await list_helper_pods(KubernetesApi(transport), namespace=real_namespace)
        assert (orphan.name, orphan.owner, orphan.purpose, orphan.over) == (name, "jo@bastion", "look", True)
        await remove_pod(transport, orphan.namespace, orphan.name)
        await remove_pod(transport, orphan.namespace, orphan.name)
    assert helper_pods(real_node, real_namespace) == []


async def test_a_pod_that_somebody_removes_ends_the_look(real_node: RealCluster, real_namespace: str) -> None:
    (share(real_node, real_namespace) / "slow").mkdir()
    failure = None
    async with session(real_node) as transport:
        asked = request(real_namespace, homes=SLOW)
        async with aclosing(look(transport, asked)) as events:
            async for event in events:
                if isinstance(event, Requested):
                    name = event.pod
                elif isinstance(event, SizeBegun):
                    real_node.api.delete("Pod", name, real_namespace, grace_s=0)
                elif isinstance(event, Finished):
                    failure = event.look.failure
    assert failure is not None
    assert failure.kind == "ended"


async def test_what_is_sent_is_what_a_look_needs(real_node: RealCluster, real_namespace: str) -> None:
    share(real_node, real_namespace)
    before = len(real_node.audited())
    async with session(real_node) as transport:
        await looked(transport, request(real_namespace))

    def ours() -> list[tuple[str, str, str]]:
        entries = real_node.audited()[before:]
        own = [entry for entry in entries if entry.user.username == "admin"]
        return [(entry.verb, entry.object_ref.resource, entry.object_ref.subresource) for entry in own]

    real_node.api.wait("the deletion in the log", lambda: ("delete", "pods", "") in ours())
    verbs = ours()
    assert set(verbs) <= {
        ("create", "pods", ""),
        ("get", "pods", ""),
        ("list", "events", ""),
        ("get", "pods", "log"),
        ("delete", "pods", ""),
    }
    assert verbs.count(("create", "pods", "")) == 1
    assert verbs.count(("delete", "pods", "")) == 1


async def test_hubs_are_looked_at_side_by_side(real_node: RealCluster, real_namespace: str) -> None:
    share(real_node, real_namespace)
    async with session(real_node) as transport:
        seen = await asyncio.gather(*(looked(transport, request(real_namespace)) for _ in range(4)))
    assert all(look.complete for look in seen)
    assert helper_pods(real_node, real_namespace) == []
