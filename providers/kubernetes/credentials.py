"""What a kubeconfig user proves itself with: a token, a token file, a plugin, a password, or a client certificate.

Credentials stay in memory; they are renewed when they end or when the API server refuses them, and never written.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.contexts import Access, Entry
from providers.kubernetes.exec_plugin import login_command, run_plugin

Kind = Literal["none", "token", "file", "plugin", "password", "oidc"]

_TOKEN_FILE_AGE = timedelta(minutes=1)
_SKEW = timedelta(seconds=30)


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """An Authorization header (None: none), a client certificate and its key in PEM, and when it must be renewed."""

    authorization: str | None = None
    certificate: bytes | None = None
    key: bytes | None = None
    ends: datetime | None = None

    def __repr__(self) -> str:
        return "Credential(…)"


class Credentials:
    """The credential of one context, renewed as needed; several requests at once cause one renewal."""

    def __init__(self, access: Access, *, plugin_timeout_s: float, now: Callable[[], datetime]) -> None:
        self._access = access
        self._user = access.user or Entry(access.cluster.file, {})
        self._plugin_timeout_s = plugin_timeout_s
        self._now = now
        self._lock = asyncio.Lock()
        self._newest: Credential | None = None
        self.kind = _kind(access, self._user)

    @property
    def renewable(self) -> bool:
        """Whether asking again can give another credential."""
        return self.kind in ("plugin", "file")

    async def current(self, *, refused: Credential | None = None) -> Credential:
        """The newest credential. REFUSED is one that the API server did not take: it is not given again.

        Raises ProviderError unauthorized for a plugin that fails, no_context for a kubeconfig that cannot be used.
        """
        async with self._lock:
            newest = self._newest
            if newest is None or newest is refused or (newest.ends is not None and newest.ends <= self._now()):
                newest = self._newest = await self._make()
            return newest

    def login(self) -> str:
        """What to run when the API server refuses the credential."""
        if self.kind == "plugin":
            return login_command(self._user.fields["exec"])
        if self.kind == "oidc":
            return f"run  kubectl --context {self._access.context} get namespaces  (it renews the token)"
        return f"renew the credentials of user {self._access.user_name} in {self._user.file}"

    async def _make(self) -> Credential:
        user = self._user
        certificate = _pem(self._access, user, "client-certificate")
        key = _pem(self._access, user, "client-key")
        authorization: str | None = None
        ends: datetime | None = None
        if self.kind == "plugin":
            plugin = await run_plugin(self._access, user, timeout_s=self._plugin_timeout_s)
            if plugin.client_certificate_data and plugin.client_key_data:
                certificate, key = plugin.client_certificate_data.encode(), plugin.client_key_data.encode()
            authorization = self._bearer(plugin.token) if plugin.token else None
            ends = plugin.expiration_timestamp - _SKEW if plugin.expiration_timestamp else None
        elif self.kind == "file":
            authorization = self._bearer(_read(self._access, user, "tokenFile").decode(errors="replace"))
            ends = self._now() + _TOKEN_FILE_AGE
        elif self.kind == "token":
            authorization = self._bearer(user.text("token"))
        elif self.kind == "oidc":
            authorization = self._bearer(str(user.fields["auth-provider"]["config"]["id-token"]))
        elif self.kind == "password":
            pair = f"{user.text('username')}:{user.text('password')}"
            authorization = "Basic " + base64.b64encode(pair.encode()).decode()
        return Credential(authorization=authorization, certificate=certificate, key=key, ends=ends)

    def _bearer(self, token: str) -> str:
        token = token.strip()
        if not (token.isascii() and token.isprintable()):
            words = f"context {self._access.context}: the token of user {self._access.user_name} is no token"
            raise ProviderError("unauthorized", words, next_step=self.login())
        return f"Bearer {token}"


def _kind(access: Access, user: Entry) -> Kind:
    """As kubectl chooses: a token in the file comes before a plugin."""
    if user.text("tokenFile"):
        return "file"
    if user.text("token"):
        return "token"
    if user.fields.get("exec"):
        return "plugin"
    if user.fields.get("auth-provider"):
        return _auth_provider(access, user)
    return "password" if user.text("username") else "none"


def _auth_provider(access: Access, user: Entry) -> Literal["oidc"]:
    provider = user.fields["auth-provider"]
    name = provider.get("name") if isinstance(provider, dict) else None
    config = provider.get("config") if isinstance(provider, dict) else None
    if name == "oidc" and isinstance(config, dict) and config.get("id-token"):
        return "oidc"
    raise ProviderError(
        "unauthorized",
        f"context {access.context}: user {access.user_name} uses the auth-provider {name}, which kubectl has dropped",
        next_step="write the context again with your cloud's tool, so that it uses a credential plugin",
    )


def _pem(access: Access, user: Entry, field: str) -> bytes | None:
    if user.text(f"{field}-data"):
        return _base64(access, user, f"{field}-data")
    return _read(access, user, field) if user.text(field) else None


def certificate_authority(access: Access) -> bytes | None:
    """The cluster's own authority in PEM; None: the system's. Raises ProviderError no_context."""
    return _pem(access, access.cluster, "certificate-authority")


def _base64(access: Access, entry: Entry, field: str) -> bytes:
    try:
        return base64.b64decode(entry.text(field), validate=False)
    except binascii.Error:
        raise _unusable(access, entry, f"{field} is not base64") from None


def _read(access: Access, entry: Entry, field: str) -> bytes:
    path = entry.path(field)
    assert path is not None  # noqa: S101  (callers ask for fields that are there)
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unusable(access, entry, f"{field} {path}: {error.strerror}") from error


def _unusable(access: Access, entry: Entry, cause: str) -> ProviderError:
    return ProviderError(
        "no_context", f"context {access.context}, kubeconfig {entry.file}: {cause}", next_step=f"mend {entry.file}"
    )


def utc_now() -> datetime:
    return datetime.now(UTC)
