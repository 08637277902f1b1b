"""A small site of pages, made as authors make them: a revision, then published."""

from types import SimpleNamespace

import pytest
from wagtail.models import Locale, Page, Site

from cms.models import (
    CataloguePage,
    CoursePage,
    HomePage,
    LessonPage,
    ModulePage,
    PracticalPage,
    QuizPage,
)
from courses.models import Claim, Contraindication, Figure
from tests.factories import NOW

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M0 0h9"/></svg>'


def publish(page: Page, **fields) -> Page:
    """Change a page, publish it, and read it again."""
    page = page.__class__.objects.get(pk=page.pk)
    for name, value in fields.items():
        setattr(page, name, value)
    page.save_revision().publish()
    return page.__class__.objects.get(pk=page.pk)


def draft(parent: Page, model: type[Page], **fields) -> Page:
    """A new page that is not published."""
    page = model(live=False, **fields)
    Page.objects.get(pk=parent.pk).add_child(instance=page)
    return page


def made(parent: Page, model: type[Page], **fields) -> Page:
    """A new page, published."""
    return publish(draft(parent, model, **fields))


def lesson(parent: Page, code: str, **fields) -> LessonPage:
    given = {
        "title": f"Lesson {code}",
        "code": code,
        "lede": "A lede.",
        "body": words("Some words."),
    }
    return made(parent, LessonPage, **{**given, **fields})


def words(text: str) -> list:
    return [("text", f"<p>{text}</p>")]


@pytest.fixture(scope="module")
def standing_site(standing) -> SimpleNamespace:
    return standing(build_site)


@pytest.fixture
def site(db, standing_site) -> SimpleNamespace:
    """The site that stands, its pages read anew."""
    pages = vars(standing_site).items()
    return SimpleNamespace(**{name: type(page).objects.get(pk=page.pk) for name, page in pages})


def build_site() -> SimpleNamespace:
    """home / courses / course / two modules: one with two lessons, a quiz and a practical, one that requires it with one lesson."""
    locale = Locale.objects.get()
    root = Page.get_first_root_node()
    home = HomePage(title="Palpate", slug="front", headline="One\nTwo", lede="L", locale=locale)
    root.add_child(instance=home)
    Site.objects.filter(is_default_site=True).update(root_page=home)
    catalogue = made(home, CataloguePage, title="Courses", slug="courses")
    course = made(
        catalogue, CoursePage, title="Course", slug="course", code="C1", edition="1", hours=10
    )
    first = made(course, ModulePage, title="Anatomy", slug="anatomy", code="M1", hours=4)
    second = made(course, ModulePage, title="Safety", slug="safety", code="M2", hours=6)
    second = publish(second, requires=[first])
    made_lessons = [lesson(first, "1.1", slug="one"), lesson(first, "1.2", slug="two")]
    quiz = draft(first, QuizPage, title="Check", slug="check", code="M1-CHECK", draw=[])
    practical = made(first, PracticalPage, title="Station", slug="station", code="ST")
    later = lesson(second, "2.1", slug="later")
    return SimpleNamespace(
        home=HomePage.objects.get(),
        catalogue=catalogue,
        course=course,
        first=first,
        second=second,
        lesson=made_lessons[0],
        next_lesson=made_lessons[1],
        quiz=quiz,
        practical=practical,
        later=later,
    )


@pytest.fixture
def claim(db) -> Claim:
    return Claim.objects.create(
        code="CC1",
        statement="Massage flushes lactic acid.",
        status=Claim.Status.NOT_KEYABLE,
        evidence="It was measured.",
        safe_wording="Light activity does more for blood flow.",
        references=["Wiltshire 2010"],
        patterns=[r"\bmassage\b[^.!?]*\bflush\w*[^.!?]*\blactic acid"],
        review_by=NOW.date(),
    )


@pytest.fixture
def entry(db) -> Contraindication:
    return Contraindication.objects.create(
        slug="dvt-pe",
        condition="A clot in a deep vein",
        klass="A",
        action="Stop.",
        grade="C",
        review_by=NOW.date(),
    )


@pytest.fixture
def figure(db) -> Figure:
    return Figure.objects.create(
        code="knee",
        title="The knee",
        svg=SVG,
        alt="A knee from behind",
        credit="Palpate, own drawing",
        key=[{"n": 3, "label": "Popliteal artery", "kind": "vessel"}],
    )
