"""What lessons are written with. One class for each block: its editor, its validation, its template.

Templates stand in cms/templates/cms/blocks/. A block's template gets `self` and, in a lesson, `plate` (a figure's number) and
`page_urls` (where pages that texts link to are).
"""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import (
    BooleanBlock,
    CharBlock,
    ChoiceBlock,
    IntegerBlock,
    ListBlock,
    RichTextBlock,
    StreamBlock,
    StructBlock,
    StructBlockValidationError,
    TextBlock,
)
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.rich_text import expand_db_html
from wagtail.snippets.blocks import SnippetChooserBlock

from courses.models import Contraindication
from quizzes.models import Domain, Level

PAGE_LINK = re.compile(r'<a linktype="page" id="(\d+)">|<a id="(\d+)" linktype="page">')


def domains() -> list[tuple[str, str]]:
    """The domains of the blueprint, for a chooser."""
    return [(domain.code, str(domain)) for domain in Domain.objects.all()]


class ProseBlock(RichTextBlock):
    """Running text: paragraphs, two levels of headings, lists, emphasis, links. No pictures, no colours.

    Links to pages are resolved from `page_urls` of the context, so that a lesson asks for all of them at once.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("features", ["h2", "h3", "bold", "italic", "ol", "ul", "link"])
        super().__init__(**kwargs)

    def render_basic(self, value: Any, context: dict[str, Any] | None = None) -> SafeString:
        urls = (context or {}).get("page_urls", {})

        def link(found: re.Match[str]) -> str:
            url = urls.get(int(found[1] or found[2]))
            return f"<a{flatatt({'href': url})}>" if url else found[0]

        html = expand_db_html(PAGE_LINK.sub(link, value.source))
        return mark_safe(f'<div class="prose">{html}</div>')  # noqa: S308 Draftail keeps only its features

    class Meta:
        icon = "pilcrow"
        label = _("Text")


class FigureBlock(StructBlock):
    figure = SnippetChooserBlock("courses.Figure", label=_("Figure"))

    class Meta:
        icon = "image"
        label = _("Figure")
        template = "cms/blocks/figure.html"


class StepBlock(StructBlock):
    text = TextBlock(label=_("What you do"), rows=2)
    dose = CharBlock(label=_("How much"), required=False, max_length=120)
    watch = CharBlock(label=_("Watch"), required=False, max_length=250)

    class Meta:
        label = _("Step")


class StepsBlock(StructBlock):
    title = CharBlock(label=_("Technique"), max_length=150)
    steps = ListBlock(StepBlock(), label=_("Steps"), min_num=1)

    class Meta:
        icon = "list-ol"
        label = _("Technique steps")
        template = "cms/blocks/steps.html"


class ContraindicationBlock(StructBlock):
    """A callout with a letter in a ring. Where it names an entry of the register, the two must be of one class."""

    klass = ChoiceBlock(label=_("Class"), choices=Contraindication.Response.choices)
    title = CharBlock(label=_("Title"), max_length=150)
    text = TextBlock(label=_("What you do"), rows=3)
    register = SnippetChooserBlock(
        "courses.Contraindication", label=_("Entry of the register"), required=False
    )

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        entry = value["register"]
        if entry and entry.klass != value["klass"]:
            wrong = ValidationError(
                _("The register has this as class %(klass)s.") % {"klass": entry.klass}
            )
            raise StructBlockValidationError(block_errors={"klass": wrong})
        return value

    class Meta:
        icon = "warning"
        label = _("Contraindication")
        template = "cms/blocks/contraindication.html"


class ResearchBlock(StructBlock):
    claim = SnippetChooserBlock("courses.Claim", label=_("Contested claim"))
    text = TextBlock(label=_("What was measured, in whom, and what it cannot say"), rows=4)

    class Meta:
        icon = "help"
        label = _("What the research says")
        template = "cms/blocks/research.html"


class TermBlock(StructBlock):
    term = CharBlock(label=_("Term"), max_length=100)
    meaning = TextBlock(label=_("Meaning"), rows=2)


class TermsBlock(StructBlock):
    terms = ListBlock(TermBlock(), label=_("Terms"), min_num=1)

    class Meta:
        icon = "openquote"
        label = _("Key terms")
        template = "cms/blocks/terms.html"


class VideoBlock(StructBlock):
    """A film with captions. Without captions it is not published."""

    title = CharBlock(label=_("Title"), max_length=150)
    film = DocumentChooserBlock(label=_("Film (mp4 or webm)"))
    captions = DocumentChooserBlock(label=_("Captions (vtt)"))
    transcript = TextBlock(label=_("Transcript, with what is only seen"), required=False, rows=6)

    FORMS = {"film": ("mp4", "webm"), "captions": ("vtt",)}

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        wrong = {
            name: ValidationError(
                _("Choose a file of the form %(forms)s.") % {"forms": " / ".join(forms)}
            )
            for name, forms in self.FORMS.items()
            if value[name].file_extension.lower() not in forms
        }
        if wrong:
            raise StructBlockValidationError(block_errors=wrong)
        return value

    class Meta:
        icon = "media"
        label = _("Film with captions")
        template = "cms/blocks/video.html"


class VignetteBlock(StructBlock):
    title = CharBlock(label=_("Title"), max_length=150)
    text = TextBlock(label=_("The case"), rows=4)
    question = CharBlock(label=_("Question"), max_length=250)
    answer = TextBlock(label=_("Answer"), rows=4)

    class Meta:
        icon = "user"
        label = _("Case vignette")
        template = "cms/blocks/vignette.html"


class TableBlock(StructBlock):
    """A table; the first cell of each row is its heading."""

    table = TypedTableBlock(
        [("text", TextBlock(required=False, rows=1, label=_("Text")))], label=_("Table")
    )

    class Meta:
        icon = "table"
        label = _("Table")
        template = "cms/blocks/table.html"


class OptionBlock(StructBlock):
    text = CharBlock(label=_("Option"), max_length=250)
    correct = BooleanBlock(label=_("Correct"), required=False)
    why = TextBlock(label=_("Why"), rows=2)


class CheckBlock(StructBlock):
    """A question in passing. It is not counted, so that its answer may stand in the page."""

    stem = TextBlock(label=_("Question"), rows=2)
    options = ListBlock(OptionBlock(), label=_("Options"), min_num=2, max_num=6)

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        if sum(1 for option in value["options"] if option["correct"]) != 1:
            wrong = ValidationError(_("Mark exactly one option as correct."))
            raise StructBlockValidationError(non_block_errors=[wrong])
        return value

    class Meta:
        icon = "check"
        label = _("Check (not counted)")
        template = "cms/blocks/check.html"


class ReferencesBlock(StructBlock):
    references = ListBlock(TextBlock(rows=1), label=_("References"), min_num=1)

    class Meta:
        icon = "link"
        label = _("References")
        template = "cms/blocks/references.html"


class LessonBody(StreamBlock):
    """A lesson, from top to bottom."""

    text = ProseBlock()
    figure = FigureBlock()
    steps = StepsBlock()
    contraindication = ContraindicationBlock()
    research = ResearchBlock()
    terms = TermsBlock()
    video = VideoBlock()
    vignette = VignetteBlock()
    table = TableBlock()
    check = CheckBlock()
    references = ReferencesBlock()


class ObjectiveBlock(StructBlock):
    text = TextBlock(label=_("You will be able to"), rows=2)
    level = ChoiceBlock(
        label=_("Level"),
        choices=[("recall", _("Recall")), ("apply", _("Apply")), ("analyse", _("Analyse"))],
        default="apply",
    )

    class Meta:
        icon = "tick"
        label = _("Objective")


class Objectives(StreamBlock):
    objective = ObjectiveBlock()


class PageBody(StreamBlock):
    """A page of the site that is no lesson."""

    text = ProseBlock()
    figure = FigureBlock()
    table = TableBlock()
    research = ResearchBlock()
    references = ReferencesBlock()


class WayBlock(StructBlock):
    """One line of the front page's "What it takes": a number, its unit, and what it stands for."""

    number = CharBlock(label=_("Number"), max_length=8)
    unit = CharBlock(label=_("Unit"), max_length=30)
    title = CharBlock(label=_("Title"), max_length=60)
    text = TextBlock(label=_("Text"), rows=2)

    class Meta:
        icon = "order"
        label = _("What it takes")


