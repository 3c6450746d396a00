"""Sessions: a kubeconfig context becomes a transport over HTTPS, behind a guard.

aiohttp is used directly, with credentials of our own reading, and not the kubernetes package's configuration loader:
importing that loader takes half a second of the interpreter (it brings the whole synchronous client along), more than
listing a cluster does; it goes on without a token when a credential plugin fails; and it leaves keys in temporary
files. The tests hold our reading against that loader's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from providers.kubernetes.contexts import access, read_kubeconfig
from providers.kubernetes.credentials import Credentials, utc_now
from providers.kubernetes.guard import Guard
from providers.kubernetes.http_transport import HttpTransport
from providers.kubernetes.permission import Permission
from providers.kubernetes.protocol import KubeContext, Transport


class KubeconfigConnector:
    """The contexts of kubeconfig files. `files` are separated as PATH is; None: KUBECONFIG, else ~/.kube/config."""

    def __init__(
        self,
        files: str | None = None,
        *,
        connect_timeout_s: float = 5.0,
        plugin_timeout_s: float = 20.0,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._files = files
        self._connect_timeout_s = connect_timeout_s
        self._plugin_timeout_s = plugin_timeout_s
        self._now = now

    def contexts(self) -> tuple[KubeContext, ...]:
        """The contexts on offer, in the order of the files. Raises ProviderError no_context for a broken file."""
        return read_kubeconfig(self._files).contexts

    async def connect(
        self, context: str, *, kubeconfig: Path | None = None, permission: Permission | None = None
    ) -> Transport:
        """A transport within PERMISSION; None: only reading. Runs the credential plugin, sends nothing.

        CONTEXT "" is the current one. KUBECONFIG is read instead of the connector's own files. Raises ProviderError.
        """
        merged = await asyncio.to_thread(read_kubeconfig, str(kubeconfig) if kubeconfig else self._files)
        found = access(merged, context)
        credentials = Credentials(found, plugin_timeout_s=self._plugin_timeout_s, now=self._now)
        transport = HttpTransport(found, credentials, connect_timeout_s=self._connect_timeout_s)
        await transport.prepare()
        return Guard(transport, permission)
