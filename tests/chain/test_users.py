"""One user across hubs: what keeps a server from starting stands beside it, and only what is about this user."""

from __future__ import annotations

from console.chain.model import ClusterState, FleetState
from console.chain.seen_facts import SeenFacts
from console.chain.users import UserHome, homes_of, servers_of, user_lines
from console.inventory.model import Setting
from providers.kubernetes.objects import Pod
from tests.chain.builders import NOW, cluster, codes, declared, event, hub, observation, only, pod, stuck
from tests.chain.insides import entry, inside, look


def found(state: ClusterState, user: str, pods: tuple[Pod, ...] = ()) -> UserHome:
    servers = servers_of(state.name, observation(user_pods=pods), user)
    (one,) = homes_of(FleetState(version=1, generated_at=NOW, clusters=(state,)), servers, user)
    return one


def labels(one: UserHome, label: str) -> list[str]:
    return [words for name, words in user_lines(one, now=NOW) if name == label]


def test_what_keeps_a_server_from_starting_stands_beside_it() -> None:
    pods = (pod("ana"), stuck("bo"))
    state = cluster(observation(user_pods=pods, mount_events=(event("bo", "mount.nfs: access denied by server"),)))
    assert codes(only(state)) == ["MNT11"]
    one = found(state, "bo", pods)
    assert [finding.code for finding in one.findings] == ["MNT11"]
    assert labels(one, "finding") == ["MNT11 access denied: 1 user, for 9 min"]


def test_a_home_without_a_server_is_told_only_of_itself() -> None:
    pods = (pod("ana"), stuck("bo"))
    events = (event("bo", "mount.nfs: access denied by server"),)
    seen = {"prod": SeenFacts(look=look(entry("cy", uid=0)))}
    state = cluster(observation(user_pods=pods, mount_events=events), looks=seen)
    assert {"MNT11", "HOM01"} <= set(codes(only(state)))
    assert [finding.code for finding in found(state, "cy").findings] == ["HOM01"]


def test_a_finding_about_somebody_whose_name_holds_this_one_is_not_told() -> None:
    state = inside(look(entry("bobby", uid=0), entry("bob", mode=0o055)))
    assert [finding.code for finding in found(state, "bob").findings] == ["HOM02"]


def test_where_homes_are_not_on_nfs_nobody_is_told_to_look() -> None:
    pods = (pod("ana"),)
    off = declared(hub(nfs_enabled=Setting(False), server=Setting(None), path=Setting(None)))
    state = cluster(observation(user_pods=pods, persistent_volumes=(), persistent_volume_claims=()), off)
    assert labels(found(state, "ana", pods), "home") == ["homes are not on NFS here"]
