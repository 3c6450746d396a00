"""Which filestore a hub is on: by address within the cluster's own account, never by guessing.

Several hits are ambiguous and none of them is chosen; an inventory that is not known makes the answer undetermined,
never "no filestore".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Literal

import msgspec

from console.chain.addresses import is_below, is_ip, normal_host, normal_path, service_of
from console.chain.filestores import FilestoreInventory
from providers.filestores.protocol import Filestore

Verdict = Literal["matched", "wrong-export", "ambiguous", "unknown", "undetermined", "unasked", "no-service", "none"]

_EFS = re.compile(r"(?:[a-z0-9-]+\.)?(fs-[0-9a-f]+)\.efs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
_AZURE = re.compile(r"([a-z0-9]{3,24})\.(?:privatelink\.)?file\.core\.[a-z0-9.-]+")
_SAYS_ACCOUNT = {"gcp-filestore": "project", "aws-efs": "region", "azure-files": "subscription"}
_CLOUD_OF_PROVIDER = {"gcp": "gcp-filestore", "aws": "aws-efs", "azure": "azure-files"}


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. `filestores` has one when matched or wrong-export, several when ambiguous. `reason` is in words.

    Undetermined: a backend could not tell; unasked: none of the right kind was asked. `backend` is what the address
    alone says, "unknown" where it says nothing.
    """

    verdict: Verdict
    filestores: tuple[Filestore, ...] = ()
    reason: str
    backend: str = "unknown"

    @property
    def filestore(self) -> Filestore | None:
        return self.filestores[0] if self.verdict in ("matched", "wrong-export") else None


def shape_of(server: str, provider: str) -> str:
    """The backend that an address would belong to; "unknown" where its shape does not say, as for a bare IP
    outside the three clouds."""
    host = normal_host(server)
    if service_of(host):
        return "home-nfs"
    if _EFS.fullmatch(host):
        return "aws-efs"
    if _AZURE.fullmatch(host):
        return "azure-files"
    return _CLOUD_OF_PROVIDER.get(provider, "unknown") if is_ip(host) and provider != "azure" else "unknown"


class Matcher:
    """Answers for one cluster, whose filestores and Services it has by address.

    SERVICES are the cluster's, (name, namespace) to cluster IP; all of them where SERVICES_KNOWN.
    """

    def __init__(
        self,
        *,
        provider: str,
        inventory: FilestoreInventory | None,
        services: Mapping[tuple[str, str], str],
        services_known: bool = True,
    ) -> None:
        self._provider, self._inventory = provider, inventory
        self._services, self._services_known = services, services_known
        self._service_at = {ip: name for name, ip in services.items()}
        self._at: defaultdict[str, list[Filestore]] = defaultdict(list)
        for store in inventory.filestores if inventory is not None else ():
            for key in _keys(store):
                self._at[key].append(store)

    def match(self, server: str, path: str) -> Match:
        """The filestore behind SERVER:PATH."""
        if not server:
            return Match(verdict="none", reason="no server is declared")
        host = normal_host(server)
        service = service_of(host) or self._service_at.get(host)
        backend = "home-nfs" if service else shape_of(host, self._provider)
        if self._inventory is None:
            return Match(verdict="unasked", reason="filestores were not asked", backend=backend)
        hits = self._hits(host, path, service)
        if hits:
            return _answer(hits, host, path)
        if self._is_no_service(service, self._inventory):
            reason = f"there is no Service {service[0]} in {service[1]}" if service else ""
            return Match(verdict="no-service", reason=reason, backend="home-nfs")
        return _no_hit(host, backend, self._provider, self._inventory, service)

    def _is_no_service(self, service: tuple[str, str] | None, inventory: FilestoreInventory) -> bool:
        """A Service's name that leads nowhere; only where all Services and servers are known."""
        if service is None or not self._services_known or service in self._services:
            return False
        return inventory.gap("home-nfs") is None

    def _hits(self, host: str, path: str, service: tuple[str, str] | None) -> list[Filestore]:
        """Every filestore that answers at HOST. Azure shares of one account share it: the path tells them apart."""
        keys = [host, _efs_id(host), _account(host)]
        if service:
            keys += [f"{service[0]}.{service[1]}.svc", f"{service[0]}.{service[1]}.svc.cluster.local"]
            keys.append(self._services.get(service, ""))
        found = {store.id: store for key in keys if key for store in self._at.get(key, ())}
        exporting = [store for store in found.values() if _exports(store, path)]
        return exporting if len(found) > 1 and exporting else list(found.values())


def _keys(store: Filestore) -> set[str]:
    """All that a filestore is found by: its addresses, the id of a file system, the name of an account."""
    hosts = {normal_host(address) for address in store.addresses}
    keys = hosts | {_efs_id(host) for host in hosts} | {_account(host) for host in hosts}
    if store.backend == "aws-efs":
        keys.add(f"efs:{store.id.rpartition('/')[2]}")
    return keys - {""}


def _efs_id(host: str) -> str:
    found = _EFS.fullmatch(host)
    return f"efs:{found[1]}" if found else ""


def _account(host: str) -> str:
    found = _AZURE.fullmatch(host)
    return f"azure:{found[1]}" if found else ""


def _exports(store: Filestore, path: str) -> bool:
    return not store.exports or any(is_below(path, export) for export in store.exports)


def _answer(hits: list[Filestore], host: str, path: str) -> Match:
    if len(hits) > 1:
        names = ", ".join(sorted(store.name for store in hits))
        reason = f"{host} is an address of {len(hits)} filestores: {names}"
        return Match(verdict="ambiguous", filestores=tuple(sorted(hits, key=_by_id)), reason=reason)
    store = hits[0]
    exports = ", ".join(store.exports)
    if not _exports(store, path):
        reason = f"{host} is an address of {store.name}, but it exports {exports}, not {normal_path(path)}"
        return Match(verdict="wrong-export", filestores=(store,), reason=reason, backend=store.backend)
    share = f", and {exports} is its share" if exports else ""
    return Match(
        verdict="matched",
        filestores=(store,),
        reason=f"{host} is an address of {store.name}{share}",
        backend=store.backend,
    )


def _by_id(store: Filestore) -> str:
    return store.id


def _not_asked(backend: str, provider: str) -> str:
    """A cluster that was found by its context may be on a cloud that the context's name does not tell."""
    if provider != "kubeconfig" or backend not in _SAYS_ACCOUNT:
        return f"{backend} was not asked"
    key = _SAYS_ACCOUNT[backend]
    return f"{backend} was not asked: set {key} under [accounts.CLUSTER] in settings.toml to have this cluster's asked"


def _no_hit(
    host: str, backend: str, provider: str, inventory: FilestoreInventory, service: tuple[str, str] | None
) -> Match:
    expected = {backend} if backend != "unknown" else {"home-nfs", _CLOUD_OF_PROVIDER.get(provider, "home-nfs")}
    if is_ip(host) and not service:
        expected.add("home-nfs")
    for gap in inventory.gaps:
        if gap.backend in expected:
            return Match(verdict="undetermined", reason=f"{gap.backend}: {gap.message}", backend=backend)
    unasked = sorted(expected - set(inventory.listed))
    if unasked:
        return Match(verdict="unasked", reason=_not_asked(unasked[0], provider), backend=backend)
    return Match(verdict="unknown", reason=f"{host} is no address of a filestore known here", backend=backend)
