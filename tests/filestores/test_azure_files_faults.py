from __future__ import annotations

import asyncio
import json
import socket
import ssl

import pytest
import trustme

from providers.errors import ProviderError
from providers.filestores.azure_files import AzureFiles
from providers.filestores.azure_files.connection import CallBounds
from providers.filestores.azure_files.place import EMULATOR_VARIABLE
from providers.filestores.protocol import FilestoreListing
from tests.filestores.arm_server import GROUP, SUBSCRIPTION, ArmServer, Fault, account, share
from tests.filestores.test_azure_files import forest, scope

ACCOUNTS, SHARES, STATS = "storageAccounts?", "/shares?", "=stats"
QUICK = CallBounds(connect_s=3, request_s=1)
"""Where nothing is to be answered, and is heard."""
SOON = CallBounds(connect_s=3, request_s=3)
"""Where one question is not to be answered, and others are."""


async def listing_of(server: ArmServer, bounds: CallBounds | None = None, **block: str) -> FilestoreListing:
    async with server.running():
        backend = AzureFiles(environ={EMULATOR_VARIABLE: server.address}, bounds=bounds)
        return await backend.list_filestores(scope(**block))


async def refusal_of(fault: Fault, bounds: CallBounds | None = None, **block: str) -> ProviderError:
    server = forest(faults=[fault])
    with pytest.raises(ProviderError) as caught:
        await listing_of(server, bounds, **block)
    # The HTTP library sends a GET once more where its connection was reset.
    sent = [line for line in server.asked if ACCOUNTS in line and "resourceGroups" not in line]
    assert len(sent) == (2 if fault.manner == "reset" else 1)
    return caught.value


WRONG_TENANT = (
    "The access token is from the wrong issuer 'https://sts.windows.net/aaaaaaaa-0000-0000-0000-000000000000/'. "
    "It must match the tenant 'https://sts.windows.net/bbbbbbbb-0000-0000-0000-000000000000/' of this subscription."
)


