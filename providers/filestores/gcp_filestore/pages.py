"""Lists of the Filestore API, page by page, within a deadline. What was read before a page failed is kept. Blocking."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from providers.errors import ProviderError
from providers.filestores.gcp_filestore.errors import translated

if TYPE_CHECKING:
    from google.cloud.filestore_v1 import Backup, CloudFilestoreManagerClient, Instance

T = TypeVar("T")


class Pages(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """What a list held. `unreachable` names locations that did not answer, on whichever page they were named.

    `cut` is why further pages could not be read; None: the list is whole.
    """

    items: tuple[T, ...]
    unreachable: tuple[str, ...] = ()
    cut: ProviderError | None = None


def list_instances(client: CloudFilestoreManagerClient, project: str, *, timeout_s: float) -> Pages[Instance]:
    """All instances of PROJECT. Raises ProviderError where not even the first page could be read."""
    from google.cloud.filestore_v1 import ListInstancesRequest

    def page(token: str, left_s: float) -> Any:
        request = ListInstancesRequest(parent=f"projects/{project}/locations/-", page_token=token)
        return client.list_instances(request=request, retry=None, timeout=left_s)

    what = f"list Filestore instances of project {project}"
    return _read(page, "instances", what=what, project=project, timeout_s=timeout_s)


def list_backups(client: CloudFilestoreManagerClient, project: str, *, timeout_s: float) -> Pages[Backup]:
    """All backups of PROJECT. Raises as `list_instances` does."""
    from google.cloud.filestore_v1 import ListBackupsRequest

    def page(token: str, left_s: float) -> Any:
        request = ListBackupsRequest(parent=f"projects/{project}/locations/-", page_token=token)
        return client.list_backups(request=request, retry=None, timeout=left_s)

    what = f"list Filestore backups of project {project}"
    return _read(page, "backups", what=what, project=project, timeout_s=timeout_s)


def _read(page: Callable[[str, float], Any], kind: str, *, what: str, project: str, timeout_s: float) -> Pages[Any]:
    """Every page that `page(token, seconds left)` gives; KIND is the field that holds its items."""
    ends = time.monotonic() + timeout_s
    items: dict[str, Any] = {}
    unreachable: set[str] = set()
    asked: set[str] = set()
    token, cut = "", None
    while token not in asked:
        asked.add(token)
        try:
            with translated(what, project=project, permission=f"file.{kind}.list", role="roles/file.viewer"):
                answer = page(token, max(0.001, ends - time.monotonic()))
        except ProviderError as error:
            if token == "":
                raise
            cut = ProviderError(error.kind, f"only a part is known: {error.message}", next_step=error.next_step)
            break
        items.update({item.name: item for item in getattr(answer, kind)})
        unreachable.update(place.rpartition("/")[2] for place in answer.unreachable)
        token = answer.next_page_token
        if not token:
            break
    else:
        cut = ProviderError("internal", f"only a part is known: cannot {what}: pages repeat", next_step="refresh")
    return Pages(items=tuple(items.values()), unreachable=tuple(sorted(unreachable)), cut=cut)
