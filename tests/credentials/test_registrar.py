"""The registrar's desk: queue, document review, decision, register and changes of status."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from credentials import services
from credentials.models import (
    Application,
    Credential,
    CredentialType,
    Document,
    DocumentReview,
    Requirement,
    StatusEvent,
)
from credentials.queue import PAGE, queue_context
from credentials.services import Matter
from tests.credentials.scheme import (
    PNG,
    a_file,
    apply,
    held,
    nearly,
    registrar,
    report,
    review,
    revoke,
    scheme,
    send,
)
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db

WRONG = [(), (Role.INSTRUCTOR,), (Role.EXAMINER, Role.CHIEF_EXAMINER), (Role.ADMINISTRATOR,)]


@pytest.fixture
def kind():
    return scheme()


@pytest.fixture
def boss():
    return registrar(name="Aline Moreau")


@pytest.fixture
def desk(client, boss):
    client.force_login(boss)
    return client


def text(response):
    return response.content.decode()


# Who may come in


@pytest.fixture
def addresses(kind):
    credential = held(kind)
    document = send(apply(person(), kind))
    return [
        reverse("registrar-queue"),
        reverse("registrar-register"),
        reverse("document-review", args=[document.uuid]),
        reverse("application-decision", args=[document.application.uuid]),
        reverse("credential-dossier", args=[credential.public_id]),
        reverse("dossier-export", args=[credential.public_id]),
        *(
            reverse("credential-change", args=[credential.public_id, change])
            for change in ("suspend", "reinstate", "revoke", "renew")
        ),
    ]


@pytest.mark.parametrize("roles", WRONG)
def test_the_desk_is_for_registrars(client, addresses, roles):
    client.force_login(person(*roles))
    for address in addresses:
        assert client.get(address).status_code == 403, address
        assert client.post(address).status_code == 403, address
    assert StatusEvent.objects.count() == 1


def test_anonymous_people_sign_in_first(client, addresses):
    for address in addresses:
        assert "/accounts/login/" in client.get(address).url


def test_an_unknown_uuid_is_nothing(desk, kind):
    nothing = "00000000-0000-4000-8000-000000000000"
    for name in ("document-review", "application-decision", "credential-dossier", "dossier-export"):
        assert desk.get(reverse(name, args=[nothing])).status_code == 404
    credential = held(kind)
    address = reverse("credential-change", args=[credential.public_id, "suspend"])
    assert desk.get(address.replace("suspend", "destroy")).status_code == 404


# The queue


def test_the_queue_is_the_oldest_first_and_marks_what_is_late(desk, kind):
    now = timezone.now()
    send(apply(person(), kind, name_on_id="Nina New"), at=now)
    send(apply(person(), kind, name_on_id="Olga Old"), at=now - dt.timedelta(days=30))
    page = text(desk.get(reverse("registrar-queue")))
    assert page.index("Olga Old") < page.index("Nina New")
    assert "2 matters" in page
    assert "One is past its time." in page
    assert "days over" in page


def test_an_empty_queue_says_so(desk):
    assert "Everything is decided" in text(desk.get(reverse("registrar-queue")))


def test_the_queue_is_filtered_by_kind_and_words(desk, kind):
    send(apply(person(), kind, name_on_id="Zoë Kovač"), at=timezone.now())
    send(apply(person(), kind, name_on_id="Ada"), "licence", at=timezone.now())
    queue = reverse("registrar-queue")
    found = text(desk.get(queue, {"q": "kovac INSUR"}))
    assert "Zoë Kovač" in found
    assert "Ada" not in found
    assert "Nothing here fits" in text(desk.get(queue, {"kind": "decision"}))
    assert "Nothing here fits" in text(desk.get(queue, {"q": "nobody\0"}))
    assert desk.get(queue, {"after": "nonsense", "before": "", "kind": "\0"}).status_code == 200


def a_full_queue(kind, boss, count):
    """As many documents, adjustments, cases and exceptions as `count` says in all."""
    now, quarter = timezone.now(), count // 4
    insurance = kind.requirements.get(code="insurance")
    people = User.objects.bulk_create(
        [
            User(email=f"many{number}@example.org", name=f"Many {number}")
            for number in range(quarter)
        ]
    )
    applications = Application.objects.bulk_create(
        [
            Application(
                applicant=each,
                credential_type=kind,
                name_on_id=each.name,
                accommodations="More time",
                agreed_at=now,
                submitted_at=now - dt.timedelta(days=number % 40),
            )
            for number, each in enumerate(people)
        ]
    )
    Document.objects.bulk_create(
        [
            Document(
                application=row,
                requirement=insurance,
                not_required=True,
                statement="None here.",
                uploaded_at=row.submitted_at,
            )
            for row in applications
        ]
    )
    approver = registrar()
    for number, row in enumerate(applications):
        facts = {"kind": "concern", "raised_by": f"Neighbour {number}", "about": "Noise"}
        services.record_case(
            **facts, said="Loud.", received_on=now.date(), application=row, by=boss, at=now
        )
        services.ask_exemption(
            application=row,
            requirement=insurance,
            ground="ours",
            reason="Lost.",
            approver=approver,
            by=boss,
            at=now,
        )


def test_a_queue_of_two_hundred_takes_as_many_queries_as_one_of_eight(
    desk, kind, boss, django_assert_num_queries
):
    """Also those of other apps: held practicals, incidents, results to release."""
    held(kind, at=NOW - dt.timedelta(days=700))
    queue = reverse("registrar-queue")
    a_full_queue(kind, boss, 8)
    desk.get(queue)
    with CaptureQueriesContext(connection) as few:
        desk.get(queue)
    User.objects.filter(email__startswith="many").update(email=Concat(Value("old-"), F("email")))
    a_full_queue(kind, boss, 192)
    with django_assert_num_queries(len(few)):
        page = desk.get(queue)
    assert page.context["count"] >= 200
    assert len(page.context["rows"]) == PAGE
    assert len(few) <= 27


def test_the_queue_is_sorted_by_what_is_due_next_and_goes_on_there(rf):
    matters = [
        replace(row, due=NOW.date() + dt.timedelta(days=(number * 7) % 90))
        for number, row in enumerate(many(PAGE + 20))
    ]
    pages = pages_of(matters, rf, "?sort=due")
    keys = [key for keys, _context in pages for key in keys]
    assert keys == [row.key for row in sorted(matters, key=lambda row: (row.due, row.key))]
    assert pages[0][1]["sort"] == "due"
    late = queue_context(matters, rf.get("/?late=1"), at=NOW + dt.timedelta(days=30))
    assert 0 < late["found"] < late["count"]
    assert all(row.late for row in late["rows"])


def test_what_can_be_done_to_many_is_offered_where_it_can(rf):
    plain, some = many(2), [replace(row, acts=("remind",)) for row in many(3)]
    assert queue_context(plain, rf.get("/"), at=NOW)["acts"] == []
    (act,) = queue_context([*plain[:1], *some[1:]], rf.get("/"), at=NOW)["acts"]
    assert (act["name"], act["count"]) == ("remind", 2)


def many(count):
    return [
        Matter(
            key=f"held:{number:04d}",
            kind="held",
            who=f"Candidate {number:04d}",
            reference="PR-1",
            what="Sheets differ",
            why="With the chief examiner",
            url="/practicals/",
            since=NOW - dt.timedelta(minutes=count - number),
            due=NOW.date(),
        )
        for number in range(count)
    ]


def pages_of(matters, rf, query=""):
    """Walk the pages forwards by their links; the names on each."""
    pages = []
    while query is not None:
        context = queue_context(matters, rf.get(f"/{query}"), at=NOW)
        pages.append(([row.matter.key for row in context["rows"]], context))
        query = context["next"]
    return pages


def test_pages_hold_every_matter_once_in_order(rf):
    matters = many(2 * PAGE + 7)
    pages = pages_of(list(reversed(matters)), rf)
    assert [len(keys) for keys, _context in pages] == [PAGE, PAGE, 7]
    assert [key for keys, _context in pages for key in keys] == [row.key for row in matters]
    back = queue_context(matters, rf.get("/" + pages[1][1]["previous"]), at=NOW)
    assert [row.matter.key for row in back["rows"]] == pages[0][0]


def test_a_page_goes_on_where_it_was_though_matters_were_decided_meanwhile(rf):
    matters = many(PAGE + 10)
    following = queue_context(matters, rf.get("/"), at=NOW)["next"]
    left = matters[PAGE - 5 :]  # most of the first page is decided
    keys = [row.matter.key for row in queue_context(left, rf.get(f"/{following}"), at=NOW)["rows"]]
    assert keys == [row.key for row in matters[PAGE:]]


def test_any_apps_matters_are_shown_under_their_own_tab(rf):
    context = queue_context(many(3), rf.get("/"), at=NOW)
    assert [(str(tab["label"]), tab["count"]) for tab in context["tabs"]] == [
        ("All", 3),
        ("Documents", 0),
        ("Held results", 3),
    ]
    assert {row.clock for row in context["rows"]} == {"due today"}


# Document review


def test_a_review_shows_the_document_the_applicant_and_what_happened(desk, kind, boss):
    application = apply(person(), kind)
    review(send(application, number="A-1"), registrar(name="Hannes Brandt"), "more_information")
    document = send(application, number="A-2")
    page = text(desk.get(reverse("document-review", args=[document.uuid])))
    assert reverse("document-file", args=[document.uuid]) in page
    assert "<iframe" in page
    for word in ("A-2", "Orla Brandreth", "Document sent again", "Hannes Brandt", "Reason I2."):
        assert word in page


def test_a_picture_is_shown_as_one_and_a_statement_in_words(desk, kind):
    application = apply(person(), kind)
    picture = send(application, file=a_file(PNG))
    assert "<img" in text(desk.get(reverse("document-review", args=[picture.uuid])))
    said = send(application, "licence", not_required=True, statement="Nobody <asks> here.")
    assert "Nobody &lt;asks&gt; here." in text(
        desk.get(reverse("document-review", args=[said.uuid]))
    )


def decision(**given):
    return {"outcome": "met", "reason_code": "I1", "note": "", **given}


def valid_until(day=dt.date(2099, 1, 1)):
    return {"valid_until_0": day.day, "valid_until_1": day.month, "valid_until_2": day.year}


def test_recording_opens_the_next_document(desk, kind):
    now = timezone.now()
    first = send(apply(person(), kind), at=now - dt.timedelta(days=2))
    second = send(apply(person(), kind), at=now)
    address = reverse("document-review", args=[first.uuid])
    answer = desk.post(address, decision(next="1", **valid_until()))
    assert answer.url == reverse("document-review", args=[second.uuid])
    answer = desk.post(
        reverse("document-review", args=[second.uuid]), decision(next="1", **valid_until())
    )
    assert answer.url == reverse("registrar-queue")
    assert DocumentReview.objects.filter(outcome="met").count() == 2


def test_recording_twice_is_one_decision(desk, kind):
    address = reverse("document-review", args=[send(apply(person(), kind)).uuid])
    for _time in range(2):
        assert desk.post(address, decision(**valid_until())).status_code == 302
    assert DocumentReview.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"outcome": ""}, "outcome"),
        ({"outcome": "withdrawn"}, "outcome"),
        ({"reason_code": ""}, "reason_code"),
        ({"reason_code": "L1"}, "reason_code"),
        ({"reason_code": "I2"}, "reason_code"),
        ({"note": "x" * 4001}, "note"),
        ({"note": "a\0"}, "note"),
        ({"valid_until_0": "99"}, "valid_until"),
        (valid_until(dt.date(2020, 1, 1)), "valid_until"),
    ],
)
def test_a_decision_that_is_not_complete_is_said_at_its_field(desk, kind, given, field):
    address = reverse("document-review", args=[send(apply(person(), kind)).uuid])
    answer = desk.post(address, {**decision(**valid_until()), **given})
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert not DocumentReview.objects.exists()


def test_ones_own_document_is_shown_without_a_form_and_refused(desk, kind, boss):
    document = send(apply(boss, kind))
    address = reverse("document-review", args=[document.uuid])
    assert "Rule R2" in text(desk.get(address))
    assert "<form method" not in text(desk.get(address)).split("<main")[1]
    assert desk.post(address, decision(**valid_until())).status_code == 403
    assert desk.post(address, {}).status_code == 403


def test_a_superseded_document_leads_to_the_newer_one(desk, kind):
    application = apply(person(), kind)
    old, new = send(application), send(application, number="newer")
    page = text(desk.get(reverse("document-review", args=[old.uuid])))
    assert reverse("document-review", args=[new.uuid]) in page
    assert desk.post(reverse("document-review", args=[old.uuid]), decision()).status_code == 409


def test_the_review_takes_a_fixed_number_of_queries(desk, kind, django_assert_max_num_queries):
    application, other = apply(person(), kind), registrar()
    for number in range(5):
        review(send(application, number=str(number)), other, "more_information")
    document = send(application, number="last")
    address = reverse("document-review", args=[document.uuid])
    desk.get(address)
    with django_assert_max_num_queries(16):
        desk.get(address)


# Decisions


def test_an_application_is_seen_whole_and_awarded_by_decision(desk):
    kind = scheme(award=CredentialType.Award.BY_DECISION)
    application = nearly(kind)
    address = reverse("application-decision", args=[application.uuid])
    assert "when every requirement is met" in text(desk.get(address))
    assert desk.post(address).status_code == 409
    report(application.applicant, kind, "written")
    assert "Award:" in text(desk.get(address))
    answer = desk.post(address)
    credential = Credential.objects.get()
    assert answer.url == reverse("credential-dossier", args=[credential.public_id])
    assert desk.post(address).url == answer.url
    assert StatusEvent.objects.count() == 1


# Changing a status


def change_form(**given):
    return {"reason_code": "S1", "note": "seen by nobody outside", "confirmed": "on", **given}


def test_a_change_is_previewed_confirmed_and_written(desk, kind, boss):
    credential = held(kind)
    address = reverse("credential-change", args=[credential.public_id, "suspend"])
    page = text(desk.get(address))
    assert "Not valid today" in page
    assert "Reason S1." in page
    answer = desk.post(address, change_form())
    assert answer.url == reverse("credential-dossier", args=[credential.public_id])
    event = credential.events.get(kind="suspended")
    assert (event.by, event.reason_text) == (boss, "Reason S1.")


def test_a_second_submit_makes_no_second_event(desk, kind):
    credential = held(kind)
    address = reverse("credential-change", args=[credential.public_id, "suspend"])
    for _time in range(2):
        assert desk.post(address, change_form()).status_code == 302
    assert credential.events.count() == 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"confirmed": ""}, "confirmed"),
        ({"reason_code": ""}, "reason_code"),
        ({"reason_code": "R1"}, "reason_code"),
        ({"note": "\0"}, "note"),
        ({"note": "x" * 4001}, "note"),
    ],
)
def test_a_change_without_reason_or_confirmation_is_not_made(desk, kind, given, field):
    credential = held(kind)
    address = reverse("credential-change", args=[credential.public_id, "suspend"])
    answer = desk.post(address, change_form(**given))
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert credential.events.count() == 1


def test_what_cannot_follow_is_refused_in_words(desk, kind):
    credential = held(kind)
    address = reverse("credential-change", args=[credential.public_id, "reinstate"])
    assert desk.get(address).status_code == 409
    assert desk.post(address, change_form(reason_code="T1")).status_code == 409


def test_nobody_changes_their_own_credential(desk, kind, boss):
    credential = held(kind, boss)
    address = reverse("credential-change", args=[credential.public_id, "revoke"])
    assert desk.get(address).status_code == 403
    assert desk.post(address, change_form(reason_code="R1")).status_code == 403


def test_a_renewal_states_its_hours_and_shows_the_new_last_day(desk, kind):
    credential = held(kind)
    last = services.renewed_until(credential)
    address = reverse("credential-change", args=[credential.public_id, "renew"])
    assert f"{last:%-d\u00a0%B %Y}" in text(desk.get(address))
    answer = desk.post(address, change_form(reason_code="N1", hours="3", ethics_hours="4"))
    assert "ethics_hours" in answer.context["form"].errors
    answer = desk.post(address, change_form(reason_code="N1", hours="26.5", ethics_hours="3"))
    assert answer.status_code == 302
    assert credential.events.get(kind="renewed").renewal.hours == 26.5


def test_every_change_is_reached_from_the_dossier(desk, kind, boss):
    credential = held(kind)
    dossier = reverse("credential-dossier", args=[credential.public_id])

    def offered():
        page = text(desk.get(dossier))
        return [
            change
            for change in ("suspend", "reinstate", "revoke", "renew")
            if reverse("credential-change", args=[credential.public_id, change]) in page
        ]

    assert offered() == ["suspend", "revoke", "renew"]
    services.suspend(credential=credential, reason_code="S1", by=boss, at=NOW)
    assert offered() == ["reinstate", "revoke"]
    revoke(credential, by=boss, at=NOW)
    assert offered() == []


def test_help_texts_of_requirements_stay_whole_for_the_registrar(desk, kind):
    Requirement.objects.filter(code="insurance").update(help="One. Two. Three.")
    document = send(apply(person(), kind))
    assert "One. Two. Three." in text(desk.get(reverse("document-review", args=[document.uuid])))
