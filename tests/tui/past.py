"""A record as a week on call leaves it: done, taken back, limited in time, failed, cut short."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from console.actions import entries
from console.actions.outcomes import Outcome, Verdict, Who
from console.actions.plan import Affects, Plan, Step
from console.actions.processes import Process
from console.actions.record import Reading, Record
from tests.tui.fakes import NOW

FILE = Path("~/.local/state/hubhomes/record.jsonl")
_JO = Who(os_user="jo", host="bastion", kubernetes_user="jo@example.org")
_ANA = Who(os_user="ana", host="bastion", kubernetes_user="ana@example.org")


class ShownRecord(Record):
    """A record somewhere else than it says: pictures show no path of a machine."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, now=lambda: self.moment)
        self.moment: datetime = NOW
        self._real = self.file
        self.file = FILE

    def read(self) -> Reading:
        self.file = self._real
        try:
            return super().read()
        finally:
            self.file = FILE

    def append(self, entry: entries.Entry) -> entries.Line:
        self.file = self._real
        try:
            return super().append(entry)
        finally:
            self.file = FILE


def week_on_call(folder: Path) -> ShownRecord:
    """The record in FOLDER, filled."""
    record = ShownRecord(folder)
    _run(
        record, "20260305-091204-3e81c0", timedelta(days=4, hours=5), _JO, "fix-permissions", "earth", "staging",
        [("chown 1000:1000, chmod 755 /homes/staging", "root:root 755", "1000:1000 755", "by the manifest")],
        ticket="INC-2291 cannot save notebooks",
    )  # fmt: skip
    _run(
        record, "20260307-171844-90aa12", timedelta(days=1, hours=21), _ANA, "remove-helper-pods", "ocean", None,
        [("delete pod hubhomes-look-7xk2p in climate", "of jo-at-bastion: look", "", "")],
    )  # fmt: skip
    _run(
        record, "20260309-070112-5f0b7d", timedelta(hours=7), _JO, "clear-claim-ref", "earth", "staging",
        [("clear the claim of staging-home-nfs", "staging/home-nfs", "", "")],
        ticket="INC-2304", failed="the volume was changed meanwhile; plan again",
    )  # fmt: skip
    _run(
        record, "20260309-120155-c41d9e", timedelta(hours=2), _ANA, "allusers", "ocean", "climate",
        [("mount every home for the admins of climate", "off", "on, writable", "turn it off")],
        ticket="INC-2310 move a home", parameters={"state": "on"}, until=NOW + timedelta(hours=1, minutes=58),
    )  # fmt: skip
    _run(
        record, "20260309-134802-b7720f", timedelta(minutes=14), _JO, "fix-permissions", "earth", "prod",
        [
            ("chown 1000:1000, chmod 755 /homes/prod", "root:root 755", "1000:1000 755", "by the manifest"),
            ("chown 1000:1000 3 homes: bo, chi, \"d e\"", "root:root", "1000:1000", "by the manifest"),
        ],
        ticket="INC-2311", cut_short=True,
    )  # fmt: skip
    return record


def _run(
    record: ShownRecord,
    run: str,
    ago: timedelta,
    who: Who,
    action: str,
    cluster: str,
    hub: str | None,
    changes: list[tuple[str, str, str, str]],
    *,
    ticket: str = "",
    parameters: Mapping[str, Any] | None = None,
    failed: str = "",
    until: datetime | None = None,
    cut_short: bool = False,
) -> None:
    steps = tuple(
        Step(key=str(number), what=what, before=before, after=after, undo=undo)
        for number, (what, before, after, undo) in enumerate(changes)
    )
    hubs = (f"{cluster}/{hub}",) if hub else ()
    plan = Plan(
        action=action, cluster=cluster, hub=hub, parameters=parameters or {}, steps=steps, affects=Affects(hubs=hubs)
    )
    process = Process(host=socket.gethostname(), pid=2**22 + 1, started="gone/1")
    record.moment = NOW - ago
    record.append(entries.Intent(run=run, who=who, process=process, digest=plan.digest, plan=plan, ticket=ticket))
    record.append(entries.StepBegun(run=run, key="0"))
    record.moment += timedelta(seconds=3)
    if failed:
        record.append(entries.StepFailed(run=run, key="0", message=failed))
        record.append(entries.Ended(run=run, outcome="failed", message=f"{changes[0][0]}: {failed}"))
        return
    record.append(entries.StepDone(run=run, key="0", outcome=Outcome(what=changes[0][2] or "it is gone")))
    if cut_short:
        return
    record.append(entries.Verification(run=run, verdict=Verdict(state="gone")))
    record.append(entries.Ended(run=run, outcome="done", until=until))
