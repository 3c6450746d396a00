"""The JSON Schema of the contract, written from its structs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("schema.json")


def schema() -> dict[str, Any]:
    """One schema for every document: each is one of `$defs`."""
    import msgspec

    from console.cli.contract import actions, chain, filestores, looks

    documents = (
        *(chain.Status, chain.Check, filestores.Filestores),
        *(looks.Look, looks.User),
        *(actions.Plan, actions.ActionResult, actions.History),
    )
    references, definitions = msgspec.json.schema_components(documents, ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What hubhomes prints with --json, version 1",
        "anyOf": list(references),
        "$defs": dict(definitions),
    }


def written() -> str:
    """The schema as its file has it."""
    import json

    return json.dumps(schema(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
