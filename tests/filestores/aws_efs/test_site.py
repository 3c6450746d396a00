"""Where the mount targets of a cluster belong, by whatever AWS tells of it."""

from __future__ import annotations

import re

import pytest

from providers.errors import ProviderError
from providers.filestores.aws_efs.place import Place
from providers.filestores.aws_efs.session import Clients
from providers.filestores.aws_efs.site import Site, find_site
from providers.filestores.changes import Unfit
from tests.filestores.aws_efs.account import LOGICAL_ID, OF_CLUSTER
from tests.filestores.aws_efs.asking import PATIENT, REGION
from tests.filestores.aws_efs.wire import behind, refuse, refuse_xml, told

ZONES = [f"{REGION}{letter}" for letter in "abcd"]


class Ocean:
    """The cluster `ocean`, of which each test says what AWS tells."""

    def __init__(self, cloud, wire):
        self.cloud, self.wire = cloud, wire
        self.subnets = [subnet["SubnetId"] for subnet in cloud.subnets]
        self.vpc = cloud.subnets[0]["VpcId"]

    def told_by_eks(self, *subnets, group=""):
        self.cloud.cluster("ocean", list(subnets))
        network = {"vpcId": self.vpc, "clusterSecurityGroupId": group}
        self.wire.fail("DescribeCluster", told(lambda answer: answer["cluster"]["resourcesVpcConfig"].update(network)))

    def tag(self, resource, logical_id, cluster="ocean", key=OF_CLUSTER):
        self.cloud.tag(resource, {LOGICAL_ID: logical_id, key: cluster})

    def fill(self, *subnets):
        """As if all addresses of SUBNETS were taken."""

        def full(request):
            status, headers, body = behind(request)
            for subnet in subnets:
                body = re.sub(
                    rf"(<subnetId>{subnet}</subnetId>.*?<availableIpAddressCount>)\d+".encode(), rb"\g<1>0", body,
                    flags=re.DOTALL, count=1,
                )  # fmt: skip
            request.send(status, headers, body)

        self.wire.fail("DescribeSubnets", full)

    def site(self) -> Site:
        return find_site(Clients(Place(region=REGION), PATIENT), "ocean")

    def unfit(self) -> Unfit:
        with pytest.raises(Unfit) as caught:
            self.site()
        return caught.value


@pytest.fixture
def ocean(cloud, wire):
    return Ocean(cloud, wire)


# Subnets


@pytest.mark.parametrize("key", [OF_CLUSTER, "eksctl.cluster.k8s.io/v1alpha1/cluster-name"])
def test_the_public_subnets_of_eksctl_come_first(ocean, key):
    nodes = ocean.cloud.group("nodes")
    ocean.told_by_eks(*ocean.subnets[:3], group=nodes)
    ocean.tag(ocean.cloud.subnet(ZONES[0]), "SubnetPublicA", key=key)
    ocean.tag(ocean.cloud.subnet(ZONES[0]), "SubnetPrivateA", key=key)
    ocean.tag(ocean.cloud.subnet(ZONES[0]), "SubnetPublicB", cluster="another", key=key)
    site = ocean.site()
    assert (site.vpc, list(site.subnets)) == (ocean.vpc, ZONES[:3])
    assert site.subnets[ZONES[0]] == ocean.cloud.made_subnets[0]
    assert [site.subnets[zone] for zone in ZONES[1:3]] == ocean.subnets[1:3]


def test_a_subnet_where_nodes_run_comes_before_what_eks_knows(ocean):
    nodes = ocean.cloud.group("nodes")
    own = ocean.cloud.subnet(ZONES[1])
    ocean.told_by_eks(*ocean.subnets[:2], group=nodes)
    ocean.cloud.node(nodes, subnet=own)
    assert list(ocean.site().subnets.values()) == [ocean.subnets[0], own]


def test_a_full_subnet_is_taken_last_and_told(ocean):
    """That of a zone with another, and that of a zone without."""
    nodes = ocean.cloud.group("nodes")
    fresh = ocean.cloud.subnet(ZONES[0])
    ocean.told_by_eks(ocean.subnets[0], fresh, ocean.subnets[1], group=nodes)
    ocean.fill(ocean.subnets[0], ocean.subnets[1])
    site = ocean.site()
    assert site.subnets == {ZONES[0]: fresh, ZONES[1]: ocean.subnets[1]}
    assert [warning for warning in site.warnings if "no free address" in warning] == [
        f"{ocean.subnets[1]} in {ZONES[1]} has no free address for a mount target"
    ]


# What EKS may not tell


def test_without_the_right_to_ask_eks_nodes_tell(ocean):
    nodes = ocean.cloud.group("nodes")
    ocean.cloud.admit(nodes, nodes)
    ocean.cloud.node(nodes, subnet=ocean.subnets[1])
    ocean.wire.fail("DescribeCluster", refuse(403, "AccessDeniedException"))
    site = ocean.site()
    assert (site.vpc, site.subnets, site.groups) == (ocean.vpc, {ZONES[1]: ocean.subnets[1]}, (nodes,))
    (warning,) = site.warnings
    assert "eks:DescribeCluster is denied: zones are those where nodes run now" in warning


