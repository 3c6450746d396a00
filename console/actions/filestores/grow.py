"""Gives a filestore more room: declared for Terraform, or in the cloud itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from console.actions.filestores.grow_asked import PARAMETERS, Asked, asked_of
from console.actions.filestores.two_ways import TwoWays
from console.actions.protocol import Context, Parameter
from providers.filestores.registry import CLOUDS


class Grow(TwoWays):
    """See `grow_declared` and `grow_live`."""

    name = "grow"
    summary = "Give a filestore more room: in Terraform's variables, or live in its cloud."
    target: Literal["hub", "cluster", "filestore"] = "filestore"
    parameters: tuple[Parameter, ...] = PARAMETERS
    ways = ("grow_declared", "grow_live")

    def asked(self, parameters: Mapping[str, Any]) -> Asked:
        return asked_of(parameters)

    def chosen(self, asked: Asked, context: Context) -> Asked:
        """Live for a filestore of a cloud that no file of the tree declares, unless what was asked is about files."""
        made, clouds = context.cluster.terraform, (one for one in context.cluster.filestores if one.backend in CLOUDS)
        named = [one.id for one in clouds if asked.filestore in (one.id, one.name)]
        undeclared = made is None or all(one in made.undeclared for one in named)
        if asked.commit or asked.watch or not named or not undeclared:
            return asked
        return msgspec.structs.replace(asked, live=True)


ACTION = Grow()
