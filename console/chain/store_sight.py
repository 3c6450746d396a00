"""Everything that is known of one filestore, for the rules to judge."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from console.chain.marks import Severity
from console.chain.model import Finding, ShareUsage
from console.chain.policy import Policy
from console.chain.rule import Rule
from providers.filestores.protocol import Filestore, Usage


class StoreSight(msgspec.Struct, frozen=True, kw_only=True):
    """One filestore, told of in the list of its cluster, or to one hub that lives on it (`hub`).

    `usage` is the one figure to believe, `of_inodes` the one that tells of inodes, `days_left` how long it lasts at the
    pace of lately; None where that is not known. `node_zones` has how many nodes run in each zone, None where that is
    not known. `server` is the address that the hub mounts it by. `by_terraform`: its variables declare it, or it is an
    in-cluster server, whose disk they may. `used`: some hub lives on it, or may; `running` is how many servers run on
    it, None where not known. `profile` is the AWS profile that the cluster's account is asked with, "" for the one in
    use.
    """

    store: Filestore
    cluster: str
    context: str | None
    policy: Policy
    usage: Usage | None = None
    of_inodes: Usage | None = None
    days_left: float | None = None
    node_zones: Mapping[str, int] | None = None
    profile: str = ""
    hub: str | None = None
    server: str = ""
    used: bool = True
    running: int | None = None
    by_terraform: bool = False

    def told_to(self, hub: str, *, server: str, running: int | None) -> StoreSight:
        """The same, as HUB is told of it, which mounts it from SERVER and has RUNNING servers."""
        return msgspec.structs.replace(self, hub=hub, server=server, running=running, used=True)

    def finding(
        self,
        rule: Rule,
        message: str,
        *,
        severity: Severity | None = None,
        detail: tuple[str, ...] = (),
        next_step: str = "",
        since: datetime | None = None,
        action: str | None = None,
        asks: Mapping[str, Any] | None = None,
    ) -> Finding:
        """That RULE is broken; ACTION and what it ASKS where they are not the rule's.

        Where nobody lives on it, and the rule says so, that is worth a word only.
        """
        unused = not self.used and "info where no hub" in rule.when
        return rule.finding(
            message,
            cluster=self.cluster,
            hub=self.hub,
            severity="info" if unused else severity,
            detail=detail,
            next_step=next_step,
            subject=f"Deployment/{self.store.name}" if self.store.namespace else self.store.id,
            filestore=self.store.id,
            since=since,
            action=action,
            asks=asks,
        )


def store_sights(
    stores: Iterable[Filestore],
    *,
    cluster: str,
    context: str | None,
    policy: Policy,
    node_zones: Mapping[str, int] | None,
    account: Mapping[str, str],
    usages: Mapping[str, ShareUsage],
    running: Mapping[str, int],
    by_terraform: Collection[str] = (),
    hubs_known: bool = True,
) -> dict[str, StoreSight]:
    """By the filestore's id. So are USAGES, which have the figure to go by, and RUNNING, the servers on each: what is
    not there has no hub, unless HUBS_KNOWN is False. BY_TERRAFORM has the ids of those that Terraform's variables
    declare."""
    return {
        store.id: StoreSight(
            store=store,
            cluster=cluster,
            context=context,
            policy=policy,
            usage=usages[store.id].chosen if store.id in usages else store.usage,
            of_inodes=usages[store.id].of_inodes if store.id in usages else store.usage,
            days_left=usages[store.id].days_left if store.id in usages else None,
            node_zones=node_zones,
            profile=account.get("profile", ""),
            used=store.id in running or not hubs_known,
            running=running.get(store.id),
            by_terraform=bool(store.namespace) or store.id in by_terraform,
        )
        for store in stores
    }
