"""Google Cloud Filestore behind the protocol of filestores. Imports nothing of Google's by itself."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from providers.errors import ProviderError
from providers.filestores.changes import FilestoreChanges
from providers.filestores.gcp_filestore.api import Api
from providers.filestores.gcp_filestore.connection import filestore_client, session
from providers.filestores.gcp_filestore.endpoints import Endpoints, endpoints_of
from providers.filestores.gcp_filestore.lane import LANE, within
from providers.filestores.gcp_filestore.login import Login
from providers.filestores.gcp_filestore.operations import Pace
from providers.filestores.gcp_filestore.pages import Pages, list_backups, list_instances
from providers.filestores.gcp_filestore.project import project_of
from providers.filestores.gcp_filestore.reading import Extras, filestore_of
from providers.filestores.gcp_filestore.usage import Fullnesses, read_usage
from providers.filestores.protocol import Filestore, FilestoreListing, FilestoreScope
from providers.filestores.shared import Shared

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from google.cloud.filestore_v1 import Backup, Instance

T = TypeVar("T")


class GcpFilestore:
    """Lists the instances of one cluster's project, in all its locations; once for all clusters of the project.

    Usage (Cloud Monitoring) and backups are asked where there are instances; a refusal there is a fact of each.
    `list_timeout_s` bounds the list and each question while something is made, `extras_timeout_s` each of the two,
    `login_timeout_s` finding credentials, `change_timeout_s` a request to change; `pace` is how what was begun is
    followed.
    """

    name = "gcp-filestore"

    def __init__(
        self,
        *,
        endpoints: Endpoints | None = None,
        environ: Mapping[str, str] = os.environ,
        login_timeout_s: float = 12.0,
        list_timeout_s: float = 10.0,
        extras_timeout_s: float = 4.0,
        change_timeout_s: float = 30.0,
        pace: Pace | None = None,
    ) -> None:
        self._endpoints = endpoints or endpoints_of(environ)
        self._login = Login(lane=LANE, timeout_s=login_timeout_s)
        self._listings: Shared[FilestoreListing] = Shared()
        self._list_timeout_s = list_timeout_s
        self._extras_timeout_s = extras_timeout_s
        self._change_timeout_s = change_timeout_s
        self._pace = pace or Pace()

    async def changes(self) -> FilestoreChanges:
        """What makes and grows instances. Raises ProviderError where Google's packages are missing."""
        await self._login.credentials(anonymous=self._endpoints.anonymous)
        from providers.filestores.gcp_filestore.changes import GcpChanges

        api = Api(self._endpoints, self._login, timeout_s=self._list_timeout_s, change_timeout_s=self._change_timeout_s)
        return GcpChanges(api, pace=self._pace)

    async def list_filestores(self, scope: FilestoreScope) -> FilestoreListing:
        """Empty, and nothing is asked, for a cluster that is not Google's.

        Raises ProviderError: no_context for one that names no project.
        """
        if scope.provider != "gcp":
            return FilestoreListing()
        project = project_of(scope)
        return await self._listings.answer(project, scope, lambda: self._listing(project, scope))

    async def _listing(self, project: str, scope: FilestoreScope) -> FilestoreListing:
        credentials = await self._login.credentials(anonymous=self._endpoints.anonymous)
        try:
            pages = await self._instances(credentials, project)
        except ProviderError as error:
            if error.kind == "unauthorized":
                self._login.forget()
            raise
        extras = await self._extras(credentials, project, scope) if pages.items else None
        return _listing(pages, extras, project, scope)

    async def _instances(self, credentials: Credentials, project: str) -> Pages[Instance]:
        timeout_s = self._list_timeout_s
        call = partial(_list_instances, self._endpoints, credentials, project, timeout_s)
        return await within(call, timeout_s, f"list Filestore instances of project {project}")

    async def _extras(self, credentials: Credentials, project: str, scope: FilestoreScope) -> Extras:
        timeout_s = self._extras_timeout_s
        usage = partial(_read_usage, self._endpoints, credentials, project, scope, timeout_s)
        backups = partial(_list_backups, self._endpoints, credentials, project, timeout_s)
        answers = await asyncio.gather(
            _or_error(usage, timeout_s, f"read how full Filestore instances of project {project} are"),
            _or_error(backups, timeout_s, f"list Filestore backups of project {project}"),
        )
        return Extras(usage=answers[0], backups=answers[1])


def _listing(pages: Pages[Instance], extras: Extras | None, project: str, scope: FilestoreScope) -> FilestoreListing:
    stores: tuple[Filestore, ...] = ()
    if extras is not None:
        stores = tuple(filestore_of(each, extras, project=project, now=scope.now) for each in pages.items)
    return FilestoreListing(filestores=stores, unreachable=pages.unreachable, refused=(pages.cut,) if pages.cut else ())


def _list_instances(endpoints: Endpoints, credentials: Credentials, project: str, timeout_s: float) -> Pages[Instance]:
    with filestore_client(endpoints, credentials) as client:
        return list_instances(client, project, timeout_s=timeout_s)


def _list_backups(endpoints: Endpoints, credentials: Credentials, project: str, timeout_s: float) -> tuple[Backup, ...]:
    """Raises ProviderError where a page or a location is missing: a backup that is not seen is not absent."""
    with filestore_client(endpoints, credentials) as client:
        pages = list_backups(client, project, timeout_s=timeout_s)
    if pages.cut is not None:
        raise pages.cut
    if pages.unreachable:
        raise ProviderError("unreachable", f"{', '.join(pages.unreachable)} did not answer")
    return pages.items


def _read_usage(
    endpoints: Endpoints, credentials: Credentials, project: str, scope: FilestoreScope, timeout_s: float
) -> Fullnesses | None:
    """None where nobody can be asked."""
    if not endpoints.monitoring:
        return None
    with session(credentials) as opened:
        return read_usage(opened, endpoints.monitoring, project, now=scope.now, timeout_s=timeout_s)


async def _or_error(call: Callable[[], T], timeout_s: float, what: str) -> T | ProviderError:
    try:
        return await within(call, timeout_s, what)
    except ProviderError as error:
        return error
