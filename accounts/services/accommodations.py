"""What a person needs in an examination: decided once by a registrar, applied by every examination, told to nobody else."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Accommodation, Role, User
from accounts.services.people import lock_learner
from accounts.services.refusals import Forbidden, Invalid

FACTOR_MAX = Decimal(3)
BREAK_MAX = 240  # minutes


@transaction.atomic
def accommodate(
    *,
    person: User,
    time_factor: Decimal,
    break_minutes: int,
    larger_type: bool,
    need: str,
    by: User,
    at: datetime,
) -> Accommodation:
    """Decide what a person gets from now on; the newest decision holds. The same again writes nothing.

    What is running keeps what it began with. Raises Forbidden unless `by` is a registrar, and somebody else, Invalid.
    """
    if not by.has_role(Role.REGISTRAR):
        raise Forbidden("wrong_role", _("Registrars decide on accommodations."))
    if by.pk == person.pk:
        raise Forbidden("R2", _("Rule R2: nobody decides on their own accommodation."))
    problems = {}
    if not 1 <= time_factor <= FACTOR_MAX:
        problems["time_factor"] = [_("Enter a factor from 1 to 3.")]
    if not 0 <= break_minutes <= BREAK_MAX:
        problems["break_minutes"] = [_("Enter minutes from 0 to 240.")]
    if problems:
        raise Invalid("not_given", _("This cannot be given. See `errors`."), fields=problems)
    decided: dict[str, Any] = {
        "time_factor": Decimal(time_factor).quantize(Decimal("0.01")),
        "break_minutes": break_minutes,
        "larger_type": larger_type,
        "need": need.strip(),
    }
    lock_learner(person.pk)
    before = accommodation_of(person)
    if before and {name: getattr(before, name) for name in decided} == decided:
        return before
    return Accommodation.objects.append(
        chain=f"accommodation:{person.uuid}", at=at, person=person, by=by, **decided
    )


def accommodation_of(person: User) -> Accommodation | None:
    """The one that holds. One query."""
    return Accommodation.objects.filter(person=person).order_by("-sequence").first()


def accommodations_of(people: list[int]) -> dict[int, Accommodation]:
    """Those that hold, by the person's primary key, for the few who look after them. One query."""
    rows = Accommodation.objects.filter(person__in=people).order_by("sequence")
    return {row.person_id: row for row in rows}
