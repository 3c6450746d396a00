"""Every action on the real node: what breaks something that it mends, and how that is seen there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from console.actions.offers import option_words
from console.actions.registry import action as registered_action
from tests.actions.real_scene import Scene


def words_of(action: str, parameters: Mapping[str, Any]) -> list[str]:
    """PARAMETERS as words of the command line."""
    declared = registered_action(action).parameters
    return [word for one in declared for word in option_words(one, parameters.get(one.name))]


class Broken(NamedTuple):
    """Something that an action mends, asked for with `parameters`.

    `whole` says that it is mended, `as_before` that it is as it was; `other` changes the world so that the plan is
    another one. `sends` is what a run sends besides helper pods, each once.
    """

    parameters: Mapping[str, Any]
    whole: Callable[[], bool]
    as_before: Callable[[], bool]
    other: Callable[[], object]
    sends: tuple[str, ...] = ()


def released_volume(scene: Scene) -> Broken:
    scene.release_volume()

    def phase() -> str:
        return str(scene.api.get("PersistentVolume", scene.volume)["status"]["phase"])

    return Broken(
        {},
        whole=lambda: phase() in ("Bound", "Available"),
        as_before=lambda: phase() == "Released",
        other=lambda: scene.api.delete("PersistentVolumeClaim", "home-nfs", scene.namespace),
        sends=(f"patch persistentvolumes/{scene.volume}",),
    )


def failed_creator(scene: Scene) -> Broken:
    scene.failed_creator()

    def again() -> None:
        scene.remove_creator()
        scene.failed_creator()

    return Broken(
        {},
        whole=lambda: scene.folder.is_dir() and "nfs-share-creator" not in scene.jobs(),
        as_before=lambda: not scene.folder.exists() and scene.jobs() == ["nfs-share-creator"],
        other=again,
        sends=("create jobs/nfs-share-creator-again", "delete jobs/nfs-share-creator",
               "delete jobs/nfs-share-creator-again"),
    )  # fmt: skip


def stuck_server(scene: Scene) -> Broken:
    scene.server_of("alice")

    def again() -> None:
        scene.api.delete("Pod", "jupyter-alice", scene.namespace, grace_s=0)
        scene.api.wait("gone", lambda: scene.pods() == [])
        scene.server_of("alice")

    return Broken(
        {"user": "alice"},
        whole=lambda: scene.pods() == [],
        as_before=lambda: scene.pods() == ["jupyter-alice"],
        other=again,
        sends=("delete pods/jupyter-alice",),
    )


def broken_file(scene: Scene) -> Broken:
    home = Path(os.fsdecode(scene.home(b"alice")))
    file = home / ".bashrc"
    file.write_text("exit 1")
    return Broken(
        {"home": "alice", "path": ".bashrc"},
        whole=lambda: [one.name.startswith(".bashrc.moved-aside-") for one in home.iterdir()] == [True],
        as_before=lambda: [one.name for one in home.iterdir()] == [".bashrc"],
        other=lambda: os.chown(file, 1000, 1000),
    )


def homes_of_root(scene: Scene) -> Broken:
    os.chown(scene.folder, 1000, 1000)
    for name in ("alice", "bob"):
        (scene.folder / name).mkdir()
    owners = lambda: {one.name: one.stat().st_uid for one in scene.folder.iterdir()}  # noqa: E731
    return Broken(
        {},
        whole=lambda: set(owners().values()) == {1000},
        as_before=lambda: set(owners().values()) == {0},
        other=lambda: (scene.folder / "carol").mkdir(),
    )


def allusers_wanted(scene: Scene) -> Broken:
    first: dict[str, Any] = {}

    def elsewhere() -> None:
        first["9-data"] = {"name": "home", "mountPath": "/data", "subPath": "_data"}
        scene.deployed(dict(first))

    return Broken(
        {"state": "on", "live": True},
        whole=lambda: any("subPath" not in entry for entry in scene.entries().values()),
        as_before=lambda: scene.entries() == first,
        other=elsewhere,
        sends=("patch secrets/hub", "patch deployments/hub"),
    )


def helper_pod_left(scene: Scene) -> Broken:
    scene.remove_helpers()
    scene.helper_pod("hubhomes-look-left")
    return Broken(
        {},
        whole=lambda: scene.helpers() == [],
        as_before=lambda: "hubhomes-look-left" in scene.helpers(),
        other=lambda: scene.helper_pod("hubhomes-look-left-too"),
        sends=("delete pods/hubhomes-look-left", "delete pods/hubhomes-look-left-too"),
    )


def old_home(scene: Scene) -> Broken:
    return _moved_home(scene, {"name": ["alice"]}, scene.folder / "_trash-alice" / "alice")


def home_of_another_name(scene: Scene) -> Broken:
    return _moved_home(scene, {"old": "alice", "new": "alicia"}, scene.folder / "alicia")


def _moved_home(scene: Scene, parameters: Mapping[str, Any], there: Path) -> Broken:
    home = Path(os.fsdecode(scene.home(b"alice")))
    (home / "notebook").write_text("kept")
    return Broken(
        parameters,
        whole=lambda: not home.exists() and (there / "notebook").read_text() == "kept",
        as_before=lambda: not there.exists() and (home / "notebook").read_text() == "kept",
        other=lambda: os.chown(home, 1000, 1000),
    )


CASES: Mapping[str, Callable[[Scene], Broken]] = {
    "allusers": allusers_wanted,
    "clear-claim-ref": released_volume,
    "fix-permissions": homes_of_root,
    "move-aside": broken_file,
    "remove-helper-pods": helper_pod_left,
    "rename-home": home_of_another_name,
    "retire-home": old_home,
    "rerun-share-creator": failed_creator,
    "restart-server": stuck_server,
}
