"""Why a helper pod does not begin, from what the API server, the scheduler and the kubelet say of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from providers.kubernetes.looks.framing import as_words
from providers.kubernetes.looks.protocol import LookFailure, LookRequest
from providers.kubernetes.mount_words import MountSymptom, cause, told
from providers.kubernetes.objects import ContainerState, Event, Pod
from providers.kubernetes.status_errors import StatusError

_IMAGE = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError",
     "RegistryUnavailable", "SignatureValidationFailed"}
)  # fmt: skip
_STUCK = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})
_PAST_THE_MOUNT = frozenset({"Pulling", "Pulled", "Created", "Started"})
_UNBOUND = re.compile(r"unbound|persistentvolumeclaim|persistentvolume", re.IGNORECASE)
_MOUNT_WORDS: dict[MountSymptom, str] = {
    "missing-directory": "the server has no such directory",
    "denied": "the server denies access",
    "timeout": "the server does not answer",
    "refused": "the server refuses connections",
    "protocol": "the server does not speak this version of NFS",
    "stale": "the server no longer knows the directory it handed out",
    "name": "the server's name cannot be resolved",
    "options": "the mount options are not accepted",
    "hanging": "the mount hangs",
    "other": "the mount fails",
}


def what_is_mounted(request: LookRequest) -> str:
    if request.through == "claim":
        return f"claim {request.claim} in {request.namespace}"
    if request.through == "server":
        return f"the disk of {request.pod}"
    return f"{request.server}:{request.base_path or '/'}"


def refused_by_admission(error: StatusError) -> bool:
    """Whether admission refused the pod, and not the rights of whoever asks."""
    if error.status == 403:
        return "cannot create resource" not in error.message and not exceeded_quota(error)
    return error.status in (400, 422) and "admission webhook" in error.message


def exceeded_quota(error: StatusError) -> bool:
    return error.status == 403 and "exceeded quota" in error.message


def admission_failure(request: LookRequest, error: StatusError) -> LookFailure:
    if exceeded_quota(error):
        return LookFailure(
            kind="quota",
            message=f"the quota of namespace {request.namespace} has no room for a helper pod",
            words=error.message,
            next_step=f"kubectl -n {request.namespace} describe resourcequota",
        )
    step = "look through the claim" if request.through == "export" else "ask who sets the namespace's policy"
    return LookFailure(
        kind="denied",
        message=f"namespace {request.namespace} admits no helper pod",
        words=error.message,
        next_step=step,
    )


def hanging(request: LookRequest, waited_s: float) -> LookFailure:
    return LookFailure(
        kind="mount",
        symptom="hanging",
        message=f"{what_is_mounted(request)}: the mount has hung for {waited_s:.0f} s and nothing says why",
        next_step="look at the file server, and at the network between it and the nodes",
    )


def mute(request: LookRequest) -> LookFailure:
    return LookFailure(
        kind="mount",
        symptom="hanging",
        message=f"{what_is_mounted(request)}: it is mounted, and has not answered for {request.silence_s:.0f} s",
        next_step="look at the file server, and at the network between it and the nodes",
    )


def fell_silent(request: LookRequest, came_to: str) -> LookFailure:
    at = f" at {came_to}" if came_to else ""
    return LookFailure(
        kind="mount",
        symptom="hanging",
        message=f"{what_is_mounted(request)}: the share stopped answering{at} {request.silence_s:.0f} s ago",
        next_step="look at the file server, and at the network between it and the nodes",
    )


def stale(request: LookRequest, words: str) -> LookFailure:
    return LookFailure(
        kind="mount",
        symptom="stale",
        message=f"{what_is_mounted(request)}: {_MOUNT_WORDS['stale']}",
        words=as_words(words.encode()),
        next_step="restart the servers that hold the old mount, once the directory is right",
    )


def overdue(request: LookRequest, words: str) -> LookFailure:
    return LookFailure(
        kind="deadline",
        message=f"the helper pod has not begun within {request.deadline_s} s: {words}",
        next_step="give it more time",
    )


def by_events(request: LookRequest, events: Sequence[Event]) -> LookFailure | None:
    """A mount that failed. What only says that the kubelet has waited counts less than a cause."""
    failed = [event.message for event in events if event.reason in ("FailedMount", "FailedAttachVolume")]
    symptoms = [(cause(message), message) for message in failed]
    if not symptoms:
        return None
    symptom, message = min(symptoms, key=lambda pair: (pair[0] in ("hanging", "other"), pair[0] == "other"))
    return LookFailure(
        kind="mount",
        symptom=symptom,
        message=f"{what_is_mounted(request)}: {_MOUNT_WORDS[symptom]}",
        words=as_words(told(message).encode()),
        next_step="look at the file server's state, export and firewall",
    )


def unscheduled(request: LookRequest, pod: Pod, events: Sequence[Event]) -> tuple[LookFailure, bool] | None:
    """Why no node takes the pod, and whether that stands: no node will be added. None: nothing is said yet."""
    said = [event.message for event in events if event.reason == "FailedScheduling"]
    said += [c.message for c in pod.status.conditions if c.type == "PodScheduled" and c.status == "False"]
    words = next((message for message in reversed(said) if message), "")
    if not words:
        return None
    if _UNBOUND.search(words):
        return LookFailure(
            kind="unbound",
            message=f"claim {request.claim} in {request.namespace} is missing or not bound",
            words=as_words(words.encode()),
            next_step="look at the claim and its volume; or look through the export",
        ), True
    failure = LookFailure(
        kind="no-room",
        message="no node takes the helper pod",
        words=as_words(words.encode()),
        next_step="try again once a user's server runs: its node has room",
    )
    return failure, any(event.reason == "NotTriggerScaleUp" for event in events)


def node_is_coming(events: Sequence[Event]) -> bool:
    return any(event.reason in ("TriggeredScaleUp", "Nominated") for event in events)


def by_status(request: LookRequest, pod: Pod) -> LookFailure | None:
    """What its container waits for and will not get; or that the pod was ended before it began."""
    state = container_state(pod)
    waiting = state.waiting
    if waiting is not None and waiting.reason in _IMAGE:
        return LookFailure(
            kind="image",
            message=f"image {request.image} can't be pulled",
            words=as_words(f"{waiting.reason}: {waiting.message}".encode()),
            next_step="name an image in the settings that the nodes can pull",
        )
    if waiting is not None and waiting.reason in _STUCK:
        return LookFailure(
            kind="ended",
            message="the helper pod's container can't be started",
            words=as_words(f"{waiting.reason}: {waiting.message}".encode()),
            next_step=f"kubectl -n {request.namespace} describe pod {pod.metadata.name}",
        )
    if pod.status.phase == "Failed" and state.terminated is None:
        return ended(request, pod)
    return None


def ended(request: LookRequest, pod: Pod | None, words: str = "") -> LookFailure:
    """The pod was over before its script was."""
    if pod is None:
        return LookFailure(
            kind="ended", message="the helper pod was removed by somebody else", words=words, next_step="look again"
        )
    terminated = container_state(pod).terminated
    if pod.status.reason == "DeadlineExceeded":
        return LookFailure(
            kind="deadline",
            message=f"the look was not done within {request.deadline_s} s",
            words=words,
            next_step="give it more time, or ask for less",
        )
    code = f"exit code {terminated.exit_code} {terminated.reason}".strip() if terminated else ""
    cause_of_it = " ".join(filter(None, (pod.status.reason, pod.status.message, code)))
    return LookFailure(
        kind="ended",
        message=f"the helper pod ended before the look was done{f': {cause_of_it}' if cause_of_it else ''}",
        words=words,
        next_step="look again",
    )


def container_state(pod: Pod) -> ContainerState:
    statuses = pod.status.container_statuses
    return statuses[0].state if statuses else ContainerState()


def past_the_mount(pod: Pod, events: Sequence[Event]) -> bool:
    """Whether its volume is mounted and it waits for its image."""
    if any(c.type == "PodReadyToStartContainers" and c.status == "True" for c in pod.status.conditions):
        return True
    return any(event.reason in _PAST_THE_MOUNT for event in events)
