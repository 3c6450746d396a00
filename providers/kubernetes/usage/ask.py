"""Asks how full shares are: one question each at most, beside one access review for each way of asking.

A kubelet answers for all shares that its node's pods mount, so few are asked; an exporter answers for what no kubelet
told of. Nothing is asked through a proxy before a review allows it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from providers.errors import ProviderError
from providers.filestores.protocol import Usage
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.objects import Pod
from providers.kubernetes.observation import ClusterObservation
from providers.kubernetes.status_errors import StatusError
from providers.kubernetes.usage.exporters import Exporter, exporters_of, list_exporters
from providers.kubernetes.usage.kubelet import claim_usages
from providers.kubernetes.usage.rights import Rights, ask_rights, ask_rights_in
from providers.kubernetes.usage.shares import Claim, Share, ShareAnswer, UsageAnswers

_AT_ONCE = 4
ONE_ANSWER_S = 5.0
MAX_BYTES = 32 * 1024 * 1024
"""A kubelet with 250 pods says about 2 MB, an exporter of 10,000 homes about 5 MB."""


async def ask_usage(
    api: KubernetesApi,
    shares: Sequence[Share],
    observation: ClusterObservation,
    *,
    now: Callable[[], datetime],
    deadline_s: float,
) -> UsageAnswers:
    """An answer for every share, or why there is none, within DEADLINE_S. Never raises ProviderError."""
    before = api.requests
    question = _Question(api, observation, now)
    try:
        async with asyncio.timeout(deadline_s):
            await question.ask(shares)
    except TimeoutError:
        question.why_all(shares, f"no answer within {deadline_s:g} s")
    except ProviderError as error:
        question.why_all(shares, error.message)
    answers = {share.key: question.answers[share.key] for share in shares}
    return UsageAnswers(answers=answers, requests=api.requests - before)


class _Question:
    """One round of questions over a cluster; `answers` fills up while it goes on."""

    def __init__(self, api: KubernetesApi, observation: ClusterObservation, now: Callable[[], datetime]) -> None:
        self._api = api
        self._observation = observation
        self._now = now
        self._few = asyncio.Semaphore(_AT_ONCE)
        self.answers: dict[str, ShareAnswer] = {}

    def why_all(self, shares: Iterable[Share], why: str) -> None:
        """WHY for those that have no answer yet; what was learnt before stays."""
        for share in shares:
            self.answers.setdefault(share.key, ShareAnswer(why=why))

    async def ask(self, shares: Sequence[Share]) -> None:
        if not shares:
            return
        rights = await ask_rights(self._api)
        whys: dict[str, list[str]] = {share.key: [] for share in shares}
        await self._kubelets(shares, rights, whys)
        await self._exporters([share for share in shares if share.key not in self.answers], rights, whys)
        for share in shares:
            self.answers.setdefault(share.key, ShareAnswer(why="; ".join(dict.fromkeys(whys[share.key]))))

    async def _kubelets(self, shares: Sequence[Share], rights: Rights, whys: Mapping[str, list[str]]) -> None:
        if rights.nodes:
            for share in shares:
                whys[share.key].append(f"the kubelets' figures: {rights.nodes}")
            return
        mounting = _nodes_by_share(shares, self._observation.user_pods.items)
        asked = _few_nodes(mounting)
        told = dict(zip(asked, await asyncio.gather(*(self._kubelet(node) for node in asked)), strict=True))
        for share in shares:
            node = next((node for node in asked if node in mounting[share.key]), None)
            if node is None:
                whys[share.key].append("no running server mounts it")
                continue
            answer = told[node]
            if isinstance(answer, str):
                whys[share.key].append(answer)
                continue
            usages = [answer[claim] for claim in share.claims if claim in answer]
            if usages:
                self.answers[share.key] = ShareAnswer(usage=max(usages, key=lambda usage: usage.observed_at))
            else:
                whys[share.key].append(f"the kubelet of {node} does not tell of it yet")

    async def _kubelet(self, node: str) -> Mapping[Claim, Usage] | str:
        """What the kubelet of NODE says by claim, or why it says nothing."""
        try:
            async with self._few:
                body = await self._api.node_statistics(node, timeout_s=ONE_ANSWER_S)
            check_size(body, f"the kubelet of {node}")
            return await asyncio.to_thread(claim_usages, body, node=node, now=self._now())
        except ProviderError as error:
            return _words(error, f"the kubelet of {node}")

    async def _exporters(self, shares: Sequence[Share], rights: Rights, whys: Mapping[str, list[str]]) -> None:
        """Where the right is missing in the whole cluster, it may be given in the namespaces where exporters are."""
        if not shares:
            return
        namespaces = sorted({claim.namespace for share in shares for claim in share.claims})
        pods = await list_exporters(self._api, namespaces, partial=self._observation.user_pods.partial)
        pods = (*pods, *self._observation.home_nfs_pods.items)
        found = {share.key: tuple(exporters_of(share, pods)) for share in shares}
        if rights.pods:
            there = {exporter.namespace for exporters in found.values() for exporter in exporters}
            rights = await ask_rights_in(self._api, rights, there)
        await asyncio.gather(*(self._exporter(share, found[share.key], rights, whys[share.key]) for share in shares))

    async def _exporter(self, share: Share, found: Sequence[Exporter], rights: Rights, whys: list[str]) -> None:
        exporter = next((each for each in found if not rights.pods_refused(each.namespace)), None)
        if exporter is None:
            refused = rights.pods_refused(found[0].namespace) if found else rights.pods
            whys.append(f"exporters: {refused}" if refused else "no exporter mounts it")
            return
        try:
            async with self._few:
                body = await self._metrics(exporter)
            usage = await asyncio.to_thread(exporter.read, body, source=exporter.source, now=self._now())
            self.answers[share.key] = ShareAnswer(usage=usage)
        except ProviderError as error:
            whys.append(_words(error, exporter.source))

    async def _metrics(self, exporter: Exporter) -> bytes:
        body = await self._api.pod_metrics(exporter.namespace, exporter.pod, exporter.port, timeout_s=ONE_ANSWER_S)
        check_size(body, exporter.source)
        return body


def _words(error: ProviderError, who: str) -> str:
    """Why WHO did not tell. What the API server says when its proxy reaches nobody is not about the server itself."""
    if isinstance(error, StatusError) and (error.status == 404 or error.status >= 500):
        return f"{who} does not answer (status {error.status})"
    return error.message


def check_size(body: bytes, who: str) -> None:
    if len(body) > MAX_BYTES:
        raise ProviderError("internal", f"{who} answers with more than {MAX_BYTES >> 20} MiB")


def _nodes_by_share(shares: Sequence[Share], pods: Iterable[Pod]) -> Mapping[str, frozenset[str]]:
    """The nodes on which a running pod mounts each share."""
    by_claim: dict[Claim, set[str]] = {}
    for pod in pods:
        if pod.status.phase != "Running" or not pod.spec.node_name or pod.metadata.deletion_timestamp is not None:
            continue
        for volume in pod.spec.volumes:
            if volume.persistent_volume_claim is not None:
                claim = Claim(namespace=pod.metadata.namespace, name=volume.persistent_volume_claim.claim_name)
                by_claim.setdefault(claim, set()).add(pod.spec.node_name)
    return {
        share.key: frozenset(node for claim in share.claims for node in by_claim.get(claim, ())) for share in shares
    }


def _few_nodes(mounting: Mapping[str, frozenset[str]]) -> list[str]:
    """Few nodes that cover every share which some node mounts: the one that covers most first."""
    open_shares = {key: nodes for key, nodes in mounting.items() if nodes}
    chosen: list[str] = []
    while open_shares:
        counts: dict[str, int] = {}
        for nodes in open_shares.values():
            for node in nodes:
                counts[node] = counts.get(node, 0) + 1
        best = min(counts, key=lambda node: (-counts[node], node))
        chosen.append(best)
        open_shares = {key: nodes for key, nodes in open_shares.items() if best not in nodes}
    return chosen
