"""The marks by which Helm knows what is its own. Without them the next deploy refuses a volume and a claim that are
right otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from console.actions.api_objects import Json
from console.actions.plan import Need, Step

MARKS = "marks"
MANAGER = "app.kubernetes.io/managed-by"
RELEASE, RELEASE_NAMESPACE = "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"
_PLACES = {MANAGER: "labels", RELEASE: "annotations", RELEASE_NAMESPACE: "annotations"}


def helm_marks(release: str, namespace: str) -> dict[str, dict[str, str]]:
    """As metadata of what is made for RELEASE."""
    return {
        "labels": {MANAGER: "Helm"},
        "annotations": {RELEASE: release, RELEASE_NAMESPACE: namespace},
    }


def marks_of(manifest: Json) -> dict[str, str | None]:
    """What MANIFEST has of them; None: not there."""
    metadata = manifest["metadata"]
    return {key: (metadata.get(place) or {}).get(key) for key, place in _PLACES.items()}


def another_owner(live: Json, wanted: Json) -> str:
    """What LIVE is marked as, where that is another's than it is WANTED to be; "" where nobody's or the same."""
    has, wants = marks_of(live), marks_of(wanted)
    differs = {key for key in has if None not in (has[key], wants[key]) and has[key] != wants[key]}
    if MANAGER in differs:
        return f"managed by {has[MANAGER]}"
    return f"of Helm's release {has[RELEASE]} in {has[RELEASE_NAMESPACE]}" if differs else ""


def marks_steps(pairs: Iterable[tuple[Json | None, Json | None]]) -> Iterator[Step]:
    """The step after which what is there carries the marks that it should, of PAIRS of both; none where all does.
    What is marked as somebody else's stays so."""
    unlike = [
        (live, wanted)
        for live, wanted in pairs
        if live is not None and wanted is not None
        if marks_of(live) != marks_of(wanted) and not another_owner(live, wanted)
    ]
    if not unlike:
        return
    names = " and ".join(called(live) for live, _ in unlike)
    given = any(None not in marks_of(wanted).values() for _, wanted in unlike)
    yield Step(
        key=MARKS,
        what=f"mark {names} as Helm's" if given else f"take Helm's marks off {names}",
        before="\n".join(_words(live, marks_of(live)) for live, _ in unlike),
        after="\n".join(_words(live, marks_of(wanted)) for live, wanted in unlike),
        needs=tuple(need for live, _ in unlike for need in _needs(live)),
        undo="marked as before",
        arguments={
            "objects": [
                {
                    "namespace": live["metadata"].get("namespace", ""),
                    "name": live["metadata"]["name"],
                    "uid": live["metadata"].get("uid", ""),
                    "was": marks_of(live),
                    "marks": marks_of(wanted),
                }
                for live, wanted in unlike
            ]
        },
    )


def marks_change(marks: Mapping[str, str | None]) -> dict[str, Any]:
    """The merge patch after which an object has MARKS."""
    change: dict[str, dict[str, str | None]] = {"labels": {}, "annotations": {}}
    for key, value in marks.items():
        change[_PLACES[key]][key] = value
    return {"metadata": change}


def marked_before(manifest: Json, step: Step) -> Json:
    """MANIFEST with the marks that it had before STEP."""
    metadata = manifest["metadata"]
    was = next((one["was"] for one in step.arguments["objects"] if _is(manifest, one)), None)
    if was is None:
        return manifest
    for place, values in marks_change(was)["metadata"].items():
        laid = {**(metadata.get(place) or {}), **values}
        metadata = {**metadata, place: {key: value for key, value in laid.items() if value is not None}}
    return {**manifest, "metadata": metadata}


def unmarked(step: Step, manifests: Iterable[Json | None]) -> str:
    """Which of MANIFESTS does not have the marks that STEP gives; "" when all have."""
    for manifest in filter(None, manifests):
        for one in step.arguments["objects"]:
            if _is(manifest, one) and marks_of(manifest) != one["marks"]:
                return str(one["name"])
    return ""


def _is(manifest: Json, one: Mapping[str, Any]) -> bool:
    metadata = manifest["metadata"]
    return (metadata.get("namespace", ""), metadata["name"]) == (one["namespace"], one["name"])


def called(live: Json) -> str:
    """A volume or claim in words."""
    namespace = live["metadata"].get("namespace")
    return f"claim {namespace}/{live['metadata']['name']}" if namespace else f"volume {live['metadata']['name']}"


def _words(live: Json, marks: Mapping[str, str | None]) -> str:
    said = [f"{key}: {value}" for key, value in marks.items() if value is not None]
    return f"{live['metadata']['name']}  {', '.join(said) or 'without them'}"


def _needs(live: Json) -> tuple[Need, Need]:
    namespace = live["metadata"].get("namespace", "")
    plural = "persistentvolumeclaims" if namespace else "persistentvolumes"
    return Need("patch", plural, namespace), Need("get", plural, namespace)
