"""A look at the directory that a hub's volume is to lead to, whatever the volume of now says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from console.actions.protocol import Context
from console.chain.addresses import normal_host, service_of
from console.chain.home_names import is_home
from providers.errors import ProviderError

if TYPE_CHECKING:
    from console.actions.storage.hub_storage import Wanted
    from providers.kubernetes.looks.protocol import DirectoryLook, LookRequest


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    """What a look saw of a hub's directory. `inode` and `homes` None: not told; `inside` are the names in it."""

    there: bool
    inode: int | None = None
    homes: int | None = None
    inside: frozenset[bytes] = frozenset()

    @classmethod
    def of(cls, look: DirectoryLook) -> Directory:
        """Raises ProviderError where it was not seen."""
        from providers.kubernetes.looks.protocol import Missing
        from providers.kubernetes.mending.pods import failed

        if look.failure is not None:
            raise failed(look.failure)
        if isinstance(look.hub, Missing):
            return cls(there=False)
        if look.hub is None or look.entries is None:
            raise ProviderError("internal", f"{look.path} could not be seen: {look.why}", next_step="look again")
        if look.hub.kind != "directory":
            raise ProviderError("internal", f"{look.path} is a {look.hub.kind}, no directory", next_step="look inside")
        homes = sum(entry.kind == "directory" and is_home(entry.name) for entry in look.entries)
        names = frozenset(entry.name for entry in look.entries)
        return cls(there=True, inode=look.inode, homes=homes, inside=names)


async def way_to(context: Context, wanted: Wanted) -> LookRequest:
    """How the declared directory is reached: in the in-cluster server where it is that one's, else through the
    export. Raises ProviderError."""
    context.reached()
    if context.way_in is None:
        raise ProviderError("unreachable", f"{wanted.namespace} was not observed", next_step="look again")
    found = await context.way_in()
    through = {"base_path": wanted.base, "hub_directory": wanted.below, "server": wanted.server}
    if found.through == "server" and _is_of(found, wanted.server):
        return msgspec.structs.replace(found, **through)
    return msgspec.structs.replace(
        found, through="export", namespace=wanted.namespace, claim="", claim_directory="", pod="", **through
    )


async def seen(context: Context, wanted: Wanted) -> Directory:
    """Looks at the declared directory. Raises ProviderError."""
    from providers.kubernetes.looks.look import looked

    return Directory.of(await looked(context.reached(), await way_to(context, wanted)))


def _is_of(way: LookRequest, server: str) -> bool:
    """Whether SERVER is the one in whose container WAY leads."""
    named = service_of(server)
    return normal_host(server) == normal_host(way.server) or (named is not None and named[1] == way.namespace)
