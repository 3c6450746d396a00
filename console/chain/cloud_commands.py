"""Commands of the clouds' own tools for one filestore, to run by hand: each names project, region or subscription."""

from __future__ import annotations

import re

from console.chain.addresses import normal_host
from console.chain.words import command
from providers.filestores.protocol import Filestore

_GIB = 1024**3
_INSTANCE = re.compile(r"projects/([^/]+)/locations/([^/]+)/instances/([^/]+)")
_EFS_HOST = re.compile(r"(?:[a-z0-9-]+\.)?fs-[0-9a-f]+\.efs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
_SHARE = re.compile(
    r"/subscriptions/([^/]+)/resourceGroups/([^/]+)/providers/Microsoft\.Storage"
    r"/storageAccounts/([^/]+)/fileServices/[^/]+/shares/([^/]+)",
    re.IGNORECASE,
)


def gcloud_filestore(store: Filestore, verb: str, *options: str) -> str:
    """`gcloud filestore instances VERB` of a Google instance; "" for anything else."""
    found = _INSTANCE.fullmatch(store.id)
    if found is None:
        return ""
    project, location, name = found.groups()
    place = ("--project", project, "--location", location)
    return command("gcloud", "filestore", "instances", verb, name, *place, *options)


def gcloud_backup(store: Filestore) -> str:
    """The command that makes one backup of a Google instance; "" for anything else."""
    found = _INSTANCE.fullmatch(store.id)
    if found is None or not store.exports:
        return ""
    project, location, name = found.groups()
    region = location.rpartition("-")[0] if location.count("-") > 1 else location
    return command(
        "gcloud", "filestore", "backups", "create", f"{name}-backup", "--project", project, "--region", region,
        "--instance", name, "--instance-location", location, "--file-share", store.exports[0].strip("/"),
    )  # fmt: skip


def aws(store: Filestore, service: str, verb: str, *options: str, profile: str = "") -> str:
    """`aws SERVICE VERB` in the region of an EFS file system; "" for anything else."""
    region = _region(store)
    if not region:
        return ""
    return command("aws", service, verb, "--region", region, *(("--profile", profile) if profile else ()), *options)


def efs(store: Filestore, verb: str, *options: str, profile: str = "") -> str:
    """`aws efs VERB` of one file system; "" for anything else."""
    return aws(store, "efs", verb, "--file-system-id", store.id.rpartition("/")[2], *options, profile=profile)


def az_share(store: Filestore, verb: str, *options: str) -> str:
    """`az storage share-rm VERB` of an Azure share; "" for anything else."""
    found = _SHARE.fullmatch(store.id)
    if found is None:
        return ""
    subscription, group, account, share = found.groups()
    place = ("--subscription", subscription, "--resource-group", group, "--storage-account", account)
    return command("az", "storage", "share-rm", verb, *place, "--name", share, *options)


def az_account(store: Filestore, *options: str) -> str:
    """`az storage account update` of the account that keeps an Azure share; "" for anything else."""
    return _az_account(store, ("update",), "--name", options)


def az_network_rule(store: Filestore, *options: str) -> str:
    """`az storage account network-rule add` of the account that keeps an Azure share; "" for anything else."""
    return _az_account(store, ("network-rule", "add"), "--account-name", options)


def _az_account(store: Filestore, verb: tuple[str, ...], name: str, options: tuple[str, ...]) -> str:
    found = _SHARE.fullmatch(store.id)
    if found is None:
        return ""
    subscription, group, account, _ = found.groups()
    place = ("--subscription", subscription, "--resource-group", group, name, account)
    return command("az", "storage", "account", *verb, *place, *options)


def shown(store: Filestore, *, profile: str = "") -> str:
    """The command that shows what the cloud says of it; "" for an in-cluster server."""
    return (
        gcloud_filestore(store, "describe")
        or efs(store, "describe-file-systems", profile=profile)
        or az_share(store, "show")
    )


def grown(store: Filestore, *, to_bytes: int) -> str:
    """The command that gives it TO_BYTES; "" where no such command is known."""
    gib = -(-to_bytes // _GIB)
    share = store.exports[0].strip("/") if store.exports else ""
    return gcloud_filestore(store, "update", "--file-share", f"name={share},capacity={gib}GB") or az_share(
        store, "update", "--quota", str(gib)
    )


def _region(store: Filestore) -> str:
    hits = (_EFS_HOST.fullmatch(normal_host(address)) for address in store.addresses)
    return next((hit[1] for hit in hits if hit), "") if store.backend == "aws-efs" else ""
