"""One person walks the whole way over HTTP, and the ways beside it: trained elsewhere, held, not passed, refused, taken away."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notice, Role
from accounts.services import record_teaching
from credentials.models import Credential, StatusEvent
from ledger.models import AppendOnly
from ledger.services import verify as breaks
from tests.factories import person
from tests.flows.world import STATIONS, Walker, World

pytestmark = pytest.mark.django_db


def certified(world: World, name: str = "Orla Brandreth") -> tuple[Walker, dict]:
    """Somebody trained elsewhere, all the way to the credential."""
    walker = world.newcomer(name)
    application = world.apply(walker)
    world.accept_documents(walker, application, "education", "licence", "insurance")
    world.sit_written(walker)
    world.expect(walker)
    world.examine()
    (credential,) = walker.get("credentials/")["results"]
    return walker, credential


def test_from_the_first_lesson_to_a_credential_that_a_stranger_checks(world):
    orla = world.newcomer()
    assert [row["code"] for row in orla.get("courses/")["results"]].count("SMT-PREP") == 1

    course = world.study(orla)
    assert course["completed_at"]
    assert all(part["done"] == part["owed"] for part in course["modules"])

    application = world.apply(orla)
    assert world.states(orla, application) == {
        "agreement": "met",
        "education": "met",
        "written": "missing",
        "licence": "missing",
        "insurance": "missing",
        "practical": "missing",
    }
    world.accept_documents(orla, application, "licence", "insurance")
    result = world.sit_written(orla)
    assert result["passed"] is True
    assert "key" not in str(result)

    appointment = world.expect(orla)
    world.examine()
    assert orla.get(f"appointments/{appointment}/")["result"]["outcome"] == "passed"

    (credential,) = orla.get("credentials/")["results"]
    assert orla.get(f"applications/{application}/")["state"] == "awarded"
    assert credential["name"] == "Orla Brandreth"
    answer = world.verify(credential["number"])
    assert (answer["status"], answer["valid"]) == ("active", True)
    assert world.verify(credential["public_id"]) | {"checked_at": ""} == answer | {"checked_at": ""}

    kinds = set(Notice.objects.filter(recipient=orla.user).values_list("kind", flat=True))
    assert {"practical_offered", "quiz_result", "credential_issued"} <= kinds


def test_a_suspension_is_seen_at_once_and_yesterday_stays_what_it_was(world):
    _orla, credential = certified(world)
    world.change(credential, "suspend", "S1")
    assert world.verify(credential["number"])["status"] == "suspended"
    assert world.verify(credential["number"])["valid"] is False
    world.change(credential, "suspend", "S1")  # asked for again: nothing new
    world.change(credential, "reinstate", "T1")
    assert world.verify(credential["number"])["status"] == "active"
    world.change(credential, "revoke", "R1", expect=202)  # one proposes …
    assert world.verify(credential["number"])["status"] == "active"
    world.change(credential, "revoke", "R1", by=world.another_registrar())  # … the other approves
    assert world.verify(credential["number"])["status"] == "revoked"
    world.change(credential, "reinstate", "T1", expect=409)
    world.change(credential, "suspend", "S1", expect=409)
    today = timezone.now().date()
    before = world.verify(credential["number"], on=(today - timedelta(days=1)).isoformat())
    assert before["status"] == "pending"
    world.visitor.get(
        f"verify/{credential['number']}/", expect=400, on=(today + timedelta(days=1)).isoformat()
    )
    events = StatusEvent.objects.filter(credential__number=credential["number"])
    assert list(events.order_by("sequence").values_list("kind", flat=True)) == [
        "issued",
        "suspended",
        "reinstated",
        "revoked",
    ]


def test_somebody_trained_elsewhere_is_never_sent_through_our_course(world):
    joel, credential = certified(world, "Joel Osei")
    courses = [row["course"]["code"] for row in joel.get("enrolments/")["results"]]
    assert courses == ["SMT-EXAMS"]
    assert world.verify(credential["number"])["valid"] is True


def test_an_outsider_in_the_middle_of_the_exam_goes_on_where_they_were(world):
    joel = world.newcomer("Joel Osei")
    application = world.apply(joel)
    world.accept_documents(joel, application, "education")
    joel.post("enrolments/", {"course": "SMT-EXAMS"})
    first = joel.post(f"activities/{world.written.uuid}/attempts/")
    question = first["questions"][0]
    answer = {"choice": question["options"][0]["id"]}
    path = f"attempts/{first['uuid']}/responses/1/"
    joel.put(path, {"answer": answer, "flagged": True, "seq": 2})
    stored = joel.put(path, {"answer": None, "flagged": False, "seq": 1})
    assert stored["answer"] == answer, "an older save changes nothing"
    again = joel.post(f"activities/{world.written.uuid}/attempts/", expect=200)
    assert again["uuid"] == first["uuid"]
    assert again["questions"] == first["questions"]
    assert again["responses"][0]["answer"] == answer
    joel.post(f"attempts/{first['uuid']}/submit/", expect=200)
    joel.put(path, {"answer": None, "flagged": False, "seq": 9}, expect=409)


def test_two_sheets_far_apart_are_held_until_a_chief_examiner_decides(world):
    kwame = world.newcomer("Kwame Boateng")
    application = world.apply(kwame)
    world.accept_documents(kwame, application, "education", "licence", "insurance")
    world.sit_written(kwame)
    appointment = world.expect(kwame)
    world.examine(P1B={"ratings": {3: 0, 4: 0, 5: 0}, "global_rating": 2})

    assert kwame.get(f"appointments/{appointment}/")["result"]["outcome"] == "held"
    assert world.states(kwame, application)["practical"] == "missing"
    assert not Credential.objects.exists()

    # The registrar sees that it waits; only a chief examiner opens it.
    queue = world.registrar.client.get("/registrar/").content.decode()
    assert "Practical held" in queue
    for walker in (kwame, world.registrar, *world.examiners, world.author):
        walker.get("practicals/held/", expect=403)
    (held,) = world.chief.get("practicals/held/")["results"]
    assert (held["appointment"], held["stations"]) == (appointment, ["P1"])
    sheets = world.chief.get(f"practicals/held/{appointment}/")["stations"][0]["sheet_uuids"]

    decide = f"practicals/held/{appointment}/stations/P1/adjudicate/"
    ruling = {
        "lines": {"P1.03": 2, "P1.04": 1, "P1.05": 2},
        "reasons": "The recording shows both lines done.",
        "sheets": sheets,
    }
    world.chief.post(decide, {**ruling, "lines": {"P1.03": 2}}, expect=400)
    world.examiners[0].post(decide, ruling, expect=403)
    world.chief.post(decide, ruling, expect=200)
    world.chief.post(decide, ruling, expect=200)
    world.chief.post(decide, {**ruling, "reasons": "Otherwise."}, expect=409)

    (credential,) = kwame.get("credentials/")["results"]
    assert world.verify(credential["number"])["valid"] is True
    assert StatusEvent.objects.filter(kind="issued").count() == 1


def test_who_does_not_pass_the_written_waits_and_may_sit_again(world):
    thabo = world.newcomer("Thabo Nkosi")
    application = world.apply(thabo)
    result = world.sit_written(thabo, right=5)
    assert result["passed"] is False
    assert result["bands"], "a fail says which domains were weak"
    assert world.states(thabo, application)["written"] == "missing"
    refused = thabo.post(f"activities/{world.written.uuid}/attempts/", expect=409)
    assert refused["code"] == "wait"


def test_who_does_not_pass_the_practical_is_told_and_holds_nothing(world):
    freya = world.newcomer("Freya Lindholm")
    application = world.apply(freya)
    world.accept_documents(freya, application, "education", "licence", "insurance")
    world.sit_written(freya)
    appointment = world.expect(freya)
    poor = {"ratings": dict.fromkeys(range(2, 11), 0), "global_rating": 1}
    world.examine(**{f"{code}{place}": poor for code in STATIONS[:3] for place in "AB"})
    result = freya.get(f"appointments/{appointment}/")["result"]
    assert result["outcome"] == "failed"
    assert result["reasons"]
    assert not freya.get("credentials/")["results"]
    body = {"exam_day": str(world.day.uuid), "candidate": str(freya.user.uuid)}
    world.registrar.post("appointments/", body, expect=409)


def test_one_critical_line_fails_the_station_and_the_practical(world):
    ana = world.newcomer("Ana Prado")
    application = world.apply(ana)
    world.accept_documents(ana, application, "education", "licence", "insurance")
    world.sit_written(ana)
    appointment = world.expect(ana)
    unscreened = {"ratings": {1: 0}, "notes": {1: "Asked nothing before touching."}}
    world.examine(P1A=unscreened, P1B=unscreened)
    assert ana.get(f"appointments/{appointment}/")["result"]["outcome"] == "failed"


def test_a_document_that_comes_back_is_sent_again(world):
    priya = world.newcomer("Priya Raman")
    application = world.apply(priya)
    document = world.send(priya, application, "insurance")
    review = f"documents/{document}/review/"
    world.registrar.post(review, {"outcome": "more_information", "reason_code": "I2"}, expect=200)
    assert world.states(priya, application)["insurance"] == "returned"
    world.registrar.post(review, {"outcome": "met", "reason_code": "I1"}, expect=409)
    world.accept_documents(priya, application, "insurance")
    assert world.states(priya, application)["insurance"] == "met"


def test_whoever_taught_a_candidate_does_not_examine_them(world):
    orla = world.newcomer()
    world.apply(orla)
    body = {"exam_day": str(world.day.uuid), "candidate": str(orla.user.uuid)}
    appointment = world.registrar.post("appointments/", body)["uuid"]
    orla.post(f"appointments/{appointment}/accept/", expect=200)
    taught_on = timezone.now().date() - timedelta(days=400)
    record_teaching(
        teacher=world.examiners[0].user,
        learner=orla.user,
        subject="Deep tissue",
        taught_on=taught_on,
        by=None,
        at=timezone.now(),
    )
    refused = world.assign(appointment, "P1", "A", world.examiners[0], expect=403)
    assert refused["code"] == "R3"
    assert f"{taught_on:%-d %B %Y}" in refused["detail"]
    world.assign(appointment, "P1", "B", world.examiners[1])
    refused = world.assign(appointment, "P1", "A", world.examiners[1], expect=403)
    assert refused["code"] == "R2"


def test_nobody_decides_on_their_own_case(world):
    registrar = Walker(person(Role.REGISTRAR, name="Both"))
    application = world.apply(registrar)
    document = world.send(registrar, application, "insurance")
    refused = registrar.post(
        f"documents/{document}/review/", {"outcome": "met", "reason_code": "I1"}, expect=403
    )
    assert refused["code"] == "R2"


def test_a_stranger_with_the_right_address_finds_nothing_and_a_wrong_role_is_refused(world):
    orla, credential = certified(world)
    stranger, instructor = world.newcomer("Stranger"), Walker(person(Role.INSTRUCTOR))
    application = orla.get("applications/")["results"][0]["uuid"]
    document = orla.get("documents/")["results"][0]["uuid"]
    appointment = orla.get("appointments/")["results"][0]["uuid"]
    enrolment = orla.get("enrolments/")["results"][0]["uuid"]
    attempt = orla.user.attempts.get().uuid
    own = [
        f"applications/{application}/",
        f"documents/{document}/",
        f"appointments/{appointment}/",
        f"enrolments/{enrolment}/",
        f"attempts/{attempt}/",
        f"credentials/{credential['public_id']}/",
    ]
    for path in own:
        orla.get(path)
        stranger.get(path, expect=404)
        world.visitor.get(path, expect=401)
    sheets = world.examiners[0].get("practicals/assignments/")["results"]
    for walker in (world.examiners[1],):
        walker.get(f"practicals/assignments/{sheets[0]['uuid']}/", expect=404)
    for walker in (orla, stranger, instructor, world.examiners[0], world.chief):
        walker.post(f"credentials/{credential['public_id']}/suspend/", {}, expect=403)
        walker.post(f"documents/{document}/review/", {}, expect=403)
    instructor.get("items/", quiz=str(world.written.uuid), expect=403)
    stranger.get("items/", quiz=str(world.written.uuid), expect=403)


def test_an_unknown_number_is_said_to_be_unknown(world):
    for number in ("SMT-0000-0000", "x", "%00", "SMT-7K3Q-90TX"):
        world.visitor.get(f"verify/{number}/", expect=404)


def test_every_chain_holds_after_a_whole_life(world):
    _orla, credential = certified(world)
    world.change(credential, "suspend", "S1")
    world.change(credential, "reinstate", "T1")
    for model in AppendOnly.kinds():
        assert list(breaks(model)) == []
