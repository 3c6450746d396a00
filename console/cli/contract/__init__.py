"""The JSON contract: what every `--json` prints. Fields are only ever added. `null` means not observed.

Times are RFC 3339 in UTC and end in Z. `python -m console.cli.contract.schema` writes `schema.json` from these structs.
"""
