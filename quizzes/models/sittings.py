"""A written examination in time and place: who sits it, who watches over it, what happened."""

import uuid as uuids
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from ledger.models import AppendOnly, AppendOnlyQuerySet
from quizzes.models.taking import Attempt, Quiz, Response


class SittingQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "SittingQuerySet":
        """Registrars see all, invigilators their own."""
        if user.has_role(Role.REGISTRAR):
            return self
        if user.has_role(Role.INVIGILATOR):
            return self.filter(invigilators=user)
        return self.none()

    def open(self, at: datetime) -> "SittingQuerySet":
        return self.filter(opens_at__lte=at, closes_at__gt=at)


class Sitting(models.Model):
    """Between `opens_at` and `closes_at` whoever has a seat may start. What was started runs to the end of its own time."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="sittings")
    place = models.CharField(_("place"), max_length=200)
    zone = models.CharField(_("time zone of the place"), max_length=40, default="Europe/London")
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes to new starts"))
    invigilators = models.ManyToManyField(
        User, related_name="sittings_watched", verbose_name=_("invigilators")
    )

    objects = SittingQuerySet.as_manager()

    class Meta:
        ordering = ["-opens_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="a_sitting_closes_after_it_opens"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quiz}, {self.place}"

    def is_open(self, at: datetime) -> bool:
        return self.opens_at <= at < self.closes_at


class Seat(models.Model):
    """Somebody may sit it there."""

    sitting = models.ForeignKey(Sitting, models.PROTECT, related_name="seats")
    learner = models.ForeignKey(User, models.PROTECT, related_name="seats")
    number = models.PositiveSmallIntegerField(help_text="how invigilators and reports name them")

    class Meta:
        ordering = ["sitting", "number"]
        constraints = [
            models.UniqueConstraint(fields=["sitting", "learner"], name="one_seat_per_person"),
            models.UniqueConstraint(fields=["sitting", "number"], name="seats_are_numbered"),
        ]

    def __str__(self) -> str:
        return f"{self.sitting}, seat {self.number}"


class SittingEvent(AppendOnly):
    """What happened to an attempt while it was sat, other than answers. One chain an attempt."""

    class Kind(models.TextChoices):
        STARTED = "started", _("Started")
        BREAK_BEGAN = "break_began", _("Break began")
        BREAK_ENDED = "break_ended", _("Break ended")
        OUT_OF_TOUCH = "out_of_touch", _("Heard of again after an outage")
        DEVICE_REFUSED = "device_refused", _("Another device was refused")
        DEVICE_UNLOCKED = "device_unlocked", _("Another device was let in")
        TIME_CREDITED = "time_credited", _("Time credited")
        REOPENED = "reopened", _("Given back after the clock had closed it, with time")
        LATE_TAKEN = "late_taken", _("Answers that came late were put in")

    HASHED = ("attempt", "kind", "seconds", "by")
    SALTED = ("reason",)

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    seconds = models.PositiveIntegerField(default=0, help_text="of a break, an outage or a credit")
    reason = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.attempt}: {self.get_kind_display()}"


class LateAnswerQuerySet(AppendOnlyQuerySet):
    def waiting(self) -> "LateAnswerQuerySet":
        """Newer than what is stored for their question: neither put in nor overtaken since."""
        return self.filter(seq__gt=F("response__seq"))


class LateAnswer(AppendOnly):
    """An answer that a device sent after the clock had closed its attempt: kept as it came, and counted only when a person puts it in."""

    HASHED = ("response", "seq", "answer", "flagged", "device")

    response = models.ForeignKey(Response, models.PROTECT, related_name="late")
    answer = models.JSONField(null=True)
    flagged = models.BooleanField(default=False)
    seq = models.PositiveIntegerField()
    device = models.CharField(max_length=64, blank=True, help_text="digest of the one that sent it")

    objects = LateAnswerQuerySet.as_manager()  # type: ignore[misc]

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(
                fields=["response", "seq", "device"], name="a_late_answer_is_kept_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response}, late"


class IncidentQuerySet(AppendOnlyQuerySet):
    def open(self) -> "IncidentQuerySet":
        """Not decided yet."""
        return self.filter(decision=None)

    def visible_to(self, user: User) -> "IncidentQuerySet":
        """Registrars decide on all; invigilators see those of their own sittings."""
        if user.has_role(Role.REGISTRAR):
            return self
        if user.has_role(Role.INVIGILATOR):
            return self.filter(attempt__sitting__invigilators=user)
        return self.none()


class Incident(AppendOnly):
    """Something that may touch a result, as it was reported. While it is open, the result of its attempt is held."""

    class Kind(models.TextChoices):
        OUTAGE = "outage", _("Network or power outage")
        DISTURBANCE = "disturbance", _("Disturbance")
        ILLNESS = "illness", _("Illness")
        IRREGULARITY = "irregularity", _("Irregularity")
        COMPLAINT = "complaint", _("Complaint by the candidate")

    HASHED = ("attempt", "kind", "reporter")
    SALTED = ("what",)

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="incidents")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    what = models.TextField(_("what happened"))
    reporter = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = IncidentQuerySet.as_manager()  # type: ignore[misc]

    class Meta(AppendOnly.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.attempt}: {self.get_kind_display()}"


class IncidentDecision(AppendOnly):
    """What a registrar decided about an incident: the result stands, or it does not count and the attempt is given back."""

    class Outcome(models.TextChoices):
        STANDS = "stands", _("The result stands")
        ANNULLED = "annulled", _("The attempt does not count")

    HASHED = ("incident", "outcome", "by")
    SALTED = ("reasons",)

    incident = models.OneToOneField(Incident, models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=10, choices=Outcome)
    reasons = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.incident}: {self.get_outcome_display()}"


class Remediation(AppendOnly):
    """A plan of further learning was agreed and done: one attempt more than the quiz allows. One chain a person."""

    HASHED = ("quiz", "learner", "by")
    SALTED = ("plan",)

    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="remediations")
    learner = models.ForeignKey(User, models.PROTECT, related_name="remediations")
    plan = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.learner}, {self.quiz}"
