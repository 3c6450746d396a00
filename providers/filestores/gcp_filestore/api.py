"""The requests to Filestore that making and growing take, each in a thread and with a client of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from providers.errors import ProviderError
from providers.filestores.gcp_filestore.connection import filestore_client
from providers.filestores.gcp_filestore.endpoints import Endpoints
from providers.filestores.gcp_filestore.errors import translated
from providers.filestores.gcp_filestore.lane import within
from providers.filestores.gcp_filestore.login import Login
from providers.filestores.gcp_filestore.pages import Pages, list_instances
from providers.filestores.gcp_filestore.rights import given
from providers.filestores.gcp_filestore.shape import Shape, asked
from providers.kubernetes.permission import Permission
from providers.kubernetes.redact import redacted

if TYPE_CHECKING:
    from google.cloud.filestore_v1 import CloudFilestoreManagerClient, FileShareConfig, Instance
    from google.longrunning.operations_pb2 import Operation

T = TypeVar("T")
Ask = Callable[["CloudFilestoreManagerClient"], T]
PAGES = 4
"""Of operations: Google lists those of a whole location, finished ones for some weeks as well."""
RIGHTS_S = 5.0
"""How long Google is asked at most which rights we have."""
VIEWER, EDITOR = "roles/file.viewer", "roles/file.editor"


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """One of Google's operations: what it does to which resource, and how far it is. `error` "" unless it failed."""

    name: str
    target: str = ""
    verb: str = ""
    detail: str = ""
    done: bool = False
    error: str = ""

    @property
    def id(self) -> str:
        return self.name.rpartition("/")[2]


