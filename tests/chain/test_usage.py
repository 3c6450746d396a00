"""How full shares are: which are asked of, whose word counts, and how long a share lasts."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.chain.index import ObservedCluster
from console.chain.inodes import fuller_of_files
from console.chain.usage import FORESEEN_DAYS, Sample, days_left, disagreement, hub_shares, samples_of, shares_to_ask
from providers.filestores.protocol import Usage
from providers.kubernetes.objects import NfsSource
from providers.kubernetes.usage.shares import Claim, Share, ShareAnswer, UsageAnswers
from tests.chain.builders import NOW, ago, claim, cluster, declared, hub, inventory, observation, only, store, volume

GIB = 1024**3


def usage(
    used_gib: float, capacity_gib: float | None = 1000, *, at: datetime = NOW, source: str = "kubelet of a"
) -> Usage:
    capacity = None if capacity_gib is None else int(capacity_gib * GIB)
    return Usage(used_bytes=int(used_gib * GIB), capacity_bytes=capacity, source=source, observed_at=at)


def sample(used_gib: float, *, hours: float, source: str = "kubelet of b") -> Sample:
    return Sample(ago(hours=hours), int(used_gib * GIB), 1000 * GIB, source)


def said(one: Usage, key: str = "10.2.0.2:/homes") -> UsageAnswers:
    return UsageAnswers(answers={key: ShareAnswer(usage=one)}, requests=3)


def two_hubs(second: str) -> ObservedCluster:
    """prod, and staging whose volume is SERVER:PATH."""
    server, _, path = second.partition(":")
    return ObservedCluster.of(
        observation(
            persistent_volumes=(volume(), volume("staging", nfs=NfsSource(server=server, path=path))),
            persistent_volume_claims=(claim(), claim("staging")),
        )
    )


TWO = declared(hub(), hub("staging"))


def test_hubs_on_one_export_are_one_share():
    assert shares_to_ask(hub_shares(TWO, two_hubs("10.2.0.2:/homes/staging"))) == (
        Share(
            key="10.2.0.2:/homes",
            claims=(Claim(namespace="prod", name="home-nfs"), Claim(namespace="staging", name="home-nfs")),
        ),
    )


@pytest.mark.parametrize("elsewhere", ["10.2.0.2:/other/staging", "10.2.0.3:/homes/staging"])
def test_another_export_or_server_is_another_share(elsewhere: str):
    assert len(shares_to_ask(hub_shares(TWO, two_hubs(elsewhere)))) == 2


def test_a_file_system_of_efs_is_not_asked_of():
    places = hub_shares(TWO, two_hubs("fs-0a1b2c3d.efs.us-west-2.amazonaws.com:/staging"))
    assert [share.key for share in shares_to_ask(places)] == ["10.2.0.2:/homes"]
    assert "only the cloud's figure" in places[1].why


def test_a_hub_without_a_claim_has_no_share():
    seen = ObservedCluster.of(observation(persistent_volume_claims=()))
    assert hub_shares(declared(), seen) == ()


def test_the_freshest_figure_is_the_one_to_go_by():
    cloud = store(used=0.5)
    assert cloud.usage is not None
    later = usage(520, at=cloud.usage.observed_at + timedelta(minutes=1))
    state = cluster(stores=inventory(cloud), usages=said(later))
    assert state.usages[cloud.id].usages == (later, cloud.usage)
    assert state.filestores[0].usage == later


def test_an_older_word_of_the_cluster_does_not_replace_the_clouds():
    cloud = store(used=0.5)
    assert cloud.usage is not None
    state = cluster(stores=inventory(cloud), usages=said(usage(520, at=ago(hours=5))))
    assert state.filestores[0].usage == cloud.usage


def test_a_size_is_worth_more_than_freshness():
    cloud = store(used=0.5)
    state = cluster(stores=inventory(cloud), usages=said(usage(3, None, at=NOW)))
    assert state.filestores[0].usage == cloud.usage


def test_where_no_filestore_is_known_the_share_stands_with_the_hub():
    tree = declared(provider="kubeconfig")
    state = cluster(tree=tree, provider="kubeconfig", stores=inventory(), usages=said(usage(400)))
    share = only(state).share_usage
    assert share is not None
    assert share.chosen == usage(400)
    assert only(state).link("filestore").live == ("1000 GiB, 40 % used", "says kubelet of a")
    assert dict(samples_of(state)) == {"10.2.0.2:/homes": Sample(NOW, 400 * GIB, 1000 * GIB, "kubelet of a")}


def test_why_nothing_is_known_stands_with_the_share():
    why = "the kubelets' figures: the right get nodes/proxy is missing"
    answers = UsageAnswers(answers={"10.2.0.2:/homes": ShareAnswer(why=why)})
    state = cluster(stores=inventory(msgspec.structs.replace(store(), usage=None)), usages=answers)
    (known,) = state.usages.values()
    assert (known.chosen, known.why) == (None, why)
    assert not [finding for finding in state.findings if "nodes/proxy" in finding.message]


def test_requests_are_counted_together():
    assert cluster(usages=said(usage(1))).requests - cluster().requests == 3


def test_days_left_by_what_was_filled_since():
    assert days_left(usage(900), [sample(850, hours=24)], NOW) == pytest.approx(2.0)


def test_days_are_counted_from_now_not_from_the_figure():
    late = usage(900, at=ago(hours=12))
    assert days_left(late, [sample(850, hours=36)], NOW) == pytest.approx(1.5)


@pytest.mark.parametrize(
    "samples",
    [
        [],
        [sample(850, hours=0.5)],
        [sample(850, hours=24 * 8)],
        [sample(900, hours=24)],
        [sample(950, hours=24)],
        [sample(850, hours=24, source="Cloud Monitoring")],
        [sample(899.5, hours=24)],
    ],
    ids=["none", "too fresh", "too old", "flat", "shrinking", "another source", "too far ahead"],
)
def test_nothing_is_foreseen(samples: list[Sample]):
    assert days_left(usage(900), samples, NOW) is None


def test_nothing_is_foreseen_without_a_size():
    assert days_left(usage(900, None), [sample(850, hours=24)], NOW) is None


def test_the_pace_is_that_since_it_was_last_emptied():
    samples = [sample(990, hours=48), sample(800, hours=24), sample(850, hours=12)]
    assert days_left(usage(900), samples, NOW) == pytest.approx(1.0)


samples_strategy = st.lists(
    st.builds(
        lambda used, hours, source: sample(used, hours=hours, source=source),
        st.floats(0, 1000),
        st.floats(0, 300),
        st.sampled_from(["kubelet of a", "kubelet of b", "node exporter of x/y"]),
    )
)


@given(samples_strategy, st.floats(0, 1000))
def test_what_is_foreseen_is_never_absurd(samples: list[Sample], used: float):
    left = days_left(usage(used), samples, NOW)
    assert left is None or 0 <= left <= FORESEEN_DAYS


@given(samples_strategy, st.floats(0, 1000), st.randoms(use_true_random=False))
def test_the_order_of_samples_does_not_matter(samples: list[Sample], used: float, chance: object):
    shuffled = list(samples)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert days_left(usage(used), samples, NOW) == days_left(usage(used), shuffled, NOW)


def test_five_points_apart_is_no_disagreement_yet():
    assert disagreement([usage(500), usage(549, source="x")]) is None
    assert disagreement([usage(500), usage(551, source="x")]) == (usage(500), usage(551, source="x"))


def test_figures_of_other_times_do_not_disagree():
    assert disagreement([usage(500), usage(900, at=ago(hours=2), source="x")]) is None


def test_a_figure_without_a_size_does_not_disagree():
    assert disagreement([usage(500), usage(900, None, source="x")]) is None


def with_inodes(taken: int, inodes: int | None = 1000) -> Usage:
    return msgspec.structs.replace(usage(50), inodes=inodes, inodes_used=taken)


def test_inodes_are_told_where_they_run_out_before_bytes():
    assert not fuller_of_files(with_inodes(899), 30.0, from_percent=90)
    assert fuller_of_files(with_inodes(900), 30.0, from_percent=90)
    assert fuller_of_files(with_inodes(900), None, from_percent=90)
    assert not fuller_of_files(with_inodes(950), 95.0, from_percent=90)


@pytest.mark.parametrize("told", [usage(50), with_inodes(7, None), with_inodes(0, 0)])
def test_inodes_that_are_not_told_are_no_trouble(told: Usage):
    assert not fuller_of_files(told, 30.0, from_percent=90)
