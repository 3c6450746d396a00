"""From nothing to everything that one look at a cluster finds: `python -m bench.snapshot CONTEXT`, with KUBECONFIG."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime


async def snapshot(context: str) -> tuple[int, int]:
    """Connects, observes, closes. Gives how many user pods and PersistentVolumes were seen."""
    from providers.kubernetes.api import KubernetesApi
    from providers.kubernetes.observe import observe
    from providers.kubernetes.session import KubeconfigConnector

    api = KubernetesApi(await KubeconfigConnector().connect(context))
    try:
        seen = await observe(api, context=context, namespaces=(), now=lambda: datetime.now(UTC))
    finally:
        await api.close()
    return len(seen.user_pods.items), len(seen.persistent_volumes.items)


if __name__ == "__main__":
    print(asyncio.run(snapshot(sys.argv[1])))
