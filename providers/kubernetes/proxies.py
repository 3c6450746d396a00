"""Which proxy a cluster is reached through: kubeconfig's proxy-url, else the environment as kubectl reads it."""

from __future__ import annotations

from urllib.parse import urlsplit

from providers.errors import ProviderError
from providers.kubernetes.contexts import Access
from providers.kubernetes.redact import redacted


def proxy_for(access: Access) -> str | None:
    """An http or https proxy, or None. Raises ProviderError no_context for a kind that is not spoken."""
    proxy = access.cluster.text("proxy-url") or _from_environment(access.server)
    if proxy and not proxy.startswith(("http://", "https://")):
        raise ProviderError(
            "no_context",
            f"context {access.context}: proxy {redacted(proxy)} is neither http nor https",
            next_step="use an http proxy, or a tunnel (ssh -L) with tls-server-name",
        )
    return proxy


def _from_environment(server: str) -> str | None:
    from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]

    address = urlsplit(server)
    host = address.hostname or ""
    if host == "localhost" or host == "::1" or host.startswith("127.") or proxy_bypass_environment(address.netloc):
        return None
    proxies: dict[str, str] = getproxies_environment()
    proxy = proxies.get(address.scheme)
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"
