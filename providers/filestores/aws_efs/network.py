"""Whether the nodes of a cluster may reach mount targets: security groups of both, read from EC2."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from providers.filestores.aws_efs.answers import Narrow, Tag, items, pages
from providers.filestores.aws_efs.errors import in_our_words
from providers.filestores.aws_efs.session import Clients

NFS_PORT = 2049
_FILTER_VALUES = 200
"""The most values that EC2 takes in one filter."""
_NODE_STATES = ("pending", "running")


class GroupName(Narrow, frozen=True):
    group_id: str


class Interface(Narrow, frozen=True):
    network_interface_id: str
    groups: tuple[GroupName, ...] = ()


class Placement(Narrow, frozen=True):
    availability_zone: str = ""


class Instance(Narrow, frozen=True):
    """A node; its addresses are its first."""

    placement: Placement = Placement()
    vpc_id: str = ""
    subnet_id: str = ""
    security_groups: tuple[GroupName, ...] = ()
    private_ip_address: str | None = None
    ipv6_address: str | None = None


class Reservation(Narrow, frozen=True):
    instances: tuple[Instance, ...] = ()


class Range(Narrow, frozen=True):
    cidr_ip: str = "0.0.0.0/32"


class Range6(Narrow, frozen=True):
    cidr_ipv6: str = msgspec.field(name="CidrIpv6", default="::/128")


class Permission(Narrow, frozen=True):
    """What comes in. Without ports: all of them."""

    ip_protocol: str
    from_port: int | None = None
    to_port: int | None = None
    ip_ranges: tuple[Range, ...] = ()
    ipv6_ranges: tuple[Range6, ...] = ()
    user_id_group_pairs: tuple[GroupName, ...] = ()
    prefix_list_ids: tuple[Mapping[str, object], ...] = ()

    def covers_nfs(self) -> bool:
        if self.ip_protocol == "-1":
            return True
        first, last = self.from_port, self.to_port
        return self.ip_protocol in ("tcp", "6") and (first is None or last is None or first <= NFS_PORT <= last)


class Group(Narrow, frozen=True):
    group_id: str
    ip_permissions: tuple[Permission, ...] = ()
    tags: tuple[Tag, ...] = ()


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """Groups by network interface, groups by id, and a cluster's nodes that run now."""

    groups_of: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, Group]
    nodes: tuple[Instance, ...] = ()

    def admits_nodes(self, interface: str) -> bool | None:
        """Whether every node is let in on the NFS port; None where that can't be told: no node runs, the groups are
        not known, or a rule names a prefix list."""
        answers = set(self._answers(interface).values())
        return None if not answers else False if False in answers else None if None in answers else True

    def refused(self, interface: str) -> tuple[Instance, ...]:
        """The nodes that are not let in on the NFS port."""
        return tuple(node for node, answer in self._answers(interface).items() if answer is False)

    def node_subnets(self, vpcs: Collection[str]) -> tuple[tuple[str, str], ...]:
        """A zone and a subnet of it, for each zone in which nodes run in one of VPCS."""
        found: dict[str, str] = {}
        for node in sorted(self.nodes, key=lambda node: node.subnet_id):
            if node.vpc_id in vpcs and node.placement.availability_zone and node.subnet_id:
                found.setdefault(node.placement.availability_zone, node.subnet_id)
        return tuple(sorted(found.items()))

    def _answers(self, interface: str) -> Mapping[Instance, bool | None]:
        """Empty where the groups are not known."""
        names = self.groups_of.get(interface, ())
        groups = [self.groups[name] for name in names if name in self.groups]
        if not names or len(groups) < len(names):
            return {}
        rules = [rule for group in groups for rule in group.ip_permissions if rule.covers_nfs()]
        return {node: _admits(rules, node) for node in self.nodes}


def group_of(nodes: Sequence[Instance]) -> str:
    """A security group by which NODES may be let in: one that all have, else one that one has; "" where none has."""
    own = [{group.group_id for group in node.security_groups} for node in nodes]
    return min(set.intersection(*own) or set.union(*own), default="") if own else ""


