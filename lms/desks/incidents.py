"""Open incidents of written examinations as the registrar's queue shows them."""

from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from credentials.services import Matter
from quizzes.models import Incident, ResultVersion

DECIDE_WITHIN = timedelta(days=5)
HELD = gettext_lazy("%(exam)s: the result is held until you decide")
TOLD = gettext_lazy("%(exam)s: a result was told before; hold it, or decide whether it stands")


def incident_matters(*, at: datetime) -> list[Matter]:
    """One matter for each incident nobody has decided on. One query."""
    told = ResultVersion.objects.filter(attempt=OuterRef("attempt"), release__isnull=False)
    rows = (
        Incident.objects.open()
        .select_related("attempt__quiz__activity", "attempt__learner")
        .annotate(told=Subquery(told.order_by("-version").values("standing")[:1]))
    )
    return [
        Matter(
            key=f"incident:{row.uuid}",
            kind="incident",
            who=row.attempt.learner.name,
            reference=date_format(row.attempt.started_at, "j M Y"),
            what=row.get_kind_display(),
            why=(TOLD if row.told == ResultVersion.Standing.COUNTS else HELD)
            % {"exam": row.attempt.quiz.activity.title},
            url=reverse("incident", args=[row.uuid]),
            since=row.at,
            due=(row.at + DECIDE_WITHIN).date(),
        )
        for row in rows
    ]
