"""Which pods can only look: every other is refused, whatever it adds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.kubernetes.looking import MoreThanLooking, looking_only
from tests.kubernetes.manifests import Json, looking_pod, with_value


def checked(manifest: Json) -> Json:
    sent: Json = json.loads(looking_only(json.dumps(manifest).encode()))
    return sent


CLAIM = {"name": "homes", "persistentVolumeClaim": {"claimName": "home-nfs", "readOnly": True}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.volumes.0", CLAIM),
        ("spec.tolerations", [{"key": "hub.jupyter.org/dedicated", "operator": "Equal", "value": "user"}]),
        ("spec.nodeSelector", {"hub.jupyter.org/node-purpose": "user"}),
        ("spec.containers.0.resources", {"limits": {"memory": "64Mi", "cpu": "200m"}}),
        ("spec.containers.0.env", [{"name": "NAMES", "value": "a b"}]),
        ("spec.containers.0.securityContext.capabilities.add", ["DAC_OVERRIDE"]),
        ("spec.containers.0.securityContext.runAsUser", 1000),
        ("spec.initContainers", looking_pod()["spec"]["containers"]),
    ],
)
def test_what_a_look_may_have_is_sent_as_it_is(path: str, value: Any) -> None:
    manifest = with_value(looking_pod(), path, value)
    assert checked(manifest) == manifest


MOUNT = "spec.containers.0.volumeMounts.0"
SECURITY = "spec.containers.0.securityContext"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("metadata.name", "look-1", "regex"),
        ("metadata.name", "hubhomes-../x", "regex"),
        ("metadata.labels.hubhomes/owner", "", "lacks the label hubhomes/owner"),
        ("metadata.labels.hubhomes/purpose", None, "lacks the label hubhomes/purpose"),
        ("metadata.finalizers", ["hubhomes/never"], "finalizers"),
        ("metadata.ownerReferences", [], "ownerReferences"),
        ("metadata.generateName", "hubhomes-", "generateName"),
        ("kind", "Job", "Invalid enum value"),
        ("spec.automountServiceAccountToken", None, "automountServiceAccountToken"),
        ("spec.automountServiceAccountToken", True, "service account token"),
        ("spec.activeDeadlineSeconds", None, "activeDeadlineSeconds"),
        ("spec.activeDeadlineSeconds", 4 * 3600 + 1, "<= 14400"),
        ("spec.restartPolicy", "Always", "Invalid enum value"),
        ("spec.hostNetwork", True, "hostNetwork"),
        ("spec.hostPID", True, "hostPID"),
        ("spec.hostIPC", False, "hostIPC"),
        ("spec.serviceAccountName", "hub", "serviceAccountName"),
        ("spec.priorityClassName", "system-node-critical", "priorityClassName"),
        ("spec.ephemeralContainers", [], "ephemeralContainers"),
        ("spec.securityContext", {"fsGroup": 1000}, "fsGroup"),
        ("spec.securityContext", {"sysctls": []}, "sysctls"),
        ("spec.volumes.0", {"name": "homes", "hostPath": {"path": "/"}}, "hostPath"),
        ("spec.volumes.0", {"name": "homes", "nfs": {"server": "s", "path": "/"}}, "nfs volume homes is writable"),
        ("spec.volumes.0", {"name": "homes", "secret": {"secretName": "hub"}}, "secret"),
        ("spec.volumes.0", {"name": "homes", "projected": {}}, "projected"),
        ("spec.volumes.0", {"name": "homes"}, "not one of"),
        ("spec.volumes.0", CLAIM | {"emptyDir": {}}, "not one of"),
        (f"{MOUNT}.readOnly", None, "mounts homes writable"),
        (f"{MOUNT}.readOnly", False, "mounts homes writable"),
        (f"{MOUNT}.subPath", "u1", "subPath"),
        (f"{MOUNT}.subPathExpr", "$(A)", "subPathExpr"),
        (f"{MOUNT}.mountPropagation", "Bidirectional", "mountPropagation"),
        (SECURITY, None, "securityContext"),
        (f"{SECURITY}.privileged", True, "may gain privileges"),
        (f"{SECURITY}.allowPrivilegeEscalation", True, "may gain privileges"),
        (f"{SECURITY}.allowPrivilegeEscalation", None, "allowPrivilegeEscalation"),
        (f"{SECURITY}.capabilities", {"add": ["DAC_READ_SEARCH"]}, "drop"),
        (f"{SECURITY}.capabilities.drop", [], "length >= 1"),
        (f"{SECURITY}.capabilities.add", ["CHOWN"], "Invalid enum value"),
        (f"{SECURITY}.capabilities.add", ["SYS_ADMIN"], "Invalid enum value"),
        ("spec.containers", [], "length >= 1"),
        ("spec.containers.0.lifecycle", {}, "lifecycle"),
        ("spec.containers.0.volumeDevices", [], "volumeDevices"),
        ("spec.containers.0.envFrom", [], "envFrom"),
        ("spec.containers.0.env", [{"name": "A", "valueFrom": {}}], "valueFrom"),
        ("spec.initContainers", [{"name": "x", "image": "x"}], "securityContext"),
    ],
)
def test_what_could_do_more_is_refused_and_named(path: str, value: Any, words: str) -> None:
    with pytest.raises(MoreThanLooking, match=words):
        checked(with_value(looking_pod(), path, value))


def test_a_writable_mount_of_a_later_container_is_seen() -> None:
    other = with_value(looking_pod(), f"{MOUNT}.readOnly", None)["spec"]["containers"][0]
    with pytest.raises(MoreThanLooking, match="writable"):
        checked(with_value(looking_pod(), "spec.containers.1", other))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"kind: Pod", b'{"kind": "Pod"}', b"\xff"])
def test_what_is_no_manifest_is_refused(body: bytes) -> None:
    with pytest.raises(MoreThanLooking):
        looking_only(body)


def test_of_a_key_twice_what_was_checked_is_sent() -> None:
    body = json.dumps(looking_pod()).replace(
        '"automountServiceAccountToken": false',
        '"automountServiceAccountToken": true, "automountServiceAccountToken": false',
    )
    assert looking_only(body.encode()).count(b"automountServiceAccountToken") == 1


def places(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every object of a manifest in which a field could be added, but those whose keys are names."""
    if isinstance(value, list):
        return [found for index, one in enumerate(value) for found in places(one, (*path, str(index)))]
    if not isinstance(value, dict) or path[-1:] == ("labels",):
        return []
    return [path] + [found for key, one in value.items() for found in places(one, (*path, key))]


@given(st.sampled_from(places(looking_pod())), st.text(min_size=1), st.sampled_from([True, 0, "x", [], {}]))
def test_a_field_that_is_not_known_is_never_let_out(place: tuple[str, ...], field: str, value: Any) -> None:
    manifest = looking_pod()
    target: Any = manifest
    for step in place:
        target = target[int(step)] if isinstance(target, list) else target[step]
    target[f"x{field}"] = value
    with pytest.raises(MoreThanLooking):
        checked(manifest)
