"""“These answers count as well”, for every type that has a key: the form, what it refuses, what it would move, and what it then moves."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from quizzes.models import ItemRuling, ItemVersion, Pool, Quiz
from quizzes.ruling_forms import RulingForm, in_words
from quizzes.rulings import Ruling, counted, faults_of
from quizzes.scoring import earned, worth
from quizzes.services import (
    foresee_ruling,
    release_results,
    result_of,
    ripple_of,
    rule_on_item,
    save_response,
    settle_fall,
    submit_attempt,
)
from tests.factories import NOW, person
from tests.quizzes.bank import ANSWERS, LONG_ANSWERS, add_items, exam, sit, version_of
from tests.quizzes.test_release import sat, version_at

pytestmark = pytest.mark.django_db
TYPES = sorted({*ANSWERS, *LONG_ANSWERS} - {"essay"})


def version(kind):
    (item,) = add_items(1, kind, pool=Pool.SECURE)
    return version_of(item)


def swapped(pairs):
    """The same pairs with the first two targets exchanged."""
    (one, left), (other, right), *rest = pairs.items()
    return dict([(one, right), (other, left), *rest])


def second_key(content):
    """What somebody types into the form so that one more answer counts, and that answer."""
    kind, key, options = content["type"], content["key"], content["options"]
    match kind:
        case "single" | "truefalse":
            other = next(row["id"] for row in options if row["id"] != key["choice"])
            return {"also": [other]}, {"choice": other}
        case "multiple":
            every = sorted(row["id"] for row in options)
            return {"also": every}, {"choices": every}
        case "numeric":
            return {"also": "90"}, {"value": 90}
        case "text":
            return {"also": "semimembranosus"}, {"text": "semimembranosus"}
        case "hotspot":
            wrong = next(row for row in content["scoring"]["regions"] if not row["correct"])
            at = next(row for row in options if row["id"] == wrong["id"])
            return {"also": [wrong["id"]]}, {"x": at["x"], "y": at["y"]}
        case "order":
            order = [*key["order"][::-1]]
            return {f"entry_{name}": n for n, name in enumerate(order, 1)}, {"order": order}
        case "case":
            first, *_rest = content["parts"]
            other = next(
                row["id"] for row in first["options"] if row["id"] != key["parts"][first["id"]]
            )
            parts = {**key["parts"], first["id"]: other}
            return {f"entry_{name}": given for name, given in parts.items()}, {"parts": parts}
    pairs = swapped(key["pairs"])
    if kind == "extended":
        first = next(iter(key["pairs"]))
        free = {row["id"] for row in content["targets"]} - set(key["pairs"].values())
        pairs = {**key["pairs"], first: free.pop()}
    return {f"entry_{name}": given for name, given in pairs.items()}, {"pairs": pairs}


def form_of(version, data, before=None, kind="rescore"):
    return RulingForm({"kind": kind, "reasons": "x", **data}, version=version, before=before)


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_with_a_key_can_have_a_second_one(kind):
    row = version(kind)
    typed, answer = second_key(row.content)
    assert earned(row.content, answer) < worth(row.content)
    form = form_of(row, typed)
    assert form.is_valid(), form.errors
    named = form.named()
    assert not faults_of(row.content, "rescore", named)
    points = counted(
        row.content, answer, earned(row.content, answer), Ruling("rescore", tuple(named))
    )
    assert points == (worth(row.content), worth(row.content))


@pytest.mark.parametrize("kind", TYPES)
def test_what_counts_already_is_kept_in_the_form_and_said_in_words(kind):
    row = version(kind)
    typed, _answer = second_key(row.content)
    form = form_of(row, typed)
    assert form.is_valid()
    before = ItemRuling(kind="rescore", also=form.named())
    again = RulingForm(version=row, before=before)
    shown = {name: again.get_initial_for_field(field, name) for name, field in again.fields.items()}
    resent = {name: value for name, value in shown.items() if value is not None}
    second = form_of(row, resent, before=before)
    assert second.is_valid(), second.errors
    assert second.named() == before.also
    assert in_words(row.content, before.also[0])


@pytest.mark.parametrize("kind", ["order", "match", "label", "extended", "case"])
def test_the_key_itself_sent_back_is_no_second_key(kind):
    row = version(kind)
    unbound = RulingForm(version=row)
    typed = {
        name: field.initial for name, field in unbound.fields.items() if name.startswith("entry_")
    }
    form = form_of(row, typed)
    assert form.is_valid() and form.named() == []
    assert faults_of(row.content, "rescore", form.named())


def test_an_order_gives_each_place_once():
    row = version("order")
    form = form_of(row, {f"entry_{name}": 1 for name in row.content["key"]["order"]})
    assert not form.is_valid() and "Give each place" in str(form.errors)


def test_two_labels_of_one_kind_are_refused_by_the_scorer():
    row = version("label")
    pins = list(row.content["key"]["pairs"])
    label = row.content["targets"][0]["id"]
    assert faults_of(row.content, "rescore", [{"pairs": dict.fromkeys(pins, label)}])


@pytest.mark.parametrize("kind", ["match", "label", "extended", "case"])
def test_a_key_that_is_silent_on_an_entry_is_refused(kind):
    content = version(kind).content
    _typed, answer = second_key(content)
    (field,) = answer
    entries = dict(list(answer[field].items())[:1])
    assert faults_of(content, "rescore", [{field: entries}])


@pytest.mark.parametrize("kind", ["case", "extended"])
def test_entries_that_stand_for_themselves_have_their_best_key_each(kind):
    content = version(kind).content
    _typed, answer = second_key(content)
    (field,) = answer
    (first, other), *_rest = answer[field].items()
    last = list(content["key"][field])[-1]
    # Another right answer to the last entry, in a key of its own.
    entries = {row["id"]: row for row in content.get("parts") or content["options"]}
    choices = [row["id"] for row in entries[last].get("options") or content["targets"]]
    spare = next(name for name in choices if name != content["key"][field][last])
    keys = (answer, {field: {**content["key"][field], last: spare}})
    mixed = {field: {**content["key"][field], first: other, last: spare}}
    points = counted(content, mixed, earned(content, mixed), Ruling("rescore", keys))
    assert points == (worth(content), worth(content))
    wrong = {field: {first: other}}
    assert counted(content, wrong, earned(content, wrong), Ruling("rescore", keys))[0] < worth(
        content
    )


def test_an_essay_has_no_second_key():
    form = RulingForm(version=version("essay"))
    assert not form.can_name and "rescore" not in dict(form.fields["kind"].choices)


# What it would move


@pytest.fixture
def quiz():
    add_items(5, pool=Pool.SECURE)
    return exam(("D1", "", 5), pass_percent=60)


@pytest.mark.parametrize("kind", ["void", "credit", "rescore"])
def test_what_is_foreseen_is_what_then_happens(quiz, kind):
    attempts = [sat(quiz, right) for right in (2, 3, 5)]
    question = version_at(attempts[0], 4)
    wrong = next(
        row["id"]
        for row in question.content["options"]
        if row["id"] != question.content["key"]["choice"]
    )
    also = [{"choice": wrong}] if kind == "rescore" else []
    foreseen = foresee_ruling(version=question, kind=kind, also=also)
    assert not ItemRuling.objects.exists()
    ruling = rule_on_item(
        version=question, kind=kind, also=also, reasons="x", by=person(Role.ITEM_REVIEWER), at=NOW
    )
    moved = ripple_of(ruling)
    assert (foreseen.met, foreseen.changed) == (3, len(moved.touched)) and foreseen.changed
    assert (foreseen.rising, foreseen.falling) == (len(moved.rising), len(moved.falling))


def test_a_pass_that_was_let_stand_is_foreseen_from_its_answers(quiz):
    registrar, reviewer = person(Role.REGISTRAR), person(Role.ITEM_REVIEWER)
    attempt = sat(quiz, 3)
    question = version_at(attempt, 1)
    given = {"version": question, "also": [], "reasons": "x", "by": reviewer, "at": NOW}
    rule_on_item(**given, kind="void")
    settle_fall(attempt=attempt, stands=True, reasons="Told.", by=registrar, at=NOW)
    foreseen = foresee_ruling(version=question, kind="credit", also=[])
    ruling = rule_on_item(**given, kind="credit")
    assert foreseen.changed == len(ripple_of(ruling).touched)
    assert result_of(attempt).passed


def test_looking_ahead_takes_the_same_few_statements_however_many_met_it(quiz):
    counts = []
    for more in (1, 4):
        attempts = [sat(quiz, 2) for _ in range(more)]
        with CaptureQueriesContext(connection) as context:
            foresee_ruling(version=version_at(attempts[0], 5), kind="credit", also=[])
        counts.append(len(context))
    assert counts[0] == counts[1] <= 5


# On the screen


@pytest.fixture
def reviewing(client):
    client.force_login(person(Role.ITEM_REVIEWER))
    return client


@pytest.mark.parametrize("kind", TYPES)
def test_the_screen_looks_ahead_and_signs(reviewing, kind):
    add_items(2, kind, pool=Pool.SECURE)
    quiz = exam(("D1", "", 2 * worth(ItemVersion.objects.last().content)), pass_percent=60)
    attempt = sit(quiz)
    row = attempt.responses.get(position=1)
    typed, answer = second_key(row.item_version.content)
    save_response(
        uuid=attempt.uuid, position=1, answer=answer, flagged=False, seq=1,
        by=attempt.learner, at=NOW,
    )  # fmt: skip
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    url = reverse("rule-on-item", args=[row.item_version.uuid])
    page = reviewing.get(url).content.decode()
    assert "These count as well" in page
    assert ('class="m-edge"' in page) is (kind in ("hotspot", "label"))
    sent = {"kind": "rescore", **typed}
    ahead = reviewing.post(url, {**sent, "foresee": "1"})
    assert ahead.status_code == 200 and ahead.context["foreseen"].changed == 1
    assert not ItemRuling.objects.exists()
    without = reviewing.post(url, sent)
    assert without.status_code == 400 and not ItemRuling.objects.exists()
    assert reviewing.post(url, {**sent, "reasons": "Both are in the book."}).status_code == 302
    assert result_of(attempt).points == worth(row.item_version.content)


def test_nothing_named_is_said_and_nothing_is_foreseen(reviewing, quiz):
    question = version_at(sat(quiz, 2), 1)
    url = reverse("rule-on-item", args=[question.uuid])
    page = reviewing.post(url, {"kind": "rescore", "foresee": "1"})
    assert page.status_code == 400 and page.context["foreseen"] is None
    assert "Name the answers that count as well." in page.content.decode()


def test_looking_ahead_is_for_reviewers_who_did_not_write_it(client, quiz):
    attempt = sat(quiz, 2)
    question = version_at(attempt, 1)
    url = reverse("rule-on-item", args=[question.uuid])
    for user in (attempt.learner, person(Role.REGISTRAR), person(Role.ITEM_AUTHOR)):
        client.force_login(user)
        assert client.post(url, {"kind": "void", "foresee": "1"}).status_code == 403
    author = person(Role.ITEM_REVIEWER)
    type(question.item).objects.filter(pk=question.item_id).update(author=author)
    client.force_login(author)
    assert client.post(url, {"kind": "void", "foresee": "1"}).status_code == 403


def test_what_was_held_back_by_a_registrar_is_foreseen_too():
    add_items(5, pool=Pool.SECURE)
    quiz = exam(("D1", "", 5), pass_percent=60, release=Quiz.Release.BY_PERSON)
    attempt = sat(quiz, 3)
    release_results(quiz=quiz, attempts=[attempt], by=person(Role.REGISTRAR), at=NOW)
    assert foresee_ruling(version=version_at(attempt, 1), kind="void", also=[]).falling == 1
