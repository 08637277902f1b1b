"""The item bank's staff screens: each pool to its readers, each reading written down, nobody approves their own."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from wagtail.models import ModelLogEntry, TaskState, Workflow

from accounts.models import Role
from courses.models import Claim
from quizzes.models import Domain, Form, FormItem, Item, Pool, SecureView
from quizzes.services import ensure_item_workflow
from tests.factories import NOW, person
from tests.quizzes.bank import STAFF, add_items, exam, practice_quiz, sit, version_of

pytestmark = pytest.mark.django_db
ITEMS = "wagtailsnippets_quizzes_item"


@pytest.fixture(autouse=True)
def _staff_may_enter():
    """What lms/roles.py gives: entrance to Wagtail."""
    access = Permission.objects.filter(codename="access_admin")
    if not access.exists():
        kind, _new = ContentType.objects.get_or_create(app_label="wagtailadmin", model="admin")
        Permission.objects.create(content_type=kind, codename="access_admin", name="Enter")
    for role in Role:
        Group.objects.get_or_create(name=role)[0].permissions.add(access.get())


@pytest.fixture
def enter(client):
    def sign_in(*roles, **fields):
        user = person(*roles, **fields)
        client.force_login(user)
        client.user = user
        return client

    return sign_in


@pytest.fixture
def secure():
    return add_items(1, pool=Pool.SECURE, loaded=True)[0]


@pytest.fixture(scope="module")
def standing_practice(standing):
    return standing(build_practice)


@pytest.fixture
def practice(own, standing_practice):
    return own(standing_practice)


def build_practice():
    return add_items(1, loaded=True)[0]


def url(name, *args):
    return reverse(f"{ITEMS}:{name}", args=args)


def urls_of(item):
    """Every address that shows one item."""
    revision = item.latest_revision_id
    return [
        url("edit", item.pk),
        url("inspect", item.pk),
        url("history", item.pk),
        url("history_results", item.pk),
        url("usage", item.pk),
        url("workflow_history", item.pk),
        url("preview_on_edit", item.pk),
        url("revisions_view", item.pk, revision),
        url("revisions_revert", item.pk, revision),
        url("revisions_compare", item.pk, "earliest", "latest"),
        url("unpublish", item.pk),
        url("life", item.pk),
        url("lock", item.pk),
        url("delete", item.pk),
    ]


def form_of(item, **changes):
    """What the editor posts for a single-choice item."""
    child = item.body[0]
    data = {
        "code": item.code,
        "pool": item.pool,
        "domain": item.domain_id,
        "level": item.level,
        "stimulus": item.stimulus,
        "stem": item.stem,
        "figure": "",
        "reference": item.reference,
        "review_by": item.review_by.isoformat(),
        "body-count": "1",
        "body-0-deleted": "",
        "body-0-order": "0",
        "body-0-type": "single",
        "body-0-id": child.id,
        "body-0-value-options-count": str(len(child.value["options"])),
    }
    for number, option in enumerate(child.value["options"]):
        prefix = f"body-0-value-options-{number}"
        data |= {
            f"{prefix}-deleted": "",
            f"{prefix}-order": str(number),
            f"{prefix}-value-text": option["text"],
            f"{prefix}-value-rationale": option["rationale"],
        }
        if option["correct"]:
            data[f"{prefix}-value-correct"] = "on"
    return {**data, **changes}


# Who reads what


@pytest.mark.parametrize("role", [Role.ITEM_AUTHOR, Role.ITEM_REVIEWER])
def test_authors_and_reviewers_read_both_pools_and_it_is_written_down(
    enter, secure, practice, role
):
    client = enter(role)
    page = client.get(url("list")).content.decode()
    assert secure.stem in page and practice.stem in page
    assert SecureView.objects.get().where == "list"
    for name in ("edit", "inspect", "history"):
        assert client.get(url(name, secure.pk)).status_code == 200
    assert set(SecureView.objects.values_list("where", flat=True)) == {
        "list",
        "edit",
        "inspect",
        "history",
    }
    assert set(SecureView.objects.values_list("reader", flat=True)) == {client.user.pk}


def test_an_instructor_sees_practice_items_only(enter, secure, practice):
    client = enter(Role.INSTRUCTOR)
    page = client.get(url("list")).content.decode()
    assert practice.stem in page
    assert secure.stem not in page and secure.code not in page
    assert client.get(url("edit", practice.pk)).status_code == 200


def test_an_instructor_is_refused_a_secure_item_at_every_address(enter, secure):
    client = enter(Role.INSTRUCTOR)
    for address in urls_of(secure):
        for verb in (client.get, client.post):
            response = verb(address)
            # Wagtail says 403 to people of its admin by leading them to its front page.
            assert response.status_code in (302, 403, 405), address
            assert secure.stem.encode() not in response.content
    assert not SecureView.objects.exists()


def test_searching_and_filtering_find_nothing_of_the_other_pool(enter, secure, practice):
    client = enter(Role.INSTRUCTOR)
    for query in (f"?q={secure.code}", "?pool=secure", "?q=press&type=single"):
        assert secure.stem not in client.get(url("list") + query).content.decode()
    assert practice.code in client.get(url("list") + "?q=press&type=single").content.decode()


@pytest.mark.parametrize("kind", ["type=single", "type=order"])
def test_items_are_found_by_their_type(enter, kind):
    single, order = add_items(1, loaded=True), add_items(1, "order", loaded=True)
    page = enter(Role.ITEM_AUTHOR).get(url("list") + "?" + kind).content.decode()
    assert (single[0].code in page) == (kind == "type=single")
    assert (order[0].code in page) == (kind == "type=order")


def test_an_export_holds_only_what_its_reader_may_read(enter, secure, practice):
    client = enter(Role.INSTRUCTOR)
    rows = b"".join(client.get(url("list") + "?export=csv").streaming_content).decode()
    assert practice.code in rows and secure.code not in rows
    client = enter(Role.ITEM_AUTHOR)
    rows = b"".join(client.get(url("list") + "?export=csv").streaming_content).decode()
    assert secure.code in rows
    assert SecureView.objects.get().where == "export"
    assert ModelLogEntry.objects.filter(action="quizzes.export").count() == 3


def test_the_chooser_gives_away_nothing(enter, secure, practice):
    client = enter(Role.INSTRUCTOR)
    chooser = "wagtailsnippetchoosers_quizzes_item"
    page = client.get(reverse(f"{chooser}:choose_results")).content.decode()
    assert practice.code in page and secure.code not in page
    assert client.get(reverse(f"{chooser}:chosen", args=[secure.pk])).status_code == 404
    many = client.get(reverse(f"{chooser}:chosen_multiple") + f"?id={secure.pk}&id={practice.pk}")
    assert secure.code not in many.content.decode()


@pytest.mark.parametrize(
    "role",
    [Role.EXAMINER, Role.CHIEF_EXAMINER, Role.REGISTRAR, Role.INVIGILATOR, Role.ADMINISTRATOR],
)
def test_nobody_else_sees_the_bank(enter, practice, role):
    client = enter(role)
    for address in (url("list"), url("add"), url("edit", practice.pk)):
        assert client.get(address).status_code in (302, 403)


def test_a_superuser_without_a_role_is_refused(enter, secure):
    client = enter(is_superuser=True)
    for address in (url("list"), url("edit", secure.pk), url("inspect", secure.pk)):
        assert client.get(address).status_code in (302, 403)


def test_an_items_name_says_nothing_of_its_question(secure):
    assert str(secure) == secure.code
    assert all(secure.stem[:20] not in row.label for row in ModelLogEntry.objects.all())


def test_the_preview_shows_the_question_as_a_candidate_sees_it(enter, secure):
    client = enter(Role.ITEM_AUTHOR)
    page = client.get(url("revisions_view", secure.pk, secure.latest_revision_id)).content.decode()
    data = page.partition('id="question-data"')[2].partition("</script>")[0]
    assert secure.stem in data and "vessels" in data
    assert "They lie bare" not in data and "They lie bare" in page


# Writing


def test_an_author_writes_an_item_and_is_named_as_its_author(enter, practice):
    client = enter(Role.ITEM_AUTHOR)
    data = form_of(practice, code="NEW-1", stem="Is this new?", must_cover=["scope", "red-flags"])
    response = client.post(url("add"), data)
    assert response.status_code == 302, response.context["form"].errors
    item = Item.objects.get(code="NEW-1")
    assert (item.author, item.live, item.must_cover) == (client.user, False, ["scope", "red-flags"])
    assert not item.versions.exists()


def test_an_instructor_writes_no_secure_item(enter, practice):
    client = enter(Role.INSTRUCTOR)
    response = client.post(
        url("add"), form_of(practice, code="NEW-2", stem="New?", pool=Pool.SECURE)
    )
    assert response.status_code == 200 and "pool" in response.context["form"].errors
    assert not Item.objects.filter(code="NEW-2").exists()


def test_an_item_never_changes_its_pool(enter, secure):
    client = enter(Role.ITEM_AUTHOR)
    client.post(url("edit", secure.pk), form_of(secure, pool=Pool.PRACTICE, stem="Changed?"))
    draft = Item.objects.get(pk=secure.pk).get_latest_revision_as_object()
    assert (draft.stem, draft.pool) == ("Changed?", Pool.SECURE)


def test_a_draft_keeps_the_claims_it_touches_until_it_is_published(enter, practice):
    claim = Claim.objects.create(
        code="CC1",
        statement="Toxins",
        status="X",
        evidence="-",
        safe_wording="-",
        review_by=practice.review_by,
    )
    client = enter(Role.ITEM_AUTHOR)
    client.post(url("edit", practice.pk), form_of(practice, claims=[claim.pk]))
    item = Item.objects.get(pk=practice.pk)
    assert list(item.claims.all()) == []
    item.latest_revision.publish()
    assert list(Item.objects.get(pk=practice.pk).claims.all()) == [claim]


def test_two_options_that_read_the_same_are_refused_when_it_is_submitted(enter, practice):
    ensure_item_workflow(at=NOW)
    client = enter(Role.ITEM_AUTHOR)
    data = form_of(practice)
    data["body-0-value-options-0-value-text"] = data["body-0-value-options-1-value-text"]
    assert client.post(url("edit", practice.pk), data).status_code == 302
    response = client.post(url("edit", practice.pk), {**data, "action-submit": "Submit"})
    assert response.status_code == 200 and "body" in response.context["form"].errors


@pytest.mark.parametrize("role", STAFF)
def test_nobody_deletes_an_item(enter, practice, role):
    assert enter(role).post(url("delete", practice.pk)).status_code in (302, 403)
    assert Item.objects.filter(pk=practice.pk).exists()


@pytest.mark.parametrize("role", [Role.ITEM_AUTHOR, Role.ITEM_REVIEWER])
def test_no_button_of_the_editor_publishes(enter, practice, role):
    client = enter(role)
    page = client.get(url("edit", practice.pk)).content.decode()
    assert 'name="action-publish"' not in page
    data = form_of(practice, stem="Published past the review?")
    client.post(url("edit", practice.pk), {**data, "action-publish": "Publish"})
    assert Item.objects.get(pk=practice.pk).stem == practice.stem


# Review


def submitted(client, item):
    """Change an item and hand it to its review; returns the state of the first task."""
    ensure_item_workflow(at=NOW)
    data = form_of(item, stem=f"{item.stem} Changed.")
    client.post(url("edit", item.pk), {**data, "action-submit": "Submit"})
    return TaskState.objects.get(status="in_progress")


def decide(client, item, action, comment="Read, and checked against the register."):
    state = TaskState.objects.get(status="in_progress")
    return client.post(
        url("workflow_action", item.pk, action, state.pk), {"comment": comment} if comment else {}
    )


def test_setting_the_review_up_twice_makes_it_once():
    first, second = ensure_item_workflow(at=NOW), ensure_item_workflow(at=NOW)
    assert first == second == Workflow.objects.get(name="Item review")
    assert [task.name for task in first.tasks] == [
        "Content review",
        "Editorial and fairness review",
        "Evidence review",
    ]
    assert Item.get_default_workflow() == first


def test_two_reviews_by_others_publish_a_version(enter, practice):
    submitted(enter(Role.ITEM_AUTHOR), practice)
    decide(enter(Role.ITEM_REVIEWER), practice, "approve")
    assert version_of(practice).number == 1
    decide(enter(Role.ITEM_REVIEWER), practice, "approve")
    assert version_of(practice).number == 2
    assert Item.objects.get(pk=practice.pk).stem.endswith("Changed.")
    assert TaskState.objects.filter(status="approved").exclude(comment="").count() == 2


def test_nobody_approves_what_they_wrote_themselves(enter, practice):
    both = enter(Role.ITEM_AUTHOR, Role.ITEM_REVIEWER)
    submitted(both, practice)
    assert decide(both, practice, "approve").status_code in (302, 403)
    assert TaskState.objects.get(status="in_progress")
    assert not TaskState.objects.filter(status="approved").exists()


def test_a_superuser_approves_nothing(enter, practice):
    submitted(enter(Role.ITEM_AUTHOR), practice)
    decide(enter(is_superuser=True), practice, "approve")
    assert not TaskState.objects.filter(status="approved").exists()


def test_a_decision_without_a_comment_is_not_taken(enter, practice):
    submitted(enter(Role.ITEM_AUTHOR), practice)
    decide(enter(Role.ITEM_REVIEWER), practice, "approve", comment="")
    assert not TaskState.objects.filter(status="approved").exists()


def test_a_rejected_item_goes_back_to_its_author(enter, practice):
    submitted(enter(Role.ITEM_AUTHOR), practice)
    decide(enter(Role.ITEM_REVIEWER), practice, "reject", "Two options are right.")
    assert practice.current_workflow_state.status == "needs_changes"
    assert version_of(practice).number == 1


def test_an_author_decides_on_nothing(enter, practice):
    submitted(enter(Role.ITEM_AUTHOR), practice)
    decide(enter(Role.ITEM_AUTHOR), practice, "approve")
    assert not TaskState.objects.filter(status="approved").exists()


def test_taking_an_item_off_is_retiring_it_with_a_comment(enter, practice):
    client = enter(Role.ITEM_REVIEWER)
    for verb in (client.get, client.post):
        assert verb(url("unpublish", practice.pk)).url == url("life", practice.pk)
    assert Item.objects.get(pk=practice.pk).live
    client.post(url("life", practice.pk), {"to": "retired", "comment": "Out of date."})
    assert not Item.objects.get(pk=practice.pk).live
    assert not practice_quiz().drawable().exists()


# Submitting


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reference": "Somebody, some time"}, "reference"),
        ({"review_by": "2020-01-01"}, "review_by"),
        ({"level": ""}, "level"),
        ({"stem": ""}, "stem"),
    ],
)
def test_what_an_item_lacks_is_said_at_its_field_when_it_is_submitted(
    enter, practice, changes, field
):
    ensure_item_workflow(at=NOW)
    client = enter(Role.ITEM_AUTHOR)
    data = form_of(practice, **{"stem": "Changed?", **changes})
    answer = client.post(url("edit", practice.pk), {**data, "action-submit": "Submit"})
    assert answer.status_code == 200 and field in answer.context["form"].errors
    assert practice.current_workflow_state is None


def test_a_draft_may_be_incomplete(enter, practice):
    client = enter(Role.ITEM_AUTHOR)
    data = form_of(practice, stem="Half a thought", reference="", review_by="")
    assert client.post(url("edit", practice.pk), data).status_code == 302
    draft = Item.objects.get(pk=practice.pk).get_latest_revision_as_object()
    assert (draft.reference, draft.review_by) == ("", None)


def claim_of(practice):
    return Claim.objects.create(
        code="CC1",
        statement="Massage flushes lactic acid out of the muscles.",
        status="X",
        evidence="-",
        safe_wording="Massage does not speed lactate removal.",
        patterns=[r"^(?!.*\bnot\b|.*\?).*\bflush\w* .*\blactic acid\b"],
        review_by=practice.review_by,
        live=True,
    )


def test_an_item_that_states_a_claim_as_true_is_not_submitted(enter, practice):
    claim_of(practice)
    ensure_item_workflow(at=NOW)
    data = form_of(practice, stem="Massage flushes out lactic acid. Where do you not press?")
    answer = enter(Role.ITEM_AUTHOR).post(
        url("edit", practice.pk), {**data, "action-submit": "Submit"}
    )
    assert "CC1" in answer.context["form"].errors["stem"][0]


def test_a_claim_that_is_near_and_not_tagged_is_named_with_what_may_be_said(enter, practice):
    claim_of(practice)
    ensure_item_workflow(at=NOW)
    data = form_of(practice, stem="A poster speaks of lactic acid. What do you say?")
    page = enter(Role.ITEM_AUTHOR).post(
        url("edit", practice.pk), {**data, "action-submit": "Submit"}, follow=True
    )
    assert "Massage does not speed lactate removal." in page.content.decode()
    assert TaskState.objects.get(status="in_progress")


def test_what_the_author_says_goes_with_the_submission(enter, practice):
    ensure_item_workflow(at=NOW)
    data = form_of(practice, stem="Changed?", note="The second option is new.")
    enter(Role.ITEM_AUTHOR).post(url("edit", practice.pk), {**data, "action-submit": "Submit"})
    assert practice.transitions.get(step="submitted").comment == "The second option is new."


def test_a_reviewers_change_under_review_costs_the_former_approval(enter, practice):
    submitted(enter(Role.ITEM_AUTHOR), practice)
    decide(enter(Role.ITEM_REVIEWER), practice, "approve")
    second = enter(Role.ITEM_REVIEWER)
    draft = Item.objects.get(pk=practice.pk).get_latest_revision_as_object()
    second.post(url("edit", practice.pk), form_of(draft, stem="Better put?"))
    decide(second, practice, "approve")
    assert TaskState.objects.filter(status="approved").count() == 1
    decide(enter(Role.ITEM_REVIEWER), practice, "approve")
    assert TaskState.objects.get(status="in_progress").task.name == "Content review"


def test_a_decision_taken_in_the_editor_is_about_the_draft_as_it_was_read(enter, practice):
    submitted(enter(Role.ITEM_AUTHOR), practice)
    item = Item.objects.get(pk=practice.pk)
    draft = item.get_latest_revision_as_object()
    data = form_of(draft, stem="Slipped in?")
    said = {"workflow-action-name": "approve", "workflow-action-extra-data": '{"comment": "Read."}'}
    enter(Role.ITEM_REVIEWER).post(
        url("edit", practice.pk), {**data, **said, "action-workflow-action": "Approve"}
    )
    assert TaskState.objects.get(status="approved").comment == "Read."
    assert Item.objects.get(pk=practice.pk).latest_revision == item.latest_revision


def test_a_submitter_takes_it_back(enter, practice):
    client = enter(Role.ITEM_AUTHOR)
    submitted(client, practice)
    draft = Item.objects.get(pk=practice.pk).get_latest_revision_as_object()
    client.post(url("edit", practice.pk), {**form_of(draft), "action-cancel-workflow": "Cancel"})
    assert practice.current_workflow_state is None
    assert practice.transitions.filter(step="withdrawn").exists()


def test_enemies_are_chosen_by_code_among_readable_items_of_the_pool(enter, practice, secure):
    other = add_items(1, loaded=True)[0]
    client = enter(Role.ITEM_AUTHOR)
    page = client.get(url("edit", practice.pk)).content.decode()
    assert f">{other.code}<" in page.replace("\n", "") and secure.code not in page
    client.post(url("edit", practice.pk), form_of(practice, enemies=[other.pk]))
    draft = Item.objects.get(pk=practice.pk).get_latest_revision_as_object()
    assert list(draft.enemies.all()) == [other]
    answer = client.post(url("edit", practice.pk), form_of(practice, enemies=[secure.pk]))
    assert "enemies" in answer.context["form"].errors


# Review and life


def test_a_reviewer_reads_and_decides_on_one_screen(enter, practice):
    submitted(enter(Role.ITEM_AUTHOR), practice)
    for _step in range(2):
        client = enter(Role.ITEM_REVIEWER)
        page = client.get(url("life", practice.pk)).content.decode()
        assert "They lie bare." in page and "Approve this step" in page
        client.post(url("life", practice.pk), {"decision": "approve", "comment": "Read."})
    assert version_of(practice).number == 2
    page = client.get(url("life", practice.pk)).content.decode()
    assert "Evidence review passed over" in page and "Suspend it" in page


def test_changes_are_asked_for_on_the_same_screen(enter, practice):
    submitted(enter(Role.ITEM_AUTHOR), practice)
    client = enter(Role.ITEM_REVIEWER)
    client.post(url("life", practice.pk), {"decision": "changes", "comment": "Two are right."})
    assert practice.current_workflow_state.status == "needs_changes"


def test_a_decision_without_a_comment_is_asked_for_one(enter, practice):
    client = enter(Role.ITEM_REVIEWER)
    answer = client.post(url("life", practice.pk), {"to": "suspended", "comment": " "})
    assert answer.status_code == 400 and "comment" in answer.context["form"].errors
    answer = client.post(url("life", practice.pk), {"to": "approved", "comment": "Back."})
    assert answer.status_code == 400 and "to" in answer.context["form"].errors
    assert Item.objects.get(pk=practice.pk).life == "active"


def test_an_author_is_told_why_they_do_not_decide_and_what_they_post_does_nothing(enter, practice):
    both = enter(Role.ITEM_AUTHOR, Role.ITEM_REVIEWER)
    submitted(both, practice)
    assert "Rule R2" in both.get(url("life", practice.pk)).content.decode()
    both.post(url("life", practice.pk), {"decision": "approve", "comment": "Mine."})
    assert not TaskState.objects.filter(status="approved").exists()


@pytest.mark.parametrize("roles", [(Role.ITEM_AUTHOR,), (Role.INSTRUCTOR,)])
def test_others_see_the_life_of_an_item_they_may_read_and_move_nothing(enter, practice, roles):
    client = enter(*roles)
    page = client.get(url("life", practice.pk)).content.decode()
    assert "Only an item reviewer does this." in page and "Write it down" not in page
    client.post(url("life", practice.pk), {"to": "suspended", "comment": "No."})
    assert Item.objects.get(pk=practice.pk).life == "active"


def test_a_superuser_without_a_role_sees_and_moves_nothing(enter, practice):
    client = enter(is_superuser=True)
    for verb in (client.get, client.post):
        assert verb(url("life", practice.pk)).status_code in (302, 403)
    assert Item.objects.get(pk=practice.pk).life == "active"


def test_reading_a_secure_items_life_is_written_down(enter, secure):
    enter(Role.ITEM_REVIEWER).get(url("life", secure.pk))
    assert SecureView.objects.get().where == "life"


def test_locked_forms_are_named_where_an_item_is_suspended(enter, secure):
    quiz = exam(("D1", "", 1))
    form = Form.objects.create(
        quiz=quiz, number=7, pass_percent=60, standard="-", made_at=NOW, hash="x", locked_at=NOW
    )
    FormItem.objects.create(form=form, position=3, version=version_of(secure))
    page = enter(Role.ITEM_REVIEWER).get(url("life", secure.pk)).content.decode()
    assert "form 7" in page and "question 3" in page


# Near-duplicates while writing


def test_near_duplicates_are_listed_and_secure_ones_written_down(enter, secure, practice):
    stem = secure.stem
    said = enter(Role.ITEM_AUTHOR).post(url("near"), {"stem": stem}).content.decode()
    assert secure.code in said and practice.code in said and "100" in said
    assert SecureView.objects.get().where == "near"
    said = enter(Role.INSTRUCTOR).post(url("near"), {"stem": stem}).content.decode()
    assert secure.code not in said and practice.code in said
    assert SecureView.objects.count() == 1


def test_an_item_is_not_near_itself_and_odd_input_does_no_harm(enter, practice):
    client = enter(Role.ITEM_AUTHOR)
    said = client.post(url("near"), {"stem": practice.stem, "besides": practice.pk})
    assert practice.code not in said.content.decode()
    odd = {"stem": "x" * 9000, "besides": "9" * 40, "claims": ["\x00", "9" * 40], "body-0": "y"}
    assert client.post(url("near"), odd).status_code == 200


def test_claims_are_named_while_writing_until_they_are_tagged(enter, practice):
    claim = claim_of(practice)
    client = enter(Role.ITEM_AUTHOR)
    sent = {"stem": "Why?", "body-0-value-options-0-value-text": "It flushes something"}
    assert claim.safe_wording in client.post(url("near"), sent).content.decode()
    tagged = client.post(url("near"), {**sent, "claims": claim.pk}).content.decode()
    assert claim.safe_wording not in tagged


@pytest.mark.parametrize("roles", [(), (Role.REGISTRAR,), (Role.EXAMINER,)])
@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_else_asks_for_near_duplicates(enter, practice, roles, superuser):
    answer = enter(*roles, is_superuser=superuser).post(url("near"), {"stem": practice.stem})
    assert answer.status_code in (302, 403)


# The list


def test_the_list_finds_items_by_their_life_and_overdue_review(enter, practice):
    other = add_items(1, loaded=True)[0]
    Item.objects.filter(pk=practice.pk).update(life="suspended", review_by="2020-01-01")
    client = enter(Role.ITEM_AUTHOR)
    for query in ("?life=suspended", "?overdue=on"):
        page = client.get(url("list") + query).content.decode()
        assert practice.code in page and other.code not in page
    assert other.code in client.get(url("list") + "?life=active").content.decode()


def test_list_and_inspection_say_how_often_an_item_was_asked(enter, practice):
    Item.objects.filter(pk=practice.pk).update(exposure_cap=5)
    sit(practice_quiz(("D1", "", 1)), at=NOW)
    client = enter(Role.ITEM_AUTHOR)
    for address in (url("list"), url("inspect", practice.pk), url("life", practice.pk)):
        assert "1 of at most 5" in client.get(address).content.decode()


# Who read secure items


def test_the_report_says_who_read_which_secure_item(enter, secure):
    other = add_items(1, pool=Pool.SECURE, loaded=True)[0]
    first = enter(Role.ITEM_AUTHOR)
    first.get(url("edit", secure.pk))
    author = first.user
    enter(Role.ITEM_AUTHOR).get(url("edit", other.pk))
    for role in (Role.ITEM_REVIEWER, Role.ADMINISTRATOR):
        client = enter(role)
        page = client.get(reverse("secure_views")).content.decode()
        assert secure.code in page and other.code in page
        assert secure.stem not in page
        for query in (f"?code={secure.code}", f"?reader={author.pk}"):
            rows = client.get(reverse("secure_views") + f"{query}&export=csv")
            said = b"".join(rows.streaming_content).decode()
            assert secure.code in said and author.email in said and other.code not in said
        none = client.get(
            reverse("secure_views") + "?at_from=2001-01-01&at_to=2001-01-02&export=csv"
        )
        assert secure.code not in b"".join(none.streaming_content).decode()


@pytest.mark.parametrize("role", [Role.ITEM_AUTHOR, Role.INSTRUCTOR, Role.REGISTRAR])
def test_nobody_else_reads_the_report(enter, secure, role):
    assert enter(role).get(reverse("secure_views")).status_code in (302, 403)


def test_a_superuser_without_a_role_does_not_read_the_report(enter):
    assert enter(is_superuser=True).get(reverse("secure_views")).status_code in (302, 403)


# Domains and quizzes


def test_authors_keep_domains_and_instructors_look_at_them(enter):
    add_items(0)
    address = reverse(
        "wagtailsnippets_quizzes_domain:edit", args=[Domain.objects.get(code="D1").pk]
    )
    assert enter(Role.ITEM_AUTHOR).get(address).status_code == 200
    assert enter(Role.INSTRUCTOR).get(address).status_code in (302, 403)


@pytest.mark.parametrize("role", STAFF)
def test_a_quiz_is_looked_at_in_the_bank_and_set_on_its_page(enter, role):
    add_items(0)
    quiz = practice_quiz(("D1", "", 3))
    client = enter(role)
    page = client.get(reverse("wagtailsnippets_quizzes_quiz:inspect", args=[quiz.pk]))
    assert "D1 any level: 0 of 3" in page.content.decode()
    assert str(quiz) in client.get(reverse("wagtailsnippets_quizzes_quiz:list")).content.decode()
    for name, args in (("add", []), ("edit", [quiz.pk]), ("delete", [quiz.pk])):
        address = reverse(f"wagtailsnippets_quizzes_quiz:{name}", args=args)
        assert client.get(address).status_code in (302, 403)


def test_an_instructor_sees_no_examination_in_the_bank(enter):
    add_items(0)
    quiz = exam(("D1", "", 3))
    client = enter(Role.INSTRUCTOR)
    assert (
        str(quiz) not in client.get(reverse("wagtailsnippets_quizzes_quiz:list")).content.decode()
    )
    address = reverse("wagtailsnippets_quizzes_quiz:inspect", args=[quiz.pk])
    assert client.get(address).status_code in (302, 403)


def test_a_list_of_items_takes_the_same_number_of_statements_however_long(enter):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = enter(Role.ITEM_AUTHOR)
    counts = []
    for more in (2, 15):
        add_items(more, pool=Pool.SECURE)
        client.get(url("list_results"))
        with CaptureQueriesContext(connection) as context:
            assert client.get(url("list_results")).status_code == 200
        counts.append(len(context))
    assert counts[0] == counts[1], counts
