"""Filestore, as the demo has it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

import msgspec

from providers.filestores.changes import Unfit, Wish
from providers.filestores.protocol import Filestore, FilestoreScope
from providers.simulated.clouds.kind import GIB, Kind, node_zones, number


class Google(Kind):
    making = ("file.instances.create", "file.operations.get")
    growing = ("file.instances.update", "file.operations.get")
    _TIERS: Mapping[str, tuple[int, int]] = {
        "BASIC_HDD": (1024, 1), "BASIC_SSD": (2560, 1), "ZONAL": (1024, 256), "REGIONAL": (1024, 256),
        "ENTERPRISE": (1024, 256),
    }  # fmt: skip

    def sizes(self, tier: str) -> tuple[int, int]:
        if tier not in self._TIERS:
            raise Unfit(f"Filestore has no tier {tier}", next_step=f"one of {', '.join(self._TIERS)}")
        return self._TIERS[tier]

    def filled(self, wish: Wish, scope: FilestoreScope, stores: Sequence[Filestore]) -> Wish:  # noqa: ARG002 - as others
        tier = wish.tier or "BASIC_HDD"
        zone = wish.location or scope.account.get("zone", "")
        if zone.count("-") < 2 and tier not in ("REGIONAL", "ENTERPRISE"):
            zone = next(iter(node_zones(scope)), f"{zone}-a")
        smallest, _ = self.sizes(tier)
        size = wish.capacity_gib or smallest
        if size < smallest:
            raise Unfit(f"{tier} begins at {smallest:,} GiB", next_step=f"--capacity {smallest}, or another tier")
        network = wish.network or "default"
        return msgspec.structs.replace(wish, capacity_gib=size, tier=tier, location=zone, network=network)

    def begun(self, wish: Wish, scope: FilestoreScope, stores: Sequence[Filestore]) -> Filestore:  # noqa: ARG002
        project = scope.account.get("project", scope.cluster)
        pages = f"https://console.cloud.google.com/filestore/instances/locations/{wish.location}/id"
        return Filestore(
            id=f"projects/{project}/locations/{wish.location}/instances/{wish.name}",
            name=wish.name,
            backend="gcp-filestore",
            page=f"{pages}/{wish.name}?project={project}",
            addresses=(),
            exports=(f"/{wish.share}",),
            state="creating",
            detail="The instance is being created; it has no address yet.",
            tier=wish.tier,
            capacity_bytes=(wish.capacity_gib or 0) * GIB,
            zones=(wish.location,),
            state_since=scope.now,
            facts=(("network", wish.network), ("protocol", "NFS_V3")),
            encrypted=True,
            root_squash=False,
            created_at=scope.now,
        )

    def command(self, wish: Wish, scope: FilestoreScope) -> str:
        place = ("--project", scope.account.get("project", scope.cluster), "--location", wish.location)
        share = f"name={wish.share},capacity={wish.capacity_gib}GB"
        return shlex.join(
            ("gcloud", "filestore", "instances", "create", wish.name, *place, "--tier", wish.tier,
             "--file-share", share, "--network", f"name={wish.network}")
        )  # fmt: skip

    def deletion_command(self, wish: Wish, scope: FilestoreScope) -> str:
        place = ("--project", scope.account.get("project", scope.cluster), "--location", wish.location)
        return shlex.join(("gcloud", "filestore", "instances", "delete", wish.name, *place))

    def growth_command(self, store: Filestore, capacity_gib: int) -> str:
        _, project, _, location, _, name = store.id.split("/")
        share = f"name={store.exports[0].strip('/')},capacity={capacity_gib}GB"
        place = ("--project", project, "--location", location)
        return shlex.join(("gcloud", "filestore", "instances", "update", name, *place, "--file-share", share))

    def finished(self, store: Filestore) -> Filestore:
        address = store.addresses or (f"10.2.{number(store.id, 200) + 1}.2",)
        return msgspec.structs.replace(super().finished(store), addresses=address)
