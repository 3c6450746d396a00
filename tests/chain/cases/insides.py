"""What looks inside find: the hub directory, the mount itself, and homes."""

from __future__ import annotations

from console.chain.seen_facts import SeenFacts
from console.inventory.model import Setting
from providers.kubernetes.looks.protocol import DeepEntry, ShareSpace
from providers.kubernetes.objects import NfsSource
from tests.chain.builders import (
    SERVER,
    ago,
    cluster,
    declared,
    event,
    hub,
    job,
    log,
    observation,
    origin,
    pod,
    stuck,
    volume,
)
from tests.chain.cases.case import Case
from tests.chain.insides import GIB, Missing, entry, failed, inside, look, quota, quotas, went_on

ROOTS_DIRECTORY = look(hub=entry("prod", uid=0, gid=0))

INSIDE_CASES = (
    Case(
        name="hub directory missing",
        state=lambda: inside(look(through="export", hub=Missing(), entries=None, base=(entry("staging"),))),
        codes=("DIR03",),
        message="hub directory prod is missing",
    ),
    Case(
        name="hub directory missing, as the claim's mount says",
        state=lambda: inside(failed("mount", "the server has no such directory", symptom="missing-directory"), pods=()),
        codes=("DIR03",),
    ),
    Case(
        name="hub directory missing, at the export where the claim leads nowhere",
        state=lambda: inside(went_on(entry("prod_old"), hub=Missing(), entries=None), pods=()),
        codes=("DIR03",),
        message="hub directory prod is missing",
    ),
    Case(
        name="hub directory missing, whose mount hangs as on EFS",
        state=lambda: inside(went_on(hub=Missing(), entries=None, symptom="hanging"), pods=()),
        codes=("DIR03",),
    ),
    Case(
        name="the claim hangs, and the base path answers",
        state=lambda: inside(went_on(symptom="hanging"), pods=()),
        codes=("MNT16",),
        message="mount hangs: a look",
    ),
    Case(
        name="a file in the place of the hub directory",
        state=lambda: inside(went_on(hub=entry("prod", kind="file"), entries=None), pods=()),
        codes=("DIR03",),
        message="hub directory prod is a file",
    ),
    Case(
        name="a link in the place of the hub directory",
        state=lambda: inside(look(through="export", hub=entry("prod", kind="link", link_target=b"x"), entries=None)),
        codes=("DIR03",),
        message="hub directory prod is a link",
    ),
    Case(
        name="hub directory missing, and users who cannot start",
        state=lambda: cluster(
            observation(user_pods=(stuck("bo"),), mount_events=(event("bo", "mount.nfs: No such file or directory"),)),
            looks={"prod": SeenFacts(look=failed("mount", "no directory", symptom="missing-directory"))},
        ),
        codes=("DIR03",),
    ),
    Case(
        name="hub directory of root",
        state=lambda: inside(ROOTS_DIRECTORY),
        codes=("DIR04",),
        message="hub directory is 0:0 0755, not 1000:1000",
    ),
    Case(
        name="hub directory that nobody may enter",
        state=lambda: inside(look(hub=entry("prod", mode=0o644))),
        codes=("DIR04",),
        message="hub directory has mode 0644",
    ),
    Case(
        name="hub directory of root because its creator failed",
        state=lambda: cluster(
            observation(share_creator_jobs=(job(),), share_creator_logs=(log("chown: not permitted"),)),
            looks={"prod": SeenFacts(look=ROOTS_DIRECTORY)},
        ),
        codes=("DIR01",),
    ),
    Case(
        name="hub directory missing because of the name override",
        state=lambda: cluster(
            observation(
                persistent_volumes=(volume(nfs=NfsSource(server=SERVER, path="/homes/old")),), user_pods=()
            ),
            declared(hub(share_name_override=Setting("old", origin()), path=Setting("/homes/old", origin()))),
            looks={"prod": SeenFacts(look=look(through="export", hub=Missing(), entries=None))},
        ),
        codes=("DIR05",),
    ),
    Case(
        name="slow mount",
        state=lambda: inside(look(round_trip_s=0.35)),
        codes=("EXP05",),
        message="one question to the file server takes 350 ms",
    ),
    Case(
        name="a look that cannot mount",
        state=lambda: inside(
            failed("mount", "the server denies access", symptom="denied", words="mount.nfs: access denied"), pods=()
        ),
        codes=("MNT11",),
        message="access denied: a look",
    ),
    Case(
        name="a mount that is stale",
        state=lambda: inside(failed("mount", "the server no longer knows it", symptom="stale"), pods=()),
        codes=("MNT15",),
        message="stale file handle: a look",
    ),
    Case(
        name="a look that cannot mount, as users cannot",
        state=lambda: cluster(
            observation(user_pods=(stuck("bo"),), mount_events=(event("bo", "mount.nfs: access denied by server"),)),
            looks={"prod": SeenFacts(look=failed("mount", "the server denies access", symptom="denied"))},
        ),
        codes=("MNT11",),
        message="access denied: 1 user, for 9 min",
    ),
    Case(
        name="a helper pod that is not admitted",
        state=lambda: inside(failed("denied", "namespace prod admits no helper pod", words="violates restricted")),
        codes=("HOM20",),
        message="namespace prod admits no helper pod",
    ),
    Case(
        name="a look that did not see all",
        state=lambda: inside(look(complete=False, why="3 entries could not be read")),
        codes=("HOM20",),
    ),
    Case(
        name="a look at the directory before the hub was rebound",
        state=lambda: inside(look(entry("ana", uid=0), server=SERVER, path="/homes/old")),
        codes=("HOM20",),
        message="the look was at another directory",
    ),
    Case(
        name="share full by statfs",
        state=lambda: cluster(
            observation(
                persistent_volumes=(volume(nfs=NfsSource(server="10.9.9.9", path="/homes/prod")),),
            ),
            declared(hub(server=Setting("10.9.9.9", origin()))),
            provider="kubeconfig",
            looks={"prod": SeenFacts(look=look(space=ShareSpace(
                capacity_bytes=100 * GIB, used_bytes=99 * GIB, free_bytes=1 * GIB)))},
        ),
        codes=("FST04",),
        message="share 99 % full (1.0 GiB left)",
    ),
)  # fmt: skip

