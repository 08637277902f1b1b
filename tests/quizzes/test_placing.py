"""Enemies and the exposure cap of an item in use: changed by a reviewer without a new version, and written down."""

import pytest
from wagtail.models import ModelLogEntry

from accounts.models import Role
from accounts.services import Conflict, Forbidden, Invalid
from ledger.services import verify
from quizzes.models import Item, ItemTransition, Life, Pool
from quizzes.services import forms_with_enemies, place_item
from tests.factories import NOW, person
from tests.quizzes.bank import add_items, exam
from tests.quizzes.test_administrations import on_a_form
from tests.quizzes.test_wagtail import _staff_may_enter, enter, form_of, url  # noqa: F401 fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def items():
    return add_items(3, pool=Pool.SECURE, loaded=True)


@pytest.fixture
def reviewer():
    return person(Role.ITEM_REVIEWER)


def place(item, by, enemies=(), cap=None, comment="They give each other away."):
    return place_item(item=item, enemies=enemies, exposure_cap=cap, comment=comment, by=by, at=NOW)


def enemies_of(item):
    return set(Item.objects.get(pk=item.pk).enemies.values_list("pk", flat=True))


def test_a_reviewer_makes_enemies_and_sets_a_cap_without_a_new_version(items, reviewer):
    one, other, third = items
    before = one.latest_revision_id
    row = place(one, reviewer, [other, third], 40)
    fresh = Item.objects.get(pk=one.pk)
    assert (fresh.exposure_cap, enemies_of(one)) == (40, {other.pk, third.pk})
    assert enemies_of(other) == {one.pk}
    assert (fresh.versions.count(), fresh.latest_revision_id) == (1, before)
    assert (row.step, row.before, row.after, row.by) == ("placed", "active", "active", reviewer)
    assert other.code in row.comment and "cap: none, now 40" in row.comment
    assert ModelLogEntry.objects.filter(action="quizzes.life", user=reviewer).count() == 1
    assert place(one, reviewer, [other, third], 40) is None
    place(one, reviewer, [third], None)
    assert (enemies_of(one), enemies_of(other)) == ({third.pk}, set())
    assert Item.objects.get(pk=one.pk).exposure_cap is None
    assert not list(verify(ItemTransition))


def test_a_draft_from_before_brings_neither_back(items, reviewer):
    one, other, _third = items
    item = Item.objects.get(pk=one.pk)
    item.reference = "Another register, 2026"
    item.save_revision()
    place(one, reviewer, [other], 7)
    draft = Item.objects.get(pk=one.pk).get_latest_revision_as_object()
    assert (draft.exposure_cap, [row.pk for row in draft.enemies.all()]) == (7, [other.pk])
    Item.objects.get(pk=one.pk).latest_revision.publish()
    assert Item.objects.get(pk=one.pk).exposure_cap == 7 and enemies_of(one) == {other.pk}


def test_a_draft_that_sets_a_cap_keeps_what_it_set(items, reviewer):
    item = Item.objects.get(pk=items[0].pk)
    item.exposure_cap = 12
    item.save_revision()
    place(item, reviewer, [], 7)
    Item.objects.get(pk=item.pk).latest_revision.publish()
    assert Item.objects.get(pk=item.pk).exposure_cap == 12


def test_who_may(items, reviewer):
    for role in (None, *(role for role in Role if role != Role.ITEM_REVIEWER)):
        with pytest.raises(Forbidden):
            place(items[0], person(*filter(None, [role])))
    Item.objects.filter(pk=items[0].pk).update(author=reviewer)
    with pytest.raises(Forbidden) as caught:
        place(items[0], reviewer)
    assert caught.value.code == "R2"


@pytest.mark.parametrize("life", [Life.DRAFT, Life.RETIRED])
def test_only_what_is_in_use_is_placed(items, reviewer, life):
    one = items[0]
    one.transitions.model.objects.append(
        chain=f"item-life:{one.uuid}", at=NOW, item=one, before=Life.ACTIVE, after=life, step="x",
        comment="x",
    )  # fmt: skip
    with pytest.raises(Conflict):
        place(one, reviewer, [], 3)


def test_what_makes_no_sense_is_refused_by_its_field(items, reviewer):
    (practice,) = add_items(1)
    for given, field in (
        ({"enemies": [practice]}, "enemies"),
        ({"enemies": [items[0]]}, "enemies"),
        ({"cap": 0}, "exposure_cap"),
        ({"comment": " "}, "comment"),
    ):
        with pytest.raises(Invalid) as caught:
            place(items[0], reviewer, **given)
        assert list(caught.value.fields) == [field]


def test_locked_forms_that_ask_both_are_named(reviewer):
    add_items(5, pool=Pool.SECURE, loaded=True)
    quiz = exam(("D1", "", 5))
    form = on_a_form(quiz, 1)
    one, other = (row.version.item for row in form.items.order_by("position")[:2])
    assert forms_with_enemies(one) == []
    place(one, reviewer, [other])
    assert [(row.form, row.version.item) for row in forms_with_enemies(one)] == [(form, other)]


# On the screen


def test_it_is_done_on_the_screen_of_review_and_life(enter, items):  # noqa: F811
    one, other, _third = items
    client = enter(Role.ITEM_REVIEWER)
    address = url("life", one.pk)
    assert "In forms" in client.get(address).content.decode()
    sent = {"place": "1", "in-forms-enemies": [other.pk], "in-forms-exposure_cap": "9"}
    refused = client.post(address, sent)
    assert refused.status_code == 400 and enemies_of(one) == set()
    done = client.post(address, {**sent, "in-forms-comment": "The stem names the answer."})
    assert done.status_code == 302 and enemies_of(one) == {other.pk}
    page = client.get(address).content.decode()
    assert "Enemies or exposure cap changed" in page and "The stem names the answer." in page


@pytest.mark.parametrize("role", [Role.ITEM_AUTHOR, Role.REGISTRAR, Role.INSTRUCTOR])
def test_others_neither_see_nor_send_it(enter, items, role):  # noqa: F811
    client = enter(role)
    address = url("life", items[0].pk)
    page = client.get(address)
    assert page.status_code != 200 or "in-forms-comment" not in page.content.decode()
    sent = {"place": "1", "in-forms-exposure_cap": "9", "in-forms-comment": "x"}
    assert client.post(address, sent).status_code in (403, 302)
    assert Item.objects.get(pk=items[0].pk).exposure_cap is None


def test_an_item_of_the_other_pool_is_no_choice(enter, items):  # noqa: F811
    (practice,) = add_items(1)
    client = enter(Role.ITEM_REVIEWER)
    sent = {"place": "1", "in-forms-enemies": [practice.pk], "in-forms-comment": "x"}
    assert client.post(url("life", items[0].pk), sent).status_code == 400
