"""Every finding as data, and the page of the docs that is made from it: `python -m console.chain.catalogue`."""

from __future__ import annotations

import sys

from console.chain.findings import cluster, terraform
from console.chain.findings.judge import RULES as HUB_RULES
from console.chain.model import LINKS
from console.chain.orphans import RULES as FLEET_RULES
from console.chain.rule import Rule

_UNSORTED: tuple[Rule, ...] = (*HUB_RULES.values(), *cluster.RULES, *terraform.RULES, *FLEET_RULES)

RULES: tuple[Rule, ...] = tuple(sorted(_UNSORTED, key=lambda rule: (LINKS.index(rule.link), rule.code)))
"""All rules, in the chain's order."""

BY_CODE: dict[str, Rule] = {rule.code: rule for rule in RULES}

_HEAD = """\
# Findings

Every finding that `hubhomes` knows, in the order of the chain. Codes are stable: scripts and alerts may rely on them.

Severities: `error`, users are hit or data is at risk now; `warning`, they will be, or two sides disagree; `info`,
worth knowing. A finding stands once, on the link where the cause is; what follows from it further down the chain is
part of its text. What was not observed is never a finding of its own kind: the link shows `?`, and the cluster says
which right or credential is missing.

This page is generated: `python -m console.chain.catalogue > docs/findings.md`.
"""


def page() -> str:
    """The catalogue as Markdown."""
    parts = [_HEAD]
    for link in LINKS:
        rules = [rule for rule in RULES if rule.link == link]
        if rules:
            parts.append(f"\n## {link}\n")
            parts.extend(_entry(rule) for rule in rules)
    return "".join(parts)


def _entry(rule: Rule) -> str:
    severity: str = rule.severity
    if rule.when:
        severity += f" ({rule.or_severity} when {rule.when})" if rule.or_severity else f" ({rule.when})"
    actions = " or ".join(f"`{name}`" for name in (rule.action, rule.or_action) if name)
    mends = rule.mends + (f" Action: {actions}." if actions else "")
    return (
        f"\n### {rule.code} {rule.title}\n\n"
        f"- severity: {severity}\n"
        f"- what users notice: {rule.meaning}\n"
        f"- how it is found: {rule.found_by}\n"
        f"- what mends it: {mends}\n"
    )


if __name__ == "__main__":
    sys.stdout.write(page())
