"""User pods: who fails and why, who is an admin, whose mounts are of before."""

from __future__ import annotations

import pytest

from console.chain.model import HubState
from console.chain.policy import Policy
from providers.kubernetes.objects import PodCondition
from providers.kubernetes.observation import Listing
from tests.chain.builders import (
    ALLUSERS,
    NOW,
    SHARED_RO,
    SHARED_RW,
    ago,
    cluster,
    codes,
    event,
    finding,
    forbidden,
    inventory,
    live_mounts,
    observation,
    only,
    pod,
    store,
    stuck,
    values,
    volume,
)

READY = PodCondition(type="PodReadyToStartContainers", status="True")


def seen(*pods, **changes) -> HubState:
    return only(cluster(observation(user_pods=pods, **changes)))


def test_counts():
    hub = seen(
        pod("ana"),
        pod("bo", mounts=(SHARED_RO, SHARED_RW)),
        pod("chi", phase="Pending", node=""),
        stuck("dee"),
        pod("eli", phase="Succeeded"),
        stuck("fay", minutes=1),
    )
    assert hub.pods is not None
    assert (hub.pods.running, hub.pods.admin_running, hub.pods.pending, hub.pods.failing) == (2, 1, 2, 1)


def test_a_pod_that_goes_is_not_failing():
    hub = seen(pod("bo", phase="Pending", waiting="ContainerCreating", started=ago(minutes=20), deleted=NOW))
    assert codes(hub) == []


@pytest.mark.parametrize("minutes", [1, 2.9])
def test_a_mount_that_only_began_is_starting(minutes):
    assert codes(seen(stuck("bo", minutes=minutes))) == []


def test_patience_is_a_setting():
    state = cluster(observation(user_pods=(stuck("bo", minutes=4),)), policy=Policy(hanging_minutes=5))
    assert codes(only(state)) == []


def test_an_image_that_is_pulled_for_minutes_is_no_hanging_mount():
    slow = pod("bo", phase="Pending", waiting="ContainerCreating", started=ago(minutes=9), conditions=(READY,))
    assert codes(seen(slow)) == []
    assert codes(seen(pod("bo", phase="Pending", waiting="ImagePullBackOff", started=ago(minutes=9)))) == []


def test_events_of_another_volume_are_not_the_homes():
    other = event("bo", 'configmap "x" not found', volume_name="user-config")
    assert codes(seen(stuck("bo", minutes=1), mount_events=(other,))) == []


def test_the_kubelets_summary_does_not_hide_the_cause():
    summary = event("bo", "Unable to attach or mount volumes: unmounted volumes=[home], unattached volumes=[home]: "
                          "timed out waiting for the condition", volume_name="")  # fmt: skip
    refused = event("bo", "mount.nfs: Connection refused")
    assert codes(seen(stuck("bo"), mount_events=(summary, refused))) == ["MNT13"]


def test_events_of_a_pod_of_before_are_not_of_its_successor():
    old = event("bo", "mount.nfs: Connection refused")
    fresh = pod("bo", phase="Pending", waiting="ContainerCreating", started=ago(minutes=1))
    successor = type(fresh)(
        metadata=type(fresh.metadata)(name=fresh.metadata.name, namespace="prod", uid="another"),
        spec=fresh.spec,
        status=fresh.status,
    )
    assert codes(seen(successor, mount_events=(old,))) == []


def test_a_pod_that_runs_now_has_no_trouble():
    assert codes(seen(pod("bo"), mount_events=(event("bo", "mount.nfs: Connection refused"),))) == []


def test_who_has_told_nothing_yet_belongs_to_the_told_cause():
    hub = seen(stuck("bo"), stuck("chi", minutes=5), mount_events=(event("bo", "mount.nfs: Connection timed out"),))
    assert [(each.code, each.message) for each in hub.findings] == [("MNT12", "timed out: 2 users, for 9 min")]


def test_causes_that_were_not_read_are_said_to_be():
    hub = seen(stuck("bo"), mount_events=Listing(refusals=(forbidden("events"),)))
    assert codes(hub) == ["MNT17"]
    assert "cause not read: events forbidden: list events" in finding(hub, "MNT17").detail


