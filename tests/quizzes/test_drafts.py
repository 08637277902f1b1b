"""A draft may be half written in every type; what it lacks is said when it is submitted. Likeness over stem and answers; a choice from a list."""

import json

import pytest

from accounts.models import Role
from quizzes.models import Item, Pool, SecureView
from quizzes.services import answers_in, ensure_item_workflow, near_duplicates, read_near
from tests.factories import NOW, person
from tests.quizzes.bank import add_items, write_item
from tests.quizzes.test_wagtail import _staff_may_enter, enter, form_of, url  # noqa: F401 fixtures

pytestmark = pytest.mark.django_db

# What the editor posts of the answer before much of it is written.
BEGUN = {
    "single": {"options-count": "2", "options-0": {}, "options-1": {}},
    "multiple": {"options-count": "2", "options-0": {"text": "Swelling"}, "options-1": {}},
    "truefalse": {"answer": "", "why_true": "", "why_false": ""},
    "order": {"sequence-count": "2", "sequence-0": {}, "sequence-1": {}},
    "match": {"pairs-count": "1", "pairs-0": {"left": "Red"}, "extra_right-count": "0"},
    "numeric": {"value": "", "tolerance": "", "unit": "", "rationale": ""},
    "text": {"accept-count": "0", "rationale": ""},
    "hotspot": {"picture": "", "regions-count": "1", "regions-0": {"outline": "polygon 0.1,0.1"}},
    "label": {"picture": "", "pins-count": "1", "pins-0": {"place": ""}, "extra_labels-count": "0"},
    "extended": {"theme": "", "choices-count": "0", "stems-count": "1", "stems-0": {"answer": "C"}},
    "case": {"parts-count": "0"},
    "essay": {"points": "", "rubric-count": "0", "tolerance": "", "words": "", "model": ""},
}
FIELDS = {
    "options": ("text", "rationale"),
    "sequence": ("text", "rationale"),
    "pairs": ("left", "right", "rationale"),
    "regions": ("outline", "text", "rationale"),
    "pins": ("place", "label", "where", "rationale"),
    "stems": ("text", "answer", "rationale"),
}


def begun(kind):
    """The fields of a body of this type as the editor sends them."""
    sent = {
        "body-count": "1", "body-0-deleted": "", "body-0-order": "0", "body-0-type": kind,
        "body-0-id": "5f0c5d0e-0000-4000-8000-000000000000",
    }  # fmt: skip
    for name, value in BEGUN[kind].items():
        prefix = f"body-0-value-{name}"
        if not isinstance(value, dict):
            sent[prefix] = value
            continue
        sent |= {f"{prefix}-deleted": "", f"{prefix}-order": name.rpartition("-")[2]}
        for field in FIELDS[name.rpartition("-")[0]]:
            sent[f"{prefix}-value-{field}"] = value.get(field, "")
    return sent


def without_body(data):
    return {name: value for name, value in data.items() if not name.startswith("body-")}


@pytest.mark.parametrize("kind", BEGUN)
def test_a_draft_of_every_type_may_be_half_written(enter, kind):  # noqa: F811
    ensure_item_workflow(at=NOW)
    client = enter(Role.ITEM_AUTHOR)
    item = write_item(client.user, pool=Pool.PRACTICE)
    data = {**without_body(form_of(item, stem="Half a thought")), **begun(kind)}
    saved = client.post(url("edit", item.pk), data)
    assert saved.status_code == 302, saved.context["form"].errors
    draft = Item.objects.get(pk=item.pk).get_latest_revision_as_object()
    assert draft.type == kind
    # It is read and previewed as what it is, and refused only when it is handed over.
    for name in ("edit", "inspect", "life"):
        assert client.get(url(name, item.pk)).status_code == 200, name
    assert client.get(url("preview_on_edit", item.pk)).status_code == 200
    refused = client.post(url("edit", item.pk), {**data, "action-submit": "Submit"})
    assert refused.status_code == 200 and refused.context["form"].errors
    assert Item.objects.get(pk=item.pk).current_workflow_state is None


def test_a_new_item_may_begin_half_written_too(enter):  # noqa: F811
    client = enter(Role.ITEM_AUTHOR)
    item = write_item(client.user, pool=Pool.PRACTICE)
    data = without_body(form_of(item, stem="Begun", code="W-NEW"))
    assert client.post(url("add"), {**data, **begun("single")}).status_code == 302
    assert Item.objects.get(code="W-NEW").type == "single"


def test_one_right_option_is_asked_for_at_the_submission(enter):  # noqa: F811
    ensure_item_workflow(at=NOW)
    client = enter(Role.ITEM_AUTHOR)
    item = write_item(client.user, pool=Pool.PRACTICE)
    data = form_of(item)
    for name in [name for name in data if name.endswith("correct")]:
        del data[name]
    assert client.post(url("edit", item.pk), data).status_code == 302
    refused = client.post(url("edit", item.pk), {**data, "action-submit": "Submit"})
    assert "Mark exactly one option as correct." in refused.content.decode()


# A choice from the list of options


