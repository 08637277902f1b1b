"""A course and its modules, as pages."""

from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from cms import reading
from cms.blocks import LessonBody, Objectives
from cms.models.base import OneLookup
from courses.models import Course


class CoursePage(OneLookup):
    """A course. Publishing it places the course that people enrol in."""

    code = models.SlugField(
        _("code"), max_length=40, help_text=_("One course of a code is open at a time.")
    )
    edition = models.CharField(_("edition"), max_length=20)
    lede = models.TextField(_("in two sentences"), blank=True)
    hours = models.PositiveSmallIntegerField(_("hours"), default=0)
    access = models.CharField(
        _("who may enrol"), max_length=12, choices=Course.Access, default=Course.Access.OPEN
    )
    is_open = models.BooleanField(_("takes new learners"), default=True)
    body = StreamField(LessonBody(), verbose_name=_("about the course"), blank=True)

    template = "cms/course.html"
    parent_page_types = ["cms.CataloguePage"]
    subpage_types = ["cms.ModulePage"]
    content_panels = [
        *Page.content_panels,
        FieldRowPanel([FieldPanel("code"), FieldPanel("edition"), FieldPanel("hours")]),
        FieldPanel("lede"),
        FieldRowPanel([FieldPanel("access"), FieldPanel("is_open")]),
        FieldPanel("body"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("lede"), index.SearchField("body")]

    class Meta:
        verbose_name = _("course")

    def clean(self) -> None:
        super().clean()
        others = Course.objects.filter(code=self.code, is_open=True).exclude(
            page_key=self.translation_key
        )
        if self.is_open and others.exists():
            taken = _("Another open course has this code. Close it first, or choose another code.")
            raise forms.ValidationError({"code": taken})

    def copy(self, *args: Any, **kwargs: Any) -> Any:
        """A copy begins as a draft: its code is still the other course's."""
        return super().copy(*args, **{**kwargs, "keep_live": False})

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        return context | reading.course_context(request, self.translation_key)


class ModuleForm(WagtailAdminPageForm):
    """A module may require only modules of its own course, and none that waits for it: neither would ever open."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "requires" in self.fields:
            siblings = ModulePage.objects.child_of(self.parent_page).exclude(pk=self.instance.pk)
            self.fields["requires"].queryset = siblings.order_by("path")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        wait = waiting_for(self.instance.pk) if self.instance.pk else set()
        for page in given.get("requires", ()):
            if page.pk in wait:
                said = _(
                    "“%(title)s” opens only after this module; the two would wait for each other."
                )
                self.add_error("requires", said % {"title": page.title})
        return given


def waiting_for(module: int) -> set[int]:
    """The modules that open only after this one, by however many steps: primary keys of pages. One query."""
    opens: dict[int, set[int]] = {}
    links = ModulePage.requires.through.objects.values_list("from_modulepage", "to_modulepage")
    for page, required in links:
        opens.setdefault(required, set()).add(page)
    found, left = set[int](), [module]
    while left:
        new = opens.get(left.pop(), set()) - found
        found |= new
        left += new
    return found


class ModulePage(OneLookup):
    """A part of a course. Its activities are its child pages, in the order they stand."""

    code = models.CharField(_("code"), max_length=20, help_text=_("M5"))
    hours = models.PositiveSmallIntegerField(_("hours"), default=0)
    summary = models.TextField(_("summary"), blank=True)
    objectives = StreamField(Objectives(), verbose_name=_("objectives"), blank=True)
    requires = ParentalManyToManyField(
        "self",
        verbose_name=_("opens when these are complete"),
        symmetrical=False,
        blank=True,
        related_name="opens",
    )

    base_form_class = ModuleForm
    template = "cms/module.html"
    parent_page_types = ["cms.CoursePage"]
    subpage_types = ["cms.LessonPage", "cms.QuizPage", "cms.PracticalPage"]
    content_panels = [
        *Page.content_panels,
        FieldRowPanel([FieldPanel("code"), FieldPanel("hours")]),
        FieldPanel("summary"),
        FieldPanel("requires", widget=forms.CheckboxSelectMultiple),
        MultiFieldPanel([FieldPanel("objectives")], heading=_("Objectives")),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("summary"),
        index.SearchField("objectives"),
    ]

    class Meta:
        verbose_name = _("module")

    @cached_property
    def number(self) -> str:
        """5, of M5; nothing of a code that carries no number."""
        return self.code[1:] if self.code[1:].isdigit() else ""

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        return context | reading.module_context(request, self.translation_key)
