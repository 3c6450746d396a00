"""A hub's user pods: which run, which wait, which fail to mount and by what cause, and who is an admin."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import get_args

import msgspec

from console.chain.allusers import SHARED, Mount, common_mounts
from console.chain.index import ObservedCluster, refused
from console.chain.policy import Policy
from console.chain.rule import Symptom
from console.chain.seen_model import SeenPods
from console.chain.words import plain
from providers.kubernetes.mount_words import MountSymptom, cause, told
from providers.kubernetes.objects import Event, HubValues, Pod

_TOLD: frozenset[Symptom] = frozenset(get_args(MountSymptom)) - {"hanging", "other"}
_UNBOUND = ("persistentvolumeclaim", "persistentvolume")
_CLAIM = re.compile(r'persistentvolumeclaim "([^"]+)"', re.IGNORECASE)
_VOLUME = re.compile(r'volume "([^"]+)"')
_UNMOUNTED = re.compile(r"unmounted volumes=\[([^]]*)\]")


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """User pods that cannot start for one cause. `words` are the kubelet's or the scheduler's own; `since` UTC."""

    symptom: Symptom
    users: tuple[str, ...]
    pods: tuple[str, ...]
    since: datetime | None
    words: tuple[str, ...] = ()


class PodFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the user pods of one hub show. `seen` None: not observed (`why`).

    `events_unread` says why the causes of failed mounts are not known; `older` and `with_allusers` are users.
    """

    seen: SeenPods | None
    why: str = ""
    troubles: tuple[Trouble, ...] = ()
    events_unread: str = ""
    older: tuple[str, ...] = ()
    with_allusers: tuple[str, ...] = ()
    writable_allusers: bool = False


def pod_facts(
    cluster: ObservedCluster, namespace: str, *, claim: str, volume: str, policy: Policy, now: datetime
) -> PodFacts:
    """The user pods of one namespace, whose homes are on CLAIM and its PersistentVolume VOLUME."""
    why = refused(cluster.observation.user_pods, namespace)
    if why:
        return PodFacts(seen=None, why=why)
    reader = _Reader(cluster, namespace, claim, volume, policy, now)
    for pod in cluster.pods.get(namespace, ()):
        reader.read(pod)
    return reader.facts()


def username(pod: Pod) -> str:
    """The user's name, unescaped where the annotation has it."""
    return pod.metadata.annotations.username or pod.metadata.labels.hub_username or pod.metadata.name


