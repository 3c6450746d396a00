"""Hub directories: their creator, their name, two hubs on one."""

from __future__ import annotations

from console.inventory.model import Setting
from providers.kubernetes.objects import NfsSource
from tests.chain.builders import (
    SERVER,
    claim,
    cluster,
    declared,
    deployment,
    event,
    hub,
    job,
    log,
    observation,
    origin,
    stuck,
    values,
    volume,
)
from tests.chain.cases.case import Case

DIRECTORY_CASES = (
    Case(
        name="share creator failed",
        state=lambda: cluster(
            observation(share_creator_jobs=(job(),), share_creator_logs=(log("mkdir: ok", "chown: not permitted"),))
        ),
        codes=("DIR01",),
        message="share creator failed: chown: not permitted",
    ),
    Case(
        name="share creator failed at the first deploy",
        state=lambda: cluster(
            observation(
                share_creator_jobs=(job(),), hub_deployments=(), persistent_volumes=(), persistent_volume_claims=(),
                hub_values=(), user_pods=(),
            )
        ),
        codes=("DIR01",),
    ),
    Case(
        name="share creator still there",
        state=lambda: cluster(observation(share_creator_jobs=(job(failed=False, minutes=8),))),
        codes=("DIR02",),
        message="share creator runs for 8 min",
    ),
    Case(
        name="name override",
        state=lambda: cluster(
            observation(persistent_volumes=(volume(nfs=NfsSource(server=SERVER, path="/homes/old")),)),
            declared(hub(share_name_override=Setting("old", origin()), path=Setting("/homes/old", origin()))),
        ),
        codes=("DIR05",),
    ),
    Case(
        name="name override, and no such directory",
        state=lambda: cluster(
            observation(
                persistent_volumes=(volume(nfs=NfsSource(server=SERVER, path="/homes/old")),),
                user_pods=(stuck("bo"),),
                mount_events=(event("bo", "mount.nfs: No such file or directory"),),
            ),
            declared(hub(share_name_override=Setting("old", origin()), path=Setting("/homes/old", origin()))),
        ),
        codes=("DIR05",),
    ),
    Case(
        name="two hubs on one directory",
        state=lambda: cluster(
            observation(
                persistent_volumes=(volume(), volume("staging", nfs=NfsSource(server=SERVER, path="/homes//prod/"))),
                persistent_volume_claims=(claim(), claim("staging")),
                hub_deployments=(deployment(), deployment("staging")),
                hub_values=(values(), values("staging")),
            ),
            declared(hub(), hub("staging", path=Setting("/homes/prod", origin()))),
        ),
        codes=("DIR06",),
        message="shares its directory with staging",
    ),
)  # fmt: skip
