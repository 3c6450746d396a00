"""What is wrong with the tree itself, beyond any one cluster."""

from __future__ import annotations

from collections.abc import Sequence

from console.chain.findings.configuration import problem_finding
from console.chain.findings.terraform import is_own_error, unreadable
from console.chain.model import Finding
from console.chain.words import worst_first
from console.inventory.model import Inventory
from console.inventory.terraform import DeclaredTerraform, matched


def tree_findings(inventory: Inventory, declarations: Sequence[DeclaredTerraform] = ()) -> tuple[Finding, ...]:
    """The problems that belong to no cluster, worst first. Clusters and hubs carry their own."""
    own = [problem_finding(problem) for problem in inventory.problems]
    return worst_first((*own, *_unreadable(inventory, declarations)))


def _unreadable(inventory: Inventory, declarations: Sequence[DeclaredTerraform]) -> list[Finding]:
    """Variables files that are no cluster's, and what is wrong with a folder's variables.tf, once for all its files."""
    strays = {one.file for one in matched(declarations, inventory.clusters).of_none}
    found = [
        unreadable(one, "")
        for one in declarations
        if one.error is not None and (one.file in strays or not is_own_error(one))
    ]
    return list({finding.message: finding for finding in found}.values())
