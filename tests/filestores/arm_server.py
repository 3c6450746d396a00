"""A server that speaks as Azure's management API does, of storage accounts, file shares and AKS clusters, in clear and
on this machine. It keeps what was asked, and faults to answer with instead."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
GROUP = "forest-hubs"
CLUSTER = "forest-aks"
VNET = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Network/virtualNetworks/forest"
NODES = f"{VNET}/subnets/nodes"

Answer = tuple[int, dict[str, str], bytes]
Json = dict[str, Any]


@dataclass
class Fault:
    """What is answered instead, to requests whose address holds `on`; `times` of them, all by default, behind `spared`
    others. `changes`: only to those that change something.

    `manner`: whole, or truncated (half of the body, then the end), mute, reset, drip (the body, never ending). What was
    asked is done all the same, unless a `status` or a `code` refuses it.
    """

    on: str = ""
    changes: bool = False
    spared: int = 0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    code: str = ""
    message: str = "it is said in words"
    manner: Literal["whole", "truncated", "mute", "reset", "drip"] = "whole"
    times: int = 1_000_000

    @property
    def refuses(self) -> bool:
        return bool(self.code) or self.status >= 400

    def answer(self, otherwise: Answer) -> Answer:
        if self.code:
            body = json.dumps({"error": {"code": self.code, "message": self.message}}).encode()
            return self.status, self.headers, body
        if self.body is not None:
            return self.status, self.headers, self.body
        return otherwise if self.status == 200 else (self.status, self.headers, b"")


def account(name: str = "foresthomes", *, group: str = GROUP, kind: str = "FileStorage", **properties: Any) -> Json:
    """A premium account whose firewall lets in the nodes' subnet only."""
    within = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}"
    return {
        "id": f"{within}/providers/Microsoft.Storage/storageAccounts/{name}",
        "name": name,
        "type": "Microsoft.Storage/storageAccounts",
        "location": "northeurope",
        "kind": kind,
        "sku": {"name": "Premium_LRS", "tier": "Premium"},
        "tags": {"purpose": "homes"},
        "properties": {
            "provisioningState": "Succeeded",
            "statusOfPrimary": "available",
            "creationTime": "2023-05-11T08:00:00.1234567Z",
            "primaryEndpoints": {"file": f"https://{name}.file.core.windows.net/"},
            "supportsHttpsTrafficOnly": False,
            "encryption": {"services": {"file": {"enabled": True}}, "keySource": "Microsoft.Storage"},
            "networkAcls": {
                "bypass": "AzureServices",
                "defaultAction": "Deny",
                "ipRules": [],
                "virtualNetworkRules": [{"id": NODES, "action": "Allow", "state": "Succeeded"}],
            },
        }
        | properties,
    }


def share(name: str = "homes", *, of: Json | None = None, **properties: Any) -> Json:
    """An NFS share, as the list has it."""
    return {
        "id": f"{(of or account())['id']}/fileServices/default/shares/{name}",
        "name": name,
        "type": "Microsoft.Storage/storageAccounts/fileServices/shares",
        "etag": '"0x8D"',
        "properties": {
            "enabledProtocols": "NFS",
            "rootSquash": "NoRootSquash",
            "shareQuota": 1024,
            "accessTier": "Premium",
            "lastModifiedTime": "2023-05-11T08:05:00.0000000Z",
            "nextAllowedQuotaDowngradeTime": "Thu, 05 Mar 2026 20:00:00 GMT",
        }
        | properties,
    }


def aks(*subnets: str | None) -> Json:
    """An AKS cluster with a pool of nodes in each of SUBNETS; None is one that AKS keeps."""
    pools = [{"name": f"pool{i}"} | ({"vnetSubnetID": subnet} if subnet else {}) for i, subnet in enumerate(subnets)]
    return {"name": CLUSTER, "properties": {"agentPoolProfiles": pools}}


