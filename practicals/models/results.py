"""What was decided: a chief examiner's rulings, and the result versions of an appointment."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from ledger.models import AppendOnly, AppendOnlyQuerySet
from practicals.models.plans import Station
from practicals.models.sheets import PracticalAssessment
from practicals.models.visits import Appointment


class Adjudication(AppendOnly):
    """A chief examiner settles a station: for each line that differed, the points; for violations, whether confirmed; reasons the candidate reads.

    It rules on two given sheets. When one of them is superseded it no longer holds.
    """

    HASHED = (
        "appointment",
        "station",
        "sheet_a",
        "sheet_b",
        "lines",
        "violations",
        "remarks",
        "by",
    )
    SALTED = ("reasons",)

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="adjudications")
    station = models.ForeignKey(Station, models.PROTECT, related_name="adjudications")
    sheet_a = models.ForeignKey(PracticalAssessment, models.PROTECT, related_name="ruled_on_as_a")
    sheet_b = models.ForeignKey(PracticalAssessment, models.PROTECT, related_name="ruled_on_as_b")
    lines = models.JSONField(help_text="{line: points}")
    violations = models.JSONField(default=dict, help_text="{violation code: confirmed}")
    remarks = models.JSONField(default=dict, help_text="{line: why, in a few words}")
    reasons = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="adjudications")

    class Meta(AppendOnly.Meta):
        pass


class PracticalResultQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: User) -> "PracticalResultQuerySet":
        """A candidate's own; for registrars and chief examiners, all. Examiners learn no results."""
        if user.has_role(Role.REGISTRAR, Role.CHIEF_EXAMINER):
            return self
        return self.filter(appointment__candidate=user)

    def newest(self) -> "PracticalResultQuerySet":
        """The version of each appointment that holds."""
        newer = PracticalResult.objects.filter(
            appointment=models.OuterRef("appointment"), version__gt=models.OuterRef("version")
        )
        return self.filter(~models.Exists(newer))


class PracticalResult(AppendOnly):
    """The decision on an appointment; the newest version holds. `stations`, `competences` and `reasons` are what decision.py said.

    `total` is percent, rounded down, so that a total under its cut never reads as the cut; None while held.
    """

    class Outcome(models.TextChoices):
        HELD = "held", _("Held")
        PASSED = "passed", _("Passed")
        FAILED = "failed", _("Not passed")

    HASHED = (
        "appointment",
        "version",
        "outcome",
        "total",
        "stations",
        "competences",
        "reasons",
        "decide_by",
    )

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="results")
    version = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    total = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    stations = models.JSONField(default=list)
    competences = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    decide_by = models.DateField(
        null=True, blank=True, help_text="while held: the day a chief examiner decides by"
    )

    objects = PracticalResultQuerySet.as_manager()  # type: ignore[misc]

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(
                fields=["appointment", "version"], name="one_practical_result_per_version"
            ),
            models.CheckConstraint(
                condition=Q(outcome="held", total__isnull=True)
                | (~Q(outcome="held") & Q(total__isnull=False)),
                name="a_result_has_a_total_unless_it_is_held",
            ),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(total__range=(0, 100)),
                name="a_total_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment}: {self.get_outcome_display()}"

    @property
    def competences_in_words(self) -> list[dict]:
        """The bands by competence, weakest first, without the points behind them."""
        return [{"competence": row["competence"], "band": row["band"]} for row in self.competences]
