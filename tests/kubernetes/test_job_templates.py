"""A Job as it was made, from a Job as the API server gives it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.kubernetes.job_templates import template_of

TRACKING = ("controller-uid", "batch.kubernetes.io/controller-uid", "job-name", "batch.kubernetes.io/job-name")
labels = st.dictionaries(st.sampled_from([*TRACKING, "app", "release", "helm.sh/chart"]), st.text(max_size=5))


@given(own=labels, pods=labels, limit=st.integers(0, 9))
def test_what_servers_and_controllers_wrote_is_left_out_and_all_else_stays(
    own: dict[str, str], pods: dict[str, str], limit: int
) -> None:
    containers = [{"name": "dummy", "image": "busybox", "command": ["sh", "-c", "mkdir"]}]
    job: dict[str, Any] = {
        "metadata": {"name": "nfs-share-creator", "namespace": "prod", "uid": "u1", "resourceVersion": "7",
                     "labels": own, "managedFields": [{}]},
        "spec": {
            "backoffLimit": limit, "selector": {"matchLabels": {"controller-uid": "u1"}}, "suspend": False,
            "template": {"metadata": {"labels": pods, "creationTimestamp": None}, "spec": {"containers": containers}},
        },
        "status": {"failed": 7},
    }  # fmt: skip
    found = template_of(job)
    template = found.manifest["spec"]["template"]
    assert found.uid == "u1"
    assert set(found.manifest) == {"apiVersion", "kind", "metadata", "spec"}
    assert found.manifest["metadata"] == {"labels": {k: v for k, v in own.items() if k not in TRACKING}}
    assert found.manifest["spec"].keys() == {"backoffLimit", "template"}
    assert found.manifest["spec"]["backoffLimit"] == limit
    assert template["metadata"]["labels"] == {k: v for k, v in pods.items() if k not in TRACKING}
    assert template["spec"]["containers"] == containers


@pytest.mark.parametrize("job", [{}, {"metadata": {}}, {"metadata": {}, "spec": {}}, {"metadata": {}, "spec": 1}])
def test_what_is_no_job(job: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        template_of(job)
