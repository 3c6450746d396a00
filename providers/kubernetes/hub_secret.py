"""The admin mounts in a hub's Secret: read, and replaced in place. Nothing else of it is kept, shown or changed."""

from __future__ import annotations

import base64

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.hub_mounts import Entries, NotEditable, entries_of, mounts_of, same, spliced
from providers.kubernetes.hub_values import HubSecret
from providers.kubernetes.objects import HubMount
from providers.kubernetes.protocol import Transport
from providers.kubernetes.resources import HUB_SECRETS
from providers.kubernetes.writes import Writes, Written

HUB = "hub"
CHANGED = "hubhomes/changed"
"""The annotation that tells one change of the mounts from the next: the resourceVersion that it was made on."""


class AdminMounts(msgspec.Struct, frozen=True, kw_only=True):
    """What a hub gives to admins, by its Secret of `resource_version`. `changed` is the last change of ours, if any."""

    namespace: str
    resource_version: str
    entries: Entries
    changed: str = ""

    @property
    def mounts(self) -> tuple[HubMount, ...]:
        return mounts_of(self.entries)


async def read_admin_mounts(transport: Transport, namespace: str, *, timeout_s: float) -> AdminMounts:
    """The admin mounts of the hub in NAMESPACE. Raises NotEditable, ProviderError; StatusError 404: no Secret."""
    secret, _ = await _read(transport, namespace, timeout_s=timeout_s)
    return secret


async def write_admin_mounts(
    transport: Transport, namespace: str, *, before: Entries, after: Entries, dry_run: bool, timeout_s: float
) -> Written | None:
    """Puts AFTER in the place of BEFORE; None where AFTER stands there already: safe to repeat.

    Only over the very Secret that was read. Raises MountsChanged where something else than BEFORE stands there,
    Conflict where the Secret changed while it was edited, NotEditable, ProviderError.
    """
    secret, text = await _read(transport, namespace, timeout_s=timeout_s)
    if same(secret.entries, after):
        return None
    if not same(secret.entries, before):
        raise MountsChanged(namespace)
    content = base64.b64encode(spliced(text, after).encode()).decode()
    change = {
        "metadata": {"annotations": {CHANGED: secret.resource_version}},
        "data": {"values.yaml": content},
    }
    return await Writes(transport, timeout_s=timeout_s).merge_patch(
        HUB_SECRETS,
        HUB,
        change,
        namespace=namespace,
        resource_version=secret.resource_version,
        dry_run=dry_run,
    )


class MountsChanged(ProviderError):
    """Somebody has changed the admin mounts since they were looked at."""

    def __init__(self, namespace: str) -> None:
        words = f"the admin mounts in Secret hub of namespace {namespace} were changed meanwhile"
        super().__init__("internal", words, next_step="look at them again, and plan again")


async def _read(transport: Transport, namespace: str, *, timeout_s: float) -> tuple[AdminMounts, str]:
    found = await KubernetesApi(transport, timeout_s=timeout_s).get(HUB_SECRETS, HUB, namespace=namespace)
    text = _text(found)
    return (
        AdminMounts(
            namespace=namespace,
            resource_version=found.metadata.resource_version,
            entries=entries_of(text),
            changed=found.metadata.annotations.changed or "",
        ),
        text,
    )


def _text(secret: HubSecret) -> str:
    content = secret.data.values if secret.data else None
    if content is None:
        raise NotEditable("its Secret has no key values.yaml")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise NotEditable("values.yaml is not UTF-8") from None
