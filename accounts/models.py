"""People, what they may do, whom they taught, and what binds them."""

import uuid as uuids
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ledger.models import AppendOnly, AppendOnlyQuerySet


class Role(models.TextChoices):
    """What a person does here; each is a group of the same name. A person without one is a learner, applicant or holder."""

    INSTRUCTOR = "instructor", _("Instructor")
    ITEM_AUTHOR = "item_author", _("Item author")
    ITEM_REVIEWER = "item_reviewer", _("Item reviewer")
    EXAMINER = "examiner", _("Examiner")
    CHIEF_EXAMINER = "chief_examiner", _("Chief examiner")
    REGISTRAR = "registrar", _("Registrar")
    INVIGILATOR = "invigilator", _("Invigilator")
    ADMINISTRATOR = "administrator", _("Site administrator")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_superuser=True, is_staff=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]
    """A person. Signs in with an e-mail address; is known outside by `uuid`."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, help_text=_("As you want to be addressed."))
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(default=False, editable=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_person_per_email_address",
                violation_error_message=_("Somebody with this e-mail address is already here."),
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email

    # Wagtail's user screens ask for these two.
    @property
    def first_name(self) -> str:
        return self.name

    @property
    def last_name(self) -> str:
        return ""

    @cached_property
    def roles(self) -> frozenset[str]:
        """Names of the groups this person is in (one query, remembered on the instance)."""
        return frozenset(self.groups.values_list("name", flat=True))

    def has_role(self, *roles: str) -> bool:
        """Whether the person holds any of `roles`. Being a superuser is not a role: separation holds for everybody."""
        return not self.roles.isdisjoint(roles)


class Organisation(models.Model):
    """A school, club or clinic that people work for; two people of one may not examine each other."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person belongs to an organisation for a time."""

    user = models.ForeignKey(
        User, models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    position = models.CharField(_("position"), max_length=100, blank=True)
    began_on = models.DateField(_("since"))
    ended_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=models.F("began_on")),
                name="a_membership_ends_after_it_began",
                violation_error_message=_("A membership ends on the day it begins or later."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.organisation}"


class TeachingRecord(AppendOnly):
    """One person taught another on a day. It bars the teacher from examining the learner for 24 months (R3)."""

    HASHED = ("teacher", "learner", "subject", "taught_on", "minutes", "source", "recorded_by")

    teacher = models.ForeignKey(User, models.PROTECT, related_name="teaching_given")
    learner = models.ForeignKey(User, models.PROTECT, related_name="teaching_received")
    subject = models.CharField(max_length=200)
    taught_on = models.DateField()
    minutes = models.PositiveIntegerField(null=True, blank=True)
    source = models.UUIDField(
        null=True, blank=True, help_text="uuid of the cohort, sheet or session it comes from"
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)

    class Meta(AppendOnly.Meta):
        indexes = [models.Index(fields=["learner", "teacher", "taught_on"])]

    def __str__(self) -> str:
        return f"{self.teacher} taught {self.learner}, {self.taught_on}"


class ExaminingRecord(AppendOnly):
    """One person examined another on a day. Whoever did decides nothing about that person's credentials (R2)."""

    HASHED = ("examiner", "candidate", "subject", "examined_on", "source")

    examiner = models.ForeignKey(User, models.PROTECT, related_name="examining_done")
    candidate = models.ForeignKey(User, models.PROTECT, related_name="examining_received")
    subject = models.CharField(max_length=200)
    examined_on = models.DateField()
    source = models.UUIDField(help_text="uuid of the sheet, marking or ruling it comes from")

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(examiner=models.F("candidate")), name="nobody_examines_themselves"
            ),
            models.UniqueConstraint(
                fields=["examiner", "candidate", "source"], name="an_examining_is_recorded_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.examiner} examined {self.candidate}, {self.examined_on}"


class ConflictQuerySet(AppendOnlyQuerySet):
    def in_force(self, on: date) -> "ConflictQuerySet":
        return self.filter(Q(until__isnull=True) | Q(until__gte=on))


class ConflictDeclaration(AppendOnly):
    """Somebody declares a tie (family, employer, client) or a candidate objects to an examiner."""

    class Kind(models.TextChoices):
        FAMILY = "family", _("Family or partner")
        EMPLOYER = "employer", _("Same employer")
        CLIENT = "client", _("Prior client or therapist")
        OBJECTION = "objection", _("Candidate's objection")
        OTHER = "other", _("Other")

    HASHED = ("examiner", "candidate", "kind", "until", "declared_by")
    SALTED = ("note",)

    examiner = models.ForeignKey(User, models.PROTECT, related_name="conflicts_as_examiner")
    candidate = models.ForeignKey(User, models.PROTECT, related_name="conflicts_as_candidate")
    kind = models.CharField(max_length=20, choices=Kind)
    note = models.TextField(blank=True)
    until = models.DateField(null=True, blank=True)
    declared_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = ConflictQuerySet.as_manager()  # type: ignore[misc]

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(examiner=models.F("candidate")), name="a_tie_is_between_two_people"
            ),
        ]


