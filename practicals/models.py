"""Checklists, exam plans and days, and what examiners wrote down."""

import uuid as uuids

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.blocks import BooleanBlock, CharBlock, ChoiceBlock, StreamBlock, StructBlock, TextBlock
from wagtail.fields import StreamField
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    PreviewableMixin,
    RevisionMixin,
    WorkflowMixin,
)
from wagtail.search import index

from accounts.models import Role, User
from courses.models import Activity, Enrolment
from ledger.models import AppendOnly

GLOBAL_RATINGS = (1, 2, 3, 4, 5)


class CriterionBlock(StructBlock):
    code = CharBlock(label=_("Line"), max_length=20)
    section = CharBlock(label=_("Section"), max_length=40)
    text = TextBlock(label=_("Observable behaviour"), rows=2)
    max = ChoiceBlock(label=_("Points"), choices=[("1", "0–1"), ("2", "0–2")], default="2")
    critical = BooleanBlock(label=_("★ Critical: 0 fails the station"), required=False)
    competence = CharBlock(label=_("Competence"), max_length=40, required=False)


class ViolationBlock(StructBlock):
    code = CharBlock(label=_("Code"), max_length=20)
    text = TextBlock(label=_("Critical violation"), rows=2)


class CriteriaStream(StreamBlock):
    criterion = CriterionBlock(label=_("Line"))


class ViolationStream(StreamBlock):
    violation = ViolationBlock(label=_("Violation"))


class Checklist(WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, PreviewableMixin, index.Indexed, models.Model):
    """A station's checklist as its author writes it. Publishing freezes it into a ChecklistVersion; only versions are scored."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=20, unique=True)
    title = models.CharField(max_length=150)
    scenario = models.TextField()
    minutes = models.PositiveSmallIntegerField()
    candidate_instructions = models.TextField(blank=True)
    client_script = models.TextField(blank=True)
    equipment = models.JSONField(default=list, blank=True)
    criteria = StreamField(CriteriaStream())
    violations = StreamField(ViolationStream(), blank=True)
    author = models.ForeignKey(User, models.PROTECT, related_name="checklists_written", null=True, blank=True, editable=False)

    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="checklist",
        for_concrete_model=False,
    )
    revisions_relation = GenericRelation(
        "wagtailcore.Revision",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="checklist",
        for_concrete_model=False,
    )

    panels = [
        FieldRowPanel([FieldPanel("code"), FieldPanel("title"), FieldPanel("minutes")]),
        FieldPanel("scenario"),
        FieldPanel("candidate_instructions"),
        FieldPanel("client_script"),
        FieldPanel("equipment"),
        FieldPanel("criteria"),
        FieldPanel("violations"),
    ]
    search_fields = [index.SearchField("code"), index.SearchField("title"), index.AutocompleteField("title")]

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def revisions(self):
        return self.revisions_relation


class ChecklistVersion(AppendOnly):
    """A checklist as it is scored. `content` holds title, scenario, minutes, instructions, violations; the lines are its criteria."""

    HASHED = ("checklist", "number", "content")

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(fields=["checklist", "number"], name="one_version_per_checklist_and_number"),
        ]

    def __str__(self) -> str:
        return f"{self.checklist.code} version {self.number}"


class Criterion(AppendOnly):
    """One line of a checklist version."""

    HASHED = ("version", "code", "section", "text", "max_points", "critical", "competence", "position")

    version = models.ForeignKey(ChecklistVersion, models.PROTECT, related_name="criteria")
    code = models.CharField(max_length=20)
    section = models.CharField(max_length=40)
    text = models.TextField()
    max_points = models.PositiveSmallIntegerField()
    critical = models.BooleanField(default=False)
    competence = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta(AppendOnly.Meta):
        ordering = ["version", "position"]
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(fields=["version", "code"], name="one_line_per_version_and_code"),
        ]


class ExamPlan(models.Model):
    """What the practical consists of and when it is passed. A formative plan has one station, one examiner, and certifies nothing."""

    class Kind(models.TextChoices):
        CERTIFYING = "certifying", _("Examination")
        FORMATIVE = "formative", _("Within a course")

    activity = models.OneToOneField(Activity, models.PROTECT, related_name="exam_plan")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.CERTIFYING)
    edition = models.CharField(max_length=20)
    total_cut = models.DecimalField(max_digits=5, decimal_places=2, help_text=_("percent, weighted over stations"))
    minimum_stations = models.PositiveSmallIntegerField(help_text=_("stations that must be passed"))
    discrepancy = models.DecimalField(max_digits=5, decimal_places=2, default=10, help_text=_("percentage points"))
    trainer_bar_months = models.PositiveSmallIntegerField(default=24)

    def __str__(self) -> str:
        return self.activity.title


class Station(models.Model):
    """Places a checklist in an exam plan."""

    plan = models.ForeignKey(ExamPlan, models.PROTECT, related_name="stations")
    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="stations")
    position = models.PositiveSmallIntegerField(default=0)
    minutes = models.PositiveSmallIntegerField()
    weight = models.DecimalField(max_digits=5, decimal_places=2)
    cut = models.DecimalField(max_digits=5, decimal_places=2, help_text=_("percent"))
    drawn_from = models.CharField(max_length=1, blank=True, help_text=_("A, B, C: one of each letter is drawn for a day"))

    class Meta:
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "checklist"], name="one_station_per_plan_and_checklist")
        ]

    def __str__(self) -> str:
        return str(self.checklist)


class ExamDay(models.Model):
    """A date and place at which a plan is examined; its stations are the same for everybody."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(ExamPlan, models.PROTECT, related_name="days")
    date = models.DateField()
    begins_at = models.TimeField()
    place = models.CharField(max_length=150)
    address = models.TextField(blank=True)
    capacity = models.PositiveSmallIntegerField(default=8)
    stations = models.ManyToManyField(Station, related_name="days")
    seed = models.BigIntegerField(default=0, help_text="of the draw of stations")
    examiners = models.ManyToManyField(User, related_name="exam_days", blank=True)

    class Meta:
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.place}, {self.date:%-d %B %Y}"


class AppointmentQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "AppointmentQuerySet":
        """A candidate's own; for registrars and chief examiners, all. Examiners see assignments, never candidates."""
        if user.has_role(Role.REGISTRAR, Role.CHIEF_EXAMINER):
            return self
        return self.filter(candidate=user)


class Appointment(models.Model):
    """One candidate's practical: on an exam day, or (formative) with their instructor."""

    class State(models.TextChoices):
        OFFERED = "offered", _("Offered")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        CANCELLED = "cancelled", _("Cancelled")

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(ExamPlan, models.PROTECT, related_name="appointments")
    exam_day = models.ForeignKey(ExamDay, models.PROTECT, related_name="appointments", null=True, blank=True)
    candidate = models.ForeignKey(User, models.PROTECT, related_name="appointments")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="appointments")
    candidate_number = models.CharField(max_length=8, help_text="what examiners see instead of a name")
    starts_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OFFERED)
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    identity_checked_at = models.DateTimeField(null=True, blank=True)
    avoid = models.CharField(max_length=250, blank=True, help_text="areas of the client model not to be touched")

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["exam_day", "candidate"],
                condition=Q(state__in=["offered", "accepted"]),
                name="one_appointment_per_candidate_and_day",
            ),
            models.UniqueConstraint(fields=["exam_day", "candidate_number"], name="one_number_per_candidate_and_day"),
        ]

    def __str__(self) -> str:
        return f"{self.candidate_number}, {self.starts_at:%-d %B %Y}"


class AssignmentQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "AssignmentQuerySet":
        """An examiner sees their own assignments of accepted appointments, and nobody else's (not even that the other has begun)."""
        return self.filter(examiner=user, appointment__state=Appointment.State.ACCEPTED)


class Assignment(models.Model):
    """One examiner scores one candidate at one station, as A or as B."""

    class Place(models.TextChoices):
        A = "A", "A"
        B = "B", "B"

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="assignments")
    station = models.ForeignKey(Station, models.PROTECT, related_name="assignments")
    checklist_version = models.ForeignKey(ChecklistVersion, models.PROTECT, related_name="assignments")
    examiner = models.ForeignKey(User, models.PROTECT, related_name="assignments")
    place = models.CharField(max_length=1, choices=Place)
    assigned_at = models.DateTimeField()
    assigned_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["appointment__starts_at", "station__position", "place"]
        constraints = [
            models.UniqueConstraint(fields=["appointment", "station", "place"], name="one_examiner_per_place"),
            models.UniqueConstraint(fields=["appointment", "station", "examiner"], name="two_different_examiners"),
        ]


class PracticalAssessment(models.Model):
    """One examiner's sheet. The device chooses its uuid; `draft` is the last synced state; once final it is frozen into rows."""

    uuid = models.UUIDField(unique=True, editable=False)
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="assessments")
    rev = models.PositiveIntegerField(default=0)
    draft = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True, help_text="of the last synced sheet: tells a repeat from a change")
    global_rating = models.PositiveSmallIntegerField(null=True, blank=True)
    signature = models.CharField(max_length=150, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField()
    final_at = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(default=True, help_text="the sheet that counts; re-issuing or superseding makes another")
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")
    supersedes_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["assignment", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(active=True), name="one_active_sheet_per_assignment"
            ),
            models.CheckConstraint(
                condition=Q(global_rating__isnull=True) | Q(global_rating__range=(1, 5)), name="a_global_rating_is_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(final_at__isnull=True) | (Q(global_rating__isnull=False) & ~Q(signature="")),
                name="a_final_sheet_is_rated_and_signed",
            ),
        ]


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
            models.UniqueConstraint(fields=["assessment", "criterion"], name="one_observation_per_line"),
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
        pass


class Adjudication(AppendOnly):
    """A chief examiner settles a station: for each line that differed, the points; for violations, whether confirmed; reasons the candidate reads."""

    HASHED = ("appointment", "station", "lines", "violations", "by")
    SALTED = ("reasons",)

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="adjudications")
    station = models.ForeignKey(Station, models.PROTECT, related_name="adjudications")
    lines = models.JSONField(help_text="{line: points}")
    violations = models.JSONField(default=dict, help_text="{violation code: confirmed}")
    reasons = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="adjudications")

    class Meta(AppendOnly.Meta):
        pass


class PracticalResult(AppendOnly):
    """The decision on an appointment; the newest version holds. `stations` and `reasons` are what decision.py said, in words."""

    class Outcome(models.TextChoices):
        HELD = "held", _("Held")
        PASSED = "passed", _("Passed")
        FAILED = "failed", _("Not passed")

    HASHED = ("appointment", "version", "outcome", "total", "stations", "reasons")

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="results")
    version = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    total = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    stations = models.JSONField(default=list)
    reasons = models.JSONField(default=list)

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(fields=["appointment", "version"], name="one_practical_result_per_version"),
        ]
