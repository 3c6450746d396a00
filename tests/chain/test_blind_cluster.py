"""A cluster out of reach, and its cloud that is not: what the cloud tells is told, what it can't is not guessed."""

from __future__ import annotations

from typing import Any

import pytest

from console.chain.filestore_words import told_by_clouds, unused, unused_words
from console.chain.filestores import FilestoreGap, FilestoreInventory
from console.chain.model import ClusterError, ClusterState
from console.chain.orphans import with_orphans
from console.inventory.model import DeclaredHub, Setting
from tests.chain.builders import (
    NOW,
    changed,
    cluster,
    codes,
    declared,
    finding,
    hub,
    inventory,
    marks,
    observation,
    only,
    store,
)

AWAY = ClusterError(kind="unreachable", message="no route to host", next_step="check the VPN")
NOT_SEEN = FilestoreGap(backend="home-nfs", message="earth was not observed", kind="unreachable")
EFS = "fs-0a1b2c3d.efs.us-west-2.amazonaws.com"


def listed(*stores: Any, backend: str = "gcp-filestore") -> FilestoreInventory:
    """What the cloud has told; what is in the cluster is not known."""
    return changed(inventory(*stores, listed=(backend,)), gaps=(NOT_SEEN,))


def blind(*hubs: DeclaredHub, stores: FilestoreInventory, provider: Any = "gcp", **how: Any) -> ClusterState:
    tree = declared(*hubs, provider=provider)
    return cluster(
        tree=tree, stores=stores, provider=provider, offline=True, **{"state": "failed", "error": AWAY, **how}
    )


def test_a_full_share_stands_on_it_and_on_its_declared_hub():
    found = blind(stores=listed(store(used=0.99)))
    assert codes(found) == ["FST04", "CLU01"]
    assert codes(only(found)) == ["FST04"]
    assert found.filestore_hubs == {"homes-nfs": ("prod",)}
    assert [one.code for one in told_by_clouds(found, found.findings)] == ["FST04"]


def test_what_only_the_cluster_tells_stays_unknown():
    found = only(blind(stores=listed(store())))
    assert marks(found) == {
        "filestore": "ok", "export": "ok", "directory": "unobserved", "pv": "unobserved", "pvc": "unobserved",
        "mounts": "unobserved", "homes": "unobserved",
    }  # fmt: skip
    assert (found.pv, found.pvc, found.pods, found.live_allusers) == (None, None, None, None)
    assert found.filestore_reason == "10.2.0.2 is an address of homes-nfs, and /homes is its share"
    assert found.link("export").live == ("10.2.0.2:/homes",)


def test_a_path_that_is_not_exported_is_told():
    found = only(blind(hub(path=Setting("/other/prod")), stores=listed(store())))
    assert codes(found) == ["EXP01"]
    assert found.link("export").mark == "broken"


def test_a_filestore_that_is_not_there_is_told_once_the_cluster_is_known_to_be_away():
    hubs = (hub(server=Setting(EFS), path=Setting("/prod"), base_share=Setting("/")),)
    stores = listed(store("other", address="192.168.1.4", backend="aws-efs"), backend="aws-efs")
    found = only(blind(*hubs, stores=stores, provider="aws"))
    assert [(one.code, one.severity) for one in found.findings] == [("FST06", "warning")]
    assert found.link("filestore").mark == "warning"
    waiting = only(blind(*hubs, stores=stores, provider="aws", state="observing", error=None))
    assert codes(waiting) == []
    assert waiting.link("filestore").mark == "pending"


def test_an_address_that_may_be_a_service_is_not_called_nobodys():
    found = only(blind(hub(server=Setting("10.9.9.9")), stores=listed(store())))
    assert codes(found) == []
    assert (found.link("filestore").mark, found.link("filestore").why) == ("unobserved", "no route to host")


def test_that_in_cluster_servers_are_not_known_is_the_clusters_own_trouble_alone():
    assert codes(blind(stores=listed(store()))) == ["CLU01"]
    refused = FilestoreGap(backend="gcp-filestore", message="file.instances.list is missing", kind="forbidden")
    both = changed(inventory(listed=()), gaps=(NOT_SEEN, refused))
    assert [(one.code, one.subject) for one in blind(stores=both).findings] == [
        ("CLU01", "cluster/earth"),
        ("CLU08", "gcp-filestore"),
    ]


SPARE = store("spare", address="10.9.9.9")


def test_nobodys_only_where_every_hub_is_declared_and_found():
    placed = blind(stores=listed(store(), SPARE))
    assert unused(placed, SPARE) is True
    assert unused_words(placed, SPARE).startswith(
        "no hub is declared to live on it, and the cluster could not be observed; "
    )
    for state in (
        blind(hub(), hub("staging", server=Setting("10.7.7.7")), stores=listed(store(), SPARE)),
        blind(hub(), hub("staging", resolved=False), stores=listed(store(), SPARE)),
    ):
        assert unused(state, SPARE) is None
        assert unused_words(state, SPARE) == ("no hub is known to live on it; the filestores of some are not known")


def test_no_finding_calls_it_nobodys():
    placed = blind(stores=listed(store(), SPARE))
    assert codes(with_orphans((placed,), now=NOW)[0]) == ["CLU01"]


@pytest.mark.parametrize(("server", "severity"), [("10.2.0.2", "info"), ("10.7.7.7", "warning")])
def test_what_may_have_hubs_weighs_as_if_it_had(server: str, severity: str):
    spare = store("spare", address="10.9.9.9", state="creating")
    found = blind(hub(server=Setting(server)), stores=listed(store(), spare))
    assert finding(found, "FST02").severity == severity


def test_the_cloud_is_of_now_where_the_cluster_was_seen_before():
    found = cluster(observation(persistent_volumes=()), stores=listed(store(used=0.99)), state="failed", error=AWAY)
    told = told_by_clouds(found, (*found.findings, *only(found).findings))
    assert {one.code for one in told} == {"FST04"}
    assert "PV01" in codes(only(found))
