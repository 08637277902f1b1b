"""One matter of the registrar's queue, and the working days its clock counts."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

DOCUMENT_DAYS = 10  # working days in which a document is decided
DECISION_DAYS = 20
EXCEPTION_DAYS = 10
REVOCATION_DAYS = 5
RENEWAL_DAYS = 10
ADJUSTMENT_DAYS = 10


@dataclass(frozen=True)
class Matter:
    """One thing somebody has to decide or look into, since when, and by which day."""

    key: str  # unique and stable: "document:<uuid>"
    kind: str  # document, held, result, fall, decision, expiring, ending, exception, appeal …
    who: str
    reference: str
    what: str
    why: str
    url: str
    since: datetime
    due: date
    acts: tuple[str, ...] = ()  # what can be done to many of these at once (BulkRun.Action)


def working_days(first: date, last: date) -> int:
    """Mondays to Fridays after `first`, up to and with `last`; negative when `last` is earlier. Knows no public holidays."""
    if last < first:
        return -working_days(last, first)
    weeks, rest = divmod((last - first).days, 7)
    return weeks * 5 + sum((first.weekday() + step) % 7 < 5 for step in range(1, rest + 1))


def after_working_days(day: date, count: int) -> date:
    """The day that lies `count` working days after `day`."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day
