"""Which commands and logs leave under each permission, and which never do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from providers.kubernetes.guard import Guard, NotPermitted
from tests.kubernetes.guarded import LOOK, NOW, POD, PODS, SCRIPT, Recording, encoded, permitted
from tests.kubernetes.manifests import NAME, looking_pod


async def execute(guard: Guard, *command: str, pod: str = NAME, namespace: str = "prod") -> None:
    async with guard.exec(namespace, pod, container="main", command=command, timeout_s=1):
        pass


async def test_a_log_is_followed_and_nothing_else() -> None:
    wire = Recording()
    async with Guard(wire).stream(f"{POD}/log", query={"follow": "true"}, timeout_s=1):
        pass
    assert wire.sent == [("GET", f"{POD}/log")]
    for path in (POD, PODS, "/api/v1/secrets", f"{POD}/exec", f"{POD}/%6cog"):
        with pytest.raises(NotPermitted):
            Guard(wire, permitted("write")).stream(path, timeout_s=1)
    assert len(wire.sent) == 1


async def test_commands_that_only_look_run_anywhere_under_probing() -> None:
    wire = Recording()
    with pytest.raises(NotPermitted, match=r"read-only: .*runs a command; that needs the permission to probe"):
        await execute(Guard(wire), "sh", "-c", SCRIPT, pod="server-0")
    await execute(Guard(wire, permitted("probe")), "sh", "-c", SCRIPT, pod="server-0")
    assert wire.sent == [("EXEC", "prod/server-0/main")]


async def test_other_commands_run_under_probing_only_where_nothing_can_be_changed() -> None:
    wire = Recording()
    guard = Guard(wire, permitted("probe"))
    with pytest.raises(NotPermitted, match="not known to only look"):
        await execute(guard, "sh")
    await guard.request("POST", PODS, body=encoded(looking_pod()), timeout_s=1)
    await execute(guard, "sh")
    for other in ({"pod": "hubhomes-look-2"}, {"namespace": "staging"}):
        with pytest.raises(NotPermitted, match="not known to only look"):
            await execute(guard, "sh", **other)
    await guard.request("DELETE", LOOK, timeout_s=1)
    with pytest.raises(NotPermitted, match="not known to only look"):
        await execute(guard, "sh")


@pytest.mark.parametrize(("status", "query"), [(409, {}), (201, {"dryRun": "All"})])
async def test_a_pod_that_was_not_made_lets_no_command_in(status: int, query: Mapping[str, str]) -> None:
    guard = Guard(Recording(status), permitted("probe"))
    await guard.request("POST", PODS, query=query, body=encoded(looking_pod()), timeout_s=1)
    with pytest.raises(NotPermitted, match="not known to only look"):
        await execute(guard, "sh")


async def test_a_pod_that_was_changed_lets_no_command_in() -> None:
    permission = permitted("probe")
    guard = Guard(Recording(), permission)
    await guard.request("POST", PODS, body=encoded(looking_pod()), timeout_s=1)
    permission.grant("write", until=NOW + timedelta(minutes=1))
    await guard.request("PATCH", f"{LOOK}/ephemeralcontainers", body=b"{}", timeout_s=1)
    permission.revoke()
    permission.grant("probe", until=NOW + timedelta(minutes=1))
    with pytest.raises(NotPermitted, match="not known to only look"):
        await execute(guard, "sh")


@pytest.mark.parametrize("name", ["../x", "a/b", "A", "", "x?stdin=true", "x%2f"])
async def test_names_that_are_none_run_nothing(name: str) -> None:
    with pytest.raises(NotPermitted, match="plain name"):
        await execute(Guard(Recording(), permitted("write")), "true", pod=name)
