"""EFS, as the demo has it."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from providers.filestores.changes import Piece, Unfit, Wish
from providers.filestores.protocol import Filestore, FilestoreScope, MountTarget, Usage
from providers.simulated.clouds.kind import Kind, node_zones, number


class Amazon(Kind):
    kept = ("encrypted", "daily backups", "to infrequent access after 90 days, back after 1 access")
    unasked = "AWS answers no question about it: it is found out when it is done"
    making = (
        "elasticfilesystem:CreateFileSystem", "elasticfilesystem:TagResource",
        "elasticfilesystem:PutLifecycleConfiguration",
    )  # fmt: skip
    mounting = ("elasticfilesystem:CreateMountTarget", "ec2:CreateNetworkInterface", "ec2:DescribeSubnets")

    def sizes(self, tier: str) -> tuple[int, int]:  # noqa: ARG002 - there are none
        raise Unfit("an EFS file system has no size: it takes what is put into it")

    def suitable(self, tier: str, least_gib: float) -> int | None:  # noqa: ARG002 - there are no sizes
        return None

    def filled(self, wish: Wish, scope: FilestoreScope, stores: Sequence[Filestore]) -> Wish:
        if wish.capacity_gib:
            raise Unfit(
                "an EFS file system has no size: it takes what is put into it", next_step="leave out --capacity"
            )
        region = wish.location or scope.account.get("region", "")
        network = wish.network or next((target.network for target in _targets(stores)), "vpc-0c91d2e3f4a5b6c78")
        return msgspec.structs.replace(wish, tier=wish.tier or "generalPurpose", location=region, network=network)

    def begun(self, wish: Wish, scope: FilestoreScope, stores: Sequence[Filestore]) -> Filestore:  # noqa: ARG002
        identity = _identity(wish)
        region = wish.location
        return Filestore(
            id=identity,
            name=wish.name,
            backend="aws-efs",
            page=f"https://{region}.console.aws.amazon.com/efs/home?region={region}#/file-systems/{identity}",
            addresses=(f"{identity}.efs.{region}.amazonaws.com",),
            exports=("/",),
            state="creating",
            detail="The file system is being made.",
            tier=wish.tier,
            usage=Usage(
                used_bytes=6144,
                capacity_bytes=None,
                source="EFS SizeInBytes, which lags by hours",
                observed_at=scope.now,
            ),
            state_since=scope.now,
            facts=(
                ("throughput", "elastic"),
                ("encrypted", "yes"),
                ("lifecycle", self.kept[-1]),
                ("network", wish.network),
            ),
            mount_targets=(),
            encrypted=True,
            backups=True,
            lifecycle=True,
            created_at=scope.now,
        )

    def command(self, wish: Wish, scope: FilestoreScope) -> str:  # noqa: ARG002 - the region is the wish's
        tags = f"Key=Name,Value={wish.name}"
        return shlex.join(
            ("aws", "efs", "create-file-system", "--region", wish.location, "--encrypted", "--tags", tags)
        )

    def deletion_command(self, wish: Wish, scope: FilestoreScope) -> str:  # noqa: ARG002 - the region is the wish's
        identity = _identity(wish)
        return shlex.join(("aws", "efs", "delete-file-system", "--region", wish.location, "--file-system-id", identity))

    def parts(self, wish: Wish, scope: FilestoreScope, there: Filestore | None) -> tuple[Piece, ...]:
        """A mount target for each zone that nodes run in."""
        ready = {target.zone for target in (there.mount_targets or ()) if target.state == "ready"} if there else set()
        return tuple(self._part(wish, zone) for zone in node_zones(scope) if zone not in ready)

    def _part(self, wish: Wish, zone: str) -> Piece:
        subnet = f"subnet-{hashlib.sha256(zone.encode()).hexdigest()[:8]}"
        return Piece(
            key=f"mount-target {subnet}",
            what=f"make a mount target in {zone}, for the nodes there",
            before="",
            after=f"{subnet}, security group of the nodes",
            rights=self.mounting,
            arguments={
                "make": "mount-target",
                "name": wish.name,
                "zone": zone,
                "subnet": subnet,
                "network": wish.network,
            },
        )

    def mounted(self, store: Filestore, arguments: Mapping[str, Any], state: Any) -> Filestore:
        """STORE with the mount target of ARGUMENTS in STATE."""
        zone = arguments["zone"]
        own = MountTarget(
            id=f"fsmt-{hashlib.sha256(f'{store.id} {zone}'.encode()).hexdigest()[:8]}",
            zone=zone,
            state=state,
            addresses=(f"192.168.{number(zone, 120)}.{number(store.id, 250) + 2}",),
            subnet=arguments["subnet"],
            network=arguments["network"],
            security_groups=("sg-0e1f2a3b4c5d6e7f8",),
            admits_nodes=True,
        )
        others = tuple(target for target in store.mount_targets or () if target.zone != zone)
        targets = tuple(sorted((*others, own), key=lambda target: target.zone))
        return msgspec.structs.replace(
            store,
            mount_targets=targets,
            zones=tuple(target.zone for target in targets),
            addresses=(store.addresses[0], *(address for target in targets for address in target.addresses)),
        )


def _identity(wish: Wish) -> str:
    return f"fs-{hashlib.sha256(wish.name.encode()).hexdigest()[:17]}"


def _targets(stores: Sequence[Filestore]) -> list[MountTarget]:
    return [target for store in stores for target in store.mount_targets or ()]