class Api:
    """Every call raises ProviderError. `timeout_s` bounds a question, `change_timeout_s` a request to change."""

    def __init__(self, endpoints: Endpoints, login: Login, *, timeout_s: float, change_timeout_s: float) -> None:
        self._endpoints, self._login = endpoints, login
        self._timeout_s, self._change_timeout_s = timeout_s, change_timeout_s

    async def instances(self, project: str) -> Pages[Instance]:
        """All of PROJECT, as far as they can be listed."""
        what = f"list Filestore instances of project {project}"
        ask = lambda client: list_instances(client, project, timeout_s=self._timeout_s)  # noqa: E731
        return await self._call(what, ask, project=project, right="file.instances.list")

    async def instance(self, name: str) -> Instance | None:
        """The instance of the resource NAME; None where there is none."""
        from google.api_core.exceptions import NotFound
        from google.cloud.filestore_v1 import GetInstanceRequest

        def ask(client: CloudFilestoreManagerClient) -> Instance | None:
            try:
                return client.get_instance(GetInstanceRequest(name=name), retry=None, timeout=self._timeout_s)
            except NotFound:
                return None

        what = f"read the Filestore instance {_last(name)}"
        return await self._call(what, ask, project=_project(name), right="file.instances.get")

    async def operation(self, name: str) -> Running:
        """The operation of that resource NAME."""
        from google.longrunning.operations_pb2 import GetOperationRequest

        def ask(client: CloudFilestoreManagerClient) -> Running:
            request = GetOperationRequest(name=name)
            return _running(client.get_operation(request, retry=None, timeout=self._timeout_s))

        what = f"read Google's operation {_last(name)}"
        return await self._call(what, ask, project=_project(name), right="file.operations.get")

    async def operations(self, instance: str) -> tuple[Running, ...]:
        """Those on INSTANCE (a resource's name) that Google still knows, newest first."""
        from google.longrunning.operations_pb2 import ListOperationsRequest

        parent = instance.rpartition("/instances/")[0]

        def ask(client: CloudFilestoreManagerClient) -> tuple[Running, ...]:
            found, token = [], ""
            for _ in range(PAGES):
                request = ListOperationsRequest(name=parent, page_token=token)
                answer = client.list_operations(request, retry=None, timeout=self._timeout_s / PAGES)
                found += answer.operations
                token = answer.next_page_token
                if not token:
                    break
            newest_first = sorted(found, key=_began, reverse=True)
            return tuple(each for each in map(_running, newest_first) if each.target == instance)

        what = f"list Google's operations on {_last(instance)}"
        return await self._call(what, ask, project=_project(instance), right="file.operations.list")

    async def create(self, shape: Shape, *, permission: Permission | None) -> Running:
        """Begins to make an instance of SHAPE. Whether it was begun is not known where no answer came."""
        from google.cloud.filestore_v1 import CreateInstanceRequest

        request = CreateInstanceRequest(parent=shape.parent, instance_id=shape.name, instance=asked(shape))

        def ask(client: CloudFilestoreManagerClient) -> Running:
            begun = client.create_instance(request, retry=None, timeout=self._change_timeout_s)
            return _running(begun.operation)

        what = f"create the Filestore instance {shape.name}"
        return await self._call(
            what, ask, project=_project(shape.instance), right="file.instances.create", permission=permission
        )

    async def grow(self, instance: Instance, capacity_gib: int, *, permission: Permission | None) -> Running:
        """Begins to give INSTANCE, as it was just read, CAPACITY_GIB: its whole share is sent, with all else that it
        has, and the mark that tells Google which state of it was meant."""
        from google.cloud.filestore_v1 import Instance as Message
        from google.cloud.filestore_v1 import UpdateInstanceRequest

        share = _with_capacity(instance, capacity_gib)
        changed = Message(name=instance.name, file_shares=[share], etag=instance.etag)
        request = UpdateInstanceRequest(update_mask={"paths": ["file_shares"]}, instance=changed)

        def ask(client: CloudFilestoreManagerClient) -> Running:
            begun = client.update_instance(request, retry=None, timeout=self._change_timeout_s)
            return _running(begun.operation)

        what = f"give the Filestore instance {_last(instance.name)} {capacity_gib} GiB"
        return await self._call(
            what, ask, project=_project(instance.name), right="file.instances.update", permission=permission
        )

    async def given(self, project: str, rights: Sequence[str]) -> frozenset[str]:
        """Those of RIGHTS that Google says we have in PROJECT."""
        credentials = await self._login.credentials(anonymous=self._endpoints.anonymous)
        timeout_s = min(RIGHTS_S, self._timeout_s)
        ask = partial(given, self._endpoints, credentials, project, rights, timeout_s=timeout_s)
        try:
            return await within(ask, timeout_s, f"ask Google which rights we have in project {project}")
        except ProviderError as error:
            if error.kind == "unauthorized":
                self._login.forget()
            raise

    async def _call(
        self, what: str, ask: Ask[T], *, project: str, right: str, permission: Permission | None = None
    ) -> T:
        credentials = await self._login.credentials(anonymous=self._endpoints.anonymous)
        role = EDITOR if permission is not None else VIEWER

        def call() -> T:
            with (
                filestore_client(self._endpoints, credentials, permission) as client,
                translated(what, project=project, permission=right, role=role),
            ):
                return ask(client)

        try:
            return await within(call, self._timeout_s if permission is None else self._change_timeout_s, what)
        except ProviderError as error:
            if error.kind == "unauthorized":
                self._login.forget()
            raise


def _with_capacity(instance: Instance, capacity_gib: int) -> FileShareConfig:
    from google.cloud.filestore_v1 import FileShareConfig

    share = FileShareConfig(FileShareConfig.pb(instance.file_shares[0]))
    share.capacity_gb = capacity_gib
    return share


def _running(operation: Operation) -> Running:
    about = _about(operation)
    return Running(
        name=operation.name,
        target=about.target,
        verb=about.verb,
        detail=redacted(about.status_detail),
        done=operation.done,
        error=_failure(operation),
    )


def _about(operation: Operation) -> Any:
    """Google's OperationMetadata; an empty one where it says none."""
    from google.cloud.common import OperationMetadata

    about = OperationMetadata.pb(OperationMetadata())
    operation.metadata.Unpack(about)
    return about


def _began(operation: Operation) -> tuple[int, int]:
    about = _about(operation)
    return about.create_time.seconds, about.create_time.nanos


def _failure(operation: Operation) -> str:
    if operation.WhichOneof("result") != "error":
        return ""
    return redacted(operation.error.message) or f"code {operation.error.code}"


def _last(resource: str) -> str:
    return resource.rpartition("/")[2]


def _project(resource: str) -> str:
    return resource.split("/")[1] if "/" in resource else ""
