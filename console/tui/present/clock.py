"""What time it is, and where: given to whatever shows ages or times of day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from console.chain.words import age


def utc_now() -> datetime:
    """The time by the machine's clock."""
    return datetime.now(UTC)


class Clock(NamedTuple):
    """`now` gives an aware time; `zone` None is the machine's own."""

    now: Callable[[], datetime] = utc_now
    zone: tzinfo | None = None

    def time_of_day(self, moment: datetime) -> str:
        """`14:02:31`, with the date where it was another day."""
        local = moment.astimezone(self.zone)
        today = self.now().astimezone(self.zone).date()
        return local.strftime("%H:%M:%S" if local.date() == today else "%Y-%m-%d %H:%M")

    def age(self, moment: datetime | None) -> str:
        """`3 min`; "" for a moment that is not known."""
        return age(moment, self.now()) if moment else ""
