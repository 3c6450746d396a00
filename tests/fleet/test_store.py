"""The store's state is whole whenever it is handed on."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from console.chain.model import ClusterState
from console.fleet.record import ClusterRecord
from console.fleet.store import Store
from console.settings import Settings
from tests.fleet.worlds import NOW, cluster, inventory


async def test_a_state_handed_on_while_a_cluster_is_first_joined_has_that_cluster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tree = inventory(cluster("earth"), cluster("ocean"))
    store = Store(Settings(), now=lambda: NOW)
    store.adopt(tree, [ClusterRecord(name=one.name, provider=one.provider, declared=one) for one in tree.clusters])
    begun, go_on = threading.Event(), threading.Event()
    join, main = ClusterRecord.joined, threading.current_thread()

    def held_in_its_thread(record: ClusterRecord, **given: Any) -> ClusterState:
        if threading.current_thread() is not main:
            begun.set()
            assert go_on.wait(10)
        return join(record, **given)

    monkeypatch.setattr(ClusterRecord, "joined", held_in_its_thread)
    joining = asyncio.create_task(store.join("earth"))
    await asyncio.to_thread(begun.wait, 10)
    store.publish()
    assert [one.name for one in store.state.clusters] == ["earth", "ocean"]
    go_on.set()
    await joining
