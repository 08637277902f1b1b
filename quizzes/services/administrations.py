"""Which attempts are looked at together when a key is checked: those of one form, in a sitting or a window of days.

Attempts at different forms are never put together: a question's numbers mean something among those who met the same ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Min, QuerySet
from django.utils.translation import gettext as _

from quizzes.models import Attempt, Form, Quiz, Sitting

DRAWN = "drawn"


@dataclass(frozen=True)
class Administration:
    """Attempts at one form (None: drawn for each), in one sitting (None: wherever), submitted from the first day to the last."""

    quiz: Quiz
    form: Form | None = None
    sitting: Sitting | None = None
    first: date | None = None
    last: date | None = None

    @property
    def attempts(self) -> QuerySet[Attempt]:
        """Those submitted, without the annulled."""
        rows = submitted(self.quiz).filter(form=self.form)
        if self.sitting:
            rows = rows.filter(sitting=self.sitting)
        if self.first:
            rows = rows.filter(submitted_at__date__gte=self.first)
        if self.last:
            rows = rows.filter(submitted_at__date__lte=self.last)
        return rows

    @property
    def form_label(self) -> str:
        return form_label(self.form)

    @property
    def is_drawn(self) -> bool:
        return self.form is None


def form_label(form: Form | None) -> str:
    if form is None:
        return _("drawn for each attempt")
    return _("form %(n)d") % {"n": form.number}


def submitted(quiz: Quiz) -> QuerySet[Attempt]:
    return Attempt.objects.filter(quiz=quiz, submitted_at__isnull=False).exclude(
        incidents__decision__outcome="annulled"
    )


@dataclass(frozen=True)
class Sat:
    """A form as it was sat: by how many, from which day to which."""

    form: Form | None
    attempts: int
    first: date
    last: date

    @property
    def value(self) -> str:
        """How a form names it."""
        return str(self.form.uuid) if self.form else DRAWN

    @property
    def label(self) -> str:
        return form_label(self.form)


def forms_sat(quiz: Quiz) -> list[Sat]:
    """Every form of a quiz that was submitted, the one last sat first. Two queries."""
    rows = list(
        submitted(quiz)
        .order_by()
        .values_list("form")
        .annotate(n=Count("pk"), first=Min("submitted_at"), last=Max("submitted_at"))
        .order_by("-last")
    )
    forms = Form.objects.in_bulk([pk for pk, *_rest in rows if pk])
    return [
        Sat(forms[pk] if pk else None, n, first.date(), last.date()) for pk, n, first, last in rows
    ]


def sittings_sat(quiz: Quiz) -> QuerySet[Sitting]:
    """The sittings in which it was submitted, the newest first."""
    return Sitting.objects.filter(pk__in=submitted(quiz).values("sitting")).order_by("-opens_at")


def administrations_of(attempts: Iterable[Attempt]) -> list[Administration]:
    """The administrations these attempts are part of: each form they sat, with everybody who sat it."""
    forms = {attempt.form_id: attempt.quiz for attempt in attempts}
    rows = Form.objects.in_bulk([pk for pk in forms if pk])
    return [
        Administration(quiz, rows[pk] if pk else None)
        for pk, quiz in sorted(forms.items(), key=lambda row: row[0] or 0)
    ]
