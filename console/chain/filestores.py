"""The filestores of one cluster as its backends listed them, and what is not known and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from providers.errors import ErrorKind, ProviderError
from providers.filestores.protocol import Filestore, FilestoreListing


class FilestoreGap(msgspec.Struct, frozen=True, kw_only=True):
    """A backend, or one of its locations, whose filestores are not known. `kind` None: not asked, yet or by choice."""

    backend: str
    message: str
    kind: ErrorKind | None = None
    next_step: str = ""


class FilestoreInventory(msgspec.Struct, frozen=True, kw_only=True):
    """What all backends listed for one cluster. `listed` names the backends that answered completely."""

    filestores: tuple[Filestore, ...] = ()
    listed: tuple[str, ...] = ()
    gaps: tuple[FilestoreGap, ...] = ()

    @classmethod
    def of(
        cls, answers: Mapping[str, FilestoreListing | ProviderError], *, awaited: Iterable[str] = ()
    ) -> FilestoreInventory:
        """From each backend's answer, by its name; AWAITED are to be asked, and have not answered yet."""
        filestores: list[Filestore] = []
        gaps: list[FilestoreGap] = []
        for backend, answer in answers.items():
            if isinstance(answer, ProviderError):
                gaps.append(_gap(backend, answer))
                continue
            filestores.extend(answer.filestores)
            gaps.extend(
                FilestoreGap(backend=backend, message=f"{place} did not answer", kind="unreachable")
                for place in answer.unreachable
            )
            gaps.extend(_gap(backend, error) for error in answer.refused)
        gaps.extend(FilestoreGap(backend=backend, message="not asked yet") for backend in awaited)
        unknown = {gap.backend for gap in gaps}
        return cls(
            filestores=tuple(filestores),
            listed=tuple(backend for backend in answers if backend not in unknown),
            gaps=tuple(gaps),
        )

    @property
    def unknown(self) -> str:
        """Why filestores may be missing from the list, in one line; "" when it is complete."""
        return "; ".join(f"{gap.backend}: {gap.message}" for gap in self.gaps)

    def gap(self, backend: str) -> FilestoreGap | None:
        return next((gap for gap in self.gaps if gap.backend == backend), None)


def _gap(backend: str, error: ProviderError) -> FilestoreGap:
    return FilestoreGap(backend=backend, message=error.message, kind=error.kind, next_step=error.next_step)