class _Reader:
    """Sorts one namespace's pods."""

    def __init__(
        self, cluster: ObservedCluster, namespace: str, claim: str, volume: str, policy: Policy, now: datetime
    ) -> None:
        self._cluster = cluster
        self._claim, self._volume = claim, volume
        self._now, self._patience = now, timedelta(minutes=policy.hanging_minutes)
        self._unread = refused(cluster.observation.mount_events, namespace)
        self._mount_events = _by_pod(cluster.mount_events.get(namespace, ()))
        self._scheduling = _by_pod(cluster.scheduling_events.get(namespace, ()))
        values = cluster.values.get(namespace)
        self._values: HubValues | None = values if values and not values.error else None
        self._user_mounts = common_mounts(values.user_mounts) if values else frozenset()
        self._all_mounts = self._user_mounts | (common_mounts(values.admin_mounts) if values else frozenset())
        self._running = self._pending = self._failing = self._admins = 0
        self._older: list[str] = []
        self._with_allusers: list[str] = []
        self._writable = False
        self._troubles: defaultdict[Symptom, list[tuple[Pod, tuple[Event, ...]]]] = defaultdict(list)

    def read(self, pod: Pod) -> None:
        if pod.status.phase == "Running":
            self._running += 1
            self._read_mounts(pod)
        elif pod.status.phase in ("Pending", "") and pod.metadata.deletion_timestamp is None:
            symptom, events = self._symptom(pod)
            if symptom is None:
                self._pending += 1
            else:
                self._failing += 1
                self._troubles[symptom].append((pod, events))

    def _read_mounts(self, pod: Pod) -> None:
        mounts = _home_mounts(pod, self._claim)
        if mounts is None:
            return
        whole = [mount for mount in mounts if mount[1] == ""]
        admin = bool(whole) or any(
            sub_path == SHARED and not read_only and (path, sub_path, read_only) not in self._user_mounts
            for path, sub_path, read_only in mounts
        )
        self._admins += admin
        if whole:
            self._with_allusers.append(username(pod))
            self._writable |= any(not read_only for _, _, read_only in whole)
        if self._values is not None and mounts != (self._all_mounts if admin else self._user_mounts):
            self._older.append(username(pod))

    def _symptom(self, pod: Pod) -> tuple[Symptom | None, tuple[Event, ...]]:
        if not pod.spec.node_name:
            return self._unscheduled(pod)
        if _mounted(pod):
            return _sub_path_refused(pod), ()
        events = tuple(e for e in self._events(self._mount_events, pod) if self._concerns_home(e))
        if events:
            causes = {cause(event.message) for event in events}
            told = causes - {"hanging", "other"}
            return min(told or causes), events
        if self._now - _began(pod, self._now) < self._patience:
            return None, ()
        return ("other" if self._unread else "hanging"), ()

    def _unscheduled(self, pod: Pod) -> tuple[Symptom | None, tuple[Event, ...]]:
        events = tuple(e for e in self._events(self._scheduling, pod) if self._is_unbound(e.message))
        if events:
            return "unbound", events
        waits = any(c.type == "PodScheduled" and self._is_unbound(c.message) for c in pod.status.conditions)
        return ("unbound" if waits else None), ()

    def _concerns_home(self, event: Event) -> bool:
        named = _VOLUME.search(event.message)
        if named:
            return named[1] in (self._volume, "home", self._claim)
        unmounted = _UNMOUNTED.search(event.message)
        return "home" in unmounted[1].replace(",", " ").split() if unmounted else True

    def _is_unbound(self, message: str) -> bool:
        named = _CLAIM.search(message)
        return named[1] == self._claim if named else any(words in message.lower() for words in _UNBOUND)

    @staticmethod
    def _events(by_pod: dict[str, list[Event]], pod: Pod) -> list[Event]:
        return by_pod.get(pod.metadata.uid or "", []) or [
            event for event in by_pod.get(pod.metadata.name, []) if not event.involved_object.uid
        ]

    def facts(self) -> PodFacts:
        return PodFacts(
            seen=SeenPods(
                running=self._running,
                pending=self._pending,
                failing=self._failing,
                admin_running=self._admins,
                with_allusers=len(self._with_allusers),
                older_mounts=len(self._older),
            ),
            troubles=tuple(self._trouble(symptom, pods) for symptom, pods in sorted(self._merged().items())),
            events_unread=self._unread,
            older=tuple(sorted(self._older)),
            with_allusers=tuple(sorted(self._with_allusers)),
            writable_allusers=self._writable,
        )

    def _merged(self) -> dict[Symptom, list[tuple[Pod, tuple[Event, ...]]]]:
        """Pods whose cause is not told yet belong to the cause that most others tell."""
        told = {symptom: pods for symptom, pods in self._troubles.items() if symptom in _TOLD}
        if not told:
            return dict(self._troubles)
        most = max(sorted(told), key=lambda symptom: len(told[symptom]))
        merged = {symptom: list(pods) for symptom, pods in self._troubles.items()}
        for symptom in ("hanging", "other"):
            merged[most].extend(merged.pop(symptom, ()))
        return merged

    def _trouble(self, symptom: Symptom, pods: Sequence[tuple[Pod, tuple[Event, ...]]]) -> Trouble:
        times = [time for pod, events in pods for time in ([_first(e) for e in events] or [_began(pod, self._now)])]
        words = {plain(" ".join(told(event.message).split())): None for _, events in pods for event in events}
        if symptom == "subpath":
            words = {plain(_waiting_message(pod)): None for pod, _ in pods}
        return Trouble(
            symptom=symptom,
            users=tuple(sorted({username(pod) for pod, _ in pods})),
            pods=tuple(sorted(pod.metadata.name for pod, _ in pods)),
            since=min((time for time in times if time is not None), default=None),
            words=_told_first(words)[:3],
        )


def _told_first(words: dict[str, None]) -> tuple[str, ...]:
    return tuple(sorted(words, key=lambda line: "mount.nfs" not in line))


def _home_mounts(pod: Pod, claim: str) -> frozenset[Mount] | None:
    """The mounts that do not depend on the user's name. None: no volume of the pod is the hub's claim."""
    volumes = {
        volume.name
        for volume in pod.spec.volumes
        if volume.persistent_volume_claim and volume.persistent_volume_claim.claim_name == claim
    }
    if not volumes:
        return None
    return frozenset(
        (mount.mount_path, "" if mount.sub_path in (".", "./") else mount.sub_path, mount.read_only)
        for container in pod.spec.containers
        for mount in container.volume_mounts
        if mount.name in volumes and (mount.sub_path.startswith("_") or mount.sub_path in ("", ".", "./"))
    )


def _mounted(pod: Pod) -> bool:
    """Whether its volumes are mounted and it waits for something else, as an image."""
    if any(c.type == "PodReadyToStartContainers" and c.status == "True" for c in pod.status.conditions):
        return True
    waiting = [status.state.waiting for status in pod.status.container_statuses if status.state.waiting]
    return bool(waiting) and all(state.reason != "ContainerCreating" for state in waiting)


def _sub_path_refused(pod: Pod) -> Symptom | None:
    return "subpath" if "subpath" in _waiting_message(pod).lower() else None


def _waiting_message(pod: Pod) -> str:
    states = [status.state.waiting for status in pod.status.container_statuses if status.state.waiting]
    return next((state.message for state in states if state.message), "")


def _by_pod(events: Sequence[Event]) -> dict[str, list[Event]]:
    """By the pod's uid and by its name, since a pod of the same name may be a later one."""
    grouped: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        grouped[event.involved_object.name].append(event)
        if event.involved_object.uid:
            grouped[event.involved_object.uid].append(event)
    return dict(grouped)


def _first(event: Event) -> datetime | None:
    return event.first_timestamp or event.event_time or event.metadata.creation_timestamp or event.last_timestamp


def _began(pod: Pod, now: datetime) -> datetime:
    return pod.status.start_time or pod.metadata.creation_timestamp or now
