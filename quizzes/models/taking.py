"""Quizzes that draw on the bank, and what people answered."""

import uuid as uuids
from datetime import datetime
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.models import Activity, Enrolment
from ledger.models import AppendOnly
from quizzes.models.items import Domain, ItemVersion, Level, Pool, readable_pools
from quizzes.scoring import is_answered
from quizzes.sitting import Sat


class QuizQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "QuizQuerySet":
        """Quizzes whose pool a person may read."""
        return self.filter(pool__in=readable_pools(user))


class Quiz(models.Model):
    """How an activity of kind quiz draws, times, marks and answers."""

    class Feedback(models.TextChoices):
        AT_ONCE = "at_once", _("At once, with the reason for each option (practice)")
        AFTER = "after", _("After submitting, with the reasons (practice)")
        BANDS = "bands", _("Pass, or bands by domain (examination)")

    activity = models.OneToOneField(
        Activity, models.PROTECT, related_name="quiz", limit_choices_to={"kind": Activity.Kind.QUIZ}
    )

    class Delivery(models.TextChoices):
        DRAW = "draw", _("Drawn anew for each attempt")
        FORM = "form", _("A locked form")

    class Release(models.TextChoices):
        AT_ONCE = "at_once", _("At once")
        BY_PERSON = "by_person", _("By a person, after the questions have been checked")

    pool = models.CharField(_("pool"), max_length=10, choices=Pool, default=Pool.PRACTICE)
    delivery = models.CharField(
        _("questions"), max_length=10, choices=Delivery, default=Delivery.DRAW
    )
    pilot_items = models.PositiveSmallIntegerField(
        _("pilot questions, not scored"),
        default=0,
        help_text=_("Mixed in, as far as there are any."),
    )
    release = models.CharField(
        _("results are released"), max_length=10, choices=Release, default=Release.AT_ONCE
    )
    agreement = models.TextField(
        _("agreement before the start"), blank=True, help_text=_("One undertaking a line.")
    )
    invigilated = models.BooleanField(
        _("invigilated"), default=False, help_text=_("Sat only in a sitting, where one has a seat.")
    )
    window_days = models.PositiveSmallIntegerField(
        _("days from the application in which it may be sat"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
    )
    break_minutes = models.PositiveSmallIntegerField(
        _("minutes of break for everybody"), default=0, help_text=_("The clock stands still.")
    )
    scale_cut = models.PositiveSmallIntegerField(
        _("scaled score of the pass mark"), null=True, blank=True
    )
    scale_max = models.PositiveSmallIntegerField(
        _("scaled score of all points"), null=True, blank=True
    )
    instructions = models.TextField(_("instructions"), blank=True)
    time_limit_minutes = models.PositiveSmallIntegerField(
        _("time limit, minutes"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    pass_percent = models.DecimalField(
        _("pass mark, per cent"),
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MaxValueValidator(100)],
    )
    attempts_allowed = models.PositiveSmallIntegerField(
        _("attempts allowed"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    wait_days = models.PositiveSmallIntegerField(_("days between attempts after a fail"), default=0)
    feedback = models.CharField(
        _("feedback"), max_length=10, choices=Feedback, default=Feedback.AT_ONCE
    )
    must_cover = models.JSONField(
        _("must cover"),
        default=dict,
        blank=True,
        help_text=_("Tag and the least number of questions with it, for example {“dvt-pe”: 1}."),
    )

    objects = QuizQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "quizzes"
        ordering = ["activity"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(pool="secure") | Q(feedback="bands"),
                name="a_secure_quiz_never_shows_its_keys",
                violation_error_message=_("A secure quiz answers with a pass, or bands by domain."),
            ),
            models.CheckConstraint(
                condition=Q(pass_percent__gte=0, pass_percent__lte=100),
                name="a_pass_mark_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=Q(scale_cut__isnull=True, scale_max__isnull=True)
                | Q(scale_cut__gt=0, scale_max__gt=models.F("scale_cut")),
                name="a_scale_has_a_cut_below_its_end",
                violation_error_message=_(
                    "A scale has the score of the pass mark and, above it, that of all points."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.activity.title

    def drawable(self) -> models.QuerySet[ItemVersion]:
        """What it draws from: the versions of its pool's active items that fit one of its cells."""
        cells = BlueprintCell.objects.filter(quiz=self, domain=models.OuterRef("domain")).filter(
            Q(level="") | Q(level=models.OuterRef("level"))
        )
        return ItemVersion.objects.active().filter(models.Exists(cells), pool=self.pool)

    def askable(self) -> models.QuerySet[ItemVersion]:
        """What an attempt may meet: what it draws, and where pilot questions are mixed in, those on trial."""
        if not self.pilot_items:
            return self.drawable()
        return self.drawable() | ItemVersion.objects.pilot().filter(pool=self.pool)


class BlueprintCell(models.Model):
    """How many items of a domain (and level; empty means any) a quiz draws."""

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="cells")
    domain = models.ForeignKey(
        Domain, models.PROTECT, related_name="cells", verbose_name=_("domain")
    )
    level = models.CharField(
        _("level"), max_length=10, choices=Level, blank=True, help_text=_("Empty: any level.")
    )
    count = models.PositiveSmallIntegerField(_("questions"), validators=[MinValueValidator(1)])

    class Meta:
        ordering = ["quiz", "domain__position", "level"]
        constraints = [
            models.UniqueConstraint(
                fields=["quiz", "domain", "level"], name="one_cell_per_domain_and_level"
            )
        ]

    def __str__(self) -> str:
        return f"{self.domain.code} {self.level}: {self.count}"


class AttemptQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "AttemptQuerySet":
        """Only one's own; what others may know of an attempt they read from progress and results."""
        return self.filter(learner=user)

    def open(self) -> "AttemptQuerySet":
        return self.filter(submitted_at=None)

    def with_result(self) -> "AttemptQuerySet":
        """Each with `passed` as the newest result says that was released, None while none was or where it is held or void since."""
        told = ResultVersion.objects.filter(
            attempt=models.OuterRef("pk"), release__isnull=False
        ).order_by("-version")
        counts = Q(standing=ResultVersion.Standing.COUNTS)
        said = models.Case(models.When(counts, then="passed"), output_field=models.BooleanField())
        return self.annotate(passed=models.Subquery(told.annotate(said=said).values("said")[:1]))

    def waiting(self) -> "AttemptQuerySet":
        """Whose newest result nobody has been told: not yet released, or marked anew since. What was annulled waits for nothing."""
        newest = ResultVersion.objects.filter(attempt=models.OuterRef("pk")).order_by("-version")
        annulled = models.Exists(
            Attempt.objects.filter(
                pk=models.OuterRef("pk"), incidents__decision__outcome="annulled"
            )
        )
        return (
            self.filter(~annulled, submitted_at__isnull=False)
            .annotate(
                newest_result=models.Subquery(newest.values("pk")[:1]),
                newest_release=models.Subquery(newest.values("release")[:1]),
            )
            .filter(newest_release=None)
        )

    def overdue(self, at: datetime) -> "AttemptQuerySet":
        return self.open().filter(due_at__lte=at)


class Attempt(models.Model):
    """One sitting of a quiz by one learner. Its questions are drawn and frozen at the start."""

    passed: bool | None  # as `with_result()` gives it
    newest_result: int  # its primary key, as `waiting()` gives it

    class State(models.TextChoices):
        IN_PROGRESS = "in_progress", _("In progress")
        SUBMITTED = "submitted", _("Submitted")

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="attempts")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="attempts")
    learner = models.ForeignKey(User, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    seed = models.BigIntegerField(help_text="the draw and the shuffle can be repeated from it")
    form = models.ForeignKey(
        "quizzes.Form", models.PROTECT, null=True, blank=True, related_name="attempts"
    )
    sitting = models.ForeignKey(
        "quizzes.Sitting", models.PROTECT, null=True, blank=True, related_name="attempts"
    )
    pass_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=0, help_text="as it was when the attempt began"
    )
    scale_cut = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="the scale, as it was when the attempt began"
    )
    scale_max = models.PositiveSmallIntegerField(null=True, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    device = models.CharField(
        max_length=64,
        blank=True,
        help_text="of a sitting: digest of the one device that may answer; -digest: any but this; empty: the next",
    )
    shut_out = models.JSONField(
        default=list, blank=True, help_text="digests of every device that was let go, for good"
    )
    break_seconds_left = models.PositiveIntegerField(default=0)
    paused_at = models.DateTimeField(null=True, blank=True, help_text="on a break since")
    seen_at = models.DateTimeField(null=True, blank=True, help_text="last heard of")
    unsent = models.PositiveSmallIntegerField(default=0, help_text="answers waiting on the device")
    larger_type = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(
        null=True, blank=True, help_text="on a break: the latest, if all of it is taken"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    closed_by_clock = models.BooleanField(default=False)
    reopened_at = models.DateTimeField(
        null=True, blank=True, help_text="given back after the clock had closed it in an outage"
    )

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["quiz", "enrolment"],
                condition=Q(submitted_at__isnull=True),
                name="one_open_attempt_per_quiz_and_enrolment",
            ),
            models.UniqueConstraint(
                fields=["quiz", "enrolment", "number"], name="attempts_are_numbered"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(submitted_at__isnull=True),
                name="attempts_to_close",
            )
        ]

    def __str__(self) -> str:
        return f"{self.quiz}, attempt {self.number}"

    @property
    def state(self) -> str:
        return self.State.SUBMITTED if self.submitted_at else self.State.IN_PROGRESS

    def is_overdue(self, at: datetime) -> bool:
        """Open although its time is up."""
        return self.submitted_at is None and self.due_at is not None and self.due_at <= at

    @property
    def sat(self) -> Sat:
        """Its clock, as sitting.py reads it."""
        return Sat(self.due_at, self.break_seconds_left, self.paused_at, self.submitted_at)


class Response(models.Model):
    """The answer at one position. The row exists from the start; a save is one UPDATE of it while it is `open`.

    It closes when the attempt is submitted or, in practice, when the learner has the answer checked. `points` follow then.
    """

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="responses")
    position = models.PositiveSmallIntegerField()
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="responses")
    option_order = models.JSONField(default=list, help_text="ids of options, then of targets")
    answer = models.JSONField(null=True, blank=True)
    flagged = models.BooleanField(default=False)
    seq = models.PositiveIntegerField(
        default=0, help_text="rises with every save; the highest holds"
    )
    saved_at = models.DateTimeField(null=True, blank=True)
    open = models.BooleanField(default=True)
    scored = models.BooleanField(default=True, help_text="a pilot question is asked, not scored")
    points = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)

    class Meta:
        ordering = ["attempt", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "position"], name="one_response_per_position"
            )
        ]
        indexes = [
            models.Index(
                fields=["attempt"],
                condition=Q(points__isnull=True, open=False, scored=True),
                name="essays_to_mark",
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt}, question {self.position}"

    @property
    def answered(self) -> bool:
        """Whether the answer says anything."""
        return is_answered(self.answer)


class ResultVersion(AppendOnly):
    """The result of an attempt: the newest version holds. `bands` is `[{domain, title, items, band}]`.

    One that is held or void takes the place of one that was told, and is told itself; it is no pass, and its points say nothing.
    """

    class Standing(models.TextChoices):
        COUNTS = "counts", _("counts")
        HELD = "held", _("held until an incident is decided")
        VOID = "void", _("does not count")

    LET_STAND = "the pass stands"  # the reason of a result that a registrar let stand
    WHY = {
        "submitted": _("Handed in"),
        "closed by the clock": _("The time was up"),
        "essays marked": _("The essays were marked"),
        LET_STAND: _("A registrar let the pass stand"),
        "held for an incident": _("Held for an incident"),
        "void after an incident": _("Void after an incident"),
        "stands after an incident": _("Stands after an incident"),
    }

    HASHED = ("attempt", "version", "points", "out_of", "scaled", "passed", "bands", "reason")

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="results")
    version = models.PositiveSmallIntegerField()
    points = models.DecimalField(max_digits=8, decimal_places=3)
    out_of = models.DecimalField(max_digits=8, decimal_places=3)
    scaled = models.PositiveSmallIntegerField(null=True)
    passed = models.BooleanField()
    bands = models.JSONField(default=list)
    reason = models.CharField(max_length=100)
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.COUNTS)

    class Meta(AppendOnly.Meta):
        constraints = [
            *AppendOnly.Meta.constraints,
            models.UniqueConstraint(fields=["attempt", "version"], name="one_result_per_version"),
            models.CheckConstraint(
                condition=Q(standing="counts") | Q(passed=False),
                name="a_result_that_does_not_count_is_no_pass",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attempt}, result {self.version}"

    @property
    def counts(self) -> bool:
        return self.standing == self.Standing.COUNTS

    @property
    def why(self) -> str:
        """Why there is this version, in the reader's language; `reason` is what was written."""
        ruled = self.reason.startswith("ruling ")
        return str(
            _("A question was ruled on") if ruled else self.WHY.get(self.reason, self.reason)
        )

    def hashed_content(self) -> dict[str, Any]:
        """With its standing where it has another than that of every result from before there was one."""
        content = super().hashed_content()
        if self.standing != self.Standing.COUNTS:
            content["standing"] = str(self.standing)
        return content
