"""Where the mount targets of a cluster belong: its VPC, a subnet in each zone, and the nodes' security group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from providers.errors import ProviderError
from providers.filestores.aws_efs.answers import Narrow, Tag, ask, items, pages
from providers.filestores.aws_efs.errors import WrongAnswer, in_our_words
from providers.filestores.aws_efs.network import (
    NFS_PORT,
    Group,
    Instance,
    Reach,
    group_of,
    groups_with,
    read_groups,
    read_nodes,
)
from providers.filestores.aws_efs.session import Clients
from providers.filestores.changes import Unfit

_LOGICAL_ID = "aws:cloudformation:logical-id"
_CLUSTER_TAGS = ("alpha.eksctl.io/cluster-name", "eksctl.cluster.k8s.io/v1alpha1/cluster-name")
_PUBLIC = "SubnetPublic"
_SHARED = "ClusterSharedNodeSecurityGroup"
_MOST_GROUPS = 5
"""That EFS takes for one mount target."""


class EksCluster(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What EKS says of a cluster's network."""

    vpc_id: str = ""
    subnet_ids: tuple[str, ...] = ()
    cluster_security_group_id: str = ""


class Subnet(Narrow, frozen=True):
    subnet_id: str
    availability_zone: str = ""
    available_ip_address_count: int | None = None
    tags: tuple[Tag, ...] = ()


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """`subnets` has one for each zone, in their order. `groups` are those that a mount target is put into, `why` in
    words. `warnings` are what may stand against a mount from there."""

    vpc: str
    subnets: Mapping[str, str]
    groups: tuple[str, ...]
    why: str
    warnings: tuple[str, ...] = ()


def find_site(clients: Clients, eks_cluster: str) -> Site:
    """Raises ProviderError where it can't be asked, Unfit where what is told is not enough."""
    eks = _eks_cluster(clients, eks_cluster)
    nodes = read_nodes(clients, eks_cluster)
    known = eks if isinstance(eks, EksCluster) else EksCluster()
    vpc = known.vpc_id or _only_vpc(nodes)
    if not vpc:
        raise eks if isinstance(eks, ProviderError) else _unknown("VPC", eks_cluster)
    subnets = _by_zone(_subnets(clients, vpc), eks_cluster, known, nodes)
    if not subnets:
        raise _unknown("subnets", eks_cluster)
    groups, why = _groups(clients, eks_cluster, vpc, known, nodes)
    return Site(
        vpc=vpc,
        subnets={zone: subnet.subnet_id for zone, subnet in sorted(subnets.items())},
        groups=tuple(group.group_id for group in groups),
        why=why,
        warnings=tuple(_warnings(clients, eks, subnets, groups, nodes)),
    )


def _eks_cluster(clients: Clients, name: str) -> EksCluster | ProviderError:
    """The error where it is not told: nodes that run may tell as much. Raises ProviderError where nothing would."""
    right = "eks:DescribeCluster"
    try:
        with in_our_words(clients.place, right=right, renew=clients.renew):
            eks = clients.of("eks")
            try:
                answer = ask(eks.describe_cluster, name=name).get("cluster", {})
            except eks.exceptions.ResourceNotFoundException:
                step = "name the cluster as EKS does: clusterName under aws: in cluster.yaml"
                return ProviderError("no_context", f"{clients.place}: EKS has no cluster {name}", next_step=step)
            if "resourcesVpcConfig" not in answer:
                raise WrongAnswer("the answer has no resourcesVpcConfig")
            return msgspec.convert(answer["resourcesVpcConfig"], EksCluster)
    except ProviderError as error:
        if error.kind != "forbidden":
            raise
        return error


def _unknown(what: str, eks_cluster: str) -> Unfit:
    return Unfit(
        f"the {what} of EKS cluster {eks_cluster} {'are' if what == 'subnets' else 'is'} not known: "
        "EKS does not tell, and no node runs that would",
        next_step=f"start a node, or ask for the right eks:DescribeCluster on {eks_cluster}",
    )


def _only_vpc(nodes: Iterable[Instance]) -> str:
    found = {node.vpc_id for node in nodes} - {""}
    return found.pop() if len(found) == 1 else ""


