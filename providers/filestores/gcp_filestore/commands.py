"""The same by hand: commands of Google's gcloud."""

from __future__ import annotations

import shlex

from providers.filestores.gcp_filestore.shape import Shape


def create_command(shape: Shape) -> str:
    """What makes an instance of SHAPE."""
    mode = f",connect-mode={shape.connect_mode}" if shape.connect_mode else ""
    labels = ",".join(f"{key}={value}" for key, value in sorted(shape.labels.items()))
    return _gcloud(
        "create",
        shape.instance,
        f"--tier={shape.tier}",
        f"--file-share=name={shape.share},capacity={shape.capacity_gib}GB",
        f"--network=name={shape.network}{mode}",
        *([f"--labels={labels}"] if labels else []),
    )


def grow_command(resource: str, share: str, capacity_gib: int) -> str:
    """What gives the instance of that name CAPACITY_GIB."""
    return _gcloud("update", resource, f"--file-share=name={share},capacity={capacity_gib}GB")


def describe_command(resource: str) -> str:
    """What shows the instance of that name as it is."""
    return _gcloud("describe", resource)


def delete_command(resource: str) -> str:
    """What deletes the instance of that name, with all that is on it. Never run from here."""
    return _gcloud("delete", resource)


def _gcloud(verb: str, resource: str, *options: str) -> str:
    _, project, _, location, _, name = resource.split("/")
    place = (f"--project={project}", f"--location={location}")
    return shlex.join(["gcloud", "filestore", "instances", verb, name, *place, *options])
