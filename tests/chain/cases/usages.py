"""How full shares are, by more than one source."""

from __future__ import annotations

import msgspec

from providers.filestores.protocol import Usage
from providers.kubernetes.usage.shares import ShareAnswer, UsageAnswers
from tests.chain.builders import NOW, cluster, declared, inventory, store
from tests.chain.cases.case import Case

GIB = 1024**3


def said(percent: float) -> UsageAnswers:
    """A kubelet's word on the hubs' share of 1000 GiB."""
    usage = Usage(
        used_bytes=int(percent * 10 * GIB), capacity_bytes=1000 * GIB, source="kubelet of node-a", observed_at=NOW
    )
    return UsageAnswers(answers={"10.2.0.2:/homes": ShareAnswer(usage=usage)}, requests=3)


def of_files(used: int) -> UsageAnswers:
    """A share with room for bytes, of which USED of 1000 inodes are taken."""
    usage = Usage(
        used_bytes=300 * GIB,
        capacity_bytes=1000 * GIB,
        source="kubelet of node-a",
        observed_at=NOW,
        inodes=1000,
        inodes_used=used,
    )
    return UsageAnswers(answers={"10.2.0.2:/homes": ShareAnswer(usage=usage)}, requests=3)


USAGE_CASES = (
    Case(
        name="no room for another file",
        state=lambda: cluster(stores=inventory(store(used=0.3)), usages=of_files(1000)),
        codes=("FST04",),
        message="share 100 % full of files (room for 0 more)",
    ),
    Case(
        name="hardly any room for files",
        state=lambda: cluster(stores=inventory(store(used=0.3)), usages=of_files(930)),
        codes=("FST05",),
        message="share 93 % full of files (room for 70 more)",
    ),
    Case(
        name="full of bytes before it is full of files",
        state=lambda: cluster(
            stores=inventory(store(used=0.3)),
            usages=UsageAnswers(
                answers={
                    key: ShareAnswer(usage=msgspec.structs.replace(answer.usage, used_bytes=980 * GIB))
                    for key, answer in of_files(950).answers.items()
                    if answer.usage is not None
                }
            ),
        ),
        codes=("FST04", "FST40"),
        message="share 98 % full (20 GiB left)",
    ),
    Case(
        name="no room for another file on a server of one's own",
        state=lambda: cluster(
            tree=declared(provider="kubeconfig"), provider="kubeconfig", stores=inventory(), usages=of_files(990)
        ),
        codes=("FST04",),
        message="share 99 % full of files (room for 10 more)",
    ),
    Case(
        name="two sources that disagree",
        state=lambda: cluster(stores=inventory(store(used=0.5)), usages=said(62)),
        codes=("FST40",),
        message="share 62 % or 50 % full: sources disagree",
    ),
    Case(
        name="the cluster's word of a filestore that is full",
        state=lambda: cluster(stores=inventory(store(used=0.96)), usages=said(99)),
        codes=("FST04",),
    ),
    Case(
        name="the share of a server of one's own is full",
        state=lambda: cluster(
            tree=declared(provider="kubeconfig"), provider="kubeconfig", stores=inventory(), usages=said(97.2)
        ),
        codes=("FST04",),
        message="share 97 % full (28 GiB left)",
    ),
    Case(
        name="the share of a server of one's own is nearly full",
        state=lambda: cluster(
            tree=declared(provider="kubeconfig"), provider="kubeconfig", stores=inventory(), usages=said(91)
        ),
        codes=("FST05",),
    ),
)
