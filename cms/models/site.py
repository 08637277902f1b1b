"""The public pages: front page, catalogue, a credential's programme page, and plain ones. None of them needs a cookie of a visitor."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from cms import showing
from cms.blocks import PageBody, Sayings, Ways
from courses.models import Figure


class HomePage(Page):
    """The front page: what this is, a real certificate, and a form to check a therapist."""

    headline = models.TextField(_("headline, one line each"))
    lede = models.TextField(_("lede"))
    credential = models.SlugField(
        _("code of the credential it leads to"), max_length=20, default="SMT"
    )
    certificate_number = models.CharField(
        _("number of the certificate shown"),
        max_length=30,
        blank=True,
        help_text=_("Of a holder who agrees to it."),
    )
    ways = StreamField(Ways(), verbose_name=_("what it takes"), blank=True)
    ways_note = models.TextField(_("note beside it"), blank=True)
    sayings = StreamField(Sayings(), verbose_name=_("what a client hears"), blank=True)
    sayings_note = models.TextField(_("note beside them"), blank=True)
    plate = models.ForeignKey(
        Figure, models.PROTECT, verbose_name=_("plate"), null=True, blank=True, related_name="+"
    )
    plate_title = models.CharField(_("title"), max_length=150, blank=True)
    plate_text = models.TextField(_("text"), blank=True)

    template = "cms/home.html"
    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["cms.StandardPage", "cms.CredentialPage", "cms.CataloguePage"]
    content_panels = [
        *Page.content_panels,
        FieldPanel("headline"),
        FieldPanel("lede"),
        FieldRowPanel([FieldPanel("credential"), FieldPanel("certificate_number")]),
        MultiFieldPanel([FieldPanel("ways_note"), FieldPanel("ways")], heading=_("What it takes")),
        MultiFieldPanel(
            [FieldPanel("sayings_note"), FieldPanel("sayings")], heading=_("What a client hears")
        ),
        MultiFieldPanel(
            [FieldPanel("plate"), FieldPanel("plate_title"), FieldPanel("plate_text")],
            heading=_("Plate"),
        ),
    ]

    class Meta:
        verbose_name = _("front page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        return context | showing.home_context(self)


class StandardPage(Page):
    """A plain page."""

    lede = models.TextField(_("lede"), blank=True)
    body = StreamField(PageBody(), verbose_name=_("text"))

    template = "cms/standard.html"
    parent_page_types = ["cms.HomePage", "cms.StandardPage"]
    subpage_types = ["cms.StandardPage"]
    content_panels = [*Page.content_panels, FieldPanel("lede"), FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("lede"), index.SearchField("body")]

    class Meta:
        verbose_name = _("page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        return context | {"body": showing.body_of(self)}


class CredentialPage(Page):
    """The programme page of a credential type: what you need, what it says, how long it lasts, under the edition in force."""

    code = models.SlugField(_("code of the credential"), max_length=20)
    lede = models.TextField(_("lede"), blank=True)
    body = StreamField(PageBody(), verbose_name=_("text"), blank=True)

    template = "cms/credential.html"
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.StandardPage"]
    content_panels = [
        *Page.content_panels,
        FieldPanel("code"),
        FieldPanel("lede"),
        FieldPanel("body"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("lede"), index.SearchField("body")]

    class Meta:
        verbose_name = _("credential")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        return context | showing.credential_context(self, request)


class CataloguePage(Page):
    """All courses."""

    lede = models.TextField(_("lede"), blank=True)

    template = "cms/catalogue.html"
    max_count = 1
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.CoursePage"]
    content_panels = [*Page.content_panels, FieldPanel("lede")]

    class Meta:
        verbose_name = _("catalogue")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        return context | showing.catalogue_context(request)