class Ways(StreamBlock):
    way = WayBlock()


class SayingBlock(StructBlock):
    """Something a client hears, in a client's words, beside what the register says about it."""

    said = CharBlock(label=_("Often said"), max_length=120)
    claim = SnippetChooserBlock("courses.Claim", label=_("Contested claim"))

    class Meta:
        icon = "openquote"
        label = _("Saying")


class Sayings(StreamBlock):
    saying = SayingBlock()


class CellBlock(StructBlock):
    """How many questions of a domain, and level, a quiz draws."""

    domain = ChoiceBlock(label=_("Domain"), choices=domains)
    level = ChoiceBlock(
        label=_("Level"), choices=Level.choices, required=False, help_text=_("Empty: any.")
    )
    count = IntegerBlock(label=_("Questions"), min_value=1, max_value=200)

    class Meta:
        icon = "table"
        label = _("Questions")


class Draw(StreamBlock):
    cell = CellBlock()

    class Meta:
        min_num = 1


def linked_pages(body: str) -> set[int]:
    """The ids of the pages that the texts of a stored body link to."""
    return {int(one or other) for one, other in PAGE_LINK.findall(body.replace('\\"', '"'))}


__all__ = [
    "Draw",
    "LessonBody",
    "Objectives",
    "PageBody",
    "ProseBlock",
    "Sayings",
    "Ways",
    "linked_pages",
]
