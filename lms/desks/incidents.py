"""Open incidents of written examinations as the registrar's queue shows them."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from credentials.services import Matter
from quizzes.models import Incident

DECIDE_WITHIN = timedelta(days=5)


def incident_matters(*, at: datetime) -> list[Matter]:
    """One matter for each incident nobody has decided on. One query."""
    rows = Incident.objects.open().select_related("attempt__quiz__activity", "attempt__learner")
    return [
        Matter(
            key=f"incident:{row.uuid}",
            kind="incident",
            who=row.attempt.learner.name,
            reference=f"{row.attempt.started_at:%-d %b %Y}",
            what=row.get_kind_display(),
            why=_("%(exam)s: the result is held until you decide")
            % {"exam": row.attempt.quiz.activity.title},
            url=reverse("incident", args=[row.uuid]),
            since=row.at,
            due=(row.at + DECIDE_WITHIN).date(),
        )
        for row in rows
    ]
