"""Content files: every fault with its file and line; loading; loading again."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, Revision, Site

from cms.content.library import open_library
from cms.content.lint import lint_library
from cms.content.loading import Loader
from cms.content.rows import Faulty
from cms.content.tree import keep_address
from cms.models import CredentialPage, HomePage, LessonPage, StandardPage
from courses.models import Activity, Claim, Course
from credentials.models import CredentialType
from practicals.models import Checklist, ExamPlan
from quizzes.models import BlueprintCell, Item, Quiz
from tests.cms.content_tree import swap, write
from tests.factories import NOW

REAL = Path(__file__).parents[2] / "content"
LESSON_FILE = "courses/smt/lessons/1.1.md"
KINDS_FILE = "items/practice/kinds.yaml"


@pytest.fixture
def content(tmp_path):
    return write(tmp_path / "content")


def problems(root) -> list[str]:
    return [str(problem) for problem in open_library(root).problems]


def load(root, **options) -> int:
    return Loader(root, at=NOW, **options).load()


def test_the_content_in_this_repository_has_no_faults():
    library = open_library(REAL)
    assert [str(problem) for problem in library.problems] == []
    assert [str(problem) for problem in lint_library(library)] == []
    assert len(library.lessons) >= 30
    counts = {
        pool: sum(len(rows) for rows in files.values()) for pool, files in library.items.items()
    }
    assert counts["secure"] >= 170
    assert counts["practice"] >= 60


def test_the_miniature_has_no_faults(content):
    assert problems(content) == []
    assert lint_library(open_library(content)) == []


FAULTS = [
    ("scheme/smt.yaml", "validity_years: 2", "validity_years: two", "whole number"),
    ("scheme/smt.yaml", "award: automatic", "award: perhaps", "one of automatic, by_decision"),
    ("scheme/smt.yaml", "title: Sports", "titel: Sports", "“titel” is not known"),
    ("registers/claims.yaml", "status: X", "status: Y", "one of X, Q, OK"),
    ("registers/claims.yaml", "review_by: 2028-11-01", "review_by: soon", "has to be a date"),
    ("registers/contraindications.yaml", "class: A", "class: B", "one of A, L, R"),
    ("figures/knee.yaml", "alt: A knee", "alt: ''", "“alt” is empty"),
    ("items/secure/d1.yaml", "level: apply", "level: know", "one of recall, apply, analyse"),
    ("items/secure/d1.yaml", "domain: D1", "domain: D9", "there is no domain D9"),
    ("items/secure/d1.yaml", "correct: true", "correct: false", "exactly one option is correct"),
    ("items/secure/d1.yaml", "- scope", "- scoop", "not on the must-cover list"),
    ("items/secure/d1.yaml", "What of D1-A-001?", "What of D1-R-001?", "The stem"),
    ("items/practice/d1.yaml", "What of P-D1-001?", "What of D1-R-001?", "stands in"),
    (KINDS_FILE, "ellipse 0.3,0.3 0.1,0.2", "ellipse 0.3,0.3 0.4,0.2", "beyond the picture"),
    (
        KINDS_FILE,
        "polygon 0.6,0.6 0.8,0.6 0.8,0.8",
        "ellipse 0.3,0.4 0.1,0.1",
        "regions 1 and 2 overlap",
    ),
    (KINDS_FILE, "polygon 0.6,0.6 0.8,0.6 0.8,0.8", "polygon 0.6,0.6 0.8,0.6", "three different"),
    (KINDS_FILE, "ellipse 0.3,0.3 0.1,0.2", "round about", "Begin with “ellipse”"),
    (KINDS_FILE, "correct: true", "correct: false", "exactly one region is correct"),
    (KINDS_FILE, "place: 0.2,0.2", "place: 1.2,0.2", "outside the picture"),
    (KINDS_FILE, "figure: knee", "figure: elbow", "no figure elbow"),
    (KINDS_FILE, "picture: A knee", "pictures: A knee", "“pictures” is not known"),
    (KINDS_FILE, "answer: Tibial nerve", "answer: Femoral nerve", "is not among the choices"),
    (KINDS_FILE, "points: 6", "points: 7", "adds up to 6 points; the essay has 7"),
    ("items/enemies.yaml", "K-essay", "K-nothing", "There is no item K-nothing"),
    ("items/enemies.yaml", "K-essay", "D1-A-001", "Enemies are of one pool"),
    ("exams/written.yaml", "items: 2", "items: 3", "draws 2 questions; the examination has 3"),
    ("exams/written.yaml", "recall: 1", "recall: 2", "the pool has 1 of 2"),
    ("exams/practical.yaml", "checklist: T1", "checklist: T9", "no checklist T9"),
    ("checklists/practice/t1.yaml", "lines_of: T1", "lines_of: T9", "no checklist T9"),
    ("checklists/practice/t1.yaml", "figure: knee", "figure: elbow", "no figure elbow"),
    ("checklists/practice/t1.yaml", "- CC1", "- CC9", "no claim CC9"),
    ("courses/smt/course.yaml", "checklist: P-T1", "checklist: T1", "no practice station T1"),
    ("courses/smt/course.yaml", "hours: 10", "hours: 11", "do not add up"),
    ("courses/smt/course.yaml", "- M1\n", "- M7\n", "no module before it"),
    ("courses/smt/course.yaml", "code: '2.1'", "code: '9.9'", "There is no lesson 9.9"),
    ("pages/home.yaml", "figure: knee", "figure: elbow", "no figure elbow"),
    (LESSON_FILE, "claim: CC1", "claim: CC9", "no claim CC9"),
    (LESSON_FILE, "id: knee", "id: elbow", "no figure elbow"),
    (LESSON_FILE, "register: dvt-pe", "register: nothing", "no entry nothing"),
    (LESSON_FILE, "class: A", "class: L", "as class A, not L"),
    (LESSON_FILE, "lesson:2.1", "lesson:9.9", "no lesson 9.9"),
    (LESSON_FILE, "lesson:2.1", "javascript:x", "leads to"),
    (LESSON_FILE, "lesson:2.1", "mailto:x@example.org", "leads to"),
    (LESSON_FILE, "minutes: 12", "minutes: many", "whole number"),
    (LESSON_FILE, "## A heading", "# A heading", "Headings are"),
    (LESSON_FILE, "## A heading", "> A quotation", "quotation block"),
    (LESSON_FILE, "## A heading", "<b>bold</b>", "HTML"),
    (LESSON_FILE, "## A heading", "![x](/y.png)", "picture"),
    (LESSON_FILE, "::: check", "::: chekc", "no block “chekc”"),
    (LESSON_FILE, "correct: true", "correct: false", "exactly one correct option"),
    (LESSON_FILE, '[Flexion, "120"]', '[Flexion, "120", more]', "3 cells; the head has 2"),
    (LESSON_FILE, "- A source, 2001", "- A: source: 2001", "not YAML"),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), FAULTS)
def test_a_fault_is_said_with_file_and_line(content, name, old, new, said):
    line = swap(content, name, old, new)
    found = [problem for problem in open_library(content).problems if said in problem.sentence]
    assert found, open_library(content).problems
    where = found[0]
    assert where.file == name
    # the line itself, or the beginning of the entry or block it belongs to
    assert 0 <= line - where.line <= 8 or where.line == 1


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [fault for fault in FAULTS if fault[3] in ("no claim CC9", "whole number", "one of A, L, R")],
)
def test_the_line_of_a_value_is_exact(content, name, old, new, said):
    line = swap(content, name, old, new)
    (found,) = [problem for problem in open_library(content).problems if said in problem.sentence]
    assert abs(found.line - line) <= 1


@pytest.mark.parametrize(
    ("name", "content_of"),
    [
        ("scheme/smt.yaml", b"\xff\xfe\x00nonsense"),
        ("scheme/smt.yaml", b"- a list\n"),
        ("scheme/smt.yaml", b""),
        ("scheme/smt.yaml", b"code: [never closed\n"),
        ("items/secure/d1.yaml", b"a: mapping\n"),
        (LESSON_FILE, b"no front matter\n"),
        (LESSON_FILE, b"---\ncode: x\n"),
        (LESSON_FILE, b"\xff\xff"),
        (LESSON_FILE, b""),
        ("figures/knee.svg", b"<svg"),
        ("figures/knee.svg", b"x" * 500_000),
    ],
)
def test_a_file_that_cannot_be_read_is_a_fault_and_no_crash(content, name, content_of):
    (content / name).write_bytes(content_of)
    assert any(problem.startswith(name) for problem in problems(content))


def test_a_missing_drawing_a_short_lesson_and_a_block_left_open_are_faults(content):
    (content / "figures/knee.svg").unlink()
    lesson = content / LESSON_FILE
    lesson.write_text(lesson.read_text().replace("You rest", "", 54))
    assert any("no drawing knee.svg" in problem for problem in problems(content))
    text = lesson.read_text()
    lesson.write_text(text[: text.rindex(":::")])
    assert any("is not closed" in problem for problem in problems(content))


def test_a_lesson_of_few_words_is_a_fault(content):
    lesson = content / LESSON_FILE
    head, _dashes, body = lesson.read_text().partition("\n---\n")
    lesson.write_text(f"{head}\n---\nShort.\n{body[body.index('::: figure') :]}")
    assert any("at least 500 words" in problem for problem in problems(content))


# The linter can fail


MYTHS = [
    (LESSON_FILE, "## A heading", "Massage flushes the legs.\n\n## A heading"),
    (LESSON_FILE, "text: Stop.", "text: Massage flushes the legs."),
    (LESSON_FILE, "why: It is so.", "why: Massage flushes the legs."),
    (LESSON_FILE, "lede: What you learn here.", "lede: Massage flushes the legs."),
    ("items/secure/d1.yaml", "stem: What of D1-R-001?", "stem: Massage flushes the legs. Why?"),
    ("items/secure/d1.yaml", "rationale: It is so.", "rationale: Massage flushes the legs."),
    ("items/practice/d1.yaml", "text: This", "text: Massage flushes the legs."),
    ("checklists/t1.yaml", "text: Cleans hands", "text: Massage flushes the legs."),
    ("scheme/smt.yaml", "scope: Massage.", "scope: Massage flushes the legs."),
    ("pages/privacy.md", "Kept.", "Massage flushes the legs."),
    ("courses/smt/course.yaml", "summary: First.", "summary: Massage flushes the legs."),
    ("pages/home.yaml", "lede: It is this.", "lede: Massage flushes the legs."),
    ("figures/knee.yaml", "alt: A knee", "alt: Massage flushes the legs."),
]


@pytest.mark.parametrize(("name", "old", "new"), MYTHS)
def test_a_claim_marked_x_stated_as_true_fails_with_file_and_line(content, name, old, new):
    line = swap(content, name, old, new)
    (found,) = lint_library(open_library(content))
    assert (found.file, found.line) == (name, line)
    assert "CC1" in found.sentence


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("items/secure/d1.yaml", "text: That", "text: Massage flushes the legs."),
        (LESSON_FILE, "text: Never mind", "text: Massage flushes the legs."),
        (LESSON_FILE, "text: Stop.", "text: Massage does not flush the legs."),
        (LESSON_FILE, "text: Stop.", "text: They say “Massage flushes the legs.” It is not so."),
    ],
)
def test_a_wrong_option_a_denial_and_a_quotation_may_hold_the_myth(content, name, old, new):
    swap(content, name, old, new)
    assert lint_library(open_library(content)) == []


def test_lint_content_fails_on_a_myth_and_passes_without(content):
    out, err = StringIO(), StringIO()
    call_command("lint_content", root=content, stdout=out, stderr=err)
    assert "No faults" in out.getvalue()
    swap(content, LESSON_FILE, "text: Stop.", "text: Massage flushes the legs.")
    with pytest.raises(CommandError, match="1 faults"):
        call_command("lint_content", root=content, stdout=out, stderr=err)
    assert f"{LESSON_FILE}:" in err.getvalue()


# Loading


@pytest.mark.django_db
def test_everything_is_loaded_where_it_belongs(content):
    load(content)
    assert CredentialType.objects.get().state == "open"
    assert Claim.objects.get().live
    assert Item.objects.filter(pool="secure").count() == 2
    examined, practised = Checklist.objects.order_by("code").reverse()
    assert (examined.code, examined.pool, examined.life) == ("T1", "secure", "active")
    assert (practised.code, practised.pool, practised.life) == ("P-T1", "practice", "active")
    assert practised.frozen_lines == examined.frozen_lines
    course, exam = Course.objects.get(code="PREP"), Course.objects.get(code="EXAM")
    assert [row.code for row in course.satisfies.all()] == ["education"]
    assert (exam.access, exam.hours) == ("application", 0)
    names = list(
        Activity.objects.filter(module__course=course)
        .order_by("module__position", "position")
        .values_list("code", "path")
    )
    assert names == [
        ("1.1", "/courses/prep/one/lesson-a/"),
        ("M1-CHECK", "/courses/prep/one/m1-check/"),
        ("ST", "/courses/prep/one/st/"),
        ("2.1", "/courses/prep/two/lesson-b/"),
    ]
    written = Quiz.objects.get(activity__code="SMT-WRITTEN")
    assert (written.pool, written.feedback, written.pass_percent) == ("secure", "bands", 50)
    assert BlueprintCell.objects.filter(quiz=written).count() == 2
    kinds = dict(ExamPlan.objects.values_list("activity__code", "kind"))
    assert kinds == {"SMT-PRACTICAL": "certifying", "ST": "formative"}
    satisfied = {
        row.code: row.satisfies.get().code for row in Activity.objects.exclude(satisfies=None)
    }
    assert satisfied == {"SMT-WRITTEN": "written", "SMT-PRACTICAL": "practical"}
    assert Site.objects.get(is_default_site=True).root_page.specific == HomePage.objects.get()
    assert CredentialPage.objects.get().code == "SMT"
    assert StandardPage.objects.get().slug == "privacy"
    enemies = Item.objects.exclude(enemies=None).values_list("code", "enemies__code")
    assert set(enemies) == {("K-case", "K-essay"), ("K-essay", "K-case")}


@pytest.mark.django_db
def test_the_site_moves_with_its_installation(content, settings):
    load(content)
    settings.PUBLIC_URL = "http://127.0.0.1:8123"
    keep_address()
    assert Site.objects.get(is_default_site=True).root_url == "http://127.0.0.1:8123"
    with CaptureQueriesContext(connection) as asked:
        keep_address()
    assert len(asked) == 1


@pytest.mark.django_db
def test_lessons_link_to_each_other_s_pages(content):
    load(content)
    one, other = (LessonPage.objects.get(code=code) for code in ("1.1", "2.1"))
    assert f'linktype="page" id="{other.pk}"' in str(one.body.raw_data[0]["value"])
    assert [block.block_type for block in one.body] == [
        "text",
        "figure",
        "research",
        "contraindication",
        "table",
        "check",
        "references",
    ]


@pytest.mark.django_db
def test_loading_twice_changes_nothing(content):
    assert load(content) > 10

    def state():
        return (
            Revision.objects.count(),
            Page.objects.count(),
            list(Course.objects.values_list("revision", flat=True)),
            list(Item.objects.values_list("versions__number", flat=True)),
        )

    before = state()
    assert load(content) == 0
    assert state() == before


@pytest.mark.django_db
def test_only_what_changed_is_loaded_again(content):
    load(content)
    before = Revision.objects.count()
    swap(content, LESSON_FILE, "title: Lesson 1.1", "title: A better title")
    assert load(content) == 1
    assert Revision.objects.count() == before + 1
    assert Activity.objects.get(code="1.1").title == "A better title"


@pytest.mark.django_db
def test_an_author_s_own_change_is_not_undone_while_the_file_is_the_same(content):
    load(content)
    page = LessonPage.objects.get(code="1.1")
    page.title = "By an author"
    page.save_revision().publish()
    load(content)
    assert LessonPage.objects.get(code="1.1").title == "By an author"


@pytest.mark.django_db
def test_a_page_that_was_deleted_comes_back_with_what_learners_did_there(content):
    load(content)
    row = Activity.objects.get(code="1.1")
    Page.objects.get(pk=LessonPage.objects.get(code="1.1").pk).specific.delete()
    load(content)
    again = Activity.objects.get(code="1.1")
    assert (again.pk, again.is_live) == (row.pk, True)


@pytest.mark.django_db
def test_a_new_order_in_the_file_is_a_new_order_of_pages_and_rows(content):
    load(content)
    file = "courses/smt/course.yaml"
    text = (content / file).read_text()
    start, end = text.index("  - kind: quiz"), text.index("  - kind: practical")
    quiz, rest = text[start:end], text[end:]
    cut = rest.index("- code: M2")
    (content / file).write_text(text[:start] + rest[:cut] + quiz + rest[cut:])
    load(content)
    codes = Activity.objects.filter(module__code="M1").order_by("position")
    assert list(codes.values_list("code", flat=True)) == ["1.1", "ST", "M1-CHECK"]


@pytest.mark.django_db
def test_faulty_content_loads_nothing_at_all(content):
    swap(content, LESSON_FILE, "claim: CC1", "claim: CC9")
    with pytest.raises(Faulty):
        load(content)
    assert not CredentialType.objects.exists()


@pytest.mark.django_db
def test_a_myth_loads_nothing_at_all(content):
    swap(content, LESSON_FILE, "text: Stop.", "text: Massage flushes the legs.")
    with pytest.raises(Faulty, match="CC1"):
        load(content)
    assert not CredentialType.objects.exists()


@pytest.mark.django_db
def test_a_scheme_in_force_is_not_changed_by_a_file(content):
    load(content)
    swap(content, "scheme/smt.yaml", "scope: Massage.", "scope: More.")
    with pytest.raises(Faulty, match="Name a new edition"):
        load(content)


@pytest.mark.django_db
def test_the_command_says_what_it_does_and_where_the_faults_are(content):
    out, err = StringIO(), StringIO()
    call_command("load_content", root=content, stdout=out, stderr=err)
    assert "Content is loaded" in out.getvalue()
    swap(content, LESSON_FILE, "claim: CC1", "claim: CC9")
    with pytest.raises(CommandError):
        call_command("load_content", root=content, stdout=out, stderr=err)
    assert f"{LESSON_FILE}:" in err.getvalue()