HOME_CASES = (
    Case(
        name="homes of root",
        state=lambda: inside(look(*(entry(name, uid=0, gid=0) for name in ("ana", "bo", "chi", "dee")), entry("eve"))),
        codes=("HOM01",),
        message="4 homes not owned by 1000:1000: ana, bo, chi and 1 more",
    ),
    Case(
        name="homes of somebody else",
        state=lambda: inside(look(entry("ana"), entry("bo", uid=1001, gid=1001))),
        codes=("HOM01",),
        message="1 home not owned by 1000:1000: bo",
    ),
    Case(
        name="a home closed to its user",
        state=lambda: inside(look(entry("ana"), entry("bo", mode=0o055))),
        codes=("HOM02",),
        message="1 home closed to their users: bo",
    ),
    Case(
        name="a file among the homes",
        state=lambda: inside(look(entry("ana"), entry("core.1", kind="file"))),
        codes=("HOM03",),
        message="1 file among the homes: core.1",
    ),
    Case(
        name="a link out of the tree",
        state=lambda: inside(look(entry("ana"), entry("bo", kind="link", link_target=b"/etc"))),
        codes=("HOM04",),
        message="1 link among the homes, 1 out of the tree: bo",
    ),
    Case(
        name="_shared missing",
        state=lambda: inside(look(shared=None)),
        codes=("HOM05",),
        message="_shared is missing",
    ),
    Case(
        name="_shared of root",
        state=lambda: inside(look(shared=entry("_shared", uid=0, gid=0))),
        codes=("HOM05",),
        message="_shared is owned by root",
    ),
    Case(
        name="old homes",
        state=lambda: inside(look(entry("ana"), entry("bo", modified_at=ago(days=500)))),
        codes=("HOM06",),
        message="1 home without activity for 365 days",
    ),
    Case(
        name="a server that runs without its home",
        state=lambda: inside(look(entry("ana")), pods=(pod("ana"), pod("bo"))),
        codes=("HOM07",),
        message="1 home of running servers gone: bo",
    ),
    Case(
        name="over quota",
        state=lambda: inside(look(entry("ana"), entry("bo")), quotas=quotas(quota("ana", 3), quota("bo", 10))),
        codes=("HOM08",),
        message="1 user cannot save: quota 10 GiB reached: bo",
    ),
    Case(
        name="near quota",
        state=lambda: inside(look(entry("ana"), entry("bo")), quotas=quotas(quota("ana", 3), quota("bo", 9.5))),
        codes=("HOM09",),
        message="1 user near their quota: bo",
    ),
    Case(
        name="other owners inside homes",
        state=lambda: inside(look(deeper=(DeepEntry(parent=b"ana", entry=entry("conda", uid=0, gid=0)),))),
        codes=("HOM10",),
        message="1 home with other owners inside: ana",
    ),
)
