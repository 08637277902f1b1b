"""What a practical examination consists of, when it is passed, and the days on which it is held."""

import uuid as uuids
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel

from accounts.models import Role, User
from courses.models import Activity
from practicals.models.checklists import Checklist

BRING = "\n".join(
    [
        "A photo identity document with the name you applied under",
        "Clean, short-sleeved working clothes and closed shoes; nails short, no hand or wrist jewellery",
        "Water and something to eat: the visit takes about two and a half hours",
    ]
)

AGREEMENT = "\n".join(
    [
        "I am the person I have shown myself to be, and I have had the rules of this examination.",
        "I am fit to work on another person today: no fever, no infection, no open wound on my hands.",
        "I stop at once when the client model, an examiner or I say “stop”.",
        "I touch only the areas the station asks for, and none that the client model has excluded.",
        "I tell nobody what the stations are, what was asked or what I saw, and I take no notes or pictures away.",
        "Two examiners score me independently of each other. I can appeal within 30 days of the result.",
        "If something goes wrong today I tell the registrar before I leave.",
    ]
)


class ExamPlanQuerySet(models.QuerySet):
    def in_force(self) -> "ExamPlanQuerySet":
        """The edition of each activity that new exam days are held under."""
        return self.filter(state=ExamPlan.State.IN_FORCE)


