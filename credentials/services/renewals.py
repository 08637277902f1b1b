"""How a renewal stands: the rules of its edition, the cycle, what counts of what was sent, the documents, and whose turn it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from credentials import renewing, validity
from credentials.models import (
    Credential,
    Learning,
    LearningReview,
    RenewalRequest,
    RenewalStep,
)
from credentials.requirements import State as PaperState
from credentials.services.award import Standing, standings_of, today_in
from credentials.services.standing import late_months_of, standing_of

Outcome = LearningReview.Outcome


class Turn(StrEnum):
    """Whose turn it is, or how it ended."""

    PREPARING = "preparing"
    RETURNED = "returned"
    WITH_REGISTER = "with_register"
    RENEWED = "renewed"
    SUSPENDED = "suspended"
    TOO_LATE = "too_late"
    ENDED = "ended"


WITH_HOLDER = frozenset({Turn.PREPARING, Turn.RETURNED})


@dataclass(frozen=True)
class Entry:
    """One activity as it stands: what was decided, and what the rules say of it (None once it is taken out)."""

    learning: Learning
    review: LearningReview | None
    assessed: renewing.Assessed | None

    @property
    def withdrawn(self) -> bool:
        return self.assessed is None

    @property
    def undecided(self) -> bool:
        return self.review is None

    @property
    def may_go(self) -> bool:
        """Whether its holder may still take it out or replace it: what was decided for or against stays."""
        return self.review is None or self.review.outcome == Outcome.MORE_INFORMATION


@dataclass(frozen=True)
class Progress:
    """A renewal with all that is needed to show it and to decide on it."""

    request: RenewalRequest
    rules: renewing.Rules
    cycle: renewing.Cycle
    standing: validity.Standing
    turn: Turn
    today: date
    entries: Sequence[Entry]
    tally: renewing.Tally
    used: frozenset[str]
    papers: Sequence[Standing]

    @property
    def audited(self) -> bool:
        """Whether it was drawn by lot: each certificate is then looked at with care."""
        return is_audited(self.request)

    @property
    def audit_share(self) -> str:
        """Of a hundred renewals so many were drawn when this one was sent."""
        draw = draw_of(self.request)
        return format(draw.percent.normalize(), "f") if draw else "0"

    @property
    def current(self) -> list[Entry]:
        return [row for row in self.entries if not row.withdrawn]

    @property
    def undecided(self) -> list[Entry]:
        return [row for row in self.current if row.undecided]

    @property
    def asked(self) -> list[Entry]:
        return [
            row
            for row in self.current
            if row.review and row.review.outcome == Outcome.MORE_INFORMATION
        ]

    @property
    def papers_missing(self) -> list[Standing]:
        """Documents that are not current, and for which nothing newer waits for the register."""
        return [row for row in self.papers if not row.finding.met and not _waits(row)]

    @property
    def papers_not_current(self) -> list[Standing]:
        return [row for row in self.papers if not row.finding.met]

    @property
    def accepted(self) -> renewing.Tally:
        """What counts of the accepted activities alone."""
        return renewing.assess(
            self.rules,
            self.cycle,
            [
                row.assessed.activity
                for row in self.current
                if row.assessed and row.review and row.review.outcome == Outcome.ACCEPTED
            ],
            used=self.used,
            today=self.today,
        )


@dataclass(frozen=True)
class Draw:
    """The lot that was drawn when a renewal was first sent: the seed, the share of those drawn, and whether it was."""

    seed: str
    percent: Decimal
    drawn: bool


def draw_of(request: RenewalRequest) -> Draw | None:
    """The draw of a renewal; None before it is sent, and where its edition draws none."""
    for step in request.steps.all():
        said = step.content.get("audit")
        if said:
            return Draw(said["seed"], Decimal(said["percent"]), said["drawn"])
    return None


def is_audited(request: RenewalRequest) -> bool:
    draw = draw_of(request)
    return draw is not None and draw.drawn


def _waits(row: Standing) -> bool:
    return row.finding.state is PaperState.WAITING


def rules_of(credential: Credential) -> renewing.Rules:
    """What the edition the credential was issued under asks of a renewal."""
    return renewing.read(credential.credential_type.renewal)


def cycle_of(credential: Credential) -> renewing.Cycle:
    """The cycle that is running, or ran last: it ends on the newest last valid day on record."""
    rows = sorted(credential.events.all(), key=lambda row: row.sequence)
    ends = [row.valid_until for row in rows if row.valid_until]
    last = ends[-1] if ends else credential.valid_until
    first = ends[-2] + timedelta(days=1) if len(ends) > 1 else credential.valid_from
    return renewing.cycle(
        rules_of(credential), first=first, last=last, late_months=late_months_of(credential)
    )


def cycle_of_request(request: RenewalRequest) -> renewing.Cycle:
    return renewing.cycle(
        rules_of(request.credential),
        first=request.first_day,
        last=request.last_day,
        late_months=late_months_of(request.credential),
    )


def open_request(credential: Credential) -> RenewalRequest | None:
    return complete_rows(credential.renewal_requests.filter(closed_at=None)).first()


def complete_rows(rows: QuerySet[RenewalRequest]) -> QuerySet[RenewalRequest]:
    """Requests with what their state needs, in four queries whatever their number."""
    return rows.select_related(
        "credential__credential_type", "credential__holder", "credential__application", "event"
    ).prefetch_related(
        "credential__events",
        Prefetch("steps", RenewalStep.objects.select_related("by").order_by("sequence")),
    )


def sent_in_time(request: RenewalRequest) -> bool:
    """Whether it was sent, as it waits now, by the last valid day: however long the register takes, it is not late then."""
    if request.sent_at is None:
        return False
    return today_in(request.credential.credential_type, request.sent_at) <= request.last_day


def turn_of(request: RenewalRequest, standing: validity.Standing) -> Turn:
    if request.closed_at:
        return Turn.RENEWED
    if standing.status in validity.FINAL:
        return Turn.ENDED
    if standing.status is validity.Status.EXPIRED and not sent_in_time(request):
        return Turn.TOO_LATE
    if request.sent_at:
        return Turn.WITH_REGISTER
    if standing.status is validity.Status.SUSPENDED:
        return Turn.SUSPENDED
    steps = list(request.steps.all())
    returned = bool(steps) and steps[-1].kind == RenewalStep.Kind.RETURNED
    return Turn.RETURNED if returned else Turn.PREPARING


def progress_of(request: RenewalRequest, *, at: datetime) -> Progress:
    """How one renewal stands. A fixed number of queries; the request comes from `complete_rows`."""
    credential = request.credential
    rules, period = rules_of(credential), cycle_of_request(request)
    standing = standing_of(credential, at=at)
    today = today_in(credential.credential_type, at)
    rows = list(
        request.learning.order_by("sequence").prefetch_related(
            Prefetch("reviews", LearningReview.objects.select_related("by").order_by("sequence"))
        )
    )
    newest = {row.pk: next(iter(reversed(row.reviews.all())), None) for row in rows}
    current = [row for row in rows if not _withdrawn(newest[row.pk])]
    used = certificates_used(request)
    claimed = [_claimed(row, newest[row.pk]) for row in current]
    tally = renewing.assess(rules, period, claimed, used=used, today=today)
    assessed = {row.activity.key: row for row in tally.rows}
    standings = standings_of([credential.application], at=at)[credential.application_id]
    return Progress(
        request=request,
        rules=rules,
        cycle=period,
        standing=standing,
        turn=turn_of(request, standing),
        today=today,
        entries=[Entry(row, newest[row.pk], assessed.get(str(row.uuid))) for row in rows],
        tally=tally,
        used=used,
        papers=[row for row in standings if row.requirement.code in rules.documents],
    )


def _withdrawn(review: LearningReview | None) -> bool:
    return review is not None and review.outcome == Outcome.WITHDRAWN


def _claimed(row: Learning, review: LearningReview | None) -> renewing.Activity:
    return renewing.Activity(
        key=str(row.uuid),
        first_day=row.first_day,
        last_day=row.last_day,
        hours=row.hours,
        category=row.category,
        sha256=row.sha256,
        decision=review.outcome if review else "",
    )


def certificates_used(request: RenewalRequest) -> frozenset[str]:
    """Digests of the certificates that counted for earlier renewals of the same person under the same scheme."""
    credential = request.credential
    reviews = LearningReview.objects.filter(learning=OuterRef("pk"), outcome=Outcome.ACCEPTED)
    rows = Learning.objects.filter(
        Exists(reviews),
        request__credential__holder=credential.holder_id,
        request__credential__credential_type__code=credential.credential_type.code,
        request__closed_at__isnull=False,
    ).exclude(request=request.pk)
    return frozenset(rows.values_list("sha256", flat=True))
