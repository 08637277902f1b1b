"""After the results: plans of further learning, and passes that an amendment took back. One's own; for registrars and chief examiners, all."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.permissions import IsAuthenticated

from accounts.models import Role
from practicals.api.reading import THING, List
from practicals.models import FurtherLearning, PracticalResult
from practicals.services.watching import fallen


def is_staff(user: Any) -> bool:
    return user.has_role(Role.REGISTRAR, Role.CHIEF_EXAMINER)


@extend_schema_view(
    get=extend_schema(operation_id="practicals_further_learning_list", responses=THING)
)
class FurtherLearnings(List):
    """Plans agreed and done after the last attempt, each of which gave one attempt more."""

    permission_classes = [IsAuthenticated]

    def get_queryset(self) -> QuerySet[FurtherLearning]:
        rows = FurtherLearning.objects.select_related("exam_plan__activity", "candidate", "by")
        if is_staff(self.request.user):
            return rows
        return rows.filter(candidate=self.request.user)

    def say(self, row: FurtherLearning) -> dict[str, Any]:
        said = {
            "uuid": str(row.uuid),
            "examination": row.exam_plan.activity.title,
            "plan": row.plan,
            "at": row.at,
        }
        if is_staff(self.request.user):
            said |= {"candidate": str(row.candidate.uuid), "name": row.candidate.name}
        return said


@extend_schema_view(get=extend_schema(operation_id="practicals_falls_list", responses=THING))
class Falls(List):
    """Practicals that were passed and, decided anew, are not. `looked_at`: when a registrar wrote down what follows for the credential."""

    permission_classes = [IsAuthenticated]

    def get_queryset(self) -> QuerySet[PracticalResult]:
        rows = fallen(PracticalResult.objects.visible_to(self.request.user))
        return rows.select_related("fall_review", "appointment__exam_day")

    def say(self, row: PracticalResult) -> dict[str, Any]:
        review = getattr(row, "fall_review", None)
        said = {
            "appointment": str(row.appointment.uuid),
            "candidate_number": row.appointment.candidate_number,
            "exam_day": str(row.appointment.exam_day),
            "outcome": row.outcome,
            "at": row.at,
            "why": row.why,
            "looked_at": review.at if review else None,
        }
        if is_staff(self.request.user):
            said["reasons"] = review.reasons if review else None
        return said
