"""Google credentials, found once for all projects and kept while they hold."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from providers.errors import ProviderError
from providers.pool import run_blocking

if TYPE_CHECKING:
    from google.auth.credentials import Credentials


class Login:
    """Finding credentials may take seconds (a program, a metadata server): all who ask meanwhile share one answer.

    A failure is not kept: the next who asks has the environment read anew, so that a new login is seen.
    """

    def __init__(self, *, lane: str, timeout_s: float) -> None:
        self._lane, self._timeout_s = lane, timeout_s
        self._held: Credentials | None = None
        self._asking: asyncio.Task[Credentials | ProviderError] | None = None

    async def credentials(self, *, anonymous: bool) -> Credentials:
        """Credentials with a token that holds. Raises ProviderError."""
        if self._held is not None and self._held.valid:
            return self._held
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(anonymous))
        answer = await asyncio.shield(self._asking)
        if isinstance(answer, ProviderError):
            raise answer
        return answer

    def forget(self) -> None:
        """What is held was not accepted: the next who asks has it found anew."""
        self._held = None

    async def _ask(self, anonymous: bool) -> Credentials | ProviderError:
        """The error as a value: nobody may be left to take it as an exception."""
        held, self._held = self._held, None
        try:
            self._held = await self._read(held, anonymous)
        except ProviderError as error:
            return error
        return self._held

    async def _read(self, held: Credentials | None, anonymous: bool) -> Credentials:
        from providers.filestores.gcp_filestore.connection import read_credentials

        call = partial(read_credentials, held, anonymous=anonymous, timeout_s=self._timeout_s)
        try:
            return await run_blocking(call, timeout_s=self._timeout_s, lane=self._lane)
        except TimeoutError as error:
            message = "cannot find Google credentials: no answer in time"
            raise ProviderError("timeout", message, next_step="gcloud auth application-default login") from error
        except ImportError as error:
            message = f"cannot find Google credentials: {error.name or 'a package of Google'} is not installed"
            raise ProviderError("internal", message, next_step="pip install google-cloud-filestore") from error
