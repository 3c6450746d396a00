"""Plays what binds volumes and claims, keeps what is in use, and starts the servers that waited."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from providers.simulated import statuses
from providers.simulated.resources import Json, Resource, by_path
from providers.simulated.store import ObjectStore


class Volumes:
    """The volumes and claims of one cluster. Servers start on NODE."""

    def __init__(self, store: ObjectStore, node: str, now: datetime) -> None:
        self._store, self._node, self._now = store, node, now

    def in_use(self, item: Json) -> bool:
        """Whether what is to be deleted has to wait: a claim for the pods that use it, a volume for its claim."""
        if item.get("kind") == "PersistentVolumeClaim":
            metadata = item["metadata"]
            return any("nodeName" in pod["spec"] for pod in self._pods_of(metadata["namespace"], metadata["name"]))
        return item.get("kind") == "PersistentVolume" and item.get("status", {}).get("phase") == "Bound"

    def written(self, verb: str, item: Json) -> None:
        """A Watcher."""
        kind, metadata = item.get("kind"), item["metadata"]
        if kind == "PersistentVolume" and verb != "delete":
            self._volume(item)
        elif kind == "PersistentVolumeClaim" and verb == "create":
            volume = self._get("persistentvolumes", "", item["spec"].get("volumeName", ""))
            pending = self._store.put(statuses.claim(item, "Pending"))
            if volume is not None:
                self._bind(volume, pending)
        elif kind == "PersistentVolumeClaim" and verb == "delete":
            self._gone(metadata["namespace"], metadata["name"])
        elif kind == "Pod" and verb == "delete":
            for _, claim in tuple(self._store.of(self._resource("persistentvolumeclaims"), metadata["namespace"])):
                if "deletionTimestamp" in claim["metadata"] and not self.in_use(claim):
                    self._remove(claim)

    def mounted(self, server: str, path: str) -> None:
        """What was missing at PATH of SERVER is there: servers whose mount of it failed start."""
        for _, volume in tuple(self._store.of(self._resource("persistentvolumes"))):
            nfs, reference = volume["spec"].get("nfs"), volume["spec"].get("claimRef")
            if nfs is not None and reference and (nfs["server"], nfs["path"].rstrip("/")) == (server, path):
                self._start(reference["namespace"], reference["name"], scheduled=True)

    def _volume(self, volume: Json) -> None:
        """A new volume, or one that forgot its claim, binds to the one that asks for it."""
        reference, phase = volume["spec"].get("claimRef") or {}, volume.get("status", {}).get("phase", "")
        if phase not in ("", "Available", "Released") or (phase == "Released" and reference.get("uid")):
            return
        for _, claim in tuple(self._store.of(self._resource("persistentvolumeclaims"))):
            if self._bind(volume, claim):
                return
        if phase != "Available":
            self._store.put({**volume, "status": {"phase": "Available"}})

    def _bind(self, volume: Json, claim: Json) -> bool:
        reference, metadata = volume["spec"].get("claimRef") or {}, claim["metadata"]
        kept = not reference or (reference["namespace"], reference["name"]) == (metadata["namespace"], metadata["name"])
        fits = (
            kept
            and reference.get("uid", metadata["uid"]) == metadata["uid"]
            and claim["spec"].get("volumeName") in (volume["metadata"]["name"], *([""] if reference else []))
            and (claim["spec"].get("storageClassName") or "") == (volume["spec"].get("storageClassName") or "")
            and claim.get("status", {}).get("phase") == "Pending"
            and not {"deletionTimestamp"} & (metadata.keys() | volume["metadata"].keys())
        )
        if fits:
            self._store.put(statuses.volume(volume, "Bound", claim=claim))
            self._store.put(statuses.claim(claim, "Bound"))
            self._start(metadata["namespace"], metadata["name"])
        return fits

    def _remove(self, claim: Json) -> None:
        metadata = claim["metadata"]
        self._store.remove(self._resource("persistentvolumeclaims"), metadata["namespace"], metadata["name"])
        self._gone(metadata["namespace"], metadata["name"])

    def _gone(self, namespace: str, name: str) -> None:
        """A claim is gone, unless it waits for pods: the volume that it was bound to is released, or goes, too."""
        if self._get("persistentvolumeclaims", namespace, name) is not None:
            return
        for _, volume in tuple(self._store.of(self._resource("persistentvolumes"))):
            reference = volume["spec"].get("claimRef") or {}
            if (reference.get("namespace"), reference.get("name")) != (namespace, name) or not reference.get("uid"):
                continue
            if "deletionTimestamp" in volume["metadata"]:
                self._store.remove(self._resource("persistentvolumes"), "", volume["metadata"]["name"])
            elif volume.get("status", {}).get("phase") == "Bound":
                self._store.put({**volume, "status": {"phase": "Released"}})

    def _start(self, namespace: str, claim: str, *, scheduled: bool = False) -> None:
        """Servers that waited for CLAIM start; with SCHEDULED also those that were on a node, and could not mount."""
        events = self._resource("events")
        for pod in tuple(self._pods_of(namespace, claim)):
            phase = pod.get("status", {}).get("phase")
            if phase != "Pending" or ("nodeName" in pod["spec"] and not scheduled):
                continue
            spec = {"nodeName": self._node, **pod["spec"]}
            self._store.put(statuses.running_pod({**pod, "spec": spec}, self._now))
            for _, event in tuple(self._store.of(events, namespace)):
                if event["involvedObject"]["name"] == pod["metadata"]["name"]:
                    self._store.remove(events, namespace, event["metadata"]["name"])

    def _pods_of(self, namespace: str, claim: str) -> Iterator[Json]:
        for _, pod in self._store.of(self._resource("pods"), namespace):
            volumes = [volume.get("persistentVolumeClaim", {}) for volume in pod["spec"].get("volumes", ())]
            if any(one.get("claimName") == claim for one in volumes):
                yield pod

    def _get(self, plural: str, namespace: str, name: str) -> Json | None:
        return self._store.get(self._resource(plural), namespace, name)

    @staticmethod
    def _resource(plural: str) -> Resource:
        found = by_path("", "v1", plural)
        assert found is not None  # noqa: S101 - one of the resources
        return found