def test_a_cluster_of_another_name_is_told_by_its_nodes(ocean):
    ocean.cloud.node(ocean.cloud.group("nodes"))
    assert any("EKS has no cluster ocean" in warning for warning in ocean.site().warnings)


@pytest.mark.parametrize(
    ("fault", "kind", "step"),
    [
        (refuse(403, "AccessDeniedException"), "forbidden", "ask for the right eks:DescribeCluster"),
        (refuse(404, "ResourceNotFoundException"), "no_context", "clusterName"),
    ],
)
def test_without_eks_and_nodes_nothing_is_guessed(ocean, fault, kind, step):
    ocean.wire.fail("DescribeCluster", fault)
    with pytest.raises(ProviderError) as caught:
        ocean.site()
    assert (caught.value.kind, step in caught.value.next_step) == (kind, True)


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        ("DescribeCluster", refuse(400, "ExpiredTokenException")),
        ("DescribeInstances", refuse_xml(403, "UnauthorizedOperation")),
        ("DescribeSubnets", refuse_xml(403, "UnauthorizedOperation")),
        ("DescribeSecurityGroups", refuse_xml(403, "UnauthorizedOperation")),
    ],
)
def test_what_can_not_be_asked_is_an_error(ocean, operation, fault):
    nodes = ocean.cloud.group("nodes")
    ocean.told_by_eks(*ocean.subnets[:2], group=nodes)
    ocean.wire.fail(operation, fault)
    with pytest.raises(ProviderError) as caught:
        ocean.site()
    assert caught.value.next_step


def test_a_cluster_without_subnets_has_no_place_for_one(ocean):
    ocean.told_by_eks(group=ocean.cloud.group("nodes"))
    ocean.wire.fail("DescribeSubnets", told_no_subnets)
    assert "subnets of EKS cluster ocean are not known" in ocean.unfit().message


def told_no_subnets(request):
    request.send(200, {}, b"<DescribeSubnetsResponse><subnetSet/></DescribeSubnetsResponse>")


# Security groups


def test_the_group_that_eksctl_shares_comes_first(ocean):
    shared, other, nodes = (ocean.cloud.group(name) for name in ("shared", "other", "nodes"))
    ocean.tag(shared, "ClusterSharedNodeSecurityGroup")
    ocean.tag(other, "ClusterSharedNodeSecurityGroup", cluster="another")
    ocean.cloud.admit(shared, nodes)
    ocean.cloud.node(nodes)
    ocean.told_by_eks(*ocean.subnets[:2], group=nodes)
    site = ocean.site()
    assert (site.groups, site.why, site.warnings) == ((shared,), "tagged ClusterSharedNodeSecurityGroup", ())


def test_the_group_of_the_cluster_where_all_nodes_have_it(ocean):
    of_cluster, own = ocean.cloud.group("cluster"), ocean.cloud.group("own")
    ocean.cloud.admit(of_cluster, of_cluster)
    ocean.cloud.node(of_cluster, own)
    ocean.cloud.node(of_cluster)
    ocean.told_by_eks(*ocean.subnets[:2], group=of_cluster)
    assert (ocean.site().groups, ocean.site().warnings) == ((of_cluster,), ())


def test_else_what_all_nodes_have(ocean):
    of_cluster, own, more = (ocean.cloud.group(name) for name in ("cluster", "own", "more"))
    ocean.cloud.node(own, more)
    ocean.cloud.node(own)
    ocean.told_by_eks(*ocean.subnets[:2], group=of_cluster)
    site = ocean.site()
    assert (site.groups, site.why) == ((own,), "what all nodes have")


def test_nodes_without_a_group_in_common_are_not_guessed_at(ocean):
    ocean.cloud.node(ocean.cloud.group("one"))
    ocean.cloud.node(ocean.cloud.group("two"))
    ocean.told_by_eks(*ocean.subnets[:2], group=ocean.cloud.group("cluster"))
    error = ocean.unfit()
    assert "no security group is known that all nodes of ocean have" in error.message
    assert error.next_step


def test_a_group_that_is_no_more_is_not_guessed_at(ocean):
    ocean.told_by_eks(*ocean.subnets[:2], group="sg-0123456789abcdef0")
    assert "no security group is known" in ocean.unfit().message


def test_a_group_that_refuses_nodes_is_told_with_the_command_that_lets_them_in(ocean):
    shared, nodes = ocean.cloud.group("shared"), ocean.cloud.group("nodes")
    ocean.tag(shared, "ClusterSharedNodeSecurityGroup")
    ocean.cloud.node(nodes)
    ocean.told_by_eks(*ocean.subnets[:2])
    (warning,) = ocean.site().warnings
    assert f"{shared} does not let every node in on port 2049" in warning
    assert f"--group-id {shared} --protocol tcp --port 2049 --source-group {nodes}" in warning


def test_without_a_node_it_is_not_known_whether_nodes_are_let_in(ocean):
    nodes = ocean.cloud.group("nodes")
    ocean.told_by_eks(*ocean.subnets[:2], group=nodes)
    (warning,) = ocean.site().warnings
    assert f"it is not known whether {nodes} lets nodes in on port 2049: no node runs" in warning
