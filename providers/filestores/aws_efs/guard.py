"""What may leave for AWS: questions, and under the permission to write the few requests that make something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from providers.errors import ProviderError
from providers.filestores.changes import check_permitted

if TYPE_CHECKING:
    from providers.kubernetes.permission import Permission

_QUESTIONS = ("Describe", "Get", "List")
_CHANGES = frozenset({"efs.CreateFileSystem", "efs.CreateMountTarget", "efs.PutLifecycleConfiguration"})
"""All that is ever made. Nothing that deletes or takes something away is among them: no permission lets that out."""


class Guard:
    """Hears of each request before its first byte is sent, repeated ones too. PERMISSION None: only questions."""

    def __init__(self, permission: Permission | None = None) -> None:
        self._permission = permission

    def watch(self, client: Any) -> None:
        client.meta.events.register_first("before-send", self._check)

    def _check(self, *, event_name: str, **_: object) -> None:
        """Raises ProviderError. EVENT_NAME is before-send.SERVICE.OPERATION."""
        request = event_name.removeprefix("before-send.")
        if request.partition(".")[2].startswith(_QUESTIONS):
            return
        if request not in _CHANGES:
            raise ProviderError("forbidden", f"{request} is not sent to AWS: no permission lets that out")
        check_permitted(self._permission, request)
