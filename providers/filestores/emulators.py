"""Which variables of the environment lead a cloud's backend to an emulator. Asked at the start: imports nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

EMULATORS: Mapping[str, tuple[str, ...]] = {
    "gcp-filestore": ("FILESTORE_EMULATOR_HOST",),
    "aws-efs": ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EFS"),
    "azure-files": ("HUBHOMES_ARM_ENDPOINT",),
}
"""Registry name → the variables that lead its requests to an emulator."""


def emulated(wanted: Iterable[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    """The variables of ENVIRONMENT by which the backends WANTED ask an emulator: what they tell is not the cloud."""
    return tuple(name for backend in wanted for name in EMULATORS.get(backend, ()) if environment.get(name))