def _subnets(clients: Clients, vpc: str) -> tuple[Subnet, ...]:
    only = [{"Name": "vpc-id", "Values": [vpc]}]
    with in_our_words(clients.place, right="ec2:DescribeSubnets", renew=clients.renew):
        call = clients.of("ec2").describe_subnets
        listed = pages(call, marker="NextToken", next_marker="NextToken", Filters=only)
        return tuple(subnet for page in listed for subnet in items(page, "Subnets", Subnet))


def _by_zone(subnets: Sequence[Subnet], name: str, eks: EksCluster, nodes: Sequence[Instance]) -> Mapping[str, Subnet]:
    """One of each zone, since a zone has one mount target for all its subnets: the one that Terraform would take, else
    one where nodes run, else one that EKS knows; of these one with a free address."""
    with_nodes = {node.subnet_id for node in nodes}
    preferred = (
        [each for each in subnets if _is_of(each.tags, name) and _value(each.tags, _LOGICAL_ID).startswith(_PUBLIC)],
        [each for each in subnets if each.subnet_id in with_nodes],
        [each for each in subnets if each.subnet_id in eks.subnet_ids],
    )
    chosen: dict[str, Subnet] = {}
    for several in preferred:
        for subnet in sorted(several, key=lambda each: (_is_full(each), each.subnet_id)):
            chosen.setdefault(subnet.availability_zone, subnet)
    return chosen


def _is_full(subnet: Subnet) -> bool:
    return subnet.available_ip_address_count == 0


def _groups(
    clients: Clients, name: str, vpc: str, eks: EksCluster, nodes: Sequence[Instance]
) -> tuple[tuple[Group, ...], str]:
    """The group that eksctl gives all nodes, as Terraform takes it; else those that all nodes have; and why those."""
    shared = groups_with(clients, {"vpc-id": [vpc], f"tag:{_LOGICAL_ID}": [_SHARED]})
    tagged = sorted((group for group in shared if _is_of(group.tags, name)), key=lambda group: group.group_id)
    if tagged:
        return tuple(tagged[:_MOST_GROUPS]), f"tagged {_SHARED}"
    own = [{group.group_id for group in node.security_groups} for node in nodes]
    common = set.intersection(*own) if own else set()
    of_cluster = eks.cluster_security_group_id
    if of_cluster and (not nodes or of_cluster in common):
        wanted, why = [of_cluster], "the cluster security group of EKS"
    else:
        wanted, why = sorted(common)[:_MOST_GROUPS], "what all nodes have"
    if groups := read_groups(clients, wanted):
        return tuple(sorted(groups, key=lambda group: group.group_id)), why
    raise Unfit(
        f"no security group is known that all nodes of {name} have",
        next_step=f"give them one, or tag theirs {_LOGICAL_ID}={_SHARED} and {_CLUSTER_TAGS[0]}={name}",
    )


def _warnings(
    clients: Clients,
    eks: EksCluster | ProviderError,
    subnets: Mapping[str, Subnet],
    groups: Sequence[Group],
    nodes: Sequence[Instance],
) -> Iterable[str]:
    if isinstance(eks, ProviderError):
        yield f"{eks.message}: zones are those where nodes run now"
    yield from (
        f"{subnet.subnet_id} in {zone} has no free address for a mount target"
        for zone, subnet in sorted(subnets.items())
        if _is_full(subnet)
    )
    names = tuple(group.group_id for group in groups)
    reach = Reach(groups_of={"": names}, groups={group.group_id: group for group in groups}, nodes=tuple(nodes))
    admits, named = reach.admits_nodes(""), ", ".join(names)
    if admits is False:
        mended = clients.place.command(
            "ec2", "authorize-security-group-ingress", "--group-id", names[0], "--protocol", "tcp",
            "--port", str(NFS_PORT), "--source-group", group_of(reach.refused("")),
        )  # fmt: skip
        yield f"{named} does not let every node in on port {NFS_PORT}: mounts would hang until it does; {mended}"
    elif admits is None:
        why = "its rules name a prefix list" if nodes else "no node runs"
        yield f"it is not known whether {named} lets nodes in on port {NFS_PORT}: {why}"


def _is_of(tags: Iterable[Tag], name: str) -> bool:
    return any(tag.key in _CLUSTER_TAGS and tag.value == name for tag in tags)


def _value(tags: Iterable[Tag], key: str) -> str:
    return next((tag.value for tag in tags if tag.key == key), "")
