"""What may be sent to a cluster: granted for one, for some minutes, whatever becomes of its session."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from console.fleet.fleet import Fleet
from console.settings import Settings
from console.settings.model import Permissions
from providers.errors import ProviderError
from providers.kubernetes.guard import NotPermitted
from providers.simulated.apiserver import Faults, SimulatedApiServer
from tests.fleet.worlds import NOW, Clock, Contexts, FakeSources, cluster, inventory

POD = "/api/v1/namespaces/prod/pods/hubhomes-look-1"


def fleet(clock: Clock, *, settings: Settings | None = None, **servers: SimulatedApiServer) -> Fleet:
    declared = inventory(*(cluster(name) for name in servers))
    chosen = settings or Settings(contexts={name: name for name in servers}, backends=())
    return Fleet(FakeSources(Contexts(**servers), declared=declared), chosen, now=clock, coalesce_s=0)


async def delete(found: Fleet, name: str) -> int:
    return (await (await found.session(name)).request("DELETE", POD, timeout_s=1)).status


async def test_a_grant_is_for_one_cluster_and_ends_by_the_clock() -> None:
    clock = Clock()
    found = fleet(clock, earth=SimulatedApiServer(), mars=SimulatedApiServer())
    try:
        await found.refresh()
        with pytest.raises(NotPermitted, match="read-only"):
            await delete(found, "earth")
        found.grant("earth", "probe")
        assert await delete(found, "earth") == 404
        with pytest.raises(NotPermitted):
            await delete(found, "mars")
        clock.pass_by(15 * 60)
        with pytest.raises(NotPermitted):
            await delete(found, "earth")
    finally:
        await found.close()


async def test_a_grant_outlives_the_session() -> None:
    clock, server = Clock(), SimulatedApiServer()
    found = fleet(clock, earth=server)
    try:
        found.grant("earth", "write", minutes=5)
        await found.refresh()
        server.faults = Faults(refused=True)
        await found.refresh()
        with pytest.raises(ProviderError, match="not been reached"):
            await found.session("earth")
        server.faults = Faults()
        await found.refresh()
        assert await delete(found, "earth") == 404
    finally:
        await found.close()


async def test_the_state_tells_what_is_granted_without_a_tick() -> None:
    clock = Clock()
    found = fleet(clock, earth=SimulatedApiServer())
    try:
        await found.refresh()
        (before,) = found.state.clusters
        found.grant("earth", "probe", minutes=20)
        found.grant("earth", "write", minutes=5)
        await found.refresh()
        granted = found.state.clusters[0].permission
        assert (before.permission.level(NOW), granted.level(NOW)) == ("read", "write")
        assert granted.until(NOW) == NOW + timedelta(minutes=5)
        later = NOW + timedelta(minutes=5)
        assert (granted.level(later), granted.until(later)) == ("probe", NOW + timedelta(minutes=20))
        found.revoke("earth")
        await found.refresh()
        assert found.state.clusters[0].permission.level(NOW) == "read"
    finally:
        await found.close()


async def test_settings_permit_probing_for_good_where_a_pattern_says_so() -> None:
    always = Permissions(probe_always=("lab-*",), write_minutes=2)
    chosen = Settings(contexts={"lab-one": "lab_one"}, backends=(), permissions=always)
    found = fleet(Clock(), settings=chosen, lab_one=SimulatedApiServer())
    lab, other = found.permission("lab-one"), found.permission("prod")
    assert (lab.level(), lab.until, other.level()) == ("probe", None, "read")
    found.grant("lab-one", "write")
    assert (lab.level(), lab.until) == ("write", NOW + timedelta(minutes=2))
    found.revoke("lab-one")
    assert lab.level() == "probe"
    assert msgspec.json.decode(msgspec.json.encode(lab.granted))["probe_always"]
    await found.close()