def extended(answer):
    options = {f"choices-{n}": text for n, text in enumerate(("Tibial", "Fibular", "Sural"))}
    data = {
        "body-count": "1", "body-0-deleted": "", "body-0-order": "0", "body-0-type": "extended",
        "body-0-id": "5f0c5d0e-0000-4000-8000-000000000000", "body-0-value-theme": "Nerves",
        "body-0-value-choices-count": "3", "body-0-value-stems-count": "2",
    }  # fmt: skip
    for n, (name, text) in enumerate(options.items()):
        prefix = f"body-0-value-{name}"
        data |= {f"{prefix}-deleted": "", f"{prefix}-order": str(n), f"{prefix}-value": text}
    for n, said in enumerate((answer, "Tibial")):
        prefix = f"body-0-value-stems-{n}"
        data |= {
            f"{prefix}-deleted": "", f"{prefix}-order": str(n),
            f"{prefix}-value-text": f"Stem {n}", f"{prefix}-value-answer": said,
            f"{prefix}-value-rationale": "So it is.",
        }  # fmt: skip
    return data


@pytest.mark.parametrize(
    ("said", "kept"),
    [("B", "Fibular"), ("b", "Fibular"), ("Sural", "Sural"), (" Fibular ", "Fibular")],
)
def test_a_right_option_is_its_letter_or_its_words(enter, said, kept):  # noqa: F811
    client = enter(Role.ITEM_AUTHOR)
    item = write_item(client.user, pool=Pool.PRACTICE)
    client.post(url("edit", item.pk), {**without_body(form_of(item)), **extended(said)})
    draft = Item.objects.get(pk=item.pk).get_latest_revision_as_object()
    assert draft.body[0].value["stems"][0]["answer"] == kept


@pytest.mark.parametrize("said", ["D", "Peroneal", ""])
def test_what_is_not_on_the_list_is_said_at_the_submission(enter, said):  # noqa: F811
    ensure_item_workflow(at=NOW)
    client = enter(Role.ITEM_AUTHOR)
    item = write_item(client.user, pool=Pool.PRACTICE)
    data = {**without_body(form_of(item)), **extended(said)}
    assert client.post(url("edit", item.pk), data).status_code == 302
    refused = client.post(url("edit", item.pk), {**data, "action-submit": "Submit"})
    assert refused.status_code == 200 and "body" in refused.context["form"].errors


# Near-duplicates


def test_a_question_put_otherwise_over_the_same_options_is_near(enter):  # noqa: F811
    reviewer = person(Role.ITEM_REVIEWER)
    (item,) = add_items(1, pool=Pool.SECURE, loaded=True)
    options = [option["text"] for option in item.body[0].value["options"]]
    asked = "Name the place that a therapist leaves out at the back of the knee."
    assert near_duplicates(asked, by=reviewer) == []
    (near,) = near_duplicates(asked, options, by=reviewer)
    assert near.item == item and near.stem == item.stem


def test_the_same_question_is_near_whatever_it_offers():
    reviewer = person(Role.ITEM_REVIEWER)
    (item,) = add_items(1, pool=Pool.SECURE, loaded=True)
    others = ["On the sole", "On the palm", "On the scalp", "On the shin, at its edge"]
    (near,) = near_duplicates(item.stem, others, by=reviewer)
    assert (near.item, near.percent) == (item, 100)


def test_only_what_is_offered_is_compared_not_why_it_is_right():
    body = [{"type": "single", "id": "x", "value": {"options": [
        {"type": "item", "id": "y", "value": {"text": "Over bone", "correct": True, "rationale": "It is padded."}}
    ]}}]  # fmt: skip
    assert answers_in(json.dumps(body)) == ["Over bone"]
    assert answers_in("") == answers_in("no json") == []


def test_the_editor_sends_its_answers_along(enter):  # noqa: F811
    (item,) = add_items(1, pool=Pool.SECURE, loaded=True)
    client = enter(Role.ITEM_AUTHOR)
    asked = {"stem": "Name the place that a therapist leaves out at the back of the knee."}
    assert item.code not in client.post(url("near"), asked).content.decode()
    for n, option in enumerate(item.body[0].value["options"]):
        asked |= {
            f"body-0-value-options-{n}-deleted": "",
            f"body-0-value-options-{n}-value-text": option["text"],
            f"body-0-value-options-{n}-value-rationale": "Nothing to compare.",
        }
    assert item.code in client.post(url("near"), asked).content.decode()
    gone = {name: "1" if name.endswith("deleted") else value for name, value in asked.items()}
    assert item.code not in client.post(url("near"), gone).content.decode()


def test_who_saw_a_neighbour_is_written_down_once_an_hour():
    import datetime as dt

    reader = person(Role.ITEM_AUTHOR)
    one, other = add_items(2, pool=Pool.SECURE)
    read_near(items=[one], by=reader, at=NOW)
    read_near(items=[one, other], by=reader, at=NOW + dt.timedelta(minutes=1))
    assert sorted(SecureView.objects.values_list("item__code", "where")) == [
        (one.code, "near"),
        (other.code, "near"),
    ]
    read_near(items=[one], by=reader, at=NOW + dt.timedelta(minutes=61))
    read_near(items=[one], by=person(Role.ITEM_AUTHOR), at=NOW + dt.timedelta(minutes=62))
    assert SecureView.objects.count() == 4
