"""What may be sent to one cluster, and until when: reading always, probing and writing for some minutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

import msgspec

Level = Literal["read", "probe", "write"]
"""read: nothing changes. probe: helper pods and commands that only look. write: everything, probing included."""
Grantable = Literal["probe", "write"]

_ORDER: tuple[Level, ...] = ("read", "probe", "write")


def covers(level: Level, needed: Level) -> bool:
    """Whether LEVEL lets out what asks for NEEDED."""
    return _ORDER.index(level) >= _ORDER.index(needed)


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """What is granted, with its ends in UTC. `probe_always` is what the settings grant without an end.

    Where writing ends before probing does, probing is left.
    """

    probe_always: bool = False
    probe_until: datetime | None = None
    write_until: datetime | None = None

    def level(self, now: datetime) -> Level:
        """The highest level that is permitted at NOW."""
        if self.write_until is not None and now < self.write_until:
            return "write"
        probes = self.probe_always or (self.probe_until is not None and now < self.probe_until)
        return "probe" if probes else "read"

    def until(self, now: datetime) -> datetime | None:
        """When the level of NOW ends; None: it has no end."""
        level = self.level(now)
        if level == "write":
            return self.write_until
        return self.probe_until if level == "probe" and not self.probe_always else None


class Permission:
    """The permission for one cluster. The guard asks it at each request, so that it ends by the clock and at once."""

    def __init__(self, *, probe_always: bool = False, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self.granted = Granted(probe_always=probe_always)

    def grant(self, level: Grantable, *, until: datetime) -> None:
        """Permits LEVEL until UNTIL (UTC), also where another end was granted before."""
        if level == "write":
            self.granted = msgspec.structs.replace(self.granted, write_until=until)
        else:
            self.granted = msgspec.structs.replace(self.granted, probe_until=until)

    def revoke(self) -> None:
        """Takes back what was granted; what the settings always grant stays."""
        self.granted = Granted(probe_always=self.granted.probe_always)

    def level(self) -> Level:
        """The highest level that is permitted now."""
        return self.granted.level(self._now())

    @property
    def until(self) -> datetime | None:
        """When the level of now ends, UTC; None: it has no end."""
        return self.granted.until(self._now())
