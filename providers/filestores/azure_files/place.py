"""Which subscription is asked, and how it is named in messages."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from providers.errors import ProviderError
from providers.filestores.protocol import FilestoreScope
from providers.filestores.words import in_settings

SUBSCRIPTION_VARIABLE = "AZURE_SUBSCRIPTION_ID"
EMULATOR_VARIABLE = "HUBHOMES_ARM_ENDPOINT"

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One subscription. `resource_group` and `aks_cluster` are the cluster's own, "" where its block does not say;
    `tenant` is the one to log in to, "" for the login's own."""

    subscription: str
    resource_group: str = ""
    aks_cluster: str = ""
    tenant: str = ""

    @classmethod
    def of(cls, scope: FilestoreScope, environ: Mapping[str, str]) -> Place | None:
        """None where the cluster is not on Azure. Raises ProviderError where it is not known which subscription."""
        if scope.provider != "azure":
            return None
        block = {key: value.strip() for key, value in scope.account.items()}
        subscription = block.get("subscription") or block.get("subscription_id") or ""
        subscription = subscription or environ.get(SUBSCRIPTION_VARIABLE, "").strip()
        if not _ID.fullmatch(subscription):
            raise _no_subscription(scope.cluster, subscription)
        return cls(
            subscription=subscription.lower(),
            resource_group=block.get("resource_group", ""),
            aks_cluster=block.get("cluster", ""),
            tenant=block.get("tenant") or block.get("tenant_id") or "",
        )

    def __str__(self) -> str:
        return f"Azure subscription {self.subscription}"

    @property
    def login(self) -> str:
        """The command that renews the login."""
        return f"az login --tenant {shlex.quote(self.tenant)}" if self.tenant else "az login"


def emulator(environ: Mapping[str, str]) -> str:
    """The address that stands in for Azure's management API, "" for Azure itself. Raises ProviderError."""
    stated = environ.get(EMULATOR_VARIABLE, "").strip().rstrip("/")
    if stated and (urlsplit(stated).scheme not in ("http", "https") or not urlsplit(stated).netloc):
        message = f"{EMULATOR_VARIABLE} is no address: {stated}"
        raise ProviderError("internal", message, next_step=f"export {EMULATOR_VARIABLE}=http://HOST:PORT, or unset it")
    return stated


def _no_subscription(cluster: str, stated: str) -> ProviderError:
    if stated:
        command = f"az account show --subscription {shlex.quote(stated)} --query id --output tsv"
        message = f"the Azure subscription of {cluster} is not given by its id: {stated}"
        return ProviderError("no_context", message, next_step=f"put the id in its place: {command}")
    return ProviderError(
        "no_context",
        f"it is not known which Azure subscription {cluster} is in",
        next_step=f"{in_settings(cluster, 'subscription')}, or under azure: in cluster.yaml, or "
        f"export {SUBSCRIPTION_VARIABLE}; az account list --query [].[name,id] tells the ids",
    )
