"""Where a hub's directory is below what its server exports, and what of volumes and claims counts as the same."""

from __future__ import annotations

from typing import Any

import pytest

from console.actions.storage.hub_storage import again, claim_fits, same_options, split, volume_fits

SERVICES = {("home-nfs", "prod"): "10.0.0.7"}


@pytest.mark.parametrize(
    ("path", "base_share", "found"),
    [
        ("/homes/prod", "/homes/", ("/homes", "prod")),
        ("/homes/prod", "/homes", ("/homes", "prod")),
        ("/homesprod", "/homes", ("/", "homesprod")),
        ("/prod", "/", ("/", "prod")),
        ("/team/prod", "/", ("/", "team/prod")),
        ("/export/prod", "", ("/export", "prod")),
        ("/prod/", "", ("/", "prod")),
        ("/homes/", "/homes/", ("/homes", "")),
    ],
)
def test_the_base_is_what_can_be_mounted(path: str, base_share: str, found: tuple[str, str]) -> None:
    assert split(path, base_share) == found


def volume(**spec: Any) -> dict[str, Any]:
    usual = {"accessModes": ["ReadWriteMany"], "nfs": {"server": "10.0.0.7", "path": "/homes/prod"}}
    return {"metadata": {"name": "prod-home-nfs"}, "spec": usual | spec}


@pytest.mark.parametrize(
    ("spec", "fits"),
    [
        ({}, True),
        ({"storageClassName": ""}, True),
        ({"nfs": {"server": "home-nfs.prod.svc.cluster.local", "path": "/homes//prod/"}}, True),
        ({"mountOptions": ["hard"], "persistentVolumeReclaimPolicy": "Delete"}, True),
        ({"nfs": {"server": "10.0.0.7", "path": "/homes/other"}}, False),
        ({"nfs": {"server": "10.0.0.8", "path": "/homes/prod"}}, False),
        ({"storageClassName": "premium"}, False),
        ({"accessModes": ["ReadWriteOnce"]}, False),
        ({"nfs": None, "hostPath": {"path": "/homes/prod"}}, False),
    ],
)
def test_a_volume_fits_by_what_can_not_be_changed(spec: dict[str, Any], fits: bool) -> None:
    assert volume_fits(volume(**spec), volume(), SERVICES) is fits


def claim(phase: str = "Bound", **spec: Any) -> dict[str, Any]:
    requests = {"requests": {"storage": "1Mi"}}
    usual = {
        "accessModes": ["ReadWriteMany"],
        "volumeName": "prod-home-nfs",
        "storageClassName": "",
        "resources": requests,
    }
    return {"metadata": {"name": "home-nfs", "namespace": "prod"}, "spec": usual | spec, "status": {"phase": phase}}


@pytest.mark.parametrize(
    ("found", "fits"),
    [
        (claim(), True),
        (claim("Pending"), True),
        (claim("Lost"), False),
        (claim(volumeName="other"), False),
        (claim("Pending", resources={"requests": {"storage": "10Gi"}}), False),
        (claim(resources={"requests": {"storage": "10Gi"}}), True),
        (claim() | {"metadata": {"name": "home-nfs", "deletionTimestamp": "2026-03-09T14:02:31Z"}}, False),
    ],
)
def test_a_claim_fits_where_it_can_be_used(found: dict[str, Any], fits: bool) -> None:
    assert claim_fits(found, claim()) is fits


def test_options_are_the_same_whatever_their_order() -> None:
    assert same_options(
        volume(mountOptions=["noatime", "nfsvers=4.1"]), volume(mountOptions=["hard", "vers=4.1,noatime"])
    )
    assert not same_options(volume(mountOptions=["soft"]), volume())


def test_what_is_made_again_is_what_somebody_asked_for() -> None:
    written = {
        "metadata": {
            "name": "prod-home-nfs", "uid": "u", "resourceVersion": "7", "creationTimestamp": "t", "managedFields": [],
            "finalizers": ["kubernetes.io/pv-protection"], "labels": {"team": "earth"},
            "annotations": {"pv.kubernetes.io/bound-by-controller": "yes", "meta.helm.sh/release-name": "prod"},
        },
        "spec": {"nfs": {}, "claimRef": {"namespace": "prod", "name": "home-nfs", "uid": "c", "resourceVersion": "6"}},
        "status": {"phase": "Released"},
    }  # fmt: skip
    assert again(written) == {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {
            "name": "prod-home-nfs", "labels": {"team": "earth"}, "annotations": {"meta.helm.sh/release-name": "prod"},
        },
        "spec": {"nfs": {}, "claimRef": {"namespace": "prod", "name": "home-nfs"}},
    }  # fmt: skip