@dataclass
class ArmServer:
    """`shares` by account; `used` bytes by ACCOUNT/SHARE; `clusters` by name; `permissions` is what whoever asks may do
    with any account. `asked` are METHOD ADDRESS,
    `changed` those of them that came to change something."""

    accounts: Sequence[Json] = ()
    shares: dict[str, Sequence[Json]] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    clusters: dict[str, Json] = field(default_factory=dict)
    permissions: list[Json] = field(default_factory=lambda: [{"actions": ["*"], "notActions": []}])
    page_size: int = 100
    faults: list[Fault] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    asked: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    together: int = 0
    most_together: int = 0
    address: str = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[ArmServer]:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0, ssl=self.tls)
        self._open: set[asyncio.Task[Any]] = set()
        scheme = "https" if self.tls else "http"
        self.address = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for task in self._open:
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = re.search(rb"(?i)content-length: *(\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                if not await self._answered(head.decode("latin-1"), body, writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answered(self, head: str, body: bytes, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection stays open."""
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ")
        headers = {key.lower(): value for key, _, value in (line.partition(": ") for line in lines)}
        self.asked.append(f"{method} {target}")
        self.tokens.append(headers.get("authorization", ""))
        if method != "GET":
            self.changed.append(f"{method} {unquote(urlsplit(target).path)}")
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        try:
            # Requests that come together are counted together.
            await asyncio.sleep(0.005)
            fault = self._fault(method, target)
            refused = fault is not None and fault.refuses
            answer = _error(500, "Refused") if refused else self._answer(method, target, body)
            return await _write(writer, fault.answer(answer) if fault else answer, fault.manner if fault else "whole")
        finally:
            self.together -= 1

    def _fault(self, method: str, target: str) -> Fault | None:
        for fault in self.faults:
            if fault.on in unquote(target) and fault.times > 0 and not (fault.changes and method == "GET"):
                if not fault.spared:
                    fault.times -= 1
                    return fault
                fault.spared -= 1
        return None

    def _answer(self, method: str, target: str, body: bytes) -> Answer:
        url = urlsplit(target)
        parts, query = unquote(url.path).strip("/").split("/"), parse_qs(url.query)
        if parts[1] != SUBSCRIPTION:
            return _error(404, "SubscriptionNotFound")
        if method != "GET":
            return self._changed(method, parts[2:], json.loads(body))
        match parts[2:]:
            case ["providers", "Microsoft.Storage", "storageAccounts"]:
                return self._page(list(self.accounts), url.path, query)
            case ["resourceGroups", group, "providers", "Microsoft.Storage", "storageAccounts"]:
                of_group = [each for each in self.accounts if f"/resourceGroups/{group}/" in each["id"]]
                return self._page(of_group, url.path, query)
            case [*_, "storageAccounts", name, "fileServices", "default", "shares"] if name in self.shares:
                return self._page(list(self.shares[name]), url.path, query)
            case [*_, "storageAccounts", name, "fileServices", "default", "shares", one]:
                return self._share(name, one, stats=query.get("$expand") == ["stats"])
            case [*_, "storageAccounts", name, "providers", "Microsoft.Authorization", "permissions"]:
                known = any(each["name"] == name for each in self.accounts)
                return self._page(self.permissions, url.path, query) if known else _error(404, "ResourceNotFound")
            case [*_, "managedClusters", name] if name in self.clusters:
                return 200, {}, json.dumps(self.clusters[name]).encode()
        return _error(404, "ResourceNotFound")

    def _changed(self, method: str, parts: list[str], body: Json) -> Answer:
        """A PUT on a share that is there changes it, as Azure does."""
        match parts:
            case [*_, "storageAccounts", name, "fileServices", "default", "shares", one]:
                owner = next((each for each in self.accounts if each["name"] == name), None)
            case _:
                return _error(405, "MethodNotAllowed")
        if owner is None:
            return _error(404, "ResourceNotFound")
        known = next((each for each in self.shares.get(name, ()) if each["name"] == one and _is_live(each)), None)
        if known is None and method == "PUT":
            known = share(one, of=owner, **body["properties"])
            self.shares[name] = [*self.shares.get(name, ()), known]
            return 201, {}, json.dumps(known).encode()
        if known is None or method not in ("PUT", "PATCH"):
            return _error(404, "ShareNotFound")
        known["properties"] |= body["properties"]
        return 200, {}, json.dumps(known).encode()

    def _page(self, items: list[Json], path: str, query: dict[str, list[str]]) -> Answer:
        at = int(query.get("$skipToken", ["0"])[0])
        body: Json = {"value": items[at : at + self.page_size]}
        if at + self.page_size < len(items):
            following = urlencode({"api-version": query["api-version"][0], "$skipToken": at + self.page_size})
            body["nextLink"] = f"{self.address}{path}?{following}"
        return 200, {}, json.dumps(body).encode()

    def _share(self, account: str, name: str, *, stats: bool) -> Answer:
        found = next((each for each in self.shares.get(account, ()) if each["name"] == name), None)
        if found is None:
            return _error(404, "ShareNotFound")
        usage = (
            {"shareUsageBytes": self.used[f"{account}/{name}"]} if stats and f"{account}/{name}" in self.used else {}
        )
        return 200, {}, json.dumps(found | {"properties": found["properties"] | usage}).encode()


def _is_live(share: Json) -> bool:
    return "snapshotTime" not in share["properties"]


def _error(status: int, code: str) -> Answer:
    return status, {}, json.dumps({"error": {"code": code, "message": f"{code} in words"}}).encode()


async def _write(writer: asyncio.StreamWriter, answer: Answer, manner: str) -> bool:
    status, headers, body = answer
    if manner == "mute":
        await asyncio.Event().wait()
    if manner == "reset":
        writer.transport.abort()
        return False
    lines = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(body))} | headers
    writer.write(f"HTTP/1.1 {status} Said\r\n".encode())
    writer.write("".join(f"{key}: {value}\r\n" for key, value in lines.items()).encode() + b"\r\n")
    if manner == "drip":
        for byte in body[:-1]:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.02)
        await asyncio.Event().wait()
    writer.write(body[: len(body) // 2] if manner == "truncated" else body)
    await writer.drain()
    return manner == "whole"
