"""What is wrong with the tree itself, beyond any one cluster."""

from __future__ import annotations

from console.chain.findings.configuration import problem_finding
from console.chain.model import Finding
from console.chain.words import worst_first
from console.inventory.model import Inventory


def tree_findings(inventory: Inventory) -> tuple[Finding, ...]:
    """The problems that belong to no cluster, worst first. Clusters and hubs carry their own."""
    return worst_first(problem_finding(problem) for problem in inventory.problems)
