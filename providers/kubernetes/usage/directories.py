"""The size of each directory of a hub's share, by the exporters that walk it: asked when somebody looks at the hub."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from providers.errors import ProviderError
from providers.kubernetes import resources
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.objects import Pod
from providers.kubernetes.usage.ask import ONE_ANSWER_S, check_size
from providers.kubernetes.usage.exporters import DIRECTORY_EXPORTERS, DIRSIZE_PORT, HOME_NFS_PORT, QUOTA_ENFORCER
from providers.kubernetes.usage.metrics import directory_sizes
from providers.kubernetes.usage.rights import PODS, refused
from providers.kubernetes.usage.shares import DirectorySize


async def ask_directories(
    api: KubernetesApi, namespace: str, home_nfs_pods: Sequence[Pod]
) -> tuple[DirectorySize, ...]:
    """What the exporters of the hub in NAMESPACE tell of each directory, by name, as known to each of them.

    The walker's own exporter knows entries and last use, the home-nfs server the limits: what both tell is the
    walker's. Raises ProviderError: forbidden without the right get pods/proxy; internal where no exporter is there, or
    none answers.
    """
    why = await refused(api, PODS, namespace)
    if why:
        raise ProviderError("forbidden", why, next_step=f"kubectl auth can-i get {PODS} -n {namespace}")
    pods = (await api.list(resources.PODS, namespace=namespace, labels=DIRECTORY_EXPORTERS)).items or ()
    asked = [(pod, DIRSIZE_PORT) for pod in pods if pod.status.phase == "Running"]
    asked += [(pod, HOME_NFS_PORT) for pod in home_nfs_pods if _tells(pod, namespace)]
    if not asked:
        words = f"no exporter of directory sizes runs in {namespace}"
        raise ProviderError("internal", words, next_step="nfs.dirsizeReporter.enabled in the hub's values")
    answers = await asyncio.gather(*(_page(api, pod, port) for pod, port in asked), return_exceptions=True)
    pages = [answer for answer in answers if not isinstance(answer, BaseException)]
    for answer in answers:
        if isinstance(answer, BaseException) and (not pages or not isinstance(answer, ProviderError)):
            raise answer
    return _together(pages)


def _tells(pod: Pod, namespace: str) -> bool:
    containers = {container.name for container in pod.spec.containers}
    return pod.metadata.namespace == namespace and pod.status.phase == "Running" and QUOTA_ENFORCER in containers


async def _page(api: KubernetesApi, pod: Pod, port: int) -> tuple[DirectorySize, ...]:
    namespace, name = pod.metadata.namespace, pod.metadata.name
    source = f"exporter {namespace}/{name}:{port}"
    body = await api.pod_metrics(namespace, name, port, timeout_s=ONE_ANSWER_S)
    check_size(body, source)
    return await asyncio.to_thread(directory_sizes, body, source=source)


def _together(pages: Sequence[tuple[DirectorySize, ...]]) -> tuple[DirectorySize, ...]:
    """One entry a directory: of each field the first that is known."""
    known: dict[str, dict[str, object]] = {}
    for page in pages:
        for each in page:
            fields = known.setdefault(each.directory, {})
            for name in each.__struct_fields__[1:]:
                if fields.get(name) is None:
                    fields[name] = getattr(each, name)
    return tuple(DirectorySize(directory=name, **known[name]) for name in sorted(known))  # type: ignore[arg-type]  # its own fields
