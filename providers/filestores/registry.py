"""Filestore backends by name: those of hubhomes and those that other packages bring as entry points.

Names are known without importing anything; a backend is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import cast

from providers.filestores.protocol import FilestoreBackend

GROUP = "hubhomes.filestores"
"""The entry point group. An entry's object is called without arguments and gives a FilestoreBackend."""

BUILT_IN: Mapping[str, str] = {
    "home-nfs": "providers.filestores.home_nfs:HomeNfs",
    "gcp-filestore": "providers.filestores.gcp_filestore:GcpFilestore",
    "aws-efs": "providers.filestores.aws_efs:AwsEfs",
    "azure-files": "providers.filestores.azure_files:AzureFiles",
}
"""Registry name → module:attribute."""

EMULATORS: Mapping[str, tuple[str, ...]] = {
    "gcp-filestore": ("FILESTORE_EMULATOR_HOST",),
    "aws-efs": ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EFS"),
    "azure-files": ("HUBHOMES_ARM_ENDPOINT",),
}
"""Registry name → the variables that lead its requests to an emulator."""

KNOWN_ELSEWHERE: Mapping[str, str] = {}
"""Registry name → the distribution that brings it, for the hint when it is not installed."""


class UnknownBackend(LookupError):
    """No backend of this name is installed. The message says which there are, and what to install."""


def names() -> tuple[str, ...]:
    """Every backend on offer, without importing one. A built-in one is not replaced by an entry point."""
    return tuple(dict.fromkeys((*BUILT_IN, *sorted(entry.name for entry in entry_points(group=GROUP)))))


def backend(name: str, *, built_in: Mapping[str, str] = BUILT_IN) -> FilestoreBackend:
    """The backend NAME, imported now. Raises UnknownBackend; ImportError of a broken one says what to install."""
    target = built_in.get(name)
    if target is None:
        entry = next((entry for entry in entry_points(group=GROUP) if entry.name == name), None)
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


def backends(wanted: Iterable[str] | None = None) -> tuple[FilestoreBackend, ...]:
    """The backends of these names, all by default. Raises as `backend` does."""
    return tuple(backend(name) for name in (names() if wanted is None else wanted))


def emulated(wanted: Iterable[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    """The variables of ENVIRONMENT by which the backends WANTED ask an emulator: what they tell is not the cloud."""
    return tuple(name for backend in wanted for name in EMULATORS.get(backend, ()) if environment.get(name))


def _unknown(name: str) -> str:
    known = ", ".join(names())
    package = KNOWN_ELSEWHERE.get(name)
    hint = f"pip install {package}" if package else f'a package with an entry point "{name}" in "{GROUP}" brings it'
    return f"there is no filestore backend {name!r}; there are {known}; {hint}"
