"""Which pods can do nothing but look, as told by their manifest alone.

Every field that such a pod may have is written down here; a manifest with any other field is not let out. What is
sent is the manifest as it was understood, so that no second reading of it can differ.

A mount with a subPath is no look: the kubelet makes a directory that is missing, as root. An fsGroup is none either:
the kubelet gives the volume's files to that group. A priority class could push users' pods off their node.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

PREFIX = "hubhomes-"
OWNER, PURPOSE = "hubhomes/owner", "hubhomes/purpose"
LONGEST_S = 4 * 3600
"""How long a pod that looks may live: a working session, not a day."""

_Name = Annotated[str, msgspec.Meta(pattern=rf"^{PREFIX}[a-z0-9]([a-z0-9.\-]*[a-z0-9])?$")]
_Capability = Literal["DAC_READ_SEARCH", "DAC_OVERRIDE"]
"""Reading what others own. On read-only mounts DAC_OVERRIDE does no more, and Pod Security "baseline" admits it."""


class _Strict(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"
):
    pass


class _Metadata(_Strict, frozen=True, kw_only=True):
    name: _Name
    namespace: str = ""
    labels: dict[str, str]
    annotations: dict[str, str] = {}


class _Seccomp(_Strict, frozen=True, kw_only=True):
    type: Literal["RuntimeDefault"]


class _PodSecurity(_Strict, frozen=True, kw_only=True):
    run_as_user: int | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    supplemental_groups: list[int] = []
    seccomp_profile: _Seccomp | None = None


class _Capabilities(_Strict, frozen=True, kw_only=True):
    drop: Annotated[list[Literal["ALL"]], msgspec.Meta(min_length=1)]
    add: list[_Capability] = []


class _Security(_Strict, frozen=True, kw_only=True):
    allow_privilege_escalation: bool
    capabilities: _Capabilities
    privileged: bool = False
    read_only_root_filesystem: bool | None = None
    run_as_user: int | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    seccomp_profile: _Seccomp | None = None


class _Mount(_Strict, frozen=True, kw_only=True):
    name: str
    mount_path: str
    read_only: bool = False


class _Variable(_Strict, frozen=True, kw_only=True):
    name: str
    value: str = ""


class _Container(_Strict, frozen=True, kw_only=True):
    name: str
    image: str
    image_pull_policy: str = ""
    command: list[str] = []
    args: list[str] = []
    env: list[_Variable] = []
    working_dir: str = ""
    resources: dict[str, dict[str, str]] = {}
    security_context: _Security
    volume_mounts: list[_Mount] = []
    stdin: bool = False
    stdin_once: bool = False
    tty: bool = False
    termination_message_policy: str = ""


class _Nfs(_Strict, frozen=True, kw_only=True):
    server: str
    path: str
    read_only: bool = False


class _Claim(_Strict, frozen=True, kw_only=True):
    claim_name: str
    read_only: bool = False


class _EmptyDir(_Strict, frozen=True, kw_only=True):
    medium: str = ""
    size_limit: str = ""


class _Volume(_Strict, frozen=True, kw_only=True):
    name: str
    nfs: _Nfs | None = None
    persistent_volume_claim: _Claim | None = None
    empty_dir: _EmptyDir | None = None


class _PullSecret(_Strict, frozen=True, kw_only=True):
    name: str


class _Spec(_Strict, frozen=True, kw_only=True):
    active_deadline_seconds: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_S)]
    automount_service_account_token: bool
    restart_policy: Literal["Never"]
    containers: Annotated[list[_Container], msgspec.Meta(min_length=1)]
    init_containers: list[_Container] = []
    volumes: list[_Volume] = []
    security_context: _PodSecurity | None = None
    termination_grace_period_seconds: int | None = None
    enable_service_links: bool = True
    image_pull_secrets: list[_PullSecret] = []
    node_name: str = ""
    node_selector: dict[str, str] = {}
    tolerations: list[dict[str, Any]] = []
    affinity: dict[str, Any] = {}
    scheduler_name: str = ""


class _Pod(_Strict, frozen=True, kw_only=True):
    api_version: Literal["v1"]
    kind: Literal["Pod"]
    metadata: _Metadata
    spec: _Spec


class MoreThanLooking(Exception):
    """A pod could do more than look; the message says by what."""


def looking_only(body: bytes) -> bytes:
    """The manifest of a pod that can only look, spelled anew from what was understood. Raises MoreThanLooking."""
    try:
        pod = msgspec.json.decode(body, type=_Pod)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MoreThanLooking(str(error)) from error
    for why in (_of_the_pod(pod), *map(_of_the_volume, pod.spec.volumes), *_of_the_containers(pod.spec)):
        if why:
            raise MoreThanLooking(why)
    return msgspec.json.encode(pod)


def _of_the_pod(pod: _Pod) -> str:
    missing = [label for label in (OWNER, PURPOSE) if not pod.metadata.labels.get(label)]
    if missing:
        return f"it lacks the label {missing[0]}"
    return "it would be given a service account token" if pod.spec.automount_service_account_token else ""


def _of_the_volume(volume: _Volume) -> str:
    kinds = [kind for kind in (volume.nfs, volume.persistent_volume_claim, volume.empty_dir) if kind is not None]
    if len(kinds) != 1:
        return f"its volume {volume.name} is not one of nfs, persistentVolumeClaim, emptyDir"
    if volume.nfs is not None and not volume.nfs.read_only:
        return f"its nfs volume {volume.name} is writable"
    return ""


def _of_the_containers(spec: _Spec) -> list[str]:
    scratch = {volume.name for volume in spec.volumes if volume.empty_dir is not None}
    found: list[str] = []
    for container in (*spec.init_containers, *spec.containers):
        security = container.security_context
        if security.privileged or security.allow_privilege_escalation:
            found.append(f"its container {container.name} may gain privileges")
        found += [
            f"its container {container.name} mounts {mount.name} writable"
            for mount in container.volume_mounts
            if not mount.read_only and mount.name not in scratch
        ]
    return found