def test_waiting_for_a_node_is_not_storage():
    full = event("bo", "0/3 nodes are available: 3 Insufficient memory", reason="FailedScheduling")
    other = event("chi", 'persistentvolumeclaim "scratch" not found', reason="FailedScheduling")
    hub = seen(pod("bo", phase="Pending", node=""), pod("chi", phase="Pending", node=""),
               scheduling_events=(full, other))  # fmt: skip
    assert codes(hub) == []


def test_the_kubelets_words_and_the_users_are_told():
    words = "mount.nfs: access denied by server while mounting 10.2.0.2:/homes/prod"
    hub = seen(stuck("bo"), stuck("chi"), mount_events=(event("bo", words), event("chi", words, minutes=20)))
    denied = finding(hub, "MNT11")
    assert any("access denied by server" in line for line in denied.detail)
    assert "users: bo, chi" in denied.detail
    assert denied.since == ago(minutes=20)
    assert denied.next_step == "Let the nodes' network in at the export, and check the path."


def test_users_are_told_in_the_cause_further_up():
    state = cluster(
        observation(
            persistent_volumes=(volume(mount_options=("vers=3",)),),
            user_pods=(stuck("bo"),),
            mount_events=(event("bo", "mount.nfs: Protocol not supported"),),
        )
    )
    cause = finding(only(state), "PV05")
    assert cause.severity == "error"
    assert cause.consequence.startswith("1 user cannot start, for 9 min: protocol not supported.")
    assert any("Protocol not supported" in line for line in cause.detail)


def test_a_filestore_in_grace_explains_but_stays_a_warning():
    state = cluster(
        observation(user_pods=(stuck("bo"),), mount_events=(event("bo", "mount.nfs: Connection refused"),)),
        stores=inventory(store(state="starting")),
    )
    assert [(each.code, each.severity) for each in only(state).findings] == [("FST03", "warning")]


def test_writable_shared_for_everyone_makes_nobody_an_admin():
    public = ("/home/jovyan/shared-public", "_shared-public", False)
    everyone = values(user_mounts=live_mounts(SHARED_RW, public), admin=())
    hub = seen(pod("ana", mounts=(SHARED_RW, public)), hub_values=(everyone,))
    assert hub.pods is not None
    assert (hub.pods.admin_running, hub.pods.older_mounts) == (0, 0)


def test_mounts_of_before_on_either_side():
    on = values(admin=(SHARED_RW, ALLUSERS))
    older_admin = pod("ana", mounts=(SHARED_RO, SHARED_RW))
    newer_admin = pod("bo", mounts=(SHARED_RO, SHARED_RW, ALLUSERS))
    older_user = pod("chi", mounts=())
    hub = seen(older_admin, newer_admin, older_user, hub_values=(on,))
    assert hub.pods is not None
    assert (hub.pods.older_mounts, hub.pods.with_allusers, hub.pods.admin_running) == (2, 1, 2)
    assert "users: ana, chi" in finding(hub, "MNT05").detail


def test_without_the_hubs_values_nothing_is_older():
    hub = seen(pod("ana", mounts=()), hub_values=Listing(refusals=(forbidden("secrets"),)))
    assert hub.pods is not None
    assert hub.pods.older_mounts == 0
    assert hub.link("mounts").mark == "unobserved"


def test_only_what_the_mount_command_said_is_told_and_read():
    message = (
        'MountVolume.SetUp failed for volume "prod-home-nfs" : mount failed: exit status 32\nMounting command: mount\n'
        "Mounting arguments: -t nfs -o noatime 10.2.0.2:/homes/connection refused /var/lib/kubelet/pods/uid-{}/mount\n"
        "Output: mount.nfs: mounting 10.2.0.2:/homes failed, reason given by server: No such file or directory\n"
    )
    events = tuple(event(user, message.replace("{}", user), volume_name="") for user in ("bo", "chi"))
    missing = finding(seen(stuck("bo"), stuck("chi"), mount_events=events), "MNT10")
    assert missing.detail == (
        "mount.nfs: mounting 10.2.0.2:/homes failed, reason given by server: No such file or directory",
        "users: bo, chi",
    )
