"""What one examiner wrote down: synced drafts, and the frozen lines of a signed sheet."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from ledger.models import AppendOnly
from practicals.models.checklists import Criterion
from practicals.models.visits import Assignment

# The whole performance on one scale, the same at every station: value, word, what it means.
GLOBAL_ANCHORS = (
    (1, _("Clear fail"), _("Unsafe, or would need direct supervision.")),
    (
        2,
        _("Borderline"),
        _("Safe overall, but gaps an examiner would not want in independent practice."),
    ),
    (3, _("Pass"), _("Safe, organised, adapts when told.")),
    (4, _("Good"), _("Adapts unprompted, fluent.")),
    (5, _("Excellent"), _("Anticipates, individualises, could be shown as an example.")),
)


class AssessmentQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "AssessmentQuerySet":
        """An examiner's own. A chief examiner sees both sheets of an appointment once there is a result, never before."""
        own = Q(assignment__examiner=user)
        if user.has_role(Role.CHIEF_EXAMINER):
            return self.filter(own | Q(assignment__appointment__results__isnull=False)).distinct()
        return self.filter(own)


class PracticalAssessment(models.Model):
    """One examiner's sheet. The device chooses its uuid; `draft` is the last synced state; once final it is frozen into rows."""

    uuid = models.UUIDField(unique=True, editable=False)
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="assessments")
    rev = models.PositiveIntegerField(default=0)
    draft = models.JSONField(default=dict)
    digest = models.CharField(
        max_length=64,
        blank=True,
        help_text="of the last synced sheet: tells a repeat from a change",
    )
    global_rating = models.PositiveSmallIntegerField(null=True, blank=True)
    signature = models.CharField(max_length=150, blank=True)
    device = models.CharField(
        max_length=64, blank=True, help_text="the one device it is written on, once that has sent"
    )
    skew_ms = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="clock of the device minus that of the server, at the last sync",
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField()
    final_at = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(
        default=True, help_text="the sheet that counts; re-issuing or superseding makes another"
    )
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    supersedes_reason = models.TextField(blank=True)
    written_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="who wrote a correction; empty: the examiner of the assignment",
    )

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["assignment", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(active=True),
                name="one_active_sheet_per_assignment",
            ),
            models.CheckConstraint(
                condition=Q(global_rating__isnull=True) | Q(global_rating__range=(1, 5)),
                name="a_global_rating_is_1_to_5",
            ),
            models.CheckConstraint(
                condition=Q(final_at__isnull=True)
                | (Q(global_rating__isnull=False) & ~Q(signature="")),
                name="a_final_sheet_is_rated_and_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment}, sheet {self.uuid}"

    @property
    def is_final(self) -> bool:
        return self.final_at is not None


class SheetRevision(AppendOnly):
    """Each synced draft of a sheet, as it came."""

    HASHED = ("assessment", "rev", "content")

    assessment = models.ForeignKey(PracticalAssessment, models.PROTECT, related_name="revisions")
    rev = models.PositiveIntegerField()
    content = models.JSONField()

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(fields=["assessment", "rev"], name="one_content_per_revision"),
        ]


class Observation(AppendOnly):
    """One line of a final sheet."""

    HASHED = ("assessment", "criterion_code", "rating", "observed_at")
    SALTED = ("note",)

    assessment = models.ForeignKey(PracticalAssessment, models.PROTECT, related_name="observations")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="observations")
    criterion_code = models.CharField(max_length=20)
    rating = models.PositiveSmallIntegerField()
    note = models.TextField(blank=True)
    observed_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(
                fields=["assessment", "criterion"], name="one_observation_per_line"
            ),
        ]


class Violation(AppendOnly):
    """A critical violation an examiner saw, with a factual note."""

    HASHED = ("assessment", "code", "observed_at")
    SALTED = ("note",)

    assessment = models.ForeignKey(PracticalAssessment, models.PROTECT, related_name="violations")
    code = models.CharField(max_length=20)
    text = models.TextField()
    note = models.TextField()
    observed_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(
                fields=["assessment", "code"], name="one_violation_per_code_and_sheet"
            ),
        ]
