"""A plan: what an action would do, before anything is done, and the digest that an approval is bound to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

Permission = Literal["none", "probe", "write"]
"""none: only files of this machine change; probe: helper pods that look; write: the cluster or a cloud changes."""


class Need(msgspec.Struct, frozen=True, tag_field="system", tag="kubernetes"):
    """A right of Kubernetes that a step needs, asked for before it runs: Need("delete", "pods", "prod").

    `resource` may have a subresource ("pods/exec"); `namespace` "" is the whole cluster; `group` is the API group;
    `name` is the one object that it is about: a Role may be for that name alone.
    """

    verb: str
    resource: str
    namespace: str = ""
    group: str = ""
    name: str = ""

    @property
    def what(self) -> str:
        """The right without its namespace: "patch secrets hub"."""
        resource = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {resource}" + (f" {self.name}" if self.name else "")

    def __str__(self) -> str:
        return self.what + (f" in {self.namespace}" if self.namespace else "")


class CloudRight(msgspec.Struct, frozen=True, tag_field="system", tag="cloud"):
    """A right in a cloud, in its own words: CloudRight("aws", "elasticfilesystem:CreateMountTarget")."""

    cloud: str
    right: str
    scope: str = ""

    def __str__(self) -> str:
        return f"{self.cloud} {self.right}" + (f" in {self.scope}" if self.scope else "")


Right = Need | CloudRight


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One change, safe to repeat.

    `key` is the same whenever the same change is planned: a run that was cut short is known by it. `before` and
    `after` are the exact values in words, of one line or more; "" where there is nothing. `undo` says how it is
    undone, "" that it can't be. `arguments` are what the action's `run` needs, as JSON values: they are recorded, so
    no secret may stand there. `observed` are preconditions that change by themselves (a resourceVersion): `run` may
    hold its writes to them, the digest leaves them out. `destructive`: something of the users is gone afterwards.
    `diff` shows an edited file as `diff -u` does, where `before` and `after` tell its effect.
    """

    key: str
    what: str
    before: str
    after: str
    needs: tuple[Right, ...] = ()
    undo: str = ""
    destructive: bool = False
    arguments: Mapping[str, Any] = {}
    observed: Mapping[str, Any] = {}
    diff: str = ""


class Affects(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a plan touches: `users` with running servers, and `hubs` as cluster/hub."""

    users: tuple[str, ...] = ()
    hubs: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What an action would do. No steps: nothing to do.

    `hub` None: it concerns the cluster. `parameters` are what was asked for, as JSON values. `risk` says in words what
    may go wrong, `notes` what else to know. `commands` would do the same by hand. `namespace` is where the lock is
    held, "" for none. `lasts_s`: how long the change is meant to stand, after which the record reminds of it. `undoes`
    is the record that this plan takes back. `verified_within_s`: how long it is looked for whether it helped, where
    the usual minute is too short.
    """

    action: str
    cluster: str
    hub: str | None = None
    parameters: Mapping[str, Any] = {}
    steps: tuple[Step, ...] = ()
    affects: Affects = Affects()
    risk: str = ""
    notes: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    permission: Permission = "write"
    namespace: str = ""
    lasts_s: float | None = None
    undoes: str | None = None
    verified_within_s: float | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for two steps of one key: the record could not tell them apart."""
        if len({step.key for step in self.steps}) < len(self.steps):
            raise ValueError(f"two steps of {self.action} have one key")

    @property
    def empty(self) -> bool:
        return not self.steps

    @property
    def undoable(self) -> bool:
        return bool(self.steps) and all(step.undo for step in self.steps)

    @property
    def destructive(self) -> bool:
        return any(step.destructive for step in self.steps)

    @property
    def place(self) -> str:
        """cluster/hub, or the cluster."""
        return f"{self.cluster}/{self.hub}" if self.hub else self.cluster

    @property
    def about(self) -> str:
        """The place, of a filestore with the end of its name or id; `offers.called` asks a fleet for more."""
        store = str(self.parameters.get("filestore") or "")
        named = store if store.count("/") < 2 else store.rpartition("/")[2]
        return f"{self.place}/{named}" if named and not self.hub else self.place

    @property
    def needs(self) -> tuple[Right, ...]:
        """The rights of all steps, each once, in their order."""
        return tuple(dict.fromkeys(need for step in self.steps for need in step.needs))

    @property
    def digest(self) -> str:
        """What would be done, as 16 hexadecimal digits in groups of four.

        Left out is what changes by itself while the plan is read: running users, preconditions, notes and risks.
        """
        done = [
            [step.key, step.what, step.before, step.after, step.undo, step.destructive, step.arguments]
            for step in self.steps
        ]
        covered = [
            1, self.action, self.cluster, self.hub, self.parameters, done, self.affects.hubs, self.permission,
            self.lasts_s, self.undoes,
        ]  # fmt: skip
        found = hashlib.sha256(msgspec.json.encode(covered, order="deterministic")).hexdigest()
        return "-".join(found[start : start + 4] for start in range(0, 16, 4))


def same_digest(one: str, other: str) -> bool:
    """Whether two digests are the same, however they are written: with or without dashes, in any case."""
    bare = [text.replace("-", "").strip().lower() for text in (one, other)]
    return len(bare[0]) == 16 and bare[0] == bare[1]


def differences(approved: Plan, now: Plan) -> tuple[str, ...]:
    """What NOW would do otherwise than the plan that was APPROVED, a line each; empty when the digests are the same."""
    if approved.digest == now.digest:
        return ()
    old = {step.key: step for step in approved.steps}
    new = {step.key: step for step in now.steps}
    lines = [f"no longer: {step.what}" for key, step in old.items() if key not in new]
    lines += [f"new: {step.what}" for key, step in new.items() if key not in old]
    for key in [key for key in new if key in old]:
        lines += _step_differences(old[key], new[key])
    if approved.affects.hubs != now.affects.hubs:
        lines.append(f"hubs touched: {_listed(approved.affects.hubs)} -> {_listed(now.affects.hubs)}")
    return tuple(lines) or ("the order of the steps, or what was asked for",)


def _step_differences(old: Step, new: Step) -> list[str]:
    lines = [
        f"{new.what}: {side} was {_short(getattr(old, side))}, is {_short(getattr(new, side))}"
        for side in ("before", "after")
        if getattr(old, side) != getattr(new, side)
    ]
    same = (old.what, old.undo, old.destructive, old.arguments) == (new.what, new.undo, new.destructive, new.arguments)
    return lines if lines or same else [f"otherwise: {new.what}"]


def _short(text: str, most: int = 60) -> str:
    line = " / ".join(text.splitlines()) or "nothing"
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"


def until(plan: Plan, done_at: datetime) -> datetime | None:
    """When a change that is limited in time should be taken back; None: it is meant to stay."""
    return None if plan.lasts_s is None else done_at + timedelta(seconds=plan.lasts_s)
