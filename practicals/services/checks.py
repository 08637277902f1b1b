"""What several verbs ask first: has this person the role, and does a separation rule stand between two people."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import Bar, Forbidden, bars_to_examining


def require_role(by: User | None, *roles: str) -> None:
    """Raise Forbidden unless `by` holds one of `roles`; None is the system (loaders, the demonstration) and may."""
    if by is not None and not by.has_role(*roles):
        names = _(" or ").join(str(Role(role).label).lower() for role in roles)
        raise Forbidden("wrong_role", _("This is for a %(names)s.") % {"names": names})


def require_unbarred(*, examiner: User, candidate: User, on: date, months: int) -> None:
    """Raise Forbidden, with the rule as its code and since when, if `examiner` may not examine `candidate` on a day (R2, R3, R4)."""
    refuse(bars_to_examining(examiner=examiner, candidate=candidate, on=on, months=months))


def refuse(bars: Sequence[Bar]) -> None:
    """Raise the first of `bars` as a Forbidden; do nothing when there is none."""
    for bar in bars:
        raise Forbidden(
            bar.rule,
            _("Rule %(rule)s: %(sentence)s") % {"rule": bar.rule, "sentence": bar.sentence},
            fields=bar_fields(bar),
        )


def bar_fields(bar: Bar) -> dict[str, Any]:
    return {
        "rule": bar.rule,
        "since": bar.since.isoformat() if bar.since else None,
        "until": bar.until.isoformat() if bar.until else None,
    }
