"""A project of Google's to make and grow instances in, over either transport, as the contract of changes plays with
it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from providers.filestores.changes import FilestoreChanges, Wish
from providers.filestores.gcp_filestore import GcpFilestore
from providers.filestores.gcp_filestore.endpoints import EMULATOR, Endpoints
from providers.filestores.gcp_filestore.operations import Pace
from providers.filestores.protocol import Filestore, FilestoreScope
from tests.filestores.filestore_changing import Changing, Code, Refused
from tests.filestores.filestore_http import HttpServer
from tests.filestores.filestore_server import FilestoreServer, Project, instance, types

NOW = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)
PROJECT, ZONE = "earth-hubs", "us-central1-b"
OPTIONS = types.NfsExportOptions(
    ip_ranges=["10.0.0.0/8"],
    access_mode=types.NfsExportOptions.AccessMode.READ_WRITE,
    squash_mode=types.NfsExportOptions.SquashMode.NO_ROOT_SQUASH,
)
HOMES = "earth-homedirs"


def homes(**more: Any) -> types.Instance:
    """The cluster's filestore, with export options and a label."""
    share = types.FileShareConfig(name="homes", capacity_gb=1024, nfs_export_options=[OPTIONS])
    return instance(HOMES, **({"file_shares": [share], "etag": "one", "labels": {"team": "hubs"}} | more))


def scope(**account: str) -> FilestoreScope:
    block = {"project": PROJECT, "cluster": "earth", "zone": ZONE} | account
    return FilestoreScope(cluster="earth", provider="gcp", account=block, observation=None, now=NOW)


class GoogleCloud:
    """See `SlowCloud` and `GrowingCloud`. `changing` is what its server does."""

    def __init__(self, server: FilestoreServer | HttpServer) -> None:
        self.server = server
        self.changing: Changing = server.changing
        self.scope = scope()
        self.wish = Wish(name="earth-homedirs-b", capacity_gib=2048, tags={"team": "hubs"})

    def backend(self, *, patience_s: float = 60.0, change_timeout_s: float = 10.0) -> GcpFilestore:
        """A new one, that asks fast."""
        pace = Pace(poll_s=0.005, patience_s=patience_s)
        if isinstance(self.server, FilestoreServer):
            return GcpFilestore(environ={EMULATOR: self.server.address}, change_timeout_s=change_timeout_s, pace=pace)
        endpoints = Endpoints(filestore=self.server.address, transport="rest", monitoring="", anonymous=True)
        return GcpFilestore(endpoints=endpoints, change_timeout_s=change_timeout_s, pace=pace)

    async def connect(self) -> FilestoreChanges:
        return await self.backend().changes()

    def instances(self) -> list[types.Instance]:
        return list(self.server.projects[PROJECT].instances)

    def made(self) -> int:
        return sum(each.name.endswith(f"/instances/{self.wish.name}") for each in self.instances())

    def changed(self) -> int:
        return len(self.changing.changes)

    def lose_answer(self, number: int) -> None:
        self.changing.faults[self.changed() + number] = "lost"

    def deny(self, *rights: str) -> None:
        self.changing.lacking.update(rights)

    def refuse_to_tell(self) -> None:
        self.changing.answers["TestIamPermissions"] = [Refused(Code.PERMISSION_DENIED, "the API is disabled")]

    def hold(self) -> None:
        self.changing.held = True

    def release(self) -> None:
        self.changing.held = False

    async def filestore(self) -> Filestore:
        listing = await self.backend().list_filestores(self.scope)
        return next(each for each in listing.filestores if each.name == HOMES)

    def homes(self) -> types.Instance:
        return next(each for each in self.instances() if each.name.endswith(f"/{HOMES}"))

    def capacity_gib(self) -> int:
        return int(self.homes().file_shares[0].capacity_gb)

    def rest(self) -> object:
        kept = types.Instance.to_dict(self.homes())
        kept["file_shares"][0].pop("capacity_gb")
        return kept


@contextmanager
def over_grpc(*instances: types.Instance) -> Iterator[GoogleCloud]:
    """A project that holds INSTANCES."""
    with FilestoreServer(projects={PROJECT: Project(instances=instances)}).running() as server:
        yield GoogleCloud(server)


@contextmanager
def over_rest(*instances: types.Instance) -> Iterator[GoogleCloud]:
    """The same, asked over HTTP."""
    with HttpServer(projects={PROJECT: Project(instances=instances)}).running() as server:
        yield GoogleCloud(server)
