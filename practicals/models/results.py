"""What was decided: a chief examiner's rulings, and the result versions of an appointment."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from ledger.models import AppendOnly, AppendOnlyQuerySet
from practicals import words
from practicals.models.checklists import ChecklistVersion
from practicals.models.plans import ExamPlan, Station
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


class Annulment(AppendOnly):
    """A station that can never be decided, because a sheet of it is lost: it does not count, and is sat again at no charge. The candidate reads why.

    `sheets` were signed by then, `missing` are the places whose sheet never came. What comes later is kept beside.
    """

    HASHED = ("appointment", "station", "version", "sheets", "missing", "by")
    SALTED = ("reasons",)

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="annulments")
    station = models.ForeignKey(Station, models.PROTECT, related_name="annulments")
    version = models.ForeignKey(ChecklistVersion, models.PROTECT, related_name="+")
    sheets = models.JSONField(default=list, help_text="uuids of its signed sheets")
    missing = models.JSONField(default=list, help_text="places, A or B")
    reasons = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="annulments")

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(
                fields=["appointment", "station"], name="a_station_is_annulled_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment}, {self.station}"


class AnnulmentEnd(AppendOnly):
    """An annulment taken back, because every sheet it missed has come after all: those that were kept beside count from then on."""

    HASHED = ("annulment", "strays", "by")
    SALTED = ("reasons",)

    annulment = models.OneToOneField(Annulment, models.PROTECT, related_name="end")
    strays = models.JSONField(
        default=list, help_text="uuids of what was kept beside and counts now"
    )
    reasons = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.annulment}, taken back"


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

    `total` is percent, rounded down, so that a total under its cut never reads as the cut; None while held, or while a station is to be sat again
    because it was annulled (incomplete). `rule` is what it was decided
    by, and each station names its sheets and its ruling: with them it can be derived again (services/replaying.py). Of schema 1, which had
    neither rule nor cause, the reasons are sentences; since schema 2 they are codes with values, which words.py says.
    """

    SCHEMA = 2

    class Outcome(models.TextChoices):
        HELD = "held", _("Held")
        PASSED = "passed", _("Passed")
        FAILED = "failed", _("Not passed")
        INCOMPLETE = "incomplete", _("To be completed")

    class Cause(models.TextChoices):
        SIGNED = "signed", _("The last sheet was signed")
        RULED = "ruled", _("A chief examiner ruled")
        CORRECTED = "corrected", _("A sheet was corrected")
        CARRIED = "carried", _("A station carried over was decided anew")
        ANNULLED = "annulled", _("A station was annulled")
        TAKEN_BACK = "taken_back", _("An annulment was taken back: the sheet has come")

    HASHED = (
        "appointment",
        "version",
        "outcome",
        "total",
        "stations",
        "competences",
        "reasons",
        "decide_by",
        "schema",
        "rule",
        "cause",
        "by",
    )
    SALTED = ("why",)
    SINCE_SCHEMA_2 = ("schema", "rule", "cause", "by", "why")

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
    schema = models.PositiveSmallIntegerField(default=1)
    rule = models.JSONField(default=dict, help_text="{total_cut, minimum_stations, discrepancy}")
    cause = models.CharField(max_length=10, choices=Cause, default=Cause.SIGNED)
    why = models.TextField(blank=True, help_text="why a sheet was corrected")
    by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="who ruled or corrected; empty: the signatures decided",
    )

    objects = PracticalResultQuerySet.as_manager()  # type: ignore[misc]

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(
                fields=["appointment", "version"], name="one_practical_result_per_version"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["held", "incomplete"], total__isnull=True)
                | (~Q(outcome__in=["held", "incomplete"]) & Q(total__isnull=False)),
                name="a_result_has_a_total_once_it_is_decided",
            ),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(total__range=(0, 100)),
                name="a_total_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment}: {self.get_outcome_display()}"

    @property
    def report_path(self) -> str:
        """In private storage."""
        return f"practicals/reports/{self.uuid}.pdf"

    @property
    def is_amended(self) -> bool:
        """Whether it takes the place of a result because a sheet was corrected, here or where a station was carried over from, or came after all."""
        return self.cause in (self.Cause.CORRECTED, self.Cause.CARRIED, self.Cause.TAKEN_BACK)

    def hashed_content(self) -> dict[str, Any]:
        content = super().hashed_content()
        if self.schema == 1:
            for name in self.SINCE_SCHEMA_2:
                del content[name]
        return content

    def reasons_said(self, *, staff: bool = False) -> list[str]:
        """Why the whole is as it is, in the reader's language."""
        return words.say_all(self.reasons, self._rulings, staff=staff)

    def stations_said(self, *, staff: bool = False) -> list[dict]:
        """Each station, with its reasons as sentences."""
        rulings = self._rulings
        return [
            {**row, "reasons": words.say_all(row["reasons"], rulings, staff=staff)}
            for row in self.stations
        ]

    @property
    def is_decided(self) -> bool:
        return self.total is not None

    @cached_property
    def _rulings(self) -> dict[str, str]:
        """What chief examiners wrote, by station. One query each, or none where the appointment's rulings are prefetched or none is named."""
        said: dict[str, str] = {}
        for name, related in (("ruling", "adjudications"), ("annulment", "annulments")):
            named = {row[name]: row["code"] for row in self.stations if row.get(name)}
            rows = getattr(self.appointment, related).all() if named else []
            said |= {named[str(row.uuid)]: row.reasons for row in rows if str(row.uuid) in named}
        return said

    @property
    def staff_reasons(self) -> list[str]:
        return self.reasons_said(staff=True)

    @property
    def staff_stations(self) -> list[dict]:
        return self.stations_said(staff=True)

    @property
    def competences_in_words(self) -> list[dict]:
        """The bands by competence, weakest first, without the points behind them."""
        return [
            {"competence": words.competence(row["competence"]), "band": row["band"]}
            for row in self.competences
        ]


class FurtherLearning(AppendOnly):
    """After the last attempt a plan of further learning was agreed and done: one attempt more (R56). One chain a person."""

    HASHED = ("exam_plan", "candidate", "by")
    SALTED = ("plan",)

    exam_plan = models.ForeignKey(ExamPlan, models.PROTECT, related_name="further_learning")
    candidate = models.ForeignKey(User, models.PROTECT, related_name="further_learning")
    plan = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.candidate}, {self.exam_plan}"


class FallReview(AppendOnly):
    """An amendment took a pass back on which a credential rests; a registrar has looked at it and says what follows."""

    HASHED = ("result", "by")
    SALTED = ("reasons",)

    result = models.OneToOneField(PracticalResult, models.PROTECT, related_name="fall_review")
    reasons = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        pass

    def __str__(self) -> str:
        return str(self.result)
