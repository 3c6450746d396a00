"""Whether the nodes of a cluster reach a filestore: mount targets in their zones, security groups, firewalls."""

from __future__ import annotations

from collections.abc import Iterator

from console.chain import cloud_commands
from console.chain.addresses import is_ip, normal_host
from console.chain.marks import Severity
from console.chain.model import Finding
from console.chain.rule import Rule
from console.chain.store_sight import StoreSight
from console.chain.words import count, some
from providers.filestores.protocol import MountTarget

NO_TARGET = Rule(
    code="FST11",
    severity="warning",
    or_severity="error",
    when="user pods in that zone cannot mount it; info where no hub lives on it",
    link="filestore",
    title="No mount target where nodes run",
    meaning="Servers on nodes of that zone cannot start: the file system's name leads nowhere there.",
    found_by="The zones of the nodes, by their label topology.kubernetes.io/zone, against the mount targets and their "
    "states. A file system that is kept in one zone has one by its nature, and hubs that mount it by an "
    "address only need the target of that address.",
    mends="Make a mount target in a subnet of that zone, with the security group of the others.",
    or_action="create-filestore",
    explains=("timeout", "refused", "name", "hanging", "other"),
)
GROUP_REFUSES = Rule(
    code="FST12",
    severity="warning",
    or_severity="error",
    when="user pods in that zone cannot mount it; info where no hub lives on it",
    link="filestore",
    title="Security group refuses nodes",
    meaning="Servers on those nodes cannot start: their mounts time out.",
    found_by="The rules of the mount targets' security groups against the nodes' groups and addresses, for port 2049.",
    mends="Let the nodes' security group in on port 2049.",
    explains=("timeout", "refused", "hanging", "other"),
)
FIREWALL = Rule(
    code="FST13",
    severity="error",
    or_severity="warning",
    when="servers run on it; info where no hub lives on it",
    link="filestore",
    title="Firewall does not let nodes in",
    meaning="Servers cannot start: their mounts are denied.",
    found_by="The storage account's networks against the subnets of the cluster's node pools.",
    mends="Add the nodes' subnet to the account's networks; it needs the service endpoint Microsoft.Storage.",
    explains=("denied", "timeout", "refused", "hanging", "other", "creator"),
)
SECURE_TRANSFER = Rule(
    code="FST14",
    severity="error",
    or_severity="warning",
    when="servers run on it; info where no hub lives on it",
    link="filestore",
    title="Account requires secure transfer",
    meaning="Servers cannot start: plain NFS mounts are denied.",
    found_by="The storage account's supportsHttpsTrafficOnly.",
    mends="Turn secure transfer off: NFS has none, and the account's networks protect it.",
    explains=("denied", "hanging", "other", "creator"),
)
RULES = (NO_TARGET, GROUP_REFUSES, FIREWALL, SECURE_TRANSFER)

BY_ADDRESS = (NO_TARGET.code, GROUP_REFUSES.code)
"""The findings that a hub is spared which mounts by the address of another mount target."""

_SETTLED = ("down", "creating", "deleting")
"""States that say by themselves why nothing mounts it."""


def findings(sight: StoreSight) -> Iterator[Finding]:
    if sight.store.state in _SETTLED:
        return
    yield from _targets(sight)
    yield from _groups(sight)
    yield from _firewall(sight)
    if sight.store.secure_transfer:
        yield sight.finding(
            SECURE_TRANSFER,
            f"{_account(sight)} requires secure transfer: NFS is denied",
            severity=_weight(sight),
            next_step=cloud_commands.az_account(sight.store, "--https-only", "false"),
        )


def unreached_zones(sight: StoreSight) -> dict[str, MountTarget | None]:
    """The zones where nodes run and no mount target is ready: with the one that is there, None where there is none."""
    store = sight.store
    if store.mount_targets is None or sight.node_zones is None or store.state in _SETTLED:
        return {}
    by_zone = {target.zone: target for target in _relevant(sight)}
    if is_ip(sight.server) or store.one_zone:
        return {target.zone: target for target in by_zone.values() if target.state not in ("ready", "unknown")}
    zones = {zone: by_zone.get(zone) for zone in sight.node_zones}
    return {zone: target for zone, target in zones.items() if target is None or _is_out(target)}


def refusing_zones(sight: StoreSight) -> dict[str, MountTarget]:
    """The zones whose mount target does not let all nodes in."""
    return {target.zone: target for target in _relevant(sight) if target.admits_nodes is False}


