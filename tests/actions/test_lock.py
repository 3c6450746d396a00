"""The lock: a Lease in the hub's namespace, held while a run goes on; whoever comes second sees the name."""

from __future__ import annotations

import msgspec
import pytest

from console.actions.lock import LeaseLock
from console.actions.plan import Plan
from console.actions.protocol import Context
from console.actions.refusals import Locked
from providers.kubernetes.leases import Leases
from providers.simulated.access import Denial, Identity
from providers.simulated.apiserver import SimulatedApiServer
from tests.actions.conftest import Scene
from tests.actions.toy import NOW, TARGET

PLAN = Plan(action="lamps", cluster="earth", hub="staging", namespace="staging")
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "staging"}}


@pytest.fixture
async def context(scene: Scene) -> Context:
    scene.surroundings.transport = SimulatedApiServer([NAMESPACE], now=NOW)
    return await scene.surroundings.observe(TARGET)


async def holder(context: Context) -> str:
    held = await Leases(context.reached(), now=context.now).holder("staging")
    return held.holder if held else ""


async def test_held_while_it_runs_and_given_back(context: Context) -> None:
    async with LeaseLock().held(PLAN, context) as warning:
        assert warning == ""
        assert (await holder(context)).startswith("ada@bastion as ada@example.org")
    assert await holder(context) == ""


async def test_given_back_when_the_run_fails(context: Context) -> None:
    with pytest.raises(ZeroDivisionError):
        async with LeaseLock().held(PLAN, context):
            raise ZeroDivisionError
    assert await holder(context) == ""


async def test_the_second_sees_who_is_at_work_even_as_the_same_user(context: Context) -> None:
    async with LeaseLock().held(PLAN, context):
        with pytest.raises(Locked, match=r"ada@bastion .* is at work in namespace staging \(lamps\)"):
            async with LeaseLock().held(PLAN, context):
                pytest.fail("two hold it")
        assert await holder(context)


async def test_without_the_right_it_warns_and_goes_on(context: Context) -> None:
    server = context.transport
    assert isinstance(server, SimulatedApiServer)
    server.identity = Identity(denials=(Denial(resource="leases"),))
    async with LeaseLock().held(PLAN, context) as warning:
        assert "nobody else is kept from acting on earth/staging" in warning


async def test_a_plan_without_a_namespace_or_writes_takes_none(context: Context) -> None:
    for change in ({"namespace": ""}, {"permission": "none"}, {"permission": "probe"}):
        async with LeaseLock().held(msgspec.structs.replace(PLAN, **change), context) as warning:
            assert (warning, await holder(context)) == ("", "")
