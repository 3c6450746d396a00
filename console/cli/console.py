"""Opens the Textual console on a fleet."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from console.actions.folders import record_folder
from console.cli.exits import Exit
from console.cli.output import narrate
from console.cli.request import Request
from console.inventory.collector import collector_at_rest

if TYPE_CHECKING:
    from pathlib import Path

    from console.tui.app import HubhomesApp


def run(request: Request) -> int:
    """Opens the console until it is left. Without a terminal it says what to run instead."""
    missing = no_terminal()
    if missing:
        narrate(f"hubhomes: {missing}, and the console needs one")
        narrate(f"  next: {headless(request)}")
        return Exit.USAGE
    with record_folder(demo=request.demo) as record:
        with collector_at_rest():
            app = prepared(request, record)
            gc.freeze()  # modules stay until the end: they need not be walked in every collection
        app.run(mouse=False)  # the terminal's own selection and scrolling keep working
    return app.return_code or Exit.NONE


def prepared(request: Request, record: Path) -> HubhomesApp:
    """The console, not running yet, whose first picture shows the hubs of the tree. RECORD is the record's folder."""
    fleet = request.fleet(at_once=False)
    fleet.sketch()
    request.scope.require_cluster(fleet.cluster_names())
    log_to_file()
    from console.tui.app import HubhomesApp

    scope = request.scope
    hub = f"{scope.cluster}/{scope.hub}" if scope.hub else None
    return HubhomesApp(
        fleet,
        request.settings,
        hub=hub,
        filestore=scope.wanted if scope.filestore else None,
        record=record,
        started=request.started,
    )


def no_terminal() -> str:
    """Why there is no terminal to open the console on; "" when there is."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "standard input and output are no terminal"
    if os.environ.get("TERM", "") in ("", "dumb"):
        return f"TERM is {os.environ.get('TERM') or 'not set'}: no terminal that can be drawn on"
    return ""


def headless(request: Request) -> str:
    """The command that tells the same without a terminal."""
    import shlex

    words = ["hubhomes", "filestores" if request.scope.filestore else "status"]
    if request.scope.filestore:
        words += ["--filestore", request.scope.filestore]
    if request.scope.cluster:
        words.append(request.scope.cluster + (f"/{request.scope.hub}" if request.scope.hub else ""))
    if request.demo:
        words.append("--demo")
    if request.config is not None:
        words += ["--config", str(request.config)]
    return shlex.join(words)


def log_to_file() -> None:
    """Sends what is logged to a file, since the screen is taken."""
    import logging

    from platformdirs import user_log_path

    folder = user_log_path("hubhomes")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.FileHandler(folder / "hubhomes.log", encoding="utf-8", delay=True)
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("hubhomes")
    logger.addHandler(handler)
    logger.propagate = False
