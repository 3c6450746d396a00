"""Makes a filestore for a cluster: declared for Terraform, or in the cloud itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from console.actions.filestores.create_asked import PARAMETERS, Asked, asked_of
from console.actions.filestores.two_ways import TwoWays
from console.actions.protocol import Context, Parameter


class CreateFilestore(TwoWays):
    """See `create_filestore_declared` and `create_filestore_live`."""

    name = "create-filestore"
    summary = "Make a filestore for a cluster: in Terraform's variables, or live in its cloud."
    target: Literal["hub", "cluster", "filestore"] = "cluster"
    parameters: tuple[Parameter, ...] = PARAMETERS
    ways = ("create_declared", "create_live")

    def asked(self, parameters: Mapping[str, Any]) -> Asked:
        return asked_of(parameters)

    def chosen(self, asked: Asked, context: Context) -> Asked:
        """Live where the tree has no Terraform for the cluster, and nothing was asked that edits files."""
        if asked.point or asked.commit or context.cluster.terraform is not None:
            return asked
        return msgspec.structs.replace(asked, live=True)


ACTION = CreateFilestore()
