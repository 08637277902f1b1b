"""Who comes when, and who examines them."""

import uuid as uuids

from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from courses.models import Enrolment
from practicals.models.checklists import ChecklistVersion
from practicals.models.plans import ExamDay, ExamPlan, Station
from practicals.sealing import SealedTextField


class AppointmentQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "AppointmentQuerySet":
        """A candidate's own; for registrars and chief examiners, all. Examiners see assignments, never candidates."""
        if user.has_role(Role.REGISTRAR, Role.CHIEF_EXAMINER):
            return self
        return self.filter(candidate=user)

    def active(self) -> "AppointmentQuerySet":
        """Offered or accepted: they take a place on their day."""
        return self.filter(state__in=[Appointment.State.OFFERED, Appointment.State.ACCEPTED])


class Appointment(models.Model):
    """One candidate's practical: on an exam day, or (formative) with their instructor."""

    class State(models.TextChoices):
        OFFERED = "offered", _("Offered")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        CANCELLED = "cancelled", _("Cancelled")
        ABSENT = "absent", _("Did not come")

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(ExamPlan, models.PROTECT, related_name="appointments")
    exam_day = models.ForeignKey(
        ExamDay, models.PROTECT, related_name="appointments", null=True, blank=True
    )
    candidate = models.ForeignKey(User, models.PROTECT, related_name="appointments")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="appointments")
    candidate_number = models.CharField(
        max_length=8, help_text="what examiners see instead of a name"
    )
    place_in_circuit = models.PositiveSmallIntegerField(
        default=0, help_text="0 begins at the first station, 1 at the second, …"
    )
    starts_at = models.DateTimeField()
    resit_of = models.ForeignKey(
        "PracticalResult",
        models.PROTECT,
        related_name="resits",
        null=True,
        blank=True,
        help_text="the result whose failed stations alone are sat again; empty: the whole practical",
    )
    state = models.CharField(max_length=10, choices=State, default=State.OFFERED)
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    checked_in_at = models.DateTimeField(
        null=True, blank=True, help_text="identity seen and agreement made"
    )
    calendar_sequence = models.PositiveSmallIntegerField(
        default=0, help_text="SEQUENCE of its calendar entry; it rises with every change"
    )
    avoid = SealedTextField(
        max_length=250, blank=True, help_text="areas of the client model not to be touched"
    )

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["exam_day", "candidate"],
                condition=Q(state__in=["offered", "accepted"]),
                name="one_appointment_per_candidate_and_day",
            ),
            models.UniqueConstraint(
                fields=["exam_day", "place_in_circuit"],
                condition=Q(state__in=["offered", "accepted"]),
                name="one_candidate_per_place_in_the_circuit",
            ),
            models.UniqueConstraint(
                fields=["exam_day", "candidate_number"], name="one_number_per_candidate_and_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate_number}, {date_format(self.starts_at, 'j F Y')}"

    @property
    def is_active(self) -> bool:
        return self.state in (self.State.OFFERED, self.State.ACCEPTED)

    @property
    def day(self) -> ExamDay:
        """Its exam day. Raises ValueError for a practical inside a course, which has none."""
        if self.exam_day is None:
            raise ValueError("A practical inside a course is held on no exam day.")
        return self.exam_day

    @property
    def zone(self) -> str:
        """The time zone its times are said in: that of the place."""
        return self.exam_day.zone if self.exam_day else "UTC"


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
    checklist_version = models.ForeignKey(
        ChecklistVersion, models.PROTECT, related_name="assignments"
    )
    examiner = models.ForeignKey(User, models.PROTECT, related_name="assignments")
    place = models.CharField(max_length=1, choices=Place)
    assigned_at = models.DateTimeField()
    assigned_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["appointment__starts_at", "station__position", "place"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "station", "place"], name="one_examiner_per_place"
            ),
            models.UniqueConstraint(
                fields=["appointment", "station", "examiner"], name="two_different_examiners"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.station.checklist.code}{self.place}, {self.appointment}"
