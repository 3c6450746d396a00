"""Whatever is broken together: no finding twice, no consequence beside its cause, and a chain that stays whole."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from console.chain.catalogue import BY_CODE
from console.chain.links import HUB_LINKS
from console.chain.marks import SEVERITIES
from console.chain.model import ClusterState
from console.inventory.model import Setting
from providers.kubernetes.objects import NfsSource
from tests.chain.builders import (
    ALLUSERS,
    SERVER,
    SHARED_RW,
    ago,
    claim,
    cluster,
    declared,
    event,
    finding,
    hub,
    inventory,
    job,
    log,
    observation,
    only,
    pod,
    store,
    stuck,
    values,
    volume,
)
from tests.chain.cases.store_troubles import closed, nodes, target

VOLUMES: tuple[tuple[Any, ...], ...] = (
    (volume(),),
    (),
    (volume(phase="Released"),),
    (volume(phase="Failed"),),
    (volume(nfs=NfsSource(server="10.9.9.9", path="/else")),),
    (volume(mount_options=("vers=3",)),),
    (volume(persistent_volume_reclaim_policy="Delete"),),
    (volume(nfs=None),),
    (volume(claim_ref=volume("staging").spec.claim_ref),),
)
CLAIMS: tuple[tuple[Any, ...], ...] = (
    (claim(),),
    (),
    (claim(phase="Pending"),),
    (claim(phase="Lost"),),
    (claim(asks="pvc-1"),),
    (claim(deleted=ago(minutes=1)),),
)
STORES = (
    inventory(store()),
    inventory(store(state="down")),
    inventory(store(state="starting")),
    inventory(store(used=0.99)),
    inventory(),
    inventory(store("a"), store("b")),
    inventory(store(exports=("/vol1",))),
    inventory(store(firewall=closed(), secure_transfer=True)),
    inventory(store(root_squash=True, backups=False, encrypted=False, lifecycle=False)),
    inventory(store(mount_targets=(target("a", admits=False), target("b", state="down")), state="degraded")),
    inventory(store(tier="ENTERPRISE", capacity_bytes=10 * 1024**4)),
)
WORDS = (
    "", "No such file or directory", "access denied by server", "Connection timed out", "Connection refused",
    "Stale file handle", "Protocol not supported", "\x1b[31mred\x00",
)  # fmt: skip
HUBS = (
    hub(),
    hub(resolved=False),
    hub(share_name_override=Setting("old"), path=Setting("/homes/old")),
    hub(server=Setting(None)),
    hub(nfs_enabled=Setting(False)),
)
CONSEQUENCES = {"PV01": "volume", "PVC01": "claim", "PVC02": "claim", "PVC03": "claim", "EXP01": "export"}


@st.composite
def clusters(draw: st.DrawFn) -> ClusterState:
    words = draw(st.sampled_from(WORDS))
    failing = (stuck("bo"), pod("chi", phase="Pending", node="")) if draw(st.booleans()) else ()
    unbound = event("chi", "pod has unbound immediate PersistentVolumeClaims", reason="FailedScheduling")
    seen = observation(
        nodes=draw(st.sampled_from(((), nodes("us-west-2a"), nodes("us-west-2a", "us-west-2c")))),
        persistent_volumes=draw(st.sampled_from(VOLUMES)),
        persistent_volume_claims=draw(st.sampled_from(CLAIMS)),
        user_pods=(pod("ana"), *failing),
        mount_events=(event("bo", f"mount.nfs: {words}"),) if words else (),
        scheduling_events=(unbound,),
        share_creator_jobs=draw(st.sampled_from(((), (job(),), (job(failed=False),)))),
        share_creator_logs=(log("mkdir\tok", "chown: \x1b[1mnot permitted"),),
        hub_values=draw(st.sampled_from(((values(),), (values(admin=(SHARED_RW, ALLUSERS)),), (values(admin=()),)))),
        hub_deployments=draw(st.sampled_from(((), observation().hub_deployments.items))),
    )
    tree = declared(draw(st.sampled_from(HUBS)))
    return cluster(seen, tree, stores=draw(st.sampled_from(STORES)))


@given(clusters())
@settings(max_examples=120)
def test_laws_of_findings(state: ClusterState):
    found = only(state)
    told = [each.code for each in found.findings]
    assert len(told) == len(set(told)), told
    for code, symptom in CONSEQUENCES.items():
        if code in told:
            causes = [other for other in told if other not in (code, "DIR01") and symptom in BY_CODE[other].explains]
            assert not causes, (code, causes)
    ranks = [SEVERITIES.index(each.severity) for each in found.findings]
    assert ranks == sorted(ranks)
    assert tuple(link.link for link in found.links) == HUB_LINKS
    for each in found.findings:
        for text in (each.message, each.consequence, each.next_step, *each.detail):
            assert text.isprintable(), text


@given(clusters())
@settings(max_examples=50)
def test_users_who_cannot_start_are_always_told(state: ClusterState):
    found = only(state)
    if found.pods is None or not found.pods.failing or found.link("mounts").mark == "none":
        return
    text = [line for each in found.findings for line in (each.message, each.consequence)]
    assert any("user" in line and ("cannot start" in line or "for 9 min" in line) for line in text), text


def test_when_a_volume_was_released_and_since_when_a_claim_waits():
    released = volume(phase="Released")
    status = msgspec.structs.replace(released.status, last_phase_transition_time=ago(hours=2))
    state = cluster(
        observation(persistent_volumes=(msgspec.structs.replace(released, status=status),), persistent_volume_claims=())
    )
    assert finding(only(state), "PV02").since == ago(hours=2)
    assert f"{SERVER}:/homes/prod" in only(state).link("pv").live


def test_a_pending_claim_is_held_against_its_volume():
    one, other = volume(phase="Available", claim_ref=None, access_modes=("ReadWriteMany",)), claim(phase="Pending")
    spec = msgspec.structs.replace(other.spec, storage_class_name="standard", access_modes=("ReadWriteOnce",))
    other = msgspec.structs.replace(other, spec=spec)
    found = finding(only(cluster(observation(persistent_volumes=(one,), persistent_volume_claims=(other,)))), "PVC02")
    assert found.detail == ("claim   class standard, ReadWriteOnce", "volume  class (none), ReadWriteMany")
