"""Volume and claim that Helm would refuse: told where the hub is a release of Helm's, and only of what is nobody's."""

from __future__ import annotations

from typing import Any

import pytest

from console.inventory.model import Setting
from providers.kubernetes.objects import Annotations, Labels
from tests.chain.builders import (
    changed,
    claim,
    cluster,
    codes,
    declared,
    deployment,
    finding,
    hub,
    observation,
    only,
    volume,
)


def marked(made: Any, *, by: str | None, release: str | None, namespace: str | None) -> Any:
    """MADE with these marks and no others."""
    annotations = Annotations(release_name=release, release_namespace=namespace)
    return changed(made, metadata=changed(made.metadata, labels=Labels(managed_by=by), annotations=annotations))


@pytest.mark.parametrize(
    ("by", "release", "namespace", "told"),
    [
        ("Helm", "prod", "prod", False),
        (None, None, None, True),
        ("Helm", None, None, True),
        (None, "prod", "prod", True),
        ("Helm", "other", "other", False),
        ("Helm", "prod", "other", False),
        ("argocd", None, None, False),
    ],
)
def test_what_lacks_a_mark_is_told_and_what_is_anothers_is_left(
    by: str | None, release: str | None, namespace: str | None, told: bool
) -> None:
    own = marked(volume(), by=by, release=release, namespace=namespace)
    found = only(cluster(observation(persistent_volumes=(own,))))
    assert codes(found) == (["PV10"] if told else [])


def unmarked(**more: Any) -> Any:
    return observation(
        persistent_volumes=(volume(marked=False),), persistent_volume_claims=(claim(marked=False),), **more
    )


def test_a_hub_that_is_no_release_of_helms_has_no_marks_to_lack() -> None:
    by_hand = changed(deployment(), metadata=changed(deployment().metadata, annotations=Annotations()))
    assert codes(only(cluster(unmarked(hub_deployments=(by_hand,))))) == []
    other = marked(deployment(), by=None, release="another", namespace="prod")
    assert codes(only(cluster(unmarked(hub_deployments=(other,))))) == []


def test_nothing_is_told_of_a_hub_that_is_not_declared_or_not_deployed() -> None:
    assert "PV10" not in codes(only(cluster(unmarked(), undeclared=True)))
    assert "PV10" not in codes(only(cluster(unmarked(hub_deployments=()))))
    assert "PV10" not in codes(only(cluster(unmarked(), declared(hub(in_cluster_nfs=Setting(True))))))


def test_the_action_marks_them_or_makes_them_anew_where_something_else_asks_for_that() -> None:
    assert finding(only(cluster(unmarked())), "PV10").action == "create-share"
    deletes = observation(persistent_volumes=(volume(marked=False, persistent_volume_reclaim_policy="Delete"),))
    assert finding(only(cluster(deletes)), "PV10").action == "rebind"
