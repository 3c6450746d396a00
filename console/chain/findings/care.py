"""How a filestore is kept: who root is on it, backups, encryption, what unused files cost."""

from __future__ import annotations

from collections.abc import Iterator

from console.chain import cloud_commands
from console.chain.model import Finding
from console.chain.rule import Rule
from console.chain.store_sight import StoreSight

ROOT_SQUASH = Rule(
    code="FST15",
    severity="warning",
    or_severity="error",
    when="the share creator failed at it, or servers cannot start; info where no hub lives on it",
    link="filestore",
    title="Root squash is on",
    meaning="Root is nobody there: directories of new hubs and homes of new users stay with the wrong owner.",
    found_by="The share's root squash, or the export options of the instance.",
    mends="Turn it off for the nodes' addresses.",
    explains=("creator", "subpath"),
)
NO_BACKUPS = Rule(
    code="FST16",
    severity="info",
    link="filestore",
    title="No backups",
    meaning="Nothing today. What is deleted or overwritten cannot be brought back.",
    found_by="Backups of the instance, or the backup policy of the file system. Nothing is said where a cloud does "
    "not tell.",
    mends="Make backups regularly.",
)
NOT_ENCRYPTED = Rule(
    code="FST17",
    severity="info",
    link="filestore",
    title="Not encrypted at rest",
    meaning="Nothing. Homes lie on the cloud's disks in the clear.",
    found_by="What the cloud says of the file system.",
    mends="Encryption is chosen when a file system is made: make another one, and move the homes.",
)
NO_LIFECYCLE = Rule(
    code="FST18",
    severity="info",
    link="filestore",
    title="Lifecycle is off",
    meaning="Nothing. Files that nobody opens cost as much as those in use.",
    found_by="The lifecycle configuration of the file system.",
    mends="Let files that are unused for 90 days move to infrequent access, and back when they are opened.",
)
RULES = (ROOT_SQUASH, NO_BACKUPS, NOT_ENCRYPTED, NO_LIFECYCLE)


def findings(sight: StoreSight) -> Iterator[Finding]:
    """Only what is known to be off. Of one that nobody lives on, only what may be somebody's surprise."""
    store = sight.store
    if store.root_squash:
        yield sight.finding(
            ROOT_SQUASH, f"root squash is on: root may not chown on {store.name}", next_step=_squash(sight)
        )
    if not sight.used:
        return
    if store.backups is False:
        yield sight.finding(NO_BACKUPS, f"no backups of {store.name}", next_step=_backup(sight))
    if store.encrypted is False:
        yield sight.finding(NOT_ENCRYPTED, f"{store.name} is not encrypted at rest")
    if store.lifecycle is False:
        yield sight.finding(NO_LIFECYCLE, f"lifecycle of {store.name} is off", next_step=_lifecycle(sight))


def _squash(sight: StoreSight) -> str:
    store = sight.store
    return cloud_commands.az_share(store, "update", "--root-squash", "NoRootSquash") or cloud_commands.shown(
        store, profile=sight.profile
    )


def _backup(sight: StoreSight) -> str:
    policy = cloud_commands.efs(
        sight.store, "put-backup-policy", "--backup-policy", "Status=ENABLED", profile=sight.profile
    )
    return policy or cloud_commands.gcloud_backup(sight.store)


def _lifecycle(sight: StoreSight) -> str:
    policies = ("TransitionToIA=AFTER_90_DAYS", "TransitionToPrimaryStorageClass=AFTER_1_ACCESS")
    return cloud_commands.efs(
        sight.store, "put-lifecycle-configuration", "--lifecycle-policies", *policies, profile=sight.profile
    )
