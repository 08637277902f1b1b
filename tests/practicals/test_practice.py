"""Practice at the table: a student scores themselves and is scored by peers, on practice stations only; nobody else reads it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Notice, Role, TeachingRecord
from accounts.services import Conflict, Forbidden, Invalid, Missing
from courses.models import Progress
from practicals import practising, services
from practicals.decision import Line
from practicals.models import Checklist, ExamPlan, PracticeRun, PracticeSheet, Station
from practicals.practising import Scored
from tests.factories import NOW, ActivityFactory, EnrolmentFactory, ModuleFactory, person
from tests.practicals.build import exam, load_checklists, practice, sheet

pytestmark = pytest.mark.django_db
API = "/api/v1/practicals/practice/"


@pytest.fixture(scope="module")
def standing_room(standing):
    return standing(build_room)


@pytest.fixture
def room(own, standing_room):
    return own(standing_room)


def build_room():
    """A class with a practice station; Tomas practises, Ana is in his class, Jo takes the course without a class."""
    built = practice()
    built.peer = person(name="Ana Prado")
    EnrolmentFactory(learner=built.peer, course=built.course, cohort=built.cohort)
    built.other = person(name="Jo Osei")
    EnrolmentFactory(learner=built.other, course=built.course)
    return built


@pytest.fixture
def run(room):
    return services.begin_practice(activity=room.activity, by=room.learner, at=NOW)


def send(scored, by, rev=1, at=NOW, **changes):
    content = {**sheet("T1", rev=rev), **changes} if "ratings" not in changes else sheet("T1", rev=rev, **changes)  # fmt: skip
    return services.sync_practice(sheet=scored, content=content, by=by, at=at)


def mine(run):
    return services.score_myself(run=run, by=run.performer, at=NOW)


def theirs(run, peer):
    run = services.open_code(run=run, by=run.performer, at=NOW)
    return services.join_by_code(code=run.code, by=peer, at=NOW)


# Beginning


def test_a_student_begins_at_a_practice_station_of_a_course_they_take(room, run):
    assert run.version.checklist.code == "T1"
    assert services.begin_practice(activity=room.activity, by=room.learner, at=NOW) == run
    (row,) = services.practice_stations(room.learner)
    assert row[0] == room.activity
    assert services.practice_stations(person()) == []


def test_a_finished_run_is_not_gone_on_with(room, run):
    send(mine(run), room.learner)
    again = services.begin_practice(activity=room.activity, by=room.learner, at=NOW)
    assert again != run


def test_a_stranger_an_instructor_and_a_closed_module_begin_nothing(room):
    for other in (person(), room.instructor):
        with pytest.raises(Missing):
            services.begin_practice(activity=room.activity, by=other, at=NOW)
    before = ModuleFactory(course=room.course, title="Before")
    ActivityFactory(module=before, required=True)
    room.activity.module.requires.add(before)
    with pytest.raises(Conflict) as refusal:
        services.begin_practice(activity=room.activity, by=room.learner, at=NOW)
    assert refusal.value.code == "module_closed"


def test_a_secure_station_is_never_practised_whatever_the_plan_says(room):
    (secure,) = load_checklists("P1")
    Station.objects.filter(plan__activity=room.activity).update(checklist=secure)
    with pytest.raises(Conflict) as refusal:
        services.begin_practice(activity=room.activity, by=room.learner, at=NOW)
    assert refusal.value.code == "not_open"
    assert services.practice_stations(room.learner) == []


def test_nor_is_an_examination_or_a_station_out_of_use(room):
    built = exam()
    EnrolmentFactory(learner=room.learner, course=built.activity.module.course)
    with pytest.raises(Conflict) as refusal:
        services.begin_practice(activity=built.activity, by=room.learner, at=NOW)
    assert refusal.value.code == "not_practice"
    Checklist.objects.filter(code="T1").update(life="suspended")
    with pytest.raises(Conflict):
        services.begin_practice(activity=room.activity, by=room.learner, at=NOW)


# Who scores


def test_a_peer_comes_in_by_a_code_that_holds_for_a_day(room, run):
    run = services.open_code(run=run, by=room.learner, at=NOW)
    assert len(run.code) == 6
    assert services.open_code(run=run, by=room.learner, at=NOW).code == run.code
    typed = f" {run.code[:3].lower()}-{run.code[3:].lower()} "
    scored = services.join_by_code(code=typed, by=room.other, at=NOW + timedelta(hours=23))
    assert services.join_by_code(code=run.code, by=room.other, at=NOW) == scored
    with pytest.raises(Missing):
        services.join_by_code(code=run.code, by=room.peer, at=NOW + timedelta(hours=24))
    later = services.open_code(run=run, by=room.learner, at=NOW + timedelta(hours=25))
    assert later.code != run.code


@pytest.mark.parametrize("code", ["", "   ", "AAAAAA", "x" * 40, "' or 1=1"])
def test_a_wrong_code_opens_nothing(room, run, code):
    services.open_code(run=run, by=room.learner, at=NOW)
    with pytest.raises(Missing):
        services.join_by_code(code=code, by=room.peer, at=NOW)


def test_a_code_is_for_fellow_students_and_not_for_oneself(room, run):
    run = services.open_code(run=run, by=room.learner, at=NOW)
    with pytest.raises(Missing):
        services.join_by_code(code=run.code, by=person(), at=NOW)
    with pytest.raises(Conflict) as refusal:
        services.join_by_code(code=run.code, by=room.learner, at=NOW)
    assert refusal.value.code == "own_run"


def test_somebody_of_the_class_is_asked_by_name_and_told_once(room, run):
    assert services.classmates(run=run) == [room.peer]
    for _time in range(2):
        services.ask_classmate(run=run, peer=room.peer, by=room.learner, at=NOW)
    notice = Notice.objects.get(recipient=room.peer)
    assert notice.subject == "Tomas Weller asks you to score a practice"
    (asked,) = services.asked_of(room.peer)
    assert notice.url == f"/practise/sheets/{asked.uuid}/"
    with pytest.raises(Forbidden):
        services.ask_classmate(run=run, peer=room.other, by=room.learner, at=NOW)


def test_who_has_no_class_has_no_class_list(room):
    run = services.begin_practice(activity=room.activity, by=room.other, at=NOW)
    assert services.classmates(run=run) == []


def test_four_peers_are_enough(room, run):
    for _number in range(5):
        peer = person()
        EnrolmentFactory(learner=peer, course=room.course)
        try:
            theirs(run, peer)
        except Conflict as refusal:
            assert refusal.code == "enough"
    assert run.sheets.count() == 5


def test_nobody_acts_on_a_run_of_somebody_else(room, run):
    for verb in (services.score_myself, services.open_code, services.delete_practice):
        with pytest.raises(Missing):
            verb(run=run, by=room.peer, at=NOW)
    with pytest.raises(Missing):
        services.ask_classmate(run=run, peer=room.peer, by=room.peer, at=NOW)


# Scoring


def test_a_sheet_rises_in_revisions_and_is_finished_once(room, run):
    scored = mine(run)
    assert send(scored, room.learner, rev=2, final=False).rev == 2
    assert send(scored, room.learner, rev=2, final=False).rev == 2
    with pytest.raises(Conflict) as refusal:
        send(scored, room.learner, rev=1, final=False, global_rating=5)
    assert refusal.value.code == "older_revision"
    done = send(scored, room.learner, rev=3)
    assert done.is_final
    assert send(scored, room.learner, rev=3).final_at == done.final_at
    with pytest.raises(Conflict) as locked:
        send(scored, room.learner, rev=4, global_rating=5)
    assert locked.value.code == "sheet_locked"


@pytest.mark.parametrize(
    "changes",
    [
        {"observations": []},
        {"global_rating": None},
        {"signature": ""},
        {"global_rating": 9},
        {"observations": [{"criterion": "Z9", "rating": 1}]},
        {"violations": [{"code": "T1.a", "note": ""}]},
        {"rev": -1},
    ],
)
def test_blanks_and_what_cannot_be_read_are_refused(room, run, changes):
    scored = mine(run)
    with pytest.raises(Invalid):
        send(scored, room.learner, **changes)
    scored.refresh_from_db()
    assert scored.rev == 0


def test_only_its_writer_writes_a_sheet(room, run):
    scored = theirs(run, room.peer)
    for other in (room.learner, room.other, room.instructor):
        with pytest.raises(Missing):
            send(scored, other)


def test_practice_certifies_nothing_and_is_no_teaching(room, run):
    taught = TeachingRecord.objects.count()
    send(mine(run), room.learner)
    send(theirs(run, room.peer), room.peer)
    assert not Progress.objects.exists()
    assert TeachingRecord.objects.count() == taught


# What it says


def test_the_report_names_what_was_missed_and_where_two_saw_it_differently(room, run):
    send(mine(run), room.learner, ratings={3: 1})
    send(theirs(run, room.peer), room.peer, ratings={1: 0, 3: 1}, notes={1: "No hands cleaned."})
    said = services.report_of(run)
    assert [(row.name, row.own) for row in said.sheets] == [("Tomas Weller", True), ("Ana Prado", False)]  # fmt: skip
    assert [row.line.code for row in said.missed] == ["T1.01", "T1.03"]
    assert [row.line.code for row in said.star_zeros] == ["T1.01"]
    assert [row.line.code for row in said.apart] == ["T1.01"]
    assert said.missed[0].points == (2, 0)
    assert said.missed[0].notes == (("Ana Prado", "No hands cleaned."),)
    safety, technique = said.competences
    assert (safety.name, safety.percents) == ("safety", (100, 50))
    assert (technique.name, technique.percents) == ("technique", (93, 93))


def test_ones_own_sheet_begun_comes_before_what_others_saw(room, run):
    send(theirs(run, room.peer), room.peer)
    assert services.report_of(run) is not None
    own = mine(run)
    assert services.report_of(run) is None
    send(own, room.learner)
    assert len(services.report_of(run).sheets) == 2


def test_without_a_finished_sheet_there_is_nothing_to_say(room, run):
    assert services.report_of(run) is None
    theirs(run, room.peer)
    assert services.report_of(run) is None


LINES = [Line(f"L{n}", 1 + n % 2, n == 0, "safety" if n < 2 else "record") for n in range(5)]
POINTS = st.fixed_dictionaries({line.code: st.integers(0, line.max_points) for line in LINES})


@given(st.lists(POINTS, min_size=1, max_size=4))
def test_a_line_is_missed_exactly_when_somebody_gave_less_than_all(drawn):
    sheets = [
        Scored(f"P{number}", number == len(drawn) - 1, ratings, {}, {}, 3)
        for number, ratings in enumerate(drawn)
    ]
    said = practising.report(LINES, sheets)
    full = {line.code: line.max_points for line in LINES}
    assert {row.line.code for row in said.missed} == {
        code for code in full if min(ratings[code] for ratings in drawn) < full[code]
    }
    assert {row.line.code for row in said.star_zeros} <= {"L0"}
    assert said.sheets[0].own
    assert [row.lowest for row in said.competences] == sorted(
        row.lowest for row in said.competences
    )
    assert all(0 <= percent <= 100 for row in said.competences for percent in row.percents)


# Deleting


def test_who_practised_deletes_all_of_it_and_a_peer_their_own_sheet(room, run):
    scored = theirs(run, room.peer)
    send(scored, room.peer)
    with pytest.raises(Missing):
        services.delete_practice_sheet(sheet=scored, by=room.learner, at=NOW)
    services.delete_practice_sheet(sheet=scored, by=room.peer, at=NOW)
    assert not PracticeSheet.objects.exists()
    mine(run)
    services.delete_practice(run=run, by=room.learner, at=NOW)
    assert not PracticeRun.objects.exists() and not PracticeSheet.objects.exists()


# Pages


@pytest.fixture
def sign_in(client):
    def enter(user):
        client.force_login(user)
        return client

    return enter


def test_a_whole_practice_on_its_pages(room, sign_in):
    client = sign_in(room.learner)
    assert "Station T1" in client.get("/practise/").content.decode()
    begun = client.post(f"/practise/begin/{room.activity.uuid}/")
    run = PracticeRun.objects.get()
    assert begun.url == f"/practise/{run.uuid}/"
    page = client.get(begun.url).content.decode()
    assert "Begin when you are ready." in page and "You feel tight." not in page
    opened = client.post(f"{begun.url}score/")
    sheet_page = client.get(opened.url)
    assert (
        b'"mode": "practice"' in sheet_page.content and b"Finish this sheet" in sheet_page.content
    )
    client.post(f"{begun.url}code/")
    run.refresh_from_db()
    assert run.code in client.get(begun.url).content.decode()
    client.post(f"{begun.url}ask/", {"peer": room.peer.uuid})
    own = PracticeSheet.objects.get(scorer=room.learner)
    send(own, room.learner, ratings={3: 1})
    said = client.get(begun.url).content.decode()
    assert "Does thing 3" in said and "Does thing 4" not in said
    peer = sign_in(room.peer)
    assert "Tomas Weller" in peer.get("/practise/").content.decode()
    asked = PracticeSheet.objects.get(scorer=room.peer)
    assert peer.get(f"/practise/sheets/{asked.uuid}/").status_code == 200
    sign_in(room.learner).post(f"{begun.url}delete/")
    assert not PracticeRun.objects.exists()


def test_a_code_is_typed_on_the_page_and_a_wrong_one_says_so(room, run, sign_in):
    run = services.open_code(run=run, by=room.learner, at=run.begun_at)
    PracticeRun.objects.update(code_until=NOW + timedelta(days=3650))
    peer = sign_in(room.peer)
    assert peer.post("/practise/join/", {"code": run.code}).url.startswith("/practise/sheets/")
    wrong = peer.post("/practise/join/", {"code": "NOTONE\x00"}, follow=True)
    assert "no practice with this code" in wrong.content.decode()


def paths(room, run, scored):
    return [
        ("get", f"/practise/{run.uuid}/"),
        ("post", f"/practise/{run.uuid}/score/"),
        ("post", f"/practise/{run.uuid}/code/"),
        ("post", f"/practise/{run.uuid}/ask/"),
        ("post", f"/practise/{run.uuid}/delete/"),
        ("get", f"/practise/sheets/{scored.uuid}/"),
        ("post", f"/practise/sheets/{scored.uuid}/delete/"),
    ]


ROLES = [None, *Role.values]


@pytest.mark.parametrize("role", ROLES)
def test_nobody_else_reaches_a_page_of_it_whatever_their_role(room, run, sign_in, role):
    scored = mine(run)
    client = sign_in(person(*([role] if role else [])))
    for verb, path in paths(room, run, scored):
        assert getattr(client, verb)(path).status_code == 404, path
    assert PracticeSheet.objects.filter(pk=scored.pk).exists()


def test_nor_does_their_instructor_or_the_peer_and_anonymous_people_sign_in(
    room, run, client, sign_in
):
    scored = mine(run)
    for verb, path in [*paths(room, run, scored), ("get", "/practise/")]:
        assert getattr(client, verb)(path).url.startswith("/accounts/login/")
    for user in (room.instructor, room.peer):
        other = sign_in(user)
        for verb, path in paths(room, run, scored):
            assert getattr(other, verb)(path).status_code == 404


def test_the_pages_take_the_same_number_of_queries_however_much_there_is(room, sign_in):
    client = sign_in(room.learner)

    def counted(path):
        client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    run = services.begin_practice(activity=room.activity, by=room.learner, at=NOW)
    send(mine(run), room.learner)
    few = counted("/practise/"), counted(f"/practise/{run.uuid}/")
    for day in range(1, 4):
        at = NOW + timedelta(days=day)
        more = services.begin_practice(activity=room.activity, by=room.learner, at=at)
        send(mine(more), room.learner)
        services.ask_classmate(run=run, peer=room.peer, by=room.learner, at=at)
    send(services.asked_of(room.peer)[0], room.peer)
    assert (counted("/practise/"), counted(f"/practise/{run.uuid}/")) == few
    assert max(few) <= 16


# The HTTP interface


def test_programs_do_the_same(room, as_user):
    api = as_user(room.learner)
    begun = api.post(API, {"activity": str(room.activity.uuid)}, format="json")
    assert begun.status_code == 201 and begun.json()["report"] is None
    one = f"{API}{begun.json()['uuid']}/"
    mine = api.post(f"{one}score/").json()
    put = f"{API}sheets/{mine['uuid']}/"
    boot = api.get(put).json()
    assert (boot["mode"], boot["sync_url"], boot["own"]) == ("practice", put, True)
    content = {"assignment": mine["uuid"], **sheet("T1", ratings={2: 0})}
    assert api.put(put, content, format="json").json()["final"] is True
    code = api.post(f"{one}code/").json()["code"]
    peer = as_user(room.peer)
    joined = peer.post(f"{API}join/", {"code": code}, format="json")
    assert joined.status_code == 201 and joined.json()["performer"] == "Tomas Weller"
    report = api.get(one).json()["report"]
    assert [row["code"] for row in report["missed"]] == ["T1.02"]
    assert report["competences"][0]["name"] == "Safety"
    assert peer.get(one).status_code == 404
    assert [row["uuid"] for row in api.get(API).json()["results"]] == [begun.json()["uuid"]]
    asked = api.post(f"{one}ask/", {"peer": str(room.peer.uuid)}, format="json")
    assert asked.status_code == 201
    assert api.delete(one).status_code == 204
    assert api.get(put).status_code == 404


def test_a_stranger_gets_404_an_anonymous_person_401_and_nonsense_400(
    room, run, as_user, api_client
):
    scored = mine(run)
    everything = [
        ("get", f"{API}{run.uuid}/"),
        ("delete", f"{API}{run.uuid}/"),
        ("post", f"{API}{run.uuid}/score/"),
        ("post", f"{API}{run.uuid}/code/"),
        ("post", f"{API}{run.uuid}/ask/"),
        ("get", f"{API}sheets/{scored.uuid}/"),
        ("put", f"{API}sheets/{scored.uuid}/"),
        ("delete", f"{API}sheets/{scored.uuid}/"),
    ]
    for verb, path in everything:
        assert getattr(api_client, verb)(path, {}, format="json").status_code == 401, path
        for other in (person(), room.instructor, person(Role.CHIEF_EXAMINER)):
            assert getattr(as_user(other), verb)(path, {}, format="json").status_code == 404, path
    api = as_user(room.learner)
    assert api.post(API, {"activity": "x"}, format="json").status_code == 400
    assert api.post(API, {"activity": str(uuid4())}, format="json").status_code == 404
    assert api.post(f"{API}join/", {"code": "\x00"}, format="json").status_code == 400
    assert api.post(f"{API}{run.uuid}/ask/", {"peer": str(room.other.uuid)}, format="json").status_code == 404  # fmt: skip
    assert api.put(f"{API}sheets/{scored.uuid}/", [], format="json").status_code == 400


def test_a_superseded_plan_is_not_practised(room):
    ExamPlan.objects.filter(activity=room.activity).update(state="superseded")
    assert services.practice_stations(room.learner) == []
    with pytest.raises(Conflict):
        services.begin_practice(activity=room.activity, by=room.learner, at=NOW)
