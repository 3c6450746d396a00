"""Server addresses and paths, made comparable."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from providers.kubernetes.objects import Service

_SERVICE_NAME = re.compile(r"([a-z0-9-]+)\.([a-z0-9-]+)\.svc(\..*)?")


@lru_cache(maxsize=8192)
def normal_host(host: str) -> str:
    """Lower case, no trailing dot, no brackets, IPs in their canonical form."""
    text = host.strip().lower().rstrip(".").removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text


def is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(normal_host(host))
    except ValueError:
        return False
    return True


def normal_path(path: str) -> str:
    """Slashes collapsed, one in front, none behind; case kept, since export paths have case."""
    return "/" + "/".join(part for part in path.strip().split("/") if part)


def is_below(path: str, export: str) -> bool:
    """Whether PATH is EXPORT or lies in it."""
    inner, outer = normal_path(path), normal_path(export)
    return outer == "/" or inner == outer or inner.startswith(outer + "/")


def service_of(host: str) -> tuple[str, str] | None:
    """(name, namespace) where HOST is a Service's DNS name (NAME.NAMESPACE.svc[.cluster.local]), else None."""
    found = _SERVICE_NAME.fullmatch(normal_host(host))
    return (found.group(1), found.group(2)) if found else None


def service_addresses(services: Iterable[Service]) -> dict[tuple[str, str], str]:
    """(name, namespace) → cluster IP, headless Services left out."""
    return {
        (service.metadata.name, service.metadata.namespace): normal_host(service.spec.cluster_ip)
        for service in services
        if service.spec.cluster_ip and service.spec.cluster_ip != "None"
    }


def same_host(one: str, other: str, services: Mapping[tuple[str, str], str]) -> bool:
    """Whether two addresses reach one server: a Service's cluster IP is its DNS name."""

    def resolved(host: str) -> str:
        service = service_of(host)
        return services.get(service, "/".join(service)) if service else normal_host(host)

    return resolved(one) == resolved(other)


def same_path(one: str, other: str) -> bool:
    return normal_path(one) == normal_path(other)
