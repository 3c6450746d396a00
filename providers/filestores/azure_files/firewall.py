"""Whether a storage account's firewall lets the cluster's nodes in."""

from __future__ import annotations

from providers.filestores.azure_files.resources import AccountProperties, NetworkRules
from providers.filestores.protocol import Firewall


def is_open(account: AccountProperties) -> bool:
    """Every network is let in."""
    return _public(account) and _rules(account).default_action.lower() == "allow"


def firewall(account: AccountProperties, nodes: tuple[str, ...] | None, unknown: str = "") -> Firewall:
    """NODES are the ids of the subnets that the cluster's nodes are in, None where they are not known: UNKNOWN says
    why. IP ranges are left out: NFS is served to virtual networks only."""
    subnets = _subnets(account) if _public(account) else ()
    endpoints = tuple(each.name or "" for each in account.private_endpoint_connections or () if each.approved)
    if is_open(account):
        return Firewall(admits_all=True, endpoints=endpoints, admits_nodes=True)
    admits, detail = _admits(subnets, endpoints, nodes, unknown)
    return Firewall(
        admits_all=False,
        subnets=subnets,
        endpoints=endpoints,
        admits_nodes=admits,
        refused_subnets=_missing(subnets, nodes) if admits is False else (),
        detail=detail,
    )


def _admits(
    subnets: tuple[str, ...], endpoints: tuple[str, ...], nodes: tuple[str, ...] | None, unknown: str
) -> tuple[bool | None, str]:
    if not subnets and not endpoints:
        return False, "it lets in no subnet and has no approved private endpoint"
    if nodes is None and not endpoints:
        return None, f"the subnets of the nodes are not known{f': {unknown}' if unknown else ''}"
    missing = _missing(subnets, nodes)
    if nodes is not None and not missing:
        return True, ""
    if endpoints:
        return None, f"nodes may come by private endpoint {', '.join(endpoints)}"
    return False, f"it does not let in {', '.join(missing)}"


def _missing(subnets: tuple[str, ...], nodes: tuple[str, ...] | None) -> tuple[str, ...]:
    let_in = {subnet.lower() for subnet in subnets}
    return tuple(node for node in nodes or () if node.lower() not in let_in)


def _subnets(account: AccountProperties) -> tuple[str, ...]:
    rules = _rules(account).virtual_network_rules or ()
    return tuple(rule.id for rule in rules if (rule.state or "Succeeded") == "Succeeded")


def _rules(account: AccountProperties) -> NetworkRules:
    return account.network_acls or NetworkRules()


def _public(account: AccountProperties) -> bool:
    return (account.public_network_access or "Enabled").lower() != "disabled"
