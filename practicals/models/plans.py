"""What a practical examination consists of, when it is passed, and the days on which it is held."""

import uuid as uuids
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

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


class ExamPlan(models.Model):
    """What the practical consists of and when it is passed. A formative plan has one station, one examiner, and certifies nothing."""

    class Kind(models.TextChoices):
        CERTIFYING = "certifying", _("Examination")
        FORMATIVE = "formative", _("Within a course")

    activity = models.OneToOneField(Activity, models.PROTECT, related_name="exam_plan")
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
    adjudication_days = models.PositiveSmallIntegerField(
        _("days to decide"),
        default=14,
        help_text=_("in which a chief examiner settles a held result"),
    )
    reading_minutes = models.PositiveSmallIntegerField(_("reading minutes"), default=2)
    change_minutes = models.PositiveSmallIntegerField(_("minutes to change"), default=2)

    panels = [
        FieldRowPanel([FieldPanel("activity"), FieldPanel("kind"), FieldPanel("edition")]),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("total_cut"), FieldPanel("minimum_stations")]),
                FieldRowPanel([FieldPanel("discrepancy"), FieldPanel("adjudication_days")]),
                FieldRowPanel([FieldPanel("trainer_bar_months"), FieldPanel("retake_wait_days")]),
            ],
            heading=_("Rules"),
        ),
        FieldRowPanel([FieldPanel("reading_minutes"), FieldPanel("change_minutes")]),
    ]

    class Meta:
        ordering = ["activity__title"]
        constraints = [
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

    plan = models.ForeignKey(ExamPlan, models.PROTECT, related_name="stations")
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
        FieldRowPanel([FieldPanel("plan"), FieldPanel("checklist")]),
        FieldRowPanel([FieldPanel("position"), FieldPanel("minutes"), FieldPanel("drawn_from")]),
        FieldRowPanel([FieldPanel("weight"), FieldPanel("cut")]),
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

    def __str__(self) -> str:
        return f"{self.place}, {self.date:%-d %B %Y}"

    @property
    def begins(self) -> datetime:
        """The moment the first round begins."""
        return datetime.combine(self.date, self.begins_at, tzinfo=ZoneInfo(self.zone))

    @property
    def things_to_bring(self) -> list[str]:
        return [line.strip() for line in self.bring.splitlines() if line.strip()]
