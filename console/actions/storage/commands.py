"""What would do the steps on a hub's volume and claim by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from console.actions.storage.helm_marks import MARKS, marks_change
from console.actions.storage.steps import CLAIM, CLAIM_GONE, OPTIONS, POLICY, VOLUME, VOLUME_GONE
from console.chain.words import command, kubectl

if TYPE_CHECKING:
    from console.actions.plan import Step
    from console.actions.protocol import Context


def by_hand(context: Context, step: Step) -> Iterator[str]:
    cluster, asked = context.cluster.context, step.arguments
    if step.key == POLICY:
        for one in asked["volumes"]:
            patch = _json({"spec": {"persistentVolumeReclaimPolicy": one["policy"]}})
            yield kubectl(cluster, "patch", "pv", one["name"], "-p", patch)
    elif step.key == OPTIONS:
        patch = _json({"spec": {"mountOptions": asked["options"]}})
        yield kubectl(cluster, "patch", "pv", asked["name"], "-p", patch)
    elif step.key == MARKS:
        for one in asked["objects"]:
            where = ("-n", one["namespace"], "patch", "pvc") if one["namespace"] else ("patch", "pv")
            yield kubectl(cluster, *where, one["name"], "-p", _json(marks_change(one["marks"])))
    elif step.key == CLAIM_GONE:
        pods = [one["name"] for one in asked["servers"]]
        if pods:
            yield kubectl(cluster, "-n", asked["namespace"], "delete", "pod", *pods)
        yield kubectl(cluster, "-n", asked["namespace"], "delete", "pvc", asked["name"])
    elif step.key == VOLUME_GONE:
        yield kubectl(cluster, "delete", "pv", asked["name"])
    elif step.key in (VOLUME, CLAIM):
        yield f"{kubectl(cluster, 'create', '-f', '-')} <<< {command(_json(asked['manifest']))}"


def _json(what: dict[str, Any]) -> str:
    return msgspec.json.encode(what).decode()
