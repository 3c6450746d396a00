"""What a run leaves behind: who acted, how each step ended, and what was seen afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts: on this machine, for the API server, and for the cloud; "" where that is not known."""

    os_user: str
    host: str
    kubernetes_user: str = ""
    cloud_identity: str = ""

    def __str__(self) -> str:
        return f"{self.os_user}@{self.host}" + (f" as {self.kubernetes_user}" if self.kubernetes_user else "")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a step ended: `what` in words, `changed` False when it was so already, or only looked; `stays` True where
    nothing of it is left to be taken back; `undo` what `undo_plan` will need, as JSON values without secrets. `notes`
    are lines for whoever goes on from here elsewhere, in full."""

    what: str = ""
    notes: tuple[str, ...] = ()
    changed: bool = True
    stays: bool = False
    undo: Mapping[str, Any] = {}


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen after the run. `gone`: the link is well; `still`: not yet; `unobserved`: it can't be told.

    `why` says so in words; of `gone` it says what there is to see where that is less than the finding's end."""

    state: Literal["gone", "still", "unobserved"]
    why: str = ""
