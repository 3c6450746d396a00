from __future__ import annotations

from pathlib import Path

from console.chain.catalogue import RULES, page


def test_the_page_of_the_docs_is_current():
    written = (Path(__file__).parents[2] / "docs" / "findings.md").read_text(encoding="utf-8")
    assert written == page(), "run: python -m console.chain.catalogue > docs/findings.md"


def test_every_rule_says_what_when_and_how():
    for rule in RULES:
        assert all((rule.title, rule.meaning, rule.found_by, rule.mends)), rule.code
        assert f"### {rule.code} {rule.title}" in page()
