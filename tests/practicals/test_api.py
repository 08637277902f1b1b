"""The HTTP interface: roles, strangers, blindness, statuses in order, constant query counts."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from accounts.services import record_teaching
from practicals import services
from practicals.models import Assignment, PracticalAssessment
from tests.factories import NOW, person
from tests.practicals.build import BEFORE, applicant, exam, practice, sheet
from tests.practicals.test_sheets import APART, SEEN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_exam")]

LIST = "/api/v1/practicals/assignments/"


def url_of(assignment):
    return f"{LIST}{assignment.uuid}/"


def sheet_url(uuid=None):
    return f"/api/v1/practicals/assessments/{uuid or uuid4()}/"


def whole(assignment, **changes):
    return {
        "assignment": str(assignment.uuid),
        **sheet(assignment.station.checklist.code, **changes),
    }


@pytest.fixture
def built():
    return exam()


@pytest.fixture
def first(built):
    return built.assignment("P1", "A")


# Who may come in

EVERY_ENDPOINT = [
    ("get", LIST, "examiner"),
    ("post", LIST, "registrar"),
    ("get", "{assignment}", "examiner"),
    ("post", "{assignment}reissue/", "registrar"),
    ("put", "{sheet}", "examiner"),
    ("post", "{sheet}supersede/", "chief_examiner"),
    ("get", "/api/v1/practicals/held/", "chief_examiner"),
    ("get", "/api/v1/practicals/held/{appointment}/", "chief_examiner"),
    ("post", "/api/v1/practicals/held/{appointment}/stations/P1/adjudicate/", "chief_examiner"),
    ("post", "/api/v1/practicals/formative/", "instructor"),
    ("post", "/api/v1/appointments/", "registrar"),
    ("get", "/api/v1/exam-days/", "registrar"),
]


@pytest.mark.parametrize(("verb", "path", "role"), EVERY_ENDPOINT)
def test_anonymous_people_are_asked_to_sign_in_and_others_have_the_wrong_role(
    verb, path, role, built, first, api_client, as_user
):
    path = path.format(
        assignment=url_of(first), sheet=sheet_url(), appointment=built.appointment.uuid
    )
    answer = getattr(api_client, verb)(path, {})
    assert answer.status_code == 401 and answer.json()["code"] == "not_signed_in"
    allowed = {
        "examiner": {"examiner", "instructor"},
        "registrar": {"registrar", "chief_examiner"}
        if "reissue" in path or "exam-days" in path
        else {"registrar"},
    }.get(role, {role})
    for wrong in set(Role.values) - allowed:
        assert getattr(as_user(person(wrong)), verb)(path, {}).status_code == 403
    assert getattr(as_user(built.candidate), verb)(path, {}).status_code == 403
    assert getattr(as_user(person(role)), verb)(path, {}).status_code not in (401, 403)


def test_appointments_ask_for_a_sign_in(api_client, built):
    for path in ("", f"{built.appointment.uuid}/"):
        assert api_client.get(f"/api/v1/appointments/{path}").status_code == 401
    for answer in ("accept", "decline"):
        assert (
            api_client.post(f"/api/v1/appointments/{built.appointment.uuid}/{answer}/").status_code
            == 401
        )


# An examiner's assignments


def test_an_examiner_lists_their_own_assignments(built, as_user):
    answer = as_user(built.examiners[0]).get(LIST).json()
    assert set(answer) == {"next", "previous", "results"}
    assert {(row["station"], row["place"], row["state"]) for row in answer["results"]} == {
        ("P1", "A", "to_score"),
        ("T2", "A", "to_score"),
    }
    assert as_user(person(Role.EXAMINER)).get(LIST).json()["results"] == []


def test_an_assignment_has_the_full_checklist_and_neither_name_nor_cut(built, first, as_user):
    answer = as_user(built.examiners[0]).get(url_of(first))
    document = answer.json()
    assert [line["code"] for line in document["checklist"]["criteria"]][:2] == ["P1.01", "P1.02"]
    assert document["checklist"]["criteria"][0]["critical"] is True
    assert len(document["checklist"]["violations"]) == 2 and len(document["global_ratings"]) == 5
    assert document["sheet"] is None
    text = answer.content.decode()
    assert built.candidate.name not in text and str(built.candidate.uuid) not in text
    assert built.examiners[1].name not in text
    for secret in ("cut", "weight", "percent", "total"):
        assert secret not in document and secret not in document["checklist"]


def test_an_assignment_of_somebody_else_is_not_there(built, first, as_user):
    assert as_user(built.examiners[1]).get(url_of(first)).status_code == 404
    assert as_user(person(Role.EXAMINER)).get(url_of(first)).status_code == 404


def test_neither_examiner_learns_anything_of_the_other(built, first, as_user):
    a, b = (as_user(examiner) for examiner in built.examiners)
    before = b.get(LIST).json(), b.get(url_of(built.assignment("P1", "B"))).json()["sheet"]
    uuid = uuid4()
    a.put(sheet_url(uuid), whole(first))
    after = b.get(LIST).json(), b.get(url_of(built.assignment("P1", "B"))).json()["sheet"]
    assert before == after
    assert b.put(sheet_url(uuid), whole(first)).status_code == 404
    assert b.put(sheet_url(uuid), whole(built.assignment("P1", "B"))).status_code == 404
    mine, theirs = (
        a.put(sheet_url(uuid), whole(first)),
        b.put(sheet_url(), whole(built.assignment("P1", "B"))),
    )
    assert set(mine.json()) == set(theirs.json())  # the last to sign is told no more than the first


# Syncing


def test_the_first_sync_is_201_and_every_later_one_200(built, first, as_user):
    client, path = as_user(built.examiners[0]), sheet_url()
    made = client.put(path, whole(first, rev=1, final=False, ratings={4: None}))
    assert made.status_code == 201
    assert made.json()["rev"] == 1 and made.json()["final"] is False
    assert client.put(path, whole(first, rev=1, final=False, ratings={4: None})).status_code == 200
    assert client.put(path, whole(first, rev=2, final=False)).status_code == 200
    assert client.put(path, whole(first, rev=1, final=False)).status_code == 409
    assert client.put(path, whole(first, rev=2, final=False, ratings={3: 0})).status_code == 409
    signed = client.put(path, whole(first, rev=3))
    assert signed.status_code == 200 and signed.json()["final"] is True
    assert client.put(path, whole(first, rev=3)).status_code == 200
    assert client.put(path, whole(first, rev=4, ratings={3: 0})).status_code == 409
    document = client.get(url_of(first)).json()
    assert document["state"] == "signed" and len(document["sheet"]["observations"]) == 10


def test_a_barred_examiner_is_refused_by_the_rule_before_the_shape_is_looked_at(
    built, first, as_user
):
    record_teaching(
        teacher=built.examiners[0],
        learner=built.candidate,
        subject="Clinic",
        taught_on=NOW.date(),
        by=None,
        at=NOW,
    )
    answer = as_user(built.examiners[0]).put(
        sheet_url(), {"assignment": str(first.uuid), "rev": "x"}
    )
    assert answer.status_code == 403
    assert answer.json()["code"] == "R3" and answer.json()["errors"]["since"] == "2026-11-23"


def test_a_locked_sheet_is_a_conflict_before_the_shape_is_looked_at(built, first, as_user):
    client, path = as_user(built.examiners[0]), sheet_url()
    client.put(path, whole(first))
    assert client.put(path, {"assignment": str(first.uuid), "rev": "x"}).status_code == 409


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        '"x"',
        "7",
        "null",
        "{",
        '{"rev":',
        "[" * 20_000,
        '{"assignment": "x"}',
        '{"assignment": ["x"]}',
        "\x00",
    ],
)
def test_anything_else_sent_is_a_clear_400(content, built, as_user):
    answer = as_user(built.examiners[0]).put(sheet_url(), content, content_type="application/json")
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"]


UNREADABLE = [b'{"assignment":', b"[" * 100_000, b" " * 1_100_000, b" " * 3_000_000, b"[]", b"{}"]


@pytest.mark.parametrize("body", UNREADABLE)
def test_whose_it_is_and_what_is_closed_come_before_what_cannot_be_read(
    body, built, first, as_user
):
    def sent(client, verb, url):
        return client.generic(verb, url, body, content_type="application/json").status_code

    a, b = (as_user(examiner) for examiner in built.examiners)
    chief = as_user(built.chief)
    mine = sheet_url(uuid4())
    assert a.put(mine, whole(first, rev=1, final=False)).status_code == 201
    assert sent(b, "PUT", mine) == 404
    assert sent(a, "PUT", mine) == 400
    assert sent(chief, "POST", f"{sheet_url()}supersede/") == 404
    assert a.put(mine, whole(first, rev=2, final=True)).status_code == 200
    assert sent(a, "PUT", mine) == 409
    assert sent(b, "PUT", mine) == 404


@pytest.mark.parametrize("body", UNREADABLE)
def test_a_rule_and_a_decision_come_before_a_ruling_that_cannot_be_read(body, as_user):
    built = exam()
    built.score(P1A=APART)
    signed = PracticalAssessment.objects.filter(active=True).first()
    urls = [
        f"/api/v1/practicals/held/{built.appointment.uuid}/stations/{{}}/adjudicate/",
        f"{sheet_url(signed.uuid)}supersede/",
    ]

    def sent(user, url):
        answer = as_user(user).generic("POST", url, body, content_type="application/json")
        return answer.status_code, answer.json()["code"]

    assert sent(built.chief, urls[0].format("T2")) == (409, "not_held")
    assert sent(built.chief, urls[0].format("P1"))[0] == 400
    assert sent(built.chief, urls[1])[0] == 400
    teacher = person(Role.CHIEF_EXAMINER)
    record_teaching(
        teacher=teacher,
        learner=built.candidate,
        subject="Module 7",
        taught_on=NOW.date(),
        by=None,
        at=NOW,
    )
    assert sent(teacher, urls[0].format("P1")) == (403, "R3")
    assert sent(teacher, urls[1]) == (403, "R3")


def test_wrong_fields_are_named_by_line(built, first, as_user):
    answer = as_user(built.examiners[0]).put(
        sheet_url(), whole(first, ratings={2: 5}, notes={3: "a\x00"})
    )
    assert answer.status_code == 400
    assert set(answer.json()["errors"]["observations"]) == {"P1.02", "P1.03"}


def test_blanks_in_a_final_sheet_are_named(built, first, as_user):
    answer = as_user(built.examiners[0]).put(sheet_url(), whole(first, ratings={2: None, 1: 0}))
    assert answer.status_code == 400 and answer.json()["code"] == "sheet_incomplete"
    assert set(answer.json()["errors"]["observations"]) == {"P1.01", "P1.02"}


def test_a_huge_body_is_refused(built, first, as_user):
    answer = as_user(built.examiners[0]).put(sheet_url(), whole(first, signature="x" * 2_000_000))
    assert answer.status_code == 400 and answer.json()["code"] == "too_large"


def test_an_unknown_or_foreign_assignment_is_not_there(built, as_user):
    client = as_user(built.examiners[0])
    for foreign in (uuid4(), built.assignment("P1", "B").uuid):
        content = {**sheet(), "assignment": str(foreign)}
        assert client.put(sheet_url(), content).status_code == 404


# Query counts


def count(client, verb, *args):
    with CaptureQueriesContext(connection) as queries:
        answer = getattr(client, verb)(*args)
    assert answer.status_code < 300, answer.content
    return len(queries)


def test_lists_cost_the_same_whatever_their_length(built, as_user):
    examiner, chief, registrar = (
        as_user(one) for one in (built.examiners[0], built.chief, built.registrar)
    )
    paths = [
        (examiner, LIST),
        (registrar, "/api/v1/appointments/"),
        (registrar, "/api/v1/exam-days/"),
        (chief, "/api/v1/practicals/held/"),
    ]
    built.score(P1A=APART)
    before = [count(client, "get", path) for client, path in paths]
    for _more in range(3):
        another = built.alone()
        for station in built.day.stations.all():
            for place, who in zip("AB", built.examiners, strict=True):
                services.assign_examiner(
                    appointment=another,
                    station=station,
                    place=place,
                    examiner=who,
                    by=built.registrar,
                    at=BEFORE,
                )
    assert [count(client, "get", path) for client, path in paths] == before
    assert max(before) <= 10


def test_a_sync_costs_the_same_whatever_the_sheet_holds(built, first, as_user):
    client, path = as_user(built.examiners[0]), sheet_url()
    blank = dict.fromkeys(range(2, 11))
    client.put(path, whole(first, rev=1, final=False, ratings=blank))
    one = count(client, "put", path, whole(first, rev=2, final=False, ratings={**blank, 2: 1}))
    ten = count(client, "put", path, whole(first, rev=3, final=False))
    assert one == ten <= 16


# Chief examiners


def test_a_chief_examiner_sees_both_sheets_only_once_all_are_signed(built, as_user):
    chief = as_user(built.chief)
    built.send("P1", "A", **APART)
    held = f"/api/v1/practicals/held/{built.appointment.uuid}/"
    assert chief.get(held).status_code == 404
    assert not PracticalAssessment.objects.visible_to(built.chief).exists()
    for code, place in (("P1", "B"), ("T2", "A"), ("T2", "B")):
        built.send(code, place)
    (row,) = chief.get("/api/v1/practicals/held/").json()["results"]
    assert row["stations"] == ["P1"] and row["decide_by"] == "2026-12-07"
    (station,) = chief.get(held).json()["stations"]
    assert set(station["sheets"]) == {"A", "B"} and station["triggers"] == ["apart"]


def test_a_ruling_over_http(built, as_user):
    built.score(P1A=APART)
    chief, path = (
        as_user(built.chief),
        f"/api/v1/practicals/held/{built.appointment.uuid}/stations/P1/adjudicate/",
    )
    ruling = {"lines": {"P1.02": 1, "P1.03": 1, "P1.04": 1}, "reasons": "The note gives the time."}
    assert chief.post(path, {"lines": {"P1.02": 1}, "reasons": ""}).status_code == 400
    assert chief.post(path, {"lines": [], "reasons": 7}).status_code == 400
    assert chief.post(path.replace("P1", "X9"), ruling).status_code == 404
    answer = chief.post(path, ruling)
    assert answer.status_code == 200 and answer.json()["outcome"] == "passed"
    assert chief.post(path, ruling).status_code == 200
    assert chief.post(path, {**ruling, "reasons": "Otherwise."}).status_code == 409


@pytest.mark.parametrize("name", ["\\ud800", "\\u0000", "a" * 10_000])
@pytest.mark.parametrize("field", ["lines", "violations", "remarks"])
def test_a_ruling_that_names_no_line_is_a_clear_400(name, field, as_user):
    built = exam()
    built.score(P1A=APART)
    answer = as_user(built.chief).generic(
        "POST",
        f"/api/v1/practicals/held/{built.appointment.uuid}/stations/P1/adjudicate/",
        f'{{"reasons": "Seen", "lines": {{}}, "{field}": {{"{name}": 1}}}}',
        content_type="application/json",
    )
    assert answer.status_code == 400 and answer.json()["code"] == "ruling_incomplete"


def test_a_chief_examiner_who_examined_is_refused_by_rule(built, as_user):
    from accounts.services import give_roles

    built.score(P1A=APART)
    give_roles(user=built.examiners[1], roles=[Role.CHIEF_EXAMINER], by=None, at=NOW)
    path = f"/api/v1/practicals/held/{built.appointment.uuid}/stations/P1/adjudicate/"
    answer = as_user(built.examiners[1]).post(path, {"lines": {}, "reasons": ""})
    assert answer.status_code == 403 and answer.json()["code"] == "R2"


def test_a_correction_over_http(built, as_user):
    built.score(P1A={"ratings": {2: 1}})
    chief, path = as_user(built.chief), sheet_url(built.sheets["P1", "A"])
    content = {**sheet(), "reason": "Line 2 was tapped by mistake."}
    assert chief.post(f"{path}supersede/", {**content, "reason": ""}).status_code == 400
    answer = chief.post(f"{path}supersede/", content)
    assert answer.status_code == 201 and answer.json()["uuid"] != str(built.sheets["P1", "A"])
    assert chief.post(sheet_url() + "supersede/", content).status_code == 404


def test_a_sheet_is_reissued_over_http(built, first, as_user):
    built.send("P1", "A", final=False)
    answer = as_user(built.registrar).post(f"{url_of(first)}reissue/")
    assert answer.status_code == 201
    document = as_user(built.examiners[0]).get(url_of(first)).json()
    assert document["sheet"]["uuid"] == answer.json()["uuid"]


# Candidates


def test_a_candidate_sees_their_own_appointments_and_no_others(built, as_user):
    other = built.offer(applicant(built.credential_type))
    client = as_user(built.candidate)
    (row,) = client.get("/api/v1/appointments/").json()["results"]
    assert (
        row["uuid"] == str(built.appointment.uuid)
        and row["place"] == "Leeds, Hall 2"
        and row["bring"]
    )
    assert client.get(f"/api/v1/appointments/{other.uuid}/").status_code == 404
    for answer in ("accept", "decline"):
        assert client.post(f"/api/v1/appointments/{other.uuid}/{answer}/").status_code == 404
        assert (
            as_user(built.registrar)
            .post(f"/api/v1/appointments/{other.uuid}/{answer}/")
            .status_code
            == 404
        )


def test_accepting_over_http(as_user, monkeypatch):
    built = exam(assigned=False, accepted=False)
    client, path = as_user(built.candidate), f"/api/v1/appointments/{built.appointment.uuid}/"
    monkeypatch.setattr("practicals.api.appointments.timezone.now", lambda: BEFORE)
    assert client.post(f"{path}accept/").json()["state"] == "accepted"
    assert client.post(f"{path}accept/").status_code == 200
    assert client.post(f"{path}decline/").json()["state"] == "declined"
    assert client.post(f"{path}accept/").status_code == 409


def test_what_a_candidate_reads_of_a_result_has_no_sheet_no_points_and_no_name(built, as_user):
    built.score(P1A=SEEN)
    client, path = as_user(built.candidate), f"/api/v1/appointments/{built.appointment.uuid}/"
    answer = client.get(path)
    result = answer.json()["result"]
    assert result["outcome"] == "held" and result["decide_by"]
    assert [station["outcome"] for station in result["stations"]] == ["held", "decided"]
    text = answer.content.decode()
    for secret in (
        "percent_a",
        "sheets",
        "Pressed on",
        *(examiner.name for examiner in built.examiners),
    ):
        assert secret not in text


def test_a_pass_says_that_it_is_one_and_a_fail_says_where(built, as_user):
    built.score()
    client, path = as_user(built.candidate), f"/api/v1/appointments/{built.appointment.uuid}/"
    result = client.get(path).json()["result"]
    assert (result["outcome"], result["total"], result["reasons"], result["competences"]) == (
        "passed",
        None,
        [],
        [],
    )


# Registrars


def test_a_registrar_offers_and_assigns_over_http(as_user, monkeypatch):
    built = exam(assigned=False)
    monkeypatch.setattr("practicals.api.appointments.timezone.now", lambda: BEFORE)
    client, another = as_user(built.registrar), applicant(built.credential_type)
    offered = client.post(
        "/api/v1/appointments/", {"exam_day": str(built.day.uuid), "candidate": str(another.uuid)}
    )
    assert offered.status_code == 201 and offered.json()["state"] == "offered"
    stranger = client.post(
        "/api/v1/appointments/", {"exam_day": str(built.day.uuid), "candidate": str(person().uuid)}
    )
    assert stranger.status_code == 409
    assert client.post("/api/v1/appointments/", {"exam_day": "x"}).status_code == 400
    assert client.post("/api/v1/appointments/", {"exam_day": str(uuid4())}).status_code == 404
    place = {
        "appointment": str(built.appointment.uuid),
        "station": "P1",
        "place": "A",
        "examiner": str(built.examiners[0].uuid),
    }
    assert client.post(LIST, place).status_code == 201
    same_twice = client.post(LIST, {**place, "place": "B"})
    assert same_twice.status_code == 403 and same_twice.json()["code"] == "R2"
    assert client.post(LIST, {**place, "place": "C"}).status_code in (400, 403)
    assert client.post(LIST, {**place, "examiner": str(another.uuid)}).status_code == 400
    assert client.post(LIST, {**place, "station": "T9"}).status_code == 404
    assert client.post(LIST, {**place, "station": "P\x001"}).status_code == 400


def test_the_trainer_bar_is_the_same_over_http(as_user):
    built = exam(assigned=False)
    record_teaching(
        teacher=built.examiners[0],
        learner=built.candidate,
        subject="Module 7",
        taught_on=NOW.date() - timedelta(days=300),
        by=None,
        at=NOW,
    )
    answer = as_user(built.registrar).post(
        LIST,
        {
            "appointment": str(built.appointment.uuid),
            "station": "P1",
            "place": "A",
            "examiner": str(built.examiners[0].uuid),
        },
    )
    assert answer.status_code == 403
    problem = answer.json()
    assert problem["code"] == "R3" and "27 January 2026" in problem["detail"]
    assert not Assignment.objects.filter(appointment=built.appointment).exists()


# Instructors


def test_an_instructor_begins_a_practice_station_over_http(as_user):
    made = practice()
    client = as_user(made.instructor)
    content = {"enrolment": str(made.enrolment.uuid), "activity": str(made.activity.uuid)}
    answer = client.post("/api/v1/practicals/formative/", content)
    assert answer.status_code == 201
    assignment = Assignment.objects.get(uuid=answer.json()["uuid"])
    assert client.put(sheet_url(), whole(assignment)).status_code == 201
    assert (
        as_user(person(Role.INSTRUCTOR)).post("/api/v1/practicals/formative/", content).status_code
        == 404
    )
    assert client.post("/api/v1/practicals/formative/", {"enrolment": 7}).status_code == 400
