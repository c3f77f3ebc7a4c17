"""Times that come again, as expressions of cron(8).  Pure.

cronsim does the calendar, with Debian's rules for changes of the clock: a time that does not exist
comes at once after the gap, one that exists twice comes once, and what comes every few minutes or hours
goes on by elapsed time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from cronsim import CronSim, CronSimError

from semfs.errors import BadRequest


@dataclass(frozen=True, slots=True)
class When:
    """When something comes: whenever one of the expressions of cron says so."""

    expressions: tuple[str, ...]

    def __post_init__(self) -> None:
        """Raises BadRequest for what is no time or never comes."""
        try:
            for one in self.expressions:
                next(CronSim(one, datetime(2000, 1, 1)))
        except CronSimError as error:
            raise BadRequest(f"{' or '.join(self.expressions)!r} is no time: {error}") from None
        except StopIteration:
            raise BadRequest(f"{' or '.join(self.expressions)!r} never comes") from None

    def after(self, moment: float, zone: tzinfo) -> float:
        """Return the first time after a moment, both in seconds since the epoch."""
        return min(next(self._from(one, moment, zone)).timestamp() for one in self.expressions)

    def latest(self, moment: float, zone: tzinfo) -> float:
        """Return the last time up to and with a moment."""
        later = moment + 1  # cronsim leaves the moment itself out
        return max(next(self._from(one, later, zone, reverse=True)).timestamp() for one in self.expressions)

    def _from(self, expression: str, moment: float, zone: tzinfo, *, reverse: bool = False) -> CronSim:
        return CronSim(expression, datetime.fromtimestamp(moment, zone), reverse=reverse)

    def __str__(self) -> str:
        now = datetime(2000, 1, 1)
        return "; ".join(CronSim(one, now).explain() for one in self.expressions)
