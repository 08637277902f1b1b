"""What is taught, who takes it, how far they are; and the registers every lesson and item answers to.

A page in Wagtail presents a course; the row here is the record. They meet in `page_key`, the page's translation_key.
"""

import uuid as uuids

from django.db import models
from django.db.models import Q
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import DraftStateMixin, LockableMixin, RevisionMixin, WorkflowMixin
from wagtail.search import index

from accounts.models import Role, User
from courses.svg import sanitised
from credentials.models import Requirement


class Course(models.Model):
    """One edition of a course. Finishing it gives a statement of completion, which is not a certification.

    `path` (also of Module and Activity) is where its page is, as the page said when it was placed. `revision` rises whenever something
    that learners read changes (an outline, a register), so that what was rendered before can be told from what must be rendered anew.
    """

    class Access(models.TextChoices):
        OPEN = "open", _("Anybody may enrol")
        APPLICATION = "application", _("With an open application for the credential it examines")

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=40)
    edition = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    lede = models.TextField(blank=True)
    hours = models.PositiveSmallIntegerField(default=0)
    access = models.CharField(max_length=12, choices=Access, default=Access.OPEN)
    page_key = models.UUIDField(unique=True)
    path = models.CharField(max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)
    is_open = models.BooleanField(default=True, help_text=_("people may enrol"))
    satisfies = models.ManyToManyField(Requirement, related_name="courses", blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(is_open=True), name="one_open_edition_per_course_code"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Module(models.Model):
    """A part of a course, opened when the modules it requires are complete."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    course = models.ForeignKey(Course, models.PROTECT, related_name="modules")
    code = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    hours = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveSmallIntegerField(default=0)
    page_key = models.UUIDField(unique=True)
    path = models.CharField(max_length=300, blank=True)
    is_live = models.BooleanField(default=True)
    requires = models.ManyToManyField("self", symmetrical=False, related_name="opens", blank=True)

    class Meta:
        ordering = ["course", "position"]

    def __str__(self) -> str:
        return self.title

    @property
    def number(self) -> str:
        """5, of M5; nothing of a code that carries no number."""
        digits = self.code[1:]
        return digits if digits.isdigit() else ""


class ActivityQuerySet(models.QuerySet):
    def owed(self) -> "ActivityQuerySet":
        """What a learner must do: live and required."""
        return self.filter(is_live=True, module__is_live=True, required=True)


class Activity(models.Model):  # type: ignore[django-manager-missing]  # exam_plans: its class comes untyped from modelcluster
    """One thing to do: read a lesson, take a quiz, show a practical."""

    class Kind(models.TextChoices):
        LESSON = "lesson", _("Lesson")
        QUIZ = "quiz", _("Quiz")
        PRACTICAL = "practical", _("Practical")

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    module = models.ForeignKey(Module, models.PROTECT, related_name="activities")
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=30, blank=True)
    title = models.CharField(max_length=200)
    minutes = models.PositiveSmallIntegerField(default=0)
    required = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)
    page_key = models.UUIDField(unique=True)
    path = models.CharField(max_length=300, blank=True)
    is_live = models.BooleanField(default=True)
    satisfies = models.ManyToManyField(Requirement, related_name="activities", blank=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        ordering = ["module__position", "position"]
        verbose_name_plural = "activities"

    def __str__(self) -> str:
        return self.title


class CohortQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "CohortQuerySet":
        return self.filter(instructors=user)


class Cohort(models.Model):
    """A class: learners of one course with their instructors."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    course = models.ForeignKey(Course, models.PROTECT, related_name="cohorts")
    title = models.CharField(max_length=150)
    instructors = models.ManyToManyField(
        User, related_name="cohorts_taught", limit_choices_to={"groups__name": Role.INSTRUCTOR}
    )
    begins_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = CohortQuerySet.as_manager()

    class Meta:
        ordering = ["-begins_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("begins_on")),
                name="a_class_ends_after_it_began",
                violation_error_message=_("A class ends on the day it begins or later."),
            )
        ]

    def __str__(self) -> str:
        return self.title


class EnrolmentQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "EnrolmentQuerySet":
        """One's own, and those of the classes one teaches."""
        return self.filter(Q(learner=user) | Q(cohort__instructors=user)).distinct()


class Enrolment(models.Model):
    """A person takes a course."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    learner = models.ForeignKey(User, models.PROTECT, related_name="enrolments")
    course = models.ForeignKey(Course, models.PROTECT, related_name="enrolments")
    cohort = models.ForeignKey(
        Cohort, models.PROTECT, related_name="enrolments", null=True, blank=True
    )
    enrolled_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        ordering = ["-enrolled_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["learner", "course"], name="one_enrolment_per_learner_and_course"
            )
        ]

    def __str__(self) -> str:
        return f"{self.learner}, {self.course}"


class Progress(models.Model):
    """How far one learner is with one activity. `reference` is the uuid of the attempt or appointment that says so."""

    class State(models.TextChoices):
        STARTED = "started", _("Started")
        HELD = "held", _("Held")
        FAILED = "failed", _("Not passed")
        COMPLETE = "complete", _("Complete")

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="progress")
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="progress")
    state = models.CharField(max_length=10, choices=State)
    reference = models.UUIDField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "activity"], name="one_progress_per_enrolment_and_activity"
            )
        ]

    def __str__(self) -> str:
        return f"{self.activity}: {self.get_state_display()}"


class CompletionStatementQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "CompletionStatementQuerySet":
        """One's own, and those of the classes one teaches."""
        return self.filter(enrolment__in=Enrolment.objects.visible_to(user))


