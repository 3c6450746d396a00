"""Azure is asked which rights we have on a storage account; whatever keeps it from answering denies nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from providers.filestores.azure_files.changes import AzureFilesChanges
from providers.filestores.azure_files.connection import CallBounds
from providers.filestores.azure_files.orders import WRITE_RIGHT, ShareName
from providers.filestores.azure_files.place import EMULATOR_VARIABLE
from providers.filestores.azure_files.reach import Reach
from providers.filestores.azure_files.rights import Permission, given
from providers.filestores.changes import Piece, Rights
from tests.filestores.arm_server import GROUP, SUBSCRIPTION, ArmServer, Fault
from tests.filestores.test_azure_files import forest, scope

READ = "Microsoft.Storage/storageAccounts/read"
SCOPE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Storage/storageAccounts/foresthomes"
    "/providers/Microsoft.Authorization/permissions"
)


def piece(account: str = "foresthomes", *, share: str = "homes", rights: tuple[str, ...] = (WRITE_RIGHT,)) -> Piece:
    name = ShareName(subscription=SUBSCRIPTION, resource_group=GROUP, account=account, share=share)
    arguments = {"order": "quota", "share": msgspec.to_builtins(name), "quota_gib": 2048}
    return Piece(key=str(name), what="grow it", before="1", after="2", rights=rights, arguments=arguments)


async def told(server: ArmServer, *pieces: Piece, request_s: float = 8.0) -> Rights:
    async with server.running():
        bounds = CallBounds(request_s=request_s, connect_s=request_s)
        reach = Reach(environ={EMULATOR_VARIABLE: server.address}, bounds=bounds)
        return await AzureFilesChanges(reach).rights(scope(), pieces or (piece(),))


@pytest.mark.parametrize(
    ("permissions", "has"),
    [
        ((), False),
        ((Permission(actions=("*",)),), True),
        ((Permission(actions=("*/read",)),), False),
        ((Permission(actions=("Microsoft.Storage/storageAccounts/*",)),), True),
        ((Permission(actions=("microsoft.storage/STORAGEACCOUNTS/fileservices/shares/Write",)),), True),
        ((Permission(actions=("Microsoft.Storage/storageAccounts/*/write",)),), True),
        ((Permission(actions=("Microsoft.Storage/storageAccounts",)),), False),
        ((Permission(actions=("Microsoft.Storage.*",)),), False),
        ((Permission(actions=("*",), not_actions=("Microsoft.Storage/*",)),), False),
        ((Permission(actions=("*",), not_actions=("*/delete",)),), True),
        ((Permission(actions=("*",), not_actions=("*/write",)), Permission(actions=(WRITE_RIGHT,))), True),
    ],
)
def test_what_one_role_leaves_out_another_may_give(permissions: tuple[Permission, ...], has: bool) -> None:
    assert given(permissions, WRITE_RIGHT) is has


async def test_the_account_itself_is_asked_once_and_nothing_else() -> None:
    server = forest()
    assert await told(server, piece(), piece(share="archive")) == Rights()
    assert [line.partition("?")[0] for line in server.asked] == [f"GET {SCOPE}"]


async def test_a_missing_right_names_the_account_and_a_role() -> None:
    server = forest(permissions=[{"actions": ["*/read"], "notActions": []}])
    found = await told(server, piece(rights=(READ, WRITE_RIGHT)))
    assert found.denied == (WRITE_RIGHT,)
    assert found.next_step == "ask for the role Storage Account Contributor on storage account foresthomes"


async def test_rights_on_all_pages_count() -> None:
    roles: list[dict[str, Any]] = [{"actions": [f"Microsoft.Other/{number}"]} for number in range(3)]
    server = forest(permissions=[*roles, {"actions": [WRITE_RIGHT], "notActions": [], "dataActions": []}], page_size=1)
    assert (await told(server)).denied == ()
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(status=403, code="AuthorizationFailed"), "Microsoft.Authorization/permissions/read"),
        (Fault(status=500, code="InternalError"), "ask which rights"),
        (Fault(body=b"<html>log in</html>"), "ask which rights"),
        (Fault(body=b'{"value": [{"actions": "*"}]}'), "ask which rights"),
        (Fault(manner="reset"), "ask which rights"),
        (Fault(manner="truncated"), "ask which rights"),
    ],
    ids=lambda value: getattr(value, "code", "") or getattr(value, "manner", ""),
)
async def test_a_refusal_or_a_broken_answer_denies_nothing(fault: Fault, said: str) -> None:
    found = await told(forest(faults=[fault]))
    assert (found.denied, set(found.unknown)) == ((), {WRITE_RIGHT})
    assert said in found.unknown[WRITE_RIGHT]


@pytest.mark.parametrize("manner", ["mute", "drip"])
async def test_an_answer_that_does_not_come_is_not_waited_for(manner: Any) -> None:
    async with asyncio.timeout(30):
        found = await told(forest(faults=[Fault(manner=manner)]), request_s=0.5)
    assert set(found.unknown) == {WRITE_RIGHT}


async def test_pages_without_end_deny_nothing() -> None:
    server = forest(permissions=[{"actions": ["x"]} for _ in range(40)], page_size=1)
    assert set((await told(server)).unknown) == {WRITE_RIGHT}


async def test_an_account_that_is_gone_denies_nothing() -> None:
    assert (await told(forest(), piece("gone"))).unknown == {WRITE_RIGHT: "its storage account is no more"}
