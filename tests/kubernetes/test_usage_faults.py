"""A kubelet in trouble, on the wire: the share says why in words and in time, and the next one is told of."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.objects import ClaimSource, Labels, Metadata, Pod, PodSpec, PodStatus, Volume
from providers.kubernetes.observation import ClusterObservation, Listing
from providers.kubernetes.usage.ask import ask_usage
from providers.kubernetes.usage.shares import Claim, Share, UsageAnswers
from providers.simulated.proxied import ClaimFigures, statistics
from tests.kubernetes.sessions import session
from tests.kubernetes.wire import Answering, Asked, Reply, kubeconfig, mute, serving

NOW = datetime(2026, 3, 5, 14, tzinfo=UTC)
TROUBLED, WELL = "node-a", "node-b"
ALLOWED = json.dumps({"kind": "SelfSubjectAccessReview", "status": {"allowed": True}}).encode()


def server_of(namespace: str, node: str) -> Pod:
    return Pod(
        metadata=Metadata(name="jupyter-ana", namespace=namespace, labels=Labels()),
        spec=PodSpec(
            node_name=node,
            volumes=(Volume(name="home", persistent_volume_claim=ClaimSource(claim_name="home-nfs")),),
        ),
        status=PodStatus(phase="Running"),
    )


def share(namespace: str) -> Share:
    return Share(key=namespace, claims=(Claim(namespace=namespace, name="home-nfs"),))


def troubled(answering: Answering) -> Answering:
    """An API server behind which the kubelet of TROUBLED does as ANSWERING says, and that of WELL answers."""

    async def answer(asked: Asked) -> Reply:
        if asked.method == "POST":
            return Reply(status=201, body=ALLOWED)
        if TROUBLED in asked.target:
            return await answering(asked)
        if WELL in asked.target:
            figures = ClaimFigures(namespace="other", claim="home-nfs", used_bytes=3, capacity_bytes=4)
            return Reply(body=json.dumps(statistics(WELL, [figures], NOW)).encode())
        return Reply()

    return answer


async def asked(folder: Path, answering: Answering, *, deadline_s: float = 5) -> UsageAnswers:
    pods = (server_of("prod", TROUBLED), server_of("other", WELL))
    seen = ClusterObservation(context="c", observed_at=NOW, user_pods=Listing(items=pods))
    async with serving(troubled(answering)) as wire:
        transport = await session(kubeconfig(folder / "config", wire.url))
        try:
            api = KubernetesApi(transport, timeout_s=5)
            return await ask_usage(api, [share("prod"), share("other")], seen, now=lambda: NOW, deadline_s=deadline_s)
        finally:
            await transport.close()


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(status=401), "credentials"),
        (Reply(status=403), "forbidden"),
        (Reply(status=404), "the kubelet of node-a does not answer (status 404)"),
        (Reply(status=429), "slow down"),
        (Reply(status=429, headers={"Retry-After": "17"}), "slow down"),
        (Reply(status=500), "the kubelet of node-a does not answer (status 500)"),
        (Reply(status=503), "the kubelet of node-a does not answer (status 503)"),
        (Reply(body=b"<html>log in</html>"), "the kubelet of node-a does not answer with statistics"),
        (Reply(body=b'{"pods": 7}'), "the kubelet of node-a does not answer with statistics"),
        (Reply(body=b'{"pods": []}', cut=4), "ended in the middle of the answer"),
        (Reply(reset=True), "closed"),
    ],
    ids=lambda value: f"{value.status} {value.body[:9]!r}" if isinstance(value, Reply) else "",
)
async def test_a_fault_is_words_on_the_share_alone(tmp_path: Path, reply: Reply, words: str) -> None:
    async def answer(_: Asked) -> Reply:
        return reply

    told = await asked(tmp_path, answer)
    assert told.answers["prod"].usage is None
    assert words in told.answers["prod"].why
    assert told.answers["other"].usage is not None


async def test_silence_ends_at_the_deadline_and_keeps_what_was_told(tmp_path: Path) -> None:
    began = time.monotonic()
    told = await asked(tmp_path, mute, deadline_s=1)
    assert time.monotonic() - began < 15
    assert told.answers["prod"].why == "no answer within 1 s"