class CompletionStatement(models.Model):
    """A statement that a course was completed: a number, a name, the hours. Not a certification."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    enrolment = models.OneToOneField(Enrolment, models.PROTECT, related_name="statement")
    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=150)
    course_title = models.CharField(max_length=200)
    hours = models.PositiveSmallIntegerField()
    completed_on = models.DateField()

    objects = CompletionStatementQuerySet.as_manager()

    def __str__(self) -> str:
        return self.number

    @property
    def pdf_path(self) -> str:
        """Where its PDF is kept in private storage."""
        return f"statements/{self.uuid}.pdf"


class Claim(
    WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, index.Indexed, models.Model
):
    """An entry of the contested-claims register: what is often said, whether it may be taught, and what to say instead."""

    class Status(models.TextChoices):
        NOT_KEYABLE = "X", _("Not true: never taught as a fact")
        QUALIFIED = "Q", _("In part: only in the qualified wording")
        KEYABLE = "OK", _("Supported")

    code = models.CharField(max_length=10, unique=True)
    statement = models.CharField(_("often said"), max_length=250)
    status = models.CharField(max_length=2, choices=Status)
    evidence = models.TextField(_("what the research says"))
    safe_wording = models.TextField(_("what you say"))
    word = models.CharField(
        _("verdict in a word"),
        max_length=30,
        blank=True,
        help_text=_("Where “Not true”, “In part” or “Supported” says too much."),
    )
    references = models.JSONField(default=list, blank=True)
    patterns = models.JSONField(
        default=list, blank=True, help_text=_("regular expressions that catch the claim")
    )
    review_by = models.DateField()

    panels = [
        FieldPanel("code"),
        FieldPanel("statement"),
        FieldPanel("status"),
        FieldPanel("word"),
        FieldPanel("evidence"),
        FieldPanel("safe_wording"),
        FieldPanel("references"),
        FieldPanel("patterns"),
        FieldPanel("review_by"),
    ]
    search_fields = [
        index.SearchField("statement"),
        index.SearchField("evidence"),
        index.AutocompleteField("statement"),
    ]

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.code} {self.statement}"

    @property
    def verdict(self) -> str:
        """What a reader is told about it, in a word or two."""
        usual = {"X": _("Not true"), "Q": _("In part"), "OK": _("Supported")}
        return self.word or str(usual[self.status])

    @property
    def shape(self) -> str:
        """The shape the verdict is drawn with."""
        return {"X": "fail", "Q": "held", "OK": "pass"}[self.status]


class Contraindication(
    WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, index.Indexed, models.Model
):
    """An entry of the contraindication register."""

    class Response(models.TextChoices):
        ABSOLUTE = "A", _("Absolute: no massage now")
        LOCAL = "L", _("Local: leave the area alone")
        RELATIVE = "R", _("Relative: change what you do, or get clearance")

    slug = models.SlugField(max_length=60, unique=True)
    condition = models.CharField(max_length=250)
    klass = models.CharField(_("class"), max_length=1, choices=Response)
    emergency = models.BooleanField(default=False)
    phase = models.CharField(max_length=30, blank=True)
    action = models.TextField()
    urgency = models.CharField(max_length=30, blank=True)
    rationale = models.TextField(blank=True)
    grade = models.CharField(_("grade of evidence"), max_length=20)
    reference = models.TextField(blank=True)
    review_by = models.DateField()

    panels = [
        FieldPanel(name)
        for name in (
            "slug",
            "condition",
            "klass",
            "emergency",
            "phase",
            "action",
            "urgency",
            "rationale",
            "grade",
            "reference",
            "review_by",
        )
    ]
    search_fields = [
        index.SearchField("condition"),
        index.SearchField("action"),
        index.AutocompleteField("condition"),
    ]

    class Meta:
        ordering = ["klass", "condition"]

    def __str__(self) -> str:
        return f"{self.klass} {self.condition}"

    @property
    def evidence(self) -> str:
        """The grade of evidence in words."""
        words = {
            "A": _("reviews or trials"),
            "B": _("consensus statements or cohorts"),
            "C": _("case reports"),
        }
        return str(words.get(self.grade, _("professional consensus")))


class Figure(DraftStateMixin, RevisionMixin, index.Indexed, models.Model):  # type: ignore[django-manager-missing]
    """A drawing of our own (SVG, coloured by the site so that it works in light and dark) or a picture, with its words."""

    code = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=150)
    view = models.CharField(max_length=150, blank=True, help_text=_("Right leg, from behind"))
    svg = models.TextField(blank=True)
    image = models.ForeignKey(
        "wagtailimages.Image", models.PROTECT, null=True, blank=True, related_name="+"
    )
    alt = models.TextField(_("alternative text"))
    caption = models.TextField(blank=True)
    credit = models.CharField(max_length=200)
    key = models.JSONField(default=list, blank=True, help_text=_("numbered labels: n, label, kind"))
    review = models.CharField(max_length=150, blank=True)

    panels = [
        FieldPanel(name)
        for name in (
            "code",
            "title",
            "view",
            "image",
            "svg",
            "alt",
            "caption",
            "credit",
            "key",
            "review",
        )
    ]
    search_fields = [index.SearchField("title"), index.AutocompleteField("title")]

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(svg="") | Q(image__isnull=False),
                name="a_figure_has_a_drawing_or_a_picture",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def drawing(self) -> SafeString:
        """The SVG, fit to stand in a page: nothing in it that acts or loads."""
        return mark_safe(sanitised(self.svg))  # noqa: S308
