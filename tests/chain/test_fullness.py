"""What a full share is to be grown to: the same words beside the finding as the action's own."""

from __future__ import annotations

import pytest

from console.chain.growth import GIB, roomy_gib
from tests.chain.builders import cluster, finding, inventory, store
from tests.chain.cases.store_troubles import filling
from tests.chain.cases.usages import of_files


@pytest.mark.parametrize("used", [0.98, 0.92])
def test_the_command_by_hand_names_the_size_that_grow_suggests(used: float) -> None:
    one = store("projects/earth/locations/us-central1-b/instances/homes-nfs", used=used, capacity_bytes=1024 * GIB)
    found = finding(cluster(stores=inventory(one)), "FST04" if used > 0.97 else "FST05")
    assert found.next_step.endswith(f"capacity={roomy_gib(int(used * 1024 * GIB))}GB")
    assert "to" not in found.asks


def test_what_fills_fast_and_has_room_is_to_be_grown_to_what_lasts() -> None:
    """Grow would else find room enough."""
    found = finding(filling(0.7, 0.6), "FST09")
    assert int(found.asks["to"]) > 1024


def test_what_is_full_of_files_is_to_be_grown_to_what_takes_more() -> None:
    found = finding(cluster(stores=inventory(store(used=0.3)), usages=of_files(1000)), "FST04")
    assert int(found.asks["to"]) > 1000
