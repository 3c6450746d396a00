"""Filestore backends by name: those of hubhomes and those that other packages bring as entry points.

Names are known without importing anything; that of a cloud is imported when a cluster of this cloud asks it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, cast

from providers.errors import ProviderError
from providers.filestores.changes import ChangingBackend, FilestoreChanges
from providers.filestores.protocol import FilestoreBackend, FilestoreListing, FilestoreScope

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

GROUP = "hubhomes.filestores"
"""The entry point group. An entry's object is called without arguments and gives a FilestoreBackend."""

BUILT_IN: Mapping[str, str] = {
    "home-nfs": "providers.filestores.home_nfs:HomeNfs",
    "gcp-filestore": "providers.filestores.gcp_filestore:GcpFilestore",
    "aws-efs": "providers.filestores.aws_efs:AwsEfs",
    "azure-files": "providers.filestores.azure_files:AzureFiles",
}
"""Registry name → module:attribute."""

CLOUDS: Mapping[str, str] = {"gcp-filestore": "gcp", "aws-efs": "aws", "azure-files": "azure"}
"""Registry name → the provider whose clusters it is for; the others are for all."""

KNOWN_ELSEWHERE: Mapping[str, str] = {}
"""Registry name → the distribution that brings it, for the hint when it is not installed."""


class UnknownBackend(LookupError):
    """No backend of this name is installed. The message says which there are, and what to install."""


def names() -> tuple[str, ...]:
    """Every backend on offer, without importing one. A built-in one is not replaced by an entry point."""
    return tuple(dict.fromkeys((*BUILT_IN, *sorted(entry.name for entry in _entries()))))


def serves(name: str, provider: str) -> bool:
    """Whether clusters of PROVIDER ask the backend NAME."""
    return CLOUDS.get(name, provider) == provider


def backend(name: str, *, built_in: Mapping[str, str] = BUILT_IN) -> FilestoreBackend:
    """The backend NAME, imported now. Raises UnknownBackend; ImportError of a broken one says what to install."""
    target = built_in.get(name)
    if target is None:
        entry = next((entry for entry in _entries() if entry.name == name), None)
        if entry is None:
            raise UnknownBackend(_unknown(name))
        target = entry.value
    module, _, attribute = target.partition(":")
    try:
        make = cast(Callable[[], FilestoreBackend], getattr(import_module(module), attribute))
    except ImportError as error:
        hint = f"filestore backend {name} needs {error.name or module}: pip install {error.name or module}"
        raise ImportError(hint, name=error.name) from error
    return make()


class OnDemand:
    """A cloud's backend that is imported by the first cluster of that cloud."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._made: FilestoreBackend | None = None

    async def list_filestores(self, scope: FilestoreScope) -> FilestoreListing:
        """Empty at once for a cluster of another provider. Raises ProviderError as the backend does."""
        if not serves(self.name, scope.provider):
            return FilestoreListing()
        return await (await self._imported()).list_filestores(scope)

    async def changes(self) -> FilestoreChanges:
        """What makes and grows this cloud's filestores. Raises ProviderError where the backend only lists them."""
        made = await self._imported()
        if not isinstance(made, ChangingBackend):
            raise ProviderError("internal", f"{self.name} filestores cannot be changed from here")
        return await made.changes()

    async def _imported(self) -> FilestoreBackend:
        """Raises ProviderError where it is not installed."""
        if self._made is None:
            try:
                made = await asyncio.to_thread(backend, self.name)
            except ImportError as error:
                raise ProviderError("internal", str(error)) from error
            # Two clusters may have asked at once: the first answer stays, and with it what it holds.
            self._made = self._made or made
        return self._made


def backends(wanted: Iterable[str] | None = None) -> tuple[FilestoreBackend, ...]:
    """The backends of these names, all by default. Raises as `backend` does; those of a cloud when they are asked."""
    return tuple(
        OnDemand(name) if name in CLOUDS else backend(name) for name in (names() if wanted is None else wanted)
    )


def _entries() -> EntryPoints:
    from importlib.metadata import entry_points  # late: nobody needs it while all names are built in

    return entry_points(group=GROUP)


def _unknown(name: str) -> str:
    known = ", ".join(names())
    package = KNOWN_ELSEWHERE.get(name)
    hint = f"pip install {package}" if package else f'a package with an entry point "{name}" in "{GROUP}" brings it'
    return f"there is no filestore backend {name!r}; there are {known}; {hint}"
