from __future__ import annotations

import msgspec
import pytest

from providers.filestores.aws_efs.network import Group, GroupName, Instance, Permission, Reach
from tests.filestores.aws_efs.asking import only
from tests.filestores.aws_efs.wire import refuse_xml


def reach(*permissions, node=("sg-nodes",), groups=("sg-homes",)) -> Reach:
    rules = msgspec.convert(permissions, tuple[Permission, ...])
    nodes = (Instance(security_groups=tuple(GroupName(group_id=each) for each in node), private_ip_address="10.1.2.3",
                      ipv6_address="2001:db8::7"),)  # fmt: skip
    known = {"sg-homes": Group(group_id="sg-homes", ip_permissions=rules)}
    return Reach(groups_of={"eni-1": groups}, groups=known, nodes=nodes if node else ())


def let_in(protocol="tcp", ports=(2049, 2049), **sources):
    span = {"FromPort": ports[0], "ToPort": ports[1]} if ports else {}
    return {"IpProtocol": protocol, **span, **(sources or {"UserIdGroupPairs": [{"GroupId": "sg-nodes"}]})}


@pytest.mark.parametrize(
    ("permissions", "admits"),
    [
        ((), False),
        ((let_in(),), True),
        ((let_in(ports=(0, 65535)),), True),
        ((let_in("-1", ports=None),), True),
        ((let_in("udp"),), False),
        ((let_in(ports=(111, 111)),), False),
        ((let_in(ports=(111, 111)), let_in()), True),
        ((let_in(UserIdGroupPairs=[{"GroupId": "sg-others"}]),), False),
        ((let_in(IpRanges=[{"CidrIp": "10.1.0.0/16"}]),), True),
        ((let_in(IpRanges=[{"CidrIp": "10.2.0.0/16"}]),), False),
        ((let_in(Ipv6Ranges=[{"CidrIpv6": "2001:db8::/64"}]),), True),
        ((let_in(Ipv6Ranges=[{"CidrIpv6": "2001:db8:1::/64"}]),), False),
        ((let_in(PrefixListIds=[{"PrefixListId": "pl-1"}]),), None),
        ((let_in(PrefixListIds=[{"PrefixListId": "pl-1"}]), let_in()), True),
    ],
)
def test_a_security_group_lets_nodes_in_or_not(permissions, admits):
    assert reach(*permissions).admits_nodes("eni-1") is admits


def test_where_a_group_or_a_node_or_an_interface_is_not_known_nothing_is_claimed():
    assert reach(groups=("sg-homes", "sg-unread")).admits_nodes("eni-1") is None
    assert reach(node=()).admits_nodes("eni-1") is None
    assert reach().admits_nodes("eni-2") is None


@pytest.mark.parametrize("admits", [True, False])
async def test_groups_of_mount_targets_and_nodes_are_read(cloud, admits):
    nodes = cloud.group("nodes")
    rules = [{**let_in(), "UserIdGroupPairs": [{"GroupId": nodes}]}] if admits else []
    homes = cloud.group("homes", *rules)
    cloud.file_system(zones=1, groups=[homes])
    cloud.node(nodes)
    (target,) = (await only(cloud)).mount_targets
    assert target.security_groups == (homes,)
    assert target.admits_nodes is admits
    assert ("2049" in target.detail) is not admits
    assert target.refused_group == ("" if admits else nodes)


async def test_the_subnets_of_nodes_are_known_by_zone(cloud):
    nodes = cloud.group("nodes")
    cloud.file_system(zones=1)
    for subnet in (2, 1):
        cloud.node(nodes, subnet=cloud.subnets[subnet]["SubnetId"])
    cloud.node(nodes, subnet=cloud.other_vpc())
    own = {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in cloud.subnets[1:3]}
    assert dict((await only(cloud)).node_subnets) == own


async def test_nodes_that_eks_keeps_itself_are_found_by_their_own_tag(cloud):
    nodes = cloud.group("nodes")
    homes = cloud.group("homes", {**let_in(), "UserIdGroupPairs": [{"GroupId": nodes}]})
    cloud.file_system(zones=1, groups=[homes])
    cloud.node(nodes, tag=("eks:eks-cluster-name", "ocean"))
    (target,) = (await only(cloud)).mount_targets
    assert target.admits_nodes is True


async def test_without_a_node_nobody_knows_whether_it_is_let_in(cloud):
    cloud.node(cloud.group("nodes"), cluster="another")
    cloud.file_system(zones=1, groups=[cloud.group("homes")])
    (target,) = (await only(cloud)).mount_targets
    assert target.admits_nodes is None
    assert target.security_groups


@pytest.mark.parametrize(
    ("operation", "right"),
    [
        ("DescribeNetworkInterfaces", "ec2:DescribeNetworkInterfaces"),
        ("DescribeSecurityGroups", "ec2:DescribeSecurityGroups"),
        ("DescribeInstances", "ec2:DescribeInstances"),
    ],
)
async def test_a_missing_right_to_read_groups_is_named_and_hides_nothing_else(cloud, wire, operation, right):
    cloud.file_system()
    wire.fail(operation, refuse_xml(403, "UnauthorizedOperation"))
    store = await only(cloud)
    assert store.state == "ready"
    assert f"ask for the right {right}" in dict(store.facts)["security groups"]
