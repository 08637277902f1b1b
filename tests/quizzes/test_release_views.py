"""The pages from marked to told: who sees them, what they say, and that no key leaves through any of them."""

import io
import json
import logging

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from quizzes.models import EssayMark, ItemRuling, Pool, Quiz, Release, SecureView
from quizzes.services import release_results, result_of, rule_on_item
from quizzes.tasks import render_report
from tests.factories import NOTHING, NOW, person
from tests.quizzes.bank import add_items, exam
from tests.quizzes.test_release import ESSAY, answer, essay_in, falling, mark, sat, sit

pytestmark = pytest.mark.django_db
STAFF = (Role.REGISTRAR, Role.ITEM_REVIEWER)
OTHERS = (Role.EXAMINER, Role.INSTRUCTOR, Role.ITEM_AUTHOR, Role.INVIGILATOR, Role.CHIEF_EXAMINER)


@pytest.fixture
def as_person(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def quiz():
    add_items(5, pool=Pool.SECURE)
    return exam(("D1", "", 5), pass_percent=60, release=Quiz.Release.BY_PERSON)


@pytest.fixture
def essay_quiz():
    add_items(2, pool=Pool.SECURE)
    add_items(1, "essay", pool=Pool.SECURE, level="analyse")
    return exam(("D1", "apply", 2), ("D1", "analyse", 6), pass_percent=60)


def ruled(attempt, position=5, kind="credit"):
    return rule_on_item(
        version=attempt.responses.get(position=position).item_version,
        kind=kind,
        also=[],
        reasons="Both can be defended.",
        by=person(Role.ITEM_REVIEWER),
        at=NOW,
    )


def pages(quiz, attempt, ruling):
    uuid = quiz.activity.uuid
    return {
        reverse("results"): STAFF,
        reverse("quiz-results", args=[uuid]): STAFF,
        reverse("release-results", args=[uuid]): (Role.REGISTRAR,),
        reverse("ripple", args=[ruling.uuid]): STAFF,
        reverse("rule-on-item", args=[ruling.version.uuid]): (Role.ITEM_REVIEWER,),
        reverse("essays"): (Role.ITEM_REVIEWER,),
    }


def test_each_page_is_for_its_roles_only(as_person, quiz):
    attempt = sat(quiz, 2)
    ruling = ruled(attempt)
    for url, roles in pages(quiz, attempt, ruling).items():
        for role in (*STAFF, *OTHERS):
            expected = 200 if role in roles else 403
            assert as_person(person(role)).get(url).status_code == expected, (url, role)
        assert as_person(attempt.learner).get(url).status_code == 403, url


def test_nobody_signed_out_sees_any(client, quiz):
    attempt = sat(quiz, 2)
    for url in pages(quiz, attempt, ruled(attempt)):
        assert client.get(url).status_code == 302


def test_what_is_not_there_is_a_404(as_person, quiz):
    for role, name in (
        (Role.REGISTRAR, "quiz-results"),
        (Role.REGISTRAR, "release-results"),
        (Role.REGISTRAR, "ripple"),
        (Role.ITEM_REVIEWER, "rule-on-item"),
    ):
        page = as_person(person(role)).get(reverse(name, args=[NOTHING]))
        assert page.status_code == 404, name
    reviewer = as_person(person(Role.ITEM_REVIEWER))
    assert reviewer.get(reverse("essay", args=[987654])).status_code == 404


def test_posting_needs_the_role_too(as_person, quiz):
    attempt = sat(quiz, 3)
    ruling = ruled(attempt, position=4)
    posts = {
        reverse("release-results", args=[quiz.activity.uuid]): {"upto": 10**6, "seen": "on"},
        reverse("rule-on-item", args=[ruling.version.uuid]): {"kind": "void", "reasons": "x"},
        reverse("settle-fall", args=[ruling.uuid, attempt.uuid]): {
            "stands": "taken",
            "reasons": "x",
        },
    }
    for url, data in posts.items():
        for user in (attempt.learner, *map(person, OTHERS)):
            assert as_person(user).post(url, data).status_code == 403, url
    assert not Release.objects.exists() and ItemRuling.objects.count() == 1


def test_a_registrar_releases_after_having_looked(as_person, quiz):
    attempt = sat(quiz, 3)
    client = as_person(person(Role.REGISTRAR))
    url = reverse("release-results", args=[quiz.activity.uuid])
    page = client.get(url).content.decode()
    assert "Release 1 result?" in page
    upto = result_of(attempt).pk
    refused = client.post(url, {"upto": upto})
    assert refused.status_code == 400 and not Release.objects.exists()
    later = sat(quiz, 3)
    client.post(url, {"upto": upto, "seen": "on"})
    assert [row.result.attempt for row in Release.objects.all()] == [attempt]
    assert client.get(url).status_code == 200
    client.post(url, {"upto": result_of(later).pk, "seen": "on"})
    assert client.get(url).status_code == 302


def test_a_held_result_is_said_in_words_with_what_comes_next(as_person, quiz):
    attempt = sat(quiz, 3)
    page = as_person(attempt.learner).get(reverse("attempt-result", args=[attempt.uuid]))
    words = page.content.decode()
    assert "Your result is held" in words and "What comes next" in words
    assert "a registrar releases" in words and "Report (PDF)" not in words
    told = as_person(attempt.learner).get(f"/api/v1/attempts/{attempt.uuid}/").json()
    assert (told["state"], told["passed"]) == ("submitted", None)
    assert not {"points", "bands", "scaled", "questions"} & set(told)


def test_an_essay_to_be_marked_is_said_too(as_person, essay_quiz):
    attempt = sat(essay_quiz, 2)
    page = as_person(attempt.learner).get(reverse("attempt-result", args=[attempt.uuid]))
    assert "Two people mark your essay" in page.content.decode()


def test_the_report_is_for_its_person_only(as_person, quiz):
    attempt = sat(quiz, 2)
    url = reverse("result-report", args=[attempt.uuid])
    assert as_person(attempt.learner).get(url).status_code == 404
    registrar = person(Role.REGISTRAR)
    (release,) = release_results(quiz=quiz, attempts=[attempt], by=registrar, at=NOW)
    assert as_person(attempt.learner).get(url).status_code == 202
    render_report.call(release.pk)
    answer_ = as_person(attempt.learner).get(url)
    assert answer_["Content-Type"] == "application/pdf"
    assert answer_["Cache-Control"] == "private, no-store"
    assert b"".join(answer_.streaming_content).startswith(b"%PDF-")
    for user in (person(), registrar, person(Role.ITEM_REVIEWER), person(Role.ADMINISTRATOR)):
        assert as_person(user).get(url).status_code == 404


def test_a_marker_sees_task_text_and_rubric_and_nobodys_name(as_person, essay_quiz):
    attempt = sat(essay_quiz, 2)
    first = person(Role.ITEM_REVIEWER, name="Marker One")
    mark(attempt, 2, 1, 0, by=first, comment="Rather short.")
    second = person(Role.ITEM_REVIEWER)
    row = essay_in(attempt)
    desk = as_person(second).get(reverse("essays")).content.decode()
    page = as_person(second).get(reverse("essay", args=[row.pk])).content.decode()
    assert ESSAY in page and "Stops the treatment" in page
    for secret in (attempt.learner.name, attempt.learner.email, str(attempt.uuid), "Marker One"):
        assert secret not in desk + page, secret
    assert "Rather short." not in page
    assert SecureView.objects.filter(reader=second, item=row.item_version.item).exists()


def test_a_third_marker_sees_what_the_two_gave_without_their_names(as_person, essay_quiz):
    attempt = sat(essay_quiz, 2)
    mark(attempt, 2, 2, 2, by=person(Role.ITEM_REVIEWER, name="Marker One"), comment="All there.")
    mark(attempt, 0, 0, 0)
    page = as_person(person(Role.ITEM_REVIEWER)).get(reverse("essay", args=[essay_in(attempt).pk]))
    words = page.content.decode()
    assert "The two gave 2 and 0." in words and "All there." in words
    assert "Marker One" not in words and attempt.learner.name not in words


def test_marking_by_form_and_a_line_left_out(as_person, essay_quiz):
    attempt = sat(essay_quiz, 2)
    row = essay_in(attempt)
    lines = [line["id"] for line in row.item_version.content["scoring"]["rubric"]]
    client = as_person(person(Role.ITEM_REVIEWER))
    url = reverse("essay", args=[row.pk])
    left_out = client.post(url, {f"line_{lines[0]}": 2, f"line_{lines[1]}": 1})
    assert left_out.status_code == 400 and not EssayMark.objects.exists()
    done = client.post(url, {f"line_{line}": n for line, n in zip(lines, (2, 1, 0), strict=True)})
    assert done.status_code == 302
    assert EssayMark.objects.get().points == 3
    assert client.get(url).status_code == 409


def test_a_pass_to_be_decided_on_is_in_the_queue_until_it_is(as_person):
    add_items(10, pool=Pool.SECURE)
    attempt, ruling = falling(exam(("D1", "", 10), pass_percent=60))
    client = as_person(person(Role.REGISTRAR))
    ripple = reverse("ripple", args=[ruling.uuid])
    assert ripple in client.get(reverse("registrar-queue")).content.decode()
    assert attempt.learner.name in client.get(ripple).content.decode()
    settle = reverse("settle-fall", args=[ruling.uuid, attempt.uuid])
    client.post(settle, {"stands": "stands", "reasons": ""})
    assert ripple in client.get(reverse("registrar-queue")).content.decode()
    client.post(settle, {"stands": "stands", "reasons": "Told in good faith."})
    assert ripple not in client.get(reverse("registrar-queue")).content.decode()


def test_the_pages_take_no_more_statements_for_more_results(as_person, quiz):
    client = as_person(person(Role.REGISTRAR))
    counts = []
    for more in (1, 4):
        for _number in range(more):
            sat(quiz, 3)
        with CaptureQueriesContext(connection) as context:
            client.get(reverse("results"))
            client.get(reverse("quiz-results", args=[quiz.activity.uuid]))
            client.get(reverse("registrar-queue"))
        counts.append(len(context))
    assert counts[0] == counts[1], counts


# No key leaves

KEYED = (
    "rationales",
    '"key"',
    "&quot;key&quot;",
    '"right"',
    "Muscle bears pressure",
    "They lie bare",
)
HIDDEN = (*KEYED, "Over the vessels", "Where do you not press")


def everything_said(client, urls):
    for url in urls:
        response = client.get(url)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        yield url, f"{response.headers}{body.decode(errors='replace')}"


def test_no_page_payload_log_or_export_holds_a_key(as_person, quiz, caplog):
    """Walks what a candidate, examiner, instructor and registrar can reach of an examination, before and after its release."""
    caplog.set_level(logging.DEBUG)
    running, attempt = sit(quiz), sat(quiz, 2)
    answer(running, 2)
    stems = [row.item_version.content["stem"] for row in attempt.responses.all()]
    keys = [json.dumps(row.item_version.content["key"]) for row in attempt.responses.all()]
    ruling = ruled(attempt)
    registrar = person(Role.REGISTRAR)
    own = [
        f"/api/v1/attempts/{attempt.uuid}/",
        reverse("attempt-result", args=[attempt.uuid]),
        reverse("quiz-start", args=[quiz.activity.uuid]),
        reverse("result-report", args=[attempt.uuid]),
        reverse("notices"),
        "/home/",
    ]
    sitting = [
        f"/api/v1/attempts/{running.uuid}/",
        reverse("attempt", args=[running.uuid]),
        reverse("attempt-submit", args=[running.uuid]),
    ]
    staff = [
        *pages(quiz, attempt, ruling),
        reverse("registrar-queue"),
        "/api/v1/schema/",
        f"/api/v1/items/?quiz={quiz.activity.uuid}",
        *own,
        *sitting,
    ]
    for _round in ("held", "released"):
        for url, said in everything_said(as_person(running.learner), sitting):
            assert not [word for word in KEYED if word in said], url
        for url, said in everything_said(as_person(attempt.learner), own):
            assert not [word for word in (*HIDDEN, *stems, *keys) if word in said], url
        for role in (Role.REGISTRAR, Role.EXAMINER, Role.INSTRUCTOR, Role.INVIGILATOR):
            walker = as_person(registrar if role == Role.REGISTRAR else person(role))
            for url, said in everything_said(walker, staff):
                if url != "/api/v1/schema/":
                    assert not [w for w in (*HIDDEN, *stems, *keys) if w in said], (url, role)
        for release in release_results(quiz=quiz, attempts=[attempt], by=registrar, at=NOW):
            render_report.call(release.pk)
            with storages["private"].open(release.report_path) as file:
                assert not any(
                    stem.encode() in io.BytesIO(file.read()).getvalue() for stem in stems
                )
    logged = "\n".join(
        record.getMessage() for record in caplog.records if record.name != "django.db.backends"
    )
    assert not [word for word in (*HIDDEN, *stems) if word in logged]
