"""Where Google's APIs are asked: Google's own servers, or others that stand in for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

EMULATOR = "FILESTORE_EMULATOR_HOST"
"""Environment: HOST:PORT of a Filestore API over gRPC in clear, asked without credentials."""


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """`filestore` "": Google's own; else HOST:PORT of a server in clear. `monitoring` "": usage is not asked.

    `anonymous`: no credentials are looked for, and none sent.
    """

    filestore: str = ""
    transport: Literal["grpc", "rest"] = "grpc"
    monitoring: str = "https://monitoring.googleapis.com"
    anonymous: bool = False

    @property
    def resource_manager(self) -> str:
        """The API that is asked which rights we have, over HTTP."""
        return f"http://{self.filestore}" if self.filestore else "https://cloudresourcemanager.googleapis.com"


def endpoints_of(environ: Mapping[str, str]) -> Endpoints:
    """Google's own, unless the environment names an emulator: it has no Cloud Monitoring."""
    emulator = environ.get(EMULATOR, "").strip()
    return Endpoints(filestore=emulator, monitoring="", anonymous=True) if emulator else Endpoints()