class ExamPlan(ClusterableModel):
    """What the practical consists of and when it is passed. A formative plan has one station, one examiner, and certifies nothing.

    An edition: once an exam day under it has begun, nothing of it changes; what is to change is a copy, the next edition
    (services/plans.py). Exam days and appointments name theirs.
    """

    class Kind(models.TextChoices):
        CERTIFYING = "certifying", _("Examination")
        FORMATIVE = "formative", _("Within a course")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_FORCE = "in_force", _("In force")
        SUPERSEDED = "superseded", _("Superseded")

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="exam_plans")
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.IN_FORCE, editable=False
    )
    in_force_since = models.DateTimeField(null=True, blank=True, editable=False)
    follows = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="followed_by",
        editable=False,
        help_text="the edition it was copied from",
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.CERTIFYING)
    edition = models.CharField(_("edition"), max_length=20)
    total_cut = models.DecimalField(
        _("cut of the total"),
        max_digits=5,
        decimal_places=2,
        help_text=_("percent, weighted over stations"),
    )
    minimum_stations = models.PositiveSmallIntegerField(
        _("stations to pass"), help_text=_("at least so many stations must be passed")
    )
    discrepancy = models.DecimalField(
        _("discrepancy"),
        max_digits=5,
        decimal_places=2,
        default=10,
        help_text=_("percentage points; two sheets further apart go to a chief examiner"),
    )
    trainer_bar_months = models.PositiveSmallIntegerField(
        _("trainer bar"),
        default=24,
        help_text=_("months in which nobody examines a person they taught (R3)"),
    )
    retake_wait_days = models.PositiveSmallIntegerField(_("days before a retake"), default=30)
    attempts_allowed = models.PositiveSmallIntegerField(
        _("attempts"),
        default=3,
        help_text=_("after so many fails a plan of further learning comes first (R56)"),
    )
    resit_stations = models.PositiveSmallIntegerField(
        _("stations sat again alone"),
        default=2,
        help_text=_("up to so many failed stations are sat again; with more, the whole (R56)"),
    )
    carry_months = models.PositiveSmallIntegerField(
        _("months a station counts"),
        default=24,
        help_text=_("in which failed stations are sat again and passed ones carried over (R56)"),
    )
    adjudication_days = models.PositiveSmallIntegerField(
        _("days to decide"),
        default=14,
        help_text=_("in which a chief examiner settles a held result"),
    )
    objection_hours = models.PositiveSmallIntegerField(
        _("hours for an objection"),
        default=48,
        help_text=_("until so many hours before, a candidate may object to an examiner (R4)"),
    )
    agreement = models.TextField(
        _("what candidates agree to"),
        default=AGREEMENT,
        help_text=_(
            "One sentence per line. A changed text is a new version from the next agreement on."
        ),
    )
    reading_minutes = models.PositiveSmallIntegerField(_("reading minutes"), default=2)
    change_minutes = models.PositiveSmallIntegerField(_("minutes to change"), default=2)
    cut_note = models.TextField(
        _("how the cuts were set"),
        blank=True,
        help_text=_(
            "By whom, by which method, on which data, until when. Chief examiners read it."
        ),
    )

    objects = ExamPlanQuerySet.as_manager()

    # What a begun exam day fixes. The agreement is not among it: each candidate's own keeps the text they agreed to.
    RULES = (
        "kind",
        "edition",
        "total_cut",
        "minimum_stations",
        "discrepancy",
        "adjudication_days",
        "trainer_bar_months",
        "objection_hours",
        "retake_wait_days",
        "attempts_allowed",
        "resit_stations",
        "carry_months",
        "reading_minutes",
        "change_minutes",
    )

    panels = [
        FieldRowPanel([FieldPanel("activity"), FieldPanel("kind"), FieldPanel("edition")]),
        InlinePanel("stations", heading=_("Stations"), label=_("Station")),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("total_cut"), FieldPanel("minimum_stations")]),
                FieldRowPanel([FieldPanel("discrepancy"), FieldPanel("adjudication_days")]),
                FieldRowPanel([FieldPanel("trainer_bar_months"), FieldPanel("retake_wait_days")]),
                FieldRowPanel(
                    [
                        FieldPanel("attempts_allowed"),
                        FieldPanel("resit_stations"),
                        FieldPanel("carry_months"),
                    ]
                ),
                FieldPanel("objection_hours"),
            ],
            heading=_("Rules"),
        ),
        FieldPanel("agreement"),
        FieldRowPanel([FieldPanel("reading_minutes"), FieldPanel("change_minutes")]),
        FieldPanel("cut_note"),
    ]

    class Meta:
        ordering = ["activity__title", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "edition"],
                name="one_plan_per_activity_and_edition",
                violation_error_message=_("There is a plan of this edition already."),
            ),
            models.UniqueConstraint(
                fields=["activity"],
                condition=Q(state="in_force"),
                name="one_plan_in_force_per_activity",
            ),
            models.CheckConstraint(
                condition=Q(total_cut__range=(0, 100)),
                name="the_cut_of_a_total_is_a_percentage",
                violation_error_message=_("The cut of the total is between 0 and 100 percent."),
            ),
            models.CheckConstraint(
                condition=Q(discrepancy__range=(0, 100)),
                name="a_discrepancy_is_in_percentage_points",
                violation_error_message=_(
                    "The discrepancy is between 0 and 100 percentage points."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.activity.title

    @property
    def is_formative(self) -> bool:
        return self.kind == self.Kind.FORMATIVE


class Station(models.Model):
    """Places a checklist in an exam plan."""

    plan = ParentalKey(ExamPlan, on_delete=models.PROTECT, related_name="stations")
    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="stations")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    minutes = models.PositiveSmallIntegerField(_("minutes at the table"))
    weight = models.DecimalField(_("weight"), max_digits=5, decimal_places=2)
    cut = models.DecimalField(_("cut"), max_digits=5, decimal_places=2, help_text=_("percent"))
    drawn_from = models.CharField(
        _("drawn from"),
        max_length=1,
        blank=True,
        help_text=_("A, B, C: one of each letter is drawn for a day. Empty: always there."),
    )

    panels = [
        FieldRowPanel([FieldPanel("checklist"), FieldPanel("drawn_from"), FieldPanel("position")]),
        FieldRowPanel([FieldPanel("minutes"), FieldPanel("weight"), FieldPanel("cut")]),
    ]

    class Meta:
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "checklist"], name="one_station_per_plan_and_checklist"
            ),
            models.CheckConstraint(condition=Q(weight__gt=0), name="a_station_has_weight"),
            models.CheckConstraint(
                condition=Q(cut__range=(0, 100)),
                name="the_cut_of_a_station_is_a_percentage",
                violation_error_message=_("The cut of a station is between 0 and 100 percent."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.checklist)


class ExamDayQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "ExamDayQuerySet":
        """Registrars plan exam days and chief examiners look at them; candidates and examiners see only what is theirs."""
        if user.has_role(Role.REGISTRAR, Role.CHIEF_EXAMINER):
            return self
        return self.none()


def check_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(
            _("“%(name)s” is no time zone; write Europe/London, for example."),
            params={"name": name},
        )


class ExamDay(models.Model):
    """A date and place at which a plan is examined; its stations are the same for everybody. Times are the place's own."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(ExamPlan, models.PROTECT, related_name="days")
    date = models.DateField(_("date"))
    begins_at = models.TimeField(_("begins at"))
    zone = models.CharField(
        _("time zone"), max_length=40, default="Europe/London", validators=[check_zone]
    )
    place = models.CharField(_("place"), max_length=150)
    address = models.TextField(_("address and how to get there"), blank=True)
    bring = models.TextField(
        _("what candidates bring"), blank=True, default=BRING, help_text=_("One thing per line")
    )
    capacity = models.PositiveSmallIntegerField(_("candidates at most"), default=8)
    stations = models.ManyToManyField(Station, related_name="days", blank=True)
    seed = models.BigIntegerField(default=0, help_text="of the draw of stations")
    drawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    examiners = models.ManyToManyField(
        User,
        related_name="exam_days",
        blank=True,
        verbose_name=_("examiners"),
        limit_choices_to={"groups__name": Role.EXAMINER},
    )

    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    why_cancelled = models.CharField(max_length=500, blank=True, editable=False)

    objects = ExamDayQuerySet.as_manager()

    panels = [
        FieldPanel("plan"),
        FieldRowPanel([FieldPanel("date"), FieldPanel("begins_at"), FieldPanel("zone")]),
        FieldRowPanel([FieldPanel("place"), FieldPanel("capacity")]),
        FieldPanel("address"),
        FieldPanel("bring"),
        FieldPanel("examiners", widget=forms.CheckboxSelectMultiple),
    ]

    class Meta:
        ordering = ["date"]

    def clean(self) -> None:
        """A new day is held under the edition in force; one that is set up keeps its own."""
        super().clean()
        plan = self.plan if self.plan_id else None
        if plan is None or self.pk is not None:
            return
        if plan.is_formative or plan.state != ExamPlan.State.IN_FORCE:
            raise ValidationError(
                {"plan": _("Choose the edition of an examination that is in force.")}
            )

    def __str__(self) -> str:
        return f"{self.place}, {date_format(self.date, 'j F Y')}"

    @property
    def begins(self) -> datetime:
        """The moment the first round begins."""
        return datetime.combine(self.date, self.begins_at, tzinfo=ZoneInfo(self.zone))

    @property
    def things_to_bring(self) -> list[str]:
        return [line.strip() for line in self.bring.splitlines() if line.strip()]