def read_reach(clients: Clients, interfaces: Iterable[str]) -> Reach:
    """The groups of INTERFACES, without nodes. Raises ProviderError where one of the two calls is refused."""
    groups_of = _interfaces(clients, sorted(set(interfaces)))
    wanted = sorted({name for names in groups_of.values() for name in names})
    return Reach(groups_of=groups_of, groups={group.group_id: group for group in read_groups(clients, wanted)})


def read_nodes(clients: Clients, eks_cluster: str) -> tuple[Instance, ...]:
    """The instances with the tag by which a cluster's nodes are told; those that EKS itself keeps (auto mode) may
    have another. Raises ProviderError."""
    tagged = _instances(clients, {"Name": "tag-key", "Values": [f"kubernetes.io/cluster/{eks_cluster}"]})
    return tagged or _instances(clients, {"Name": "tag:eks:eks-cluster-name", "Values": [eks_cluster]})


def read_groups(clients: Clients, wanted: Sequence[str]) -> tuple[Group, ...]:
    """Those with the ids WANTED. Raises ProviderError."""
    return tuple(group for names in _by_filter(wanted) for group in groups_with(clients, {"group-id": names}))


def groups_with(clients: Clients, filters: Mapping[str, Sequence[str]]) -> tuple[Group, ...]:
    """Those that pass all FILTERS of EC2. Raises ProviderError."""
    only = [{"Name": name, "Values": list(values)} for name, values in filters.items()]
    with in_our_words(clients.place, right="ec2:DescribeSecurityGroups", renew=clients.renew):
        call = clients.of("ec2").describe_security_groups
        listed = pages(call, marker="NextToken", next_marker="NextToken", Filters=only)
        return tuple(group for page in listed for group in items(page, "SecurityGroups", Group))


def _admits(rules: Sequence[Permission], node: Instance) -> bool | None:
    own = {group.group_id for group in node.security_groups}
    if any(pair.group_id in own for rule in rules for pair in rule.user_id_group_pairs):
        return True
    if any(_is_in(node.private_ip_address, each.cidr_ip) for rule in rules for each in rule.ip_ranges):
        return True
    if any(_is_in(node.ipv6_address, each.cidr_ipv6) for rule in rules for each in rule.ipv6_ranges):
        return True
    return None if any(rule.prefix_list_ids for rule in rules) else False


def _is_in(address: str | None, block: str) -> bool:
    try:
        return address is not None and ipaddress.ip_address(address) in ipaddress.ip_network(block, strict=False)
    except ValueError:
        return False


def _interfaces(clients: Clients, wanted: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    with in_our_words(clients.place, right="ec2:DescribeNetworkInterfaces", renew=clients.renew):
        call = clients.of("ec2").describe_network_interfaces
        for names in _by_filter(wanted):
            only = [{"Name": "network-interface-id", "Values": names}]
            for page in pages(call, marker="NextToken", next_marker="NextToken", Filters=only):
                for each in items(page, "NetworkInterfaces", Interface):
                    found[each.network_interface_id] = tuple(group.group_id for group in each.groups)
    return found


def _instances(clients: Clients, tagged: Mapping[str, object]) -> tuple[Instance, ...]:
    found: list[Instance] = []
    only = [tagged, {"Name": "instance-state-name", "Values": list(_NODE_STATES)}]
    with in_our_words(clients.place, right="ec2:DescribeInstances", renew=clients.renew):
        call = clients.of("ec2").describe_instances
        for page in pages(call, marker="NextToken", next_marker="NextToken", Filters=only, MaxResults=1000):
            for reservation in items(page, "Reservations", Reservation):
                found += reservation.instances
    return tuple(found)


def _by_filter(values: Sequence[str]) -> Iterable[list[str]]:
    return (list(values[at : at + _FILTER_VALUES]) for at in range(0, len(values), _FILTER_VALUES))
