"""The least that Textual can do: an app with a plain table of ROWS rows. What a start is measured against."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import DataTable


class BareTable(App[None]):
    def compose(self) -> ComposeResult:
        yield DataTable()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("cluster/hub", "store", "dir", "pv", "pvc", "mounts", "homes", "worst finding")
        table.add_rows((f"row-{index}", "…", "…", "…", "…", "…", "…", "") for index in range(int(sys.argv[1])))


BareTable().run()
