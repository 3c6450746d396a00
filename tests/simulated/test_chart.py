from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from kubespawner.slugs import escape_slug

from providers.kubernetes import objects
from providers.simulated import chart, statuses
from providers.simulated.resources import Json
from providers.simulated.userpods import escaped

NOW = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)
HUB = chart.Release(name="prod", server="10.2.0.2", base_share="/homes/")


def decoded(manifest: Json, kind: Any) -> Any:
    return msgspec.json.decode(json.dumps(manifest).encode(), type=kind)


ADMIN = {**chart.SHARED_READWRITE, **chart.allusers_mounts(read_only=True)}
ANA = chart.user_pod(HUB, "ana", admin_mounts=ADMIN, node_name="node-a")
RENDERED = [
    (chart.persistent_volume(HUB), objects.PersistentVolume),
    (chart.persistent_volume_claim(HUB), objects.PersistentVolumeClaim),
    (chart.share_creator_job(HUB), objects.Job),
    (chart.share_creator_pod(HUB), objects.Pod),
    (chart.hub_secret(HUB), objects.Secret),
    (chart.hub_deployment(HUB), objects.Deployment),
    (chart.home_nfs_deployment(HUB), objects.Deployment),
    (chart.home_nfs_pod(HUB), objects.Pod),
    (chart.home_nfs_service(HUB, cluster_ip="10.96.0.9"), objects.Service),
    (chart.node("node-a", zone="z-a", region="z"), objects.Node),
    (chart.helper_pod("prod", server="10.2.0.2", path="/homes"), objects.Pod),
    (ANA, objects.Pod),
    (chart.failed_mount_event(HUB, ANA, "denied", first=NOW, last=NOW, count=3), objects.Event),
    (chart.failed_scheduling_event(HUB, ANA, "missing", at=NOW), objects.Event),
]


@pytest.mark.parametrize(("manifest", "kind"), RENDERED, ids=[kind.__name__ for _, kind in RENDERED])
def test_what_is_rendered_decodes_and_carries_no_status(manifest: Json, kind: Any) -> None:
    assert decoded(manifest, kind).metadata.name == manifest["metadata"]["name"]
    assert "status" not in manifest


def test_the_directory_is_plain_concatenation() -> None:
    for base, override, path in (("/homes/", "", "/homes/prod"), ("/", "x", "/x"), ("/homes", "", "/homesprod")):
        hub = chart.Release(name="prod", server="s", base_share=base, share_name_override=override)
        assert chart.persistent_volume(hub)["spec"]["nfs"] == {"server": "s", "path": path}


def test_the_share_creator_ignores_the_override() -> None:
    hub = chart.Release(name="prod", server="s", base_share="/homes/", share_name_override="elsewhere")
    container = chart.share_creator_job(hub)["spec"]["template"]["spec"]["containers"][0]
    assert container["env"] == [{"name": "NFS_SHARE_NAME", "value": "/homes/prod"}]
    assert (container["name"], container["image"]) == ("dummy", "busybox:1.36.1")


def test_an_admin_has_what_the_hub_gave() -> None:
    pod = decoded(ANA, objects.Pod)
    mounts = {mount.mount_path: mount for mount in pod.spec.containers[0].volume_mounts}
    assert mounts["/home/jovyan"].sub_path == "ana"
    assert mounts["/home/rstudio/shared"].read_only
    assert not mounts["/home/jovyan/shared-readwrite"].read_only
    assert (mounts["/home/jovyan/allusers"].sub_path, mounts["/home/jovyan/allusers"].read_only) == ("", True)
    assert (pod.metadata.annotations.username, pod.metadata.labels.component) == ("ana", "singleuser-server")
    assert 3000 < len(json.dumps(ANA)) < 6000


def test_the_secret_holds_the_whole_values_as_yaml() -> None:
    text = base64.b64decode(chart.hub_secret(HUB, admin_mounts=ADMIN)["data"]["values.yaml"]).decode()
    values = yaml.safe_load(text)
    assert values["custom"]["singleuserAdmin"]["extraVolumeMounts"] == ADMIN
    assert values["singleuser"]["storage"]["static"] == {"pvcName": "home-nfs", "subPath": "{escaped_username}"}
    assert values["hub"]["config"]["GitHubOAuthenticator"]["client_secret"]
    assert values["hub"]["extraConfig"]["motd"].endswith("\n")


@given(st.text(min_size=1))
@example("d e")
@example("Bo-1")
def test_user_names_are_escaped_as_kubespawner_does(name: str) -> None:
    assert escaped(name) == escape_slug(name)


def test_events_carry_the_kubelets_and_the_schedulers_words() -> None:
    mount = decoded(chart.failed_mount_event(HUB, ANA, "no-directory", first=NOW, last=NOW, count=2), objects.Event)
    assert "mount.nfs: mounting 10.2.0.2:/homes/prod failed, reason given by server: No such file" in mount.message
    assert (mount.reason, mount.count, mount.last_timestamp) == ("FailedMount", 2, NOW)
    scheduling = decoded(chart.failed_scheduling_event(HUB, ANA, "missing", at=NOW, nodes=3), objects.Event)
    assert scheduling.message.startswith('0/3 nodes are available: persistentvolumeclaim "home-nfs" not found.')
    assert (scheduling.last_timestamp, scheduling.event_time) == (None, NOW)


def test_statuses() -> None:
    claim = chart.persistent_volume_claim(HUB)
    bound = decoded(statuses.volume(chart.persistent_volume(HUB), "Bound", claim=claim), objects.PersistentVolume)
    assert bound.status.phase == "Bound"
    assert bound.spec.claim_ref is not None
    assert bound.spec.claim_ref.name == "home-nfs"
    running = decoded(statuses.running_pod(ANA, NOW), objects.Pod)
    assert (running.status.phase, running.status.container_statuses[0].ready) == ("Running", True)
    waiting = decoded(statuses.waiting_pod(ANA, NOW), objects.Pod)
    assert waiting.status.container_statuses[0].state.waiting.reason == "ContainerCreating"
    crashing = statuses.crashing_pod(chart.home_nfs_pod(HUB), NOW, container="nfs-server", restarts=7)
    states = {status.name: status for status in decoded(crashing, objects.Pod).status.container_statuses}
    assert states["nfs-server"].state.waiting.reason == "CrashLoopBackOff"
    assert states["enforce-xfs-quota"].ready
    assert (
        decoded(statuses.deployment(chart.hub_deployment(HUB), ready=0), objects.Deployment).status.ready_replicas == 0
    )
    job = decoded(statuses.failed_job(chart.share_creator_job(HUB), NOW, failed=7), objects.Job)
    assert (job.status.failed, job.status.conditions[0].reason) == (7, "BackoffLimitExceeded")