def _relevant(sight: StoreSight) -> tuple[MountTarget, ...]:
    """All mount targets; for a hub that mounts by address, the one that has it."""
    targets = sight.store.mount_targets or ()
    if not is_ip(sight.server):
        return targets
    return tuple(target for target in targets if normal_host(sight.server) in target.addresses)


def _is_out(target: MountTarget) -> bool:
    return target.state not in ("ready", "unknown", "updating")


def _targets(sight: StoreSight) -> Iterator[Finding]:
    zones = unreached_zones(sight)
    if not zones:
        return
    missing = [zone for zone, target in zones.items() if target is None]
    out = {zone: target for zone, target in zones.items() if target is not None}
    words = [f"no mount target in {some(missing)}"] if missing else []
    words += [f"mount target in {zone} is {_state(target)}" for zone, target in out.items()]
    nodes = sum((sight.node_zones or {}).get(zone, 0) for zone in zones)
    where = f", where {count(nodes, 'node')} {'runs' if nodes == 1 else 'run'}" if nodes else ""
    zone = (missing or list(out))[0]
    yield sight.finding(
        NO_TARGET,
        f"{some(words, 2)}{where}",
        detail=(_name(sight), *(target.detail for target in out.values() if target.detail), *_subnets(sight, missing)),
        next_step=_new_target(sight, zone) if missing else _shown_targets(sight),
        action=NO_TARGET.or_action if missing else None,
        asks={"key": sight.store.name, "live": True} if missing else None,
    )


def _state(target: MountTarget) -> str:
    return "in error" if target.state == "down" else target.state


def _name(sight: StoreSight) -> str:
    own = sight.store.id.rpartition("/")[2]
    return sight.store.name if sight.store.name == own else f"{sight.store.name} ({own})"


def _subnets(sight: StoreSight, missing: list[str]) -> Iterator[str]:
    network = next((target.network for target in sight.store.mount_targets or () if target.network), "")
    unknown = [zone for zone in missing[:1] if zone not in dict(sight.store.node_subnets)]
    for zone in unknown if network else ():
        filters = (f"Name=vpc-id,Values={network}", f"Name=availability-zone,Values={zone}")
        listed = cloud_commands.aws(
            sight.store, "ec2", "describe-subnets", "--filters", *filters, profile=sight.profile
        )
        yield f"subnets of {zone}: {listed}"


def _new_target(sight: StoreSight, zone: str) -> str:
    groups = sorted({group for target in sight.store.mount_targets or () for group in target.security_groups})
    subnet = dict(sight.store.node_subnets).get(zone) or f"SUBNET-OF-{zone}"
    options = ("--subnet-id", subnet, *(("--security-groups", *groups) if groups else ()))
    return cloud_commands.efs(sight.store, "create-mount-target", *options, profile=sight.profile)


def _shown_targets(sight: StoreSight) -> str:
    return cloud_commands.efs(sight.store, "describe-mount-targets", profile=sight.profile)


def _groups(sight: StoreSight) -> Iterator[Finding]:
    refusing = refusing_zones(sight)
    if not refusing:
        return
    groups = list(dict.fromkeys(group for target in refusing.values() for group in target.security_groups))
    who = f"security group {some(groups, 2)}" if groups else "a mount target's security group"
    source = next((target.refused_group for target in refusing.values() if target.refused_group), "GROUP-OF-THE-NODES")
    options = ("--protocol", "tcp", "--port", "2049", "--source-group", source)
    yield sight.finding(
        GROUP_REFUSES,
        f"{who} refuses nodes on port 2049 ({some(list(refusing))})",
        detail=(_name(sight), *dict.fromkeys(target.detail for target in refusing.values() if target.detail)),
        next_step=cloud_commands.aws(
            sight.store, "ec2", "authorize-security-group-ingress", "--group-id", groups[0], *options,
            profile=sight.profile,
        ) if groups else _shown_targets(sight),
    )  # fmt: skip


def _firewall(sight: StoreSight) -> Iterator[Finding]:
    firewall = sight.store.firewall
    if firewall is None or firewall.admits_nodes is not False:
        return
    refused = firewall.refused_subnets
    yield sight.finding(
        FIREWALL,
        f"firewall of {_account(sight)} does not let the nodes in",
        severity=_weight(sight),
        detail=(firewall.detail,) if firewall.detail else (),
        next_step=cloud_commands.az_network_rule(
            sight.store, "--subnet", refused[0] if refused else "SUBNET-OF-THE-NODES"
        ),
    )


def _weight(sight: StoreSight) -> Severity:
    """Servers that run on it show that it can be mounted from some nodes at least."""
    return "warning" if sight.running else "error"


def _account(sight: StoreSight) -> str:
    return sight.store.name.partition("/")[0]
