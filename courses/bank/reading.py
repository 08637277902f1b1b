"""Who reads what is examined: only those who may, and each reading is written down (R20)."""

from collections.abc import Sequence
from datetime import datetime

from accounts.models import User
from accounts.services import Forbidden, lock_learner
from courses.bank.banks import Bank, Row
from courses.bank.lifecycle import SECURE


def require_readable(bank: Bank[Row], *, entries: Sequence[Row], by: User) -> None:
    """Raise Forbidden unless a person may read the pools of all these entries."""
    allowed = bank.readable_pools(by)
    if any(entry.pool not in allowed for entry in entries):
        raise Forbidden("pool_closed", bank.words.pool_closed)


def write_down(
    bank: Bank[Row], *, entries: Sequence[Row], by: User, where: str, at: datetime
) -> None:
    """Write down that somebody read these entries, as far as they are secure.

    One chain holds what one person read on one day, so that appending to it stays cheap.
    """
    secure = [entry for entry in entries if entry.pool == SECURE]
    if not secure:
        return
    lock_learner(by.pk)
    chain = f"{bank.name}-reader:{by.uuid}:{at:%Y-%m-%d}"
    bank.reading.objects.bulk_append(
        [
            bank.reading(chain=chain, at=at, reader=by, where=where, **bank.of(entry))
            for entry in secure
        ]
    )
