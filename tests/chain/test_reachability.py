"""What is not known is no finding, a cause is told once, and weighs in the cluster's list as on the hub hit most."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from console.chain.model import ClusterState
from providers.filestores.protocol import Firewall
from tests.chain.builders import cluster, codes, finding, inventory, marks, only, store
from tests.chain.cases.store_troubles import closed, file_system, on_aws, on_azure, target, waiting

BOTH = (target("a"), target("b"))
FST = ("FST11", "FST12", "FST13", "FST14", "FST15", "FST16", "FST17", "FST18")


@pytest.mark.parametrize(
    "state",
    [
        on_aws(*BOTH),
        on_aws(target("a"), seen={"nodes": ()}),
        on_aws(target("a"), zones=("a",)),
        on_aws(target("a"), one_zone=True),
        on_aws(target("a"), server="192.168.1.97"),
        on_aws(target("a", admits=None), target("b", admits=None)),
        on_aws(target("a"), target("b", admits=False), server="192.168.1.97"),
        on_aws(target("a"), target("b", state="unknown")),
        on_aws(*BOTH, mount_targets=None),
        on_aws(*BOTH, backups=None, encrypted=None, lifecycle=None, root_squash=None),
        on_aws(*BOTH, backups=True, encrypted=True, lifecycle=True, root_squash=False),
        on_aws(*BOTH, base="//"),
        on_azure(),
        on_azure(firewall=Firewall(admits_all=False, admits_nodes=None, detail="the nodes' subnets are not known")),
        on_azure(firewall=Firewall(admits_all=True, admits_nodes=True), secure_transfer=False),
    ],
)
def test_what_is_well_or_not_known_is_no_finding(state: ClusterState) -> None:
    assert codes(state) == codes(only(state)) == []


def test_a_hub_by_address_depends_on_its_own_mount_target() -> None:
    state = on_aws(target("a", state="down"), target("b"), server="192.168.1.97", state="degraded")
    assert codes(only(state)) == ["FST11"]
    assert finding(only(state), "FST11").message == "mount target in us-west-2a is in error, where 1 node runs"
    other = on_aws(target("a", state="down"), target("b"), server="192.168.1.98", state="degraded")
    assert codes(only(other)) == ["FST02"]


def test_a_file_system_that_is_down_is_told_alone() -> None:
    state = on_aws(target("a", state="down"), target("b", state="down", admits=False), state="down")
    assert codes(only(state)) == codes(state) == ["FST01"]


def test_the_list_of_the_cluster_weighs_what_the_hubs_tell() -> None:
    state = on_aws(target("a"), seen=waiting("Connection timed out", node="node-2"))
    assert finding(only(state), "FST11").severity == finding(state, "FST11").severity == "error"
    assert finding(on_aws(target("a")), "FST11").severity == "warning"
    assert marks(only(state))["filestore"] == "broken"


def test_users_who_cannot_mount_are_in_the_text_of_the_cause() -> None:
    found = finding(only(on_aws(target("a"), seen=waiting("Connection timed out", node="node-2"))), "FST11")
    assert found.consequence.startswith("1 user cannot start")
    assert any("Connection timed out" in line for line in found.detail)


@pytest.mark.parametrize(("changes", "code"), [({"firewall": closed()}, "FST13"), ({"secure_transfer": True}, "FST14")])
def test_servers_that_run_take_the_edge_off_a_closed_door(changes: dict[str, Any], code: str) -> None:
    assert finding(only(on_azure(**changes)), code).severity == "warning"
    assert finding(only(on_azure(seen={"user_pods": ()}, **changes)), code).severity == "error"
    hit = on_azure(seen=waiting("access denied by server"), **changes)
    assert finding(only(hit), code).severity == finding(hit, code).severity == "error"


def test_the_commands_mend_it_where_it_is() -> None:
    firewall = finding(on_azure(firewall=closed()), "FST13").next_step
    assert firewall == (
        "az storage account network-rule add --subscription 5a --resource-group forest-hubs "
        "--account-name foresthomes --subnet /subnets/nodes"
    )
    assert finding(on_azure(secure_transfer=True), "FST14").next_step.endswith("--name foresthomes --https-only false")
    missing = finding(on_aws(target("a")), "FST11")
    assert missing.next_step == (
        "aws efs create-mount-target --region us-west-2 --file-system-id fs-0a1b2c3d "
        "--subnet-id SUBNET-OF-us-west-2b --security-groups sg-efs"
    )
    assert missing.detail[-1] == (
        "subnets of us-west-2b: aws ec2 describe-subnets --region us-west-2 "
        "--filters Name=vpc-id,Values=vpc-1 Name=availability-zone,Values=us-west-2b"
    )
    refused = finding(on_aws(target("a", admits=False), target("b")), "FST12").next_step
    assert refused.startswith("aws ec2 authorize-security-group-ingress --region us-west-2 --group-id sg-efs ")


def test_the_commands_name_the_nodes_own_subnet_and_group_where_those_are_known() -> None:
    missing = finding(on_aws(target("a"), node_subnets=(("us-west-2b", "subnet-of-nodes"),)), "FST11")
    assert "--subnet-id subnet-of-nodes --security-groups sg-efs" in missing.next_step
    assert not any("describe-subnets" in line for line in missing.detail)
    closed_to = msgspec.structs.replace(target("a", admits=False), refused_group="sg-nodes")
    refused = finding(on_aws(closed_to, target("b")), "FST12").next_step
    assert refused.endswith("--protocol tcp --port 2049 --source-group sg-nodes")


def test_what_nobody_lives_on_is_worth_a_word_only() -> None:
    spare = file_system(target("a"), address="192.168.9.9", root_squash=True, backups=False)
    squashed = [each for each in cluster(stores=inventory(store(), spare)).findings if each.filestore == spare.id]
    assert [(each.code, each.severity) for each in squashed] == [("FST15", "info")]


def test_a_tier_without_room_is_part_of_a_full_filestore() -> None:
    largest = 10 * 1024**4
    usage_of = store(used=0.95)
    full = store(tier="ENTERPRISE", capacity_bytes=largest, used=0.95)
    found = only(cluster(stores=inventory(full)))
    assert codes(found) == ["FST05"]
    assert finding(found, "FST05").next_step.startswith("gcloud") is False
    assert codes(only(cluster(stores=inventory(usage_of)))) == ["FST05"]
