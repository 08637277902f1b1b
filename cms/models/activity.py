"""What a module consists of: lessons, quizzes and practicals. Served to people who are enrolled, when the module is open to them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from cms import reading
from cms.blocks import Draw, LessonBody, Objectives
from cms.models.base import OneLookup
from cms.rendering import lesson_body, render_lesson
from courses.models import Activity
from practicals.models import Checklist
from quizzes.models import Pool, Quiz
from quizzes.services import entry_to


class ActivityPage(OneLookup):
    """Base of the three. `kind` is the activity's; publishing the page places it."""

    kind: str

    class Meta:
        abstract = True

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.is_preview = False  # type: ignore[attr-defined]
        return reading.serve(self, request)

    def reading_context(self, visit: reading.Visit | None, request: HttpRequest) -> dict[str, Any]:
        """What the page shows besides itself; `visit` is None in the preview of a page that was never published."""
        return {}

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        return self.get_context(request) | reading.preview_context(self, request)


PLACE = FieldRowPanel([FieldPanel("code"), FieldPanel("minutes"), FieldPanel("required")])


class LessonPage(ActivityPage):
    """A lesson. Read from top to bottom; complete when its reader says so."""

    kind = Activity.Kind.LESSON

    code = models.CharField(_("number"), max_length=30, blank=True, help_text=_("5.2"))
    minutes = models.PositiveSmallIntegerField(_("minutes to read"), default=20)
    required = models.BooleanField(_("needed to complete the course"), default=True)
    lede = models.TextField(_("lede"), blank=True)
    objectives = StreamField(Objectives(), verbose_name=_("you will be able to"), blank=True)
    body = StreamField(LessonBody(), verbose_name=_("lesson"))

    template = "cms/lesson.html"
    parent_page_types = ["cms.ModulePage"]
    subpage_types: list[str] = []
    content_panels = [
        *Page.content_panels,
        PLACE,
        FieldPanel("lede"),
        FieldPanel("objectives"),
        FieldPanel("body"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("lede"), index.SearchField("body")]

    class Meta:
        verbose_name = _("lesson")

    def reading_context(self, visit: reading.Visit | None, request: HttpRequest) -> dict[str, Any]:
        if visit is None or getattr(request, "is_preview", False):
            return {"body": render_lesson(self)}
        return {"body": lesson_body(self, visit.course)}


class QuizPage(ActivityPage):
    """A quiz. The page says how it draws, times and answers; publishing it sets the quiz up."""

    kind = Activity.Kind.QUIZ

    code = models.CharField(_("code"), max_length=30, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes it takes"), default=10)
    required = models.BooleanField(_("needed to complete the course"), default=True)
    instructions = models.TextField(_("instructions"), blank=True)
    pool = models.CharField(_("pool"), max_length=10, choices=Pool, default=Pool.PRACTICE)
    draw = StreamField(Draw(), verbose_name=_("questions drawn"))
    must_cover = models.JSONField(
        _("must cover"), default=dict, blank=True, help_text=_("tag: least number")
    )
    time_limit_minutes = models.PositiveSmallIntegerField(
        _("time limit, minutes"), null=True, blank=True
    )
    pass_percent = models.DecimalField(
        _("to pass, percent"), max_digits=5, decimal_places=2, default=0
    )
    attempts_allowed = models.PositiveSmallIntegerField(_("attempts"), null=True, blank=True)
    wait_days = models.PositiveSmallIntegerField(_("days between attempts"), default=0)
    feedback = models.CharField(
        _("feedback"), max_length=10, choices=Quiz.Feedback, default=Quiz.Feedback.AT_ONCE
    )
    delivery = models.CharField(
        _("questions"), max_length=10, choices=Quiz.Delivery, default=Quiz.Delivery.DRAW
    )
    pilot_items = models.PositiveSmallIntegerField(_("pilot questions, not scored"), default=0)
    release = models.CharField(
        _("results are released"),
        max_length=10,
        choices=Quiz.Release,
        default=Quiz.Release.AT_ONCE,
    )
    scale_cut = models.PositiveSmallIntegerField(
        _("scaled score of the pass mark"), null=True, blank=True
    )
    scale_max = models.PositiveSmallIntegerField(
        _("scaled score of all points"), null=True, blank=True
    )
    agreement = models.TextField(
        _("agreement before the start"), blank=True, help_text=_("One undertaking a line.")
    )
    invigilated = models.BooleanField(
        _("invigilated"), default=False, help_text=_("Sat only in a sitting, where one has a seat.")
    )
    window_days = models.PositiveSmallIntegerField(
        _("days from the application in which it may be sat"), null=True, blank=True
    )
    break_minutes = models.PositiveSmallIntegerField(
        _("minutes of break for everybody"), default=0, help_text=_("The clock stands still.")
    )

    template = "cms/quiz.html"
    parent_page_types = ["cms.ModulePage"]
    subpage_types: list[str] = []
    content_panels = [
        *Page.content_panels,
        PLACE,
        FieldPanel("instructions"),
        FieldPanel("draw"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("time_limit_minutes"), FieldPanel("pass_percent")]),
                FieldRowPanel([FieldPanel("attempts_allowed"), FieldPanel("wait_days")]),
                FieldPanel("feedback"),
            ],
            heading=_("Rules"),
        ),
        # Whoever may set examinations up may point a page at the secure pool; nobody else sees these.
        MultiFieldPanel(
            [
                FieldPanel(name, permission="quizzes.change_quiz")
                for name in (
                    "pool",
                    "must_cover",
                    "delivery",
                    "pilot_items",
                    "release",
                    "scale_cut",
                    "scale_max",
                    "agreement",
                    "invigilated",
                    "window_days",
                    "break_minutes",
                )
            ],
            heading=_("Examination"),
        ),
    ]
    search_fields = [*Page.search_fields, index.SearchField("instructions")]

    class Meta:
        verbose_name = _("quiz")

    def clean(self) -> None:
        super().clean()
        if self.pool == Pool.SECURE and self.feedback != Quiz.Feedback.BANDS:
            self.feedback = Quiz.Feedback.BANDS
        if (self.scale_cut is None) != (self.scale_max is None) or (
            self.scale_cut and self.scale_max and self.scale_max <= self.scale_cut
        ):
            raise ValidationError(
                {
                    "scale_max": _(
                        "A scale has the score of the pass mark and, above it, that of all points."
                    )
                }
            )

    def reading_context(self, visit: reading.Visit | None, request: HttpRequest) -> dict[str, Any]:
        if visit is None or visit.enrolment is None:
            return {}
        learner = visit.enrolment.learner
        return {"entry": entry_to(activity=visit.step.activity, by=learner, at=timezone.now())}

    @property
    def questions(self) -> int:
        """How many questions are drawn."""
        return sum(cell.value["count"] for cell in self.draw)


class PracticalPage(ActivityPage):
    """A practical. With a checklist it is formative: one station, one instructor. Without, an exam plan is set up for it."""

    kind = Activity.Kind.PRACTICAL

    code = models.CharField(_("code"), max_length=30, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes it takes"), default=15)
    required = models.BooleanField(_("needed to complete the course"), default=False)
    lede = models.TextField(_("lede"), blank=True)
    checklist = models.ForeignKey(
        Checklist,
        models.PROTECT,
        verbose_name=_("checklist, for practice within the course"),
        null=True,
        blank=True,
        related_name="+",
    )

    template = "cms/practical.html"
    parent_page_types = ["cms.ModulePage"]
    subpage_types: list[str] = []
    content_panels = [*Page.content_panels, PLACE, FieldPanel("lede"), FieldPanel("checklist")]
    search_fields = [*Page.search_fields, index.SearchField("lede")]

    class Meta:
        verbose_name = _("practical")

    def clean(self) -> None:
        """What students and instructors read is never a station of examinations (R6, R60)."""
        super().clean()
        if self.checklist and not self.checklist.open_for_practice:
            raise ValidationError(
                {"checklist": _("This is a station of examinations. Choose a practice station.")}
            )