class Accommodation(AppendOnly):
    """What a person needs in order to show what they can do. Kept once, applied in every examination, never told in a result.

    One chain a person; the newest holds. Why it is needed is not kept here: only the need itself, for those who must meet it.
    """

    HASHED = ("person", "time_factor", "break_minutes", "larger_type", "by")
    SALTED = ("need",)

    person = models.ForeignKey(User, models.PROTECT, related_name="accommodations")
    time_factor = models.DecimalField(
        _("time, times"), max_digits=3, decimal_places=2, default=Decimal(1)
    )
    break_minutes = models.PositiveSmallIntegerField(_("minutes of break"), default=0)
    larger_type = models.BooleanField(_("larger type"), default=False)
    need = models.TextField(
        _("what else is needed"),
        blank=True,
        help_text=_("For the invigilator: a reader, a separate room. No diagnosis."),
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.CheckConstraint(
                condition=Q(time_factor__gte=1, time_factor__lte=3),
                name="an_accommodation_gives_time_and_takes_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, since {self.at:%Y-%m-%d}"


class InvitationQuerySet(models.QuerySet):
    def open(self, at: datetime) -> "InvitationQuerySet":
        """Neither accepted nor run out at `at`."""
        return self.filter(accepted_at=None, expires_at__gt=at)

    def overdue(self, at: datetime) -> "InvitationQuerySet":
        """Open ones still to be sent, a minute after they were written."""
        return self.open(at).filter(sent_at=None, invited_at__lte=at - timedelta(minutes=1))


class Invitation(models.Model):
    """An invitation by e-mail to join with certain roles. Used once. The row is the duty to send; `sent_at` says it was done."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=150)
    roles = models.JSONField(default=list)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-invited_at"]

    def __str__(self) -> str:
        return self.email

    @property
    def role_labels(self) -> list[str]:
        """The roles in words, for people."""
        return [str(Role(role).label) for role in self.roles]


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "NoticeQuerySet":
        return self.filter(recipient=user)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)

    def overdue(self, at: datetime) -> "NoticeQuerySet":
        """Still to be sent, a minute after they were written; after three days the address is given up."""
        return self.filter(
            sent_at=None, created_at__range=(at - timedelta(days=3), at - timedelta(minutes=1))
        )


class Notice(models.Model):
    """A message to a person: shown in the product, and sent by e-mail. The row is the duty to send; `sent_at` says it was done."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    recipient = models.ForeignKey(User, models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=40)
    reference = models.CharField(
        max_length=80, help_text="what it is about; the same kind and reference is sent once"
    )
    subject = models.CharField(max_length=200)
    body = models.TextField()
    url = models.CharField(max_length=300, blank=True)
    calendar = models.TextField(
        blank=True,
        help_text="an iCalendar object, sent with the mail: a date made, moved or cancelled",
    )
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "kind", "reference"], name="the_same_notice_is_sent_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(sent_at__isnull=True), name="notices_to_send"
            ),
            models.Index(
                fields=["recipient"], condition=Q(read_at__isnull=True), name="notices_to_read"
            ),
        ]

    def __str__(self) -> str:
        return self.subject
