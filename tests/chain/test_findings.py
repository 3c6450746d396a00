"""Each rule, broken by itself: the finding stands once, where its cause is, and nothing else does."""

from __future__ import annotations

import shlex

import pytest

from console.chain.catalogue import BY_CODE, RULES
from console.chain.marks import SEVERITIES
from console.chain.model import LINKS
from console.chain.words import kubectl
from tests.chain.builders import cluster, codes, marks, only
from tests.chain.cases import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.codes[0]} {case.name}")
def test_exactly_the_planted_cause(case: Case):
    state = case.state()
    found = state if case.hub is None else only(state, case.hub)
    assert codes(found) == list(case.codes)
    if case.message:
        assert found.findings[0].message == case.message


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.codes[0]} {case.name}")
def test_findings_keep_to_the_catalogue(case: Case):
    state = case.state()
    for finding in (*state.findings, *(each for hub in state.hubs for each in hub.findings)):
        rule = BY_CODE[finding.code]
        assert finding.link == rule.link
        assert finding.action in (rule.action, rule.or_action)
        allowed = {rule.severity, rule.or_severity} | ({"info"} if "info" in rule.when else set())
        assert finding.severity in allowed
        assert finding.message
        assert "\n" not in finding.message
        assert len(finding.message) <= 100
        assert finding.consequence
        assert finding.next_step
        assert finding.since is None or finding.since.tzinfo is not None


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.codes[0]} {case.name}")
def test_commands_to_run_by_hand_are_one_line(case: Case):
    state = case.state()
    for finding in (*state.findings, *(each for hub in state.hubs for each in hub.findings)):
        assert "\n" not in finding.next_step
        if finding.next_step.startswith("kubectl"):
            assert shlex.split(finding.next_step)[:3] == ["kubectl", "--context", "ctx"]


@pytest.mark.parametrize("case", [each for each in CASES if each.hub], ids=lambda case: f"{case.codes[0]} {case.name}")
def test_the_mark_of_the_link_carries_the_finding(case: Case):
    hub = only(case.state(), case.hub or "")
    for finding in hub.findings:
        mark = marks(hub).get(finding.link)
        if finding.severity == "error" and mark is not None:
            assert mark == "broken"
        if finding.severity == "warning" and mark is not None:
            assert mark in ("warning", "broken")


def test_every_rule_of_the_catalogue_has_a_case():
    assert {code for case in CASES for code in case.codes} == set(BY_CODE)


def test_codes_are_unique_and_links_are_known():
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert {rule.link for rule in RULES} <= set(LINKS)
    assert {rule.severity for rule in RULES} <= set(SEVERITIES)


def test_a_healthy_cluster_has_no_findings():
    state = cluster()
    assert codes(state) == codes(only(state)) == []
    assert marks(only(state)) == {
        "filestore": "ok", "export": "ok", "directory": "unlooked", "pv": "ok", "pvc": "ok", "mounts": "ok",
        "homes": "unlooked",
    }  # fmt: skip


def test_commands_name_the_file_of_a_cluster_without_a_context():
    assert kubectl("/tree/polar/kube.yaml", "get", "pv") == "kubectl --kubeconfig /tree/polar/kube.yaml get pv"
    assert kubectl("/api-polar:6443/jo", "get", "pv") == "kubectl --context /api-polar:6443/jo get pv"
    assert kubectl(None, "get", "pv") == "kubectl get pv"