@pytest.mark.parametrize(
    ("fault", "kind", "words", "step"),
    [
        (Fault(status=401, code="ExpiredAuthenticationToken"), "unauthorized", "has expired", "az login"),
        (Fault(status=401, code="InvalidAuthenticationToken"), "unauthorized", "not accepted", "az login"),
        (Fault(status=401), "unauthorized", "not accepted", "az login"),
        (Fault(status=401, code="InvalidAuthenticationTokenTenant", message=WRONG_TENANT), "unauthorized",
         "another tenant", "az login --tenant bbbbbbbb-0000-0000-0000-000000000000"),
        (Fault(status=403, code="AuthorizationFailed"), "forbidden", "denied", "storageAccounts/read"),
        (Fault(status=403, code="RequestDisallowedByPolicy"), "forbidden", "RequestDisallowedByPolicy", "ask for"),
        (Fault(status=404, code="SubscriptionNotFound"), "forbidden", "no such subscription", "az account list"),
        (Fault(status=404), "internal", "HTTP 404", ""),
        (Fault(status=409, code="MissingSubscriptionRegistration", message="'Microsoft.Storage'"), "internal",
         "not registered", "az provider register --namespace Microsoft.Storage"),
        (Fault(status=429, code="TooManyRequests"), "throttled", "fewer requests", ""),
        (Fault(status=429, headers={"Retry-After": "17"}), "throttled", "again in 17 s", ""),
        (Fault(status=500, code="InternalServerError"), "internal", "HTTP 500 InternalServerError: it is said", ""),
        (Fault(status=503, headers={"Retry-After": "9"}), "internal", "HTTP 503", ""),
        (Fault(status=302, headers={"Location": "http://127.0.0.1:9/x"}), "internal", "HTTP 302", ""),
        (Fault(body=b"<html>login</html>", headers={"Content-Type": "text/html"}), "internal", "something else", ""),
        (Fault(body=b"{"), "internal", "something else", ""),
        (Fault(body=b"[]"), "internal", "something else", ""),
        (Fault(body=b'{"value": 7}'), "internal", "something else", ""),
        (Fault(body=b'"\xff\xfe"'), "internal", "something else", ""),
        (Fault(manner="reset"), "unreachable", "", ""),
        (Fault(manner="truncated"), "unreachable", "cut", ""),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_once_and_at_once(fault, kind, words, step):
    fault.on = ACCOUNTS
    error = await refusal_of(fault, resource_group="")
    assert (error.kind, SUBSCRIPTION in error.message) == (kind, True)
    assert words in error.message
    assert step in error.next_step


@pytest.mark.parametrize("manner", ["mute", "drip"])
async def test_silence_and_slowness_end_in_time(manner):
    error = await refusal_of(Fault(ACCOUNTS, manner=manner), QUICK)
    assert error.kind == "timeout"
    assert "no answer" in error.message


async def test_who_stops_waiting_leaves_nothing_open():
    server = forest(faults=[Fault(ACCOUNTS, manner="mute")])
    async with server.running():
        backend = AzureFiles(environ={EMULATOR_VARIABLE: server.address})
        task = asyncio.create_task(backend.list_filestores(scope()))
        while not server.asked:
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert server.together == 0


async def test_a_refused_connection_is_said():
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unheard.getsockname()[1]}"
        with pytest.raises(ProviderError, match="refuses connections") as caught:
            await AzureFiles(environ={EMULATOR_VARIABLE: address}).list_filestores(scope())
    assert caught.value.kind == "unreachable"


async def test_a_certificate_that_nobody_trusts_is_said():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with pytest.raises(ProviderError, match="no trusted TLS connection") as caught:
        await listing_of(forest(tls=context))
    assert caught.value.kind == "tls"


async def test_a_claims_challenge_asks_for_a_new_login():
    challenge = 'Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="'
    error = await refusal_of(Fault(ACCOUNTS, status=401, headers={"WWW-Authenticate": challenge}))
    assert (error.kind, error.next_step) == ("unauthorized", "az login")


async def test_where_the_subscription_is_forbidden_the_resource_group_is_asked():
    refused = Fault(f"{SUBSCRIPTION}/providers", status=403, code="AuthorizationFailed")
    listing = await listing_of(forest(faults=[refused]))
    assert len(listing.filestores) == 2
    (beyond,) = listing.refused
    assert beyond.kind == "forbidden"
    assert f"only resource group {GROUP} is known" in beyond.message
    assert "storageAccounts/read" in beyond.next_step


async def test_where_both_are_forbidden_the_subscription_is_named():
    error = await refusal_of(Fault(ACCOUNTS, status=403, code="AuthorizationFailed"))
    assert error.kind == "forbidden"
    assert GROUP not in error.message


async def test_accounts_read_before_paging_was_cut_are_kept():
    server = forest(accounts=[account(), account("oldhomes")], page_size=1, faults=[Fault("$skipToken=1", status=500)])
    server.shares = {"foresthomes": [share()], "oldhomes": [share(of=account("oldhomes"))]}
    listing = await listing_of(server)
    assert [store.name for store in listing.filestores] == ["foresthomes/homes"]
    assert [error.kind for error in listing.refused] == ["internal"]
    assert "only a part is known" in listing.refused[0].message


async def test_a_page_that_names_itself_as_the_next_ends():
    server = forest(page_size=1)
    async with server.running():
        path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Storage/storageAccounts"
        body = {"value": [account("plainblobs", kind="StorageV2")], "nextLink": f"{server.address}{path}?again=1"}
        server.faults.append(Fault(ACCOUNTS, body=json.dumps(body).encode()))
        listing = await AzureFiles(environ={EMULATOR_VARIABLE: server.address}).list_filestores(scope())
    assert "pages repeat" in listing.refused[0].message
    assert len(server.asked) == 2


async def test_a_next_page_elsewhere_gets_no_token():
    async with ArmServer().running() as other:
        body = {"value": [], "nextLink": f"{other.address}/subscriptions/x"}
        listing = await listing_of(forest(faults=[Fault(ACCOUNTS, body=json.dumps(body).encode())]))
        assert "another address is not asked" in listing.refused[0].message
        assert other.asked == []


async def test_one_account_that_fails_leaves_the_others():
    server = forest(accounts=[account(), account("oldhomes")], faults=[Fault("oldhomes/fileServices", manner="mute")])
    listing = await listing_of(server, SOON)
    assert [store.name for store in listing.filestores] == ["foresthomes/archive", "foresthomes/homes"]
    (refused,) = listing.refused
    assert refused.kind == "timeout"
    assert "storage account oldhomes" in refused.message


async def test_an_account_that_went_away_is_no_trouble():
    listing = await listing_of(forest(accounts=[account(), account("gonehomes")]))
    assert len(listing.filestores) == 2
    assert listing.refused == ()


async def test_one_share_that_cannot_be_read_leaves_the_others():
    server = forest(shares={"foresthomes": [share(), share("odd", shareQuota="many")]})
    listing = await listing_of(server)
    assert [store.name for store in listing.filestores] == ["foresthomes/homes"]
    assert "odd can't be read" in listing.refused[0].message


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(STATS, status=429, headers={"Retry-After": "60"}), "again in 60 s"),
        (Fault(STATS, manner="mute"), "no answer"),
        (Fault(STATS, status=404, code="ShareNotFound"), "gone"),
        (Fault(STATS, body=b"[]"), "something else"),
    ],
)
async def test_where_usage_is_not_told_the_share_is_and_why(fault, words):
    listing = await listing_of(forest(faults=[fault]), SOON)
    assert [store.usage for store in listing.filestores] == [None, None]
    assert all(words in dict(store.facts)["used"] for store in listing.filestores)
    assert listing.refused == ()


async def test_the_whole_listing_ends_in_time_with_what_is_known():
    server = forest(faults=[Fault(STATS, manner="mute"), Fault("managedClusters", manner="drip")])
    listing = await listing_of(server, CallBounds(listing_s=3))
    assert len(listing.filestores) == 2
    assert all("no answer" in dict(store.facts)["used"] for store in listing.filestores)


async def test_a_provider_is_never_registered():
    server = forest(faults=[Fault(ACCOUNTS, status=409, code="MissingSubscriptionRegistration", message="'A.B'")])
    with pytest.raises(ProviderError):
        await listing_of(server)
    assert {line.partition(" ")[0] for line in server.asked} == {"GET"}


async def test_after_a_fault_the_next_look_is_whole():
    server = forest(faults=[Fault(ACCOUNTS, status=500, times=1)])
    async with server.running():
        backend = AzureFiles(environ={EMULATOR_VARIABLE: server.address})
        with pytest.raises(ProviderError):
            await backend.list_filestores(scope())
        assert len((await backend.list_filestores(scope())).filestores) == 2
