"""What an invigilator sees of a sitting: each seat, and how its candidate stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery, Sum

from accounts.models import Accommodation
from accounts.services import accommodations_of
from credentials.models import Application
from quizzes.models import Attempt, Incident, LateAnswer, Release, Seat, Sitting, SittingEvent
from quizzes.services.devices import SHUT_OUT
from quizzes.services.sittings import REOPEN_WITHIN, SILENCE, creditable_of, heard_of
from quizzes.sitting import seconds_left, settled


@dataclass(frozen=True)
class Watched:
    """One seat. `state`: absent, in, on_break, silent, submitted. `name`: as on the identity document. `left`: seconds."""

    seat: Seat
    name: str
    state: str
    attempt: Attempt | None = None
    answered: int = 0
    asked: int = 0
    heard_at: datetime | None = None
    left: float | None = None
    creditable: int = 0
    reopenable: bool = False
    unlocked: bool = False
    refused: bool = False
    late: int = 0
    incidents: int = 0
    accommodation: Accommodation | None = None

    @property
    def minutes_left(self) -> int | None:
        return None if self.left is None else ceil(self.left / 60)


def watched(sitting: Sitting, *, at: datetime) -> list[Watched]:
    """Every seat by number. Seven statements, however many seats."""
    seats = list(sitting.seats.select_related("learner").order_by("number"))
    people = [seat.learner_id for seat in seats]
    names = _names(sitting, people)
    needs = accommodations_of(people)
    attempts = _attempts(sitting)
    counts = _counts(attempts)
    sums, last = _events(attempts)
    rows = []
    for seat in seats:
        attempt = attempts.get(seat.learner_id)
        given: dict[str, Any] = {
            "seat": seat,
            "name": names.get(seat.learner_id, seat.learner.name),
            "accommodation": needs.get(seat.learner_id),
        }
        if attempt is None:
            rows.append(Watched(**given, state="absent"))
            continue
        asked, answered, saved_at = counts.get(attempt.pk, (0, 0, None))
        heard_at = heard_of(attempt, saved_at)
        rows.append(
            Watched(
                **given,
                state=_state(attempt, heard_at, at),
                attempt=attempt,
                asked=asked,
                answered=answered,
                heard_at=heard_at,
                left=seconds_left(attempt.sat, at),
                creditable=_creditable(attempt, sums.get(attempt.pk, {}), heard_at, at),
                reopenable=_is_reopenable(attempt, at),
                unlocked=not attempt.device or attempt.device.startswith(SHUT_OUT),
                refused=last.get(attempt.pk) == SittingEvent.Kind.DEVICE_REFUSED,
                incidents=attempt.reports or 0,  # type: ignore[attr-defined]
                late=attempt.late or 0,  # type: ignore[attr-defined]
            )
        )
    return rows


def _creditable(
    attempt: Attempt, sums: dict[str, int], heard_at: datetime | None, at: datetime
) -> int:
    """Of a closed attempt, what an outage had taken when it closed."""
    closed_at = settled(attempt.sat, at).closed_at
    return creditable_of(attempt, sums, heard_at, at=closed_at or at)


def _is_reopenable(attempt: Attempt, at: datetime) -> bool:
    """Whether the clock closed it, lately, and nobody has been told a result."""
    closed = attempt.closed_by_clock or attempt.is_overdue(at)
    closed_at = settled(attempt.sat, at).closed_at
    lately = closed_at is not None and at <= closed_at + REOPEN_WITHIN
    return closed and lately and not attempt.was_told  # type: ignore[attr-defined]


def _state(attempt: Attempt, heard_at: datetime | None, at: datetime) -> str:
    sat = settled(attempt.sat, at)
    if sat.closed_at:
        return "submitted"
    if heard_at is None or at - heard_at > SILENCE:
        return "silent"
    return "on_break" if sat.paused_at else "in"


def _names(sitting: Sitting, people: Sequence[int]) -> dict[int, str]:
    rows = Application.objects.filter(
        applicant__in=people,
        credential_type__requirements__activities=sitting.quiz.activity_id,
    )
    return dict(rows.order_by("submitted_at").values_list("applicant", "name_on_id"))


def _attempts(sitting: Sitting) -> dict[int, Attempt]:
    """The newest of each learner."""
    reported = Incident.objects.filter(attempt=OuterRef("pk"), decision=None).order_by()
    late = LateAnswer.objects.waiting().filter(response__attempt=OuterRef("pk")).order_by()
    rows = sitting.attempts.annotate(
        reports=Subquery(reported.values("attempt").annotate(n=Count("pk")).values("n")),
        late=Subquery(
            late.values("response__attempt")
            .annotate(n=Count("response", distinct=True))
            .values("n")
        ),
        was_told=Exists(Release.objects.filter(result__attempt=OuterRef("pk"))),
    )
    found: dict[int, Attempt] = {row.learner_id: row for row in rows.order_by("number")}
    for row in found.values():
        row.sitting = sitting
    return found


def _counts(attempts: dict[int, Attempt]) -> dict[int, tuple[int, int, datetime | None]]:
    """Questions, answers and the newest answer, by attempt."""
    mine = Attempt.objects.filter(pk__in=[row.pk for row in attempts.values()])
    rows = (
        mine.order_by()
        .values("pk")
        .annotate(
            asked=Count("responses"),
            answered=Count("responses", filter=Q(responses__answer__isnull=False)),
            saved=Max("responses__saved_at"),
        )
    )
    return {row["pk"]: (row["asked"], row["answered"], row["saved"]) for row in rows}


def _events(attempts: dict[int, Attempt]) -> tuple[dict[int, dict[str, int]], dict[int, str]]:
    """The seconds of each kind of event, and the kind of the last one, by attempt."""
    mine = SittingEvent.objects.filter(attempt__in=[row.pk for row in attempts.values()])
    sums: dict[int, dict[str, int]] = {}
    newest: dict[int, tuple[int, str]] = {}
    rows = mine.order_by().values_list("attempt", "kind").annotate(Sum("seconds"), Max("sequence"))
    for attempt, kind, seconds, sequence in rows:
        sums.setdefault(attempt, {})[kind] = seconds
        newest[attempt] = max(newest.get(attempt, (0, "")), (sequence, kind))
    return sums, {attempt: kind for attempt, (_sequence, kind) in newest.items()}
