"""Each role lands on its desk; a person's own page says what is next, wherever they are on the road."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice, Role
from accounts.services import notify
from credentials.models import Credential
from credentials.services import revoke
from lms.desks.student import home_of
from lms.navigation import desk_of, links_for
from practicals.models import Appointment
from practicals.services import ensure_checklist_workflow, submit_checklist
from quizzes.models import Attempt, Item, Pool
from quizzes.services import decide_on_item, ensure_item_workflow, submit_item
from tests.factories import NOW, person
from tests.flows.world import Walker
from tests.practicals.bank import review_station, write_station
from tests.quizzes.bank import add_items, exam, review_item, sit, write_item

pytestmark = pytest.mark.django_db


def home(walker: Walker, at=None):
    return home_of(walker.user, at=at or timezone.now())


def page(walker: Walker) -> str:
    answer = walker.client.get("/home/")
    assert answer.status_code == 200
    return answer.content.decode()


# Where one lands


@pytest.mark.parametrize(
    ("roles", "name"),
    [
        ([], "home"),
        ([Role.INVIGILATOR], "invigilate"),
        ([Role.INSTRUCTOR], "teach"),
        ([Role.ITEM_AUTHOR], "item-desk"),
        ([Role.ITEM_REVIEWER], "item-desk"),
        ([Role.EXAMINER], "examiner-desk"),
        ([Role.CHIEF_EXAMINER], "chief-desk"),
        ([Role.REGISTRAR], "registrar-queue"),
        ([Role.ADMINISTRATOR], "wagtailadmin_home"),
        ([Role.INSTRUCTOR, Role.EXAMINER], "examiner-desk"),
        ([Role.ADMINISTRATOR, Role.REGISTRAR], "registrar-queue"),
    ],
)
def test_each_role_lands_on_its_own_desk_and_the_desk_opens(client, roles, name):
    somebody = person(*roles)
    assert desk_of(somebody) == name
    client.force_login(somebody)
    answer = client.get(reverse("desk"))
    assert answer.headers["Location"] == reverse(name)
    assert client.get(reverse(name)).status_code == 200


def test_the_desk_of_a_visitor_is_the_sign_in_page(client):
    assert client.get("/desk/").headers["Location"].startswith("/accounts/login/")
    assert client.get("/home/").headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("path", "roles"),
    [
        ("/registrar/", [Role.REGISTRAR]),
        ("/items/", [Role.ITEM_AUTHOR, Role.ITEM_REVIEWER]),
    ],
)
def test_a_desk_opens_to_its_roles_only(client, path, roles):
    for role in [*Role.values, None]:
        client.force_login(person(*([role] if role else [])))
        assert client.get(path).status_code == (200 if role in roles else 403), role


def test_who_has_several_roles_has_a_link_to_each_desk_once():
    somebody = person(Role.INSTRUCTOR, Role.ITEM_AUTHOR, Role.ITEM_REVIEWER)
    urls = [link.url for link in links_for(somebody)]
    assert urls.count(reverse("item-desk")) == 1
    wanted = ("teach", "item-desk", "essays", "results", "wagtailadmin_home")
    assert {reverse(name) for name in wanted} == set(urls)
    assert links_for(person()) == []


def test_the_navigation_asks_for_roles_once_and_a_visitors_page_asks_nothing(client):
    somebody = person(Role.INSTRUCTOR)
    client.force_login(somebody)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get("/teach/")
    groups = [query for query in asked.captured_queries if "auth_group" in query["sql"]]
    assert len(groups) == 1
    client.logout()
    with CaptureQueriesContext(connection) as asked:
        client.get("/verify/")
    assert len(asked.captured_queries) == 0


# One's own page


def test_somebody_new_is_told_where_to_begin(world):
    walker = world.newcomer("Nia New")
    assert home(walker).is_new
    said = page(walker)
    assert "You have not begun anything yet" in said
    assert "Preparation" in said or "Apply" in said


def test_a_student_goes_on_with_the_next_lesson(world):
    tomas = world.newcomer("Tomas Wieland")
    tomas.post("enrolments/", {"course": "SMT-PREP"})
    first = home(tomas)
    assert first.next.kicker.endswith("Module 1, lesson 1 of 2")
    enrolment = tomas.get("enrolments/")["results"][0]["uuid"]
    step = tomas.get(f"enrolments/{enrolment}/")["next"]["uuid"]
    tomas.post(f"activities/{step}/complete/", expect=200)
    second = home(tomas)
    assert second.next.kicker.endswith("Module 1, lesson 2 of 2")
    assert second.next.url != first.next.url
    course = next(stop for stop in second.stops if stop.requirement.code == "education")
    assert [(bar.state, bar.percent) for bar in course.bars] == [("part", 50), ("", 0)]
    assert "Apply</a> whenever you like" in page(tomas)


def test_before_applying_nothing_on_the_road_leads_to_a_page_that_is_not_there(world):
    tomas = world.newcomer()
    tomas.post("enrolments/", {"course": "SMT-PREP"})
    for stop in home(tomas).stops:
        for action in (stop.action, stop.other):
            if action:
                assert tomas.client.get(action.url).status_code in (200, 302)


def test_an_applicant_sees_what_came_back_and_what_is_open(world):
    priya = world.newcomer("Priya Raman")
    application = world.apply(priya)
    first = home(priya)
    assert first.next.url, "there is something to do"
    document = world.send(priya, application, "insurance")
    world.registrar.post(
        f"documents/{document}/review/",
        {"outcome": "more_information", "reason_code": "I2"},
        expect=200,
    )
    after = home(priya)
    assert after.next.title == "Professional insurance"
    assert "Reason I2." in page(priya)
    states = {stop.requirement.code: stop.word for stop in after.stops}
    assert states["insurance"] == "Sent back"
    assert states["practical"] == "Waiting"


def test_a_document_that_came_back_is_said_beside_the_next_lesson(world):
    tomas = world.newcomer()
    tomas.post("enrolments/", {"course": "SMT-PREP"})
    application = world.apply(tomas)
    document = world.send(tomas, application, "insurance")
    body = {"outcome": "more_information", "reason_code": "I2"}
    world.registrar.post(f"documents/{document}/review/", body, expect=200)
    mine = home(tomas)
    assert "lesson" in mine.next.kicker
    assert mine.returned.title == "Professional insurance"
    assert "Sent back: Professional insurance." in page(tomas)


def test_an_open_examination_comes_before_everything(world):
    joel = world.newcomer("Joel Osei")
    application = world.apply(joel)
    world.accept_documents(joel, application, "education")
    joel.post("enrolments/", {"course": "SMT-EXAMS"})
    attempt = joel.post(f"activities/{world.written.uuid}/attempts/")
    for question in attempt["questions"][:7]:
        joel.put(
            f"attempts/{attempt['uuid']}/responses/{question['position']}/",
            {"answer": {"choice": question["options"][0]["id"]}, "flagged": False, "seq": 1},
        )
    step = home(joel).next
    assert step.url == f"/attempts/{attempt['uuid']}/"
    assert "3 of 10 questions are still to answer" in step.sentence
    assert "minutes are left" in step.sentence
    late = home(joel, at=timezone.now() + timedelta(hours=3))
    assert late.next.label == "See your result"
    assert "The time is up" in late.next.sentence


def test_a_failed_examination_says_when_it_can_be_sat_again(world):
    thabo = world.newcomer("Thabo Nkosi")
    world.apply(thabo)
    world.sit_written(thabo, right=4)
    stop = next(stop for stop in home(thabo).stops if stop.requirement.code == "written")
    assert (stop.word, stop.place) == ("Not passed", "wait")
    assert "You can sit this again from" in stop.sentence
    later = home(thabo, at=timezone.now() + timedelta(days=31))
    stop = next(stop for stop in later.stops if stop.requirement.code == "written")
    assert stop.word == "Open to you again"
    page(thabo)


def practical_of(walker: Walker, at=None):
    return next(stop for stop in home(walker, at=at).stops if stop.requirement.code == "practical")


def test_the_practical_is_followed_from_the_offer_to_the_result(world):
    kwame = world.newcomer("Kwame Boateng")
    application = world.apply(kwame)
    world.accept_documents(kwame, application, "education", "licence", "insurance")
    world.sit_written(kwame)
    assert practical_of(kwame).word == "Waiting"
    assert home(kwame).next.title == "Nothing for you to do"

    body = {"exam_day": str(world.day.uuid), "candidate": str(kwame.user.uuid)}
    uuid = world.registrar.post("appointments/", body)["uuid"]
    assert "You are offered a place on" in home(kwame).next.title
    assert practical_of(kwame).word == "Answer the offer"
    page(kwame)

    kwame.post(f"appointments/{uuid}/decline/", expect=200)
    assert practical_of(kwame).word == "Waiting"
    world.expect(kwame)
    assert practical_of(kwame).word == "Appointment made"
    over = timezone.now() + timedelta(days=6)
    assert practical_of(kwame, at=over).word == "Being scored"

    world.examine(P1B={"ratings": {3: 0, 4: 0, 5: 0}, "global_rating": 2})
    assert practical_of(kwame).word == "Held"
    assert "a chief examiner decides by" in page(kwame)
    assert (
        "Practical held: Tarn Sports Hall"
        in world.registrar.client.get("/registrar/", {"kind": "held"}).content.decode()
    )
    assert Appointment.objects.filter(candidate=kwame.user).count() == 2


def test_a_failed_practical_says_from_when_again(world):
    freya = world.newcomer("Freya Lindholm")
    application = world.apply(freya)
    world.accept_documents(freya, application, "education", "licence", "insurance")
    world.sit_written(freya)
    world.expect(freya)
    poor = {"ratings": dict.fromkeys(range(2, 11), 0), "global_rating": 1}
    world.examine(**{f"{code}{place}": poor for code in ("P1", "P2", "T1") for place in "AB"})
    stop = practical_of(freya)
    assert stop.word == "Not passed"
    assert "You can be examined again from" in stop.sentence


def test_a_holder_sees_the_credential_first(world):
    orla = world.newcomer("Orla Brandreth")
    application = world.apply(orla)
    world.accept_documents(orla, application, "education", "licence", "insurance")
    world.sit_written(orla)
    world.expect(orla)
    world.examine()
    mine = home(orla)
    credential = Credential.objects.get()
    assert [row.credential for row in mine.held] == [credential]
    assert mine.next is None
    assert not mine.is_road
    said = page(orla)
    assert said.index(credential.number) < said.index("What your credential rests on")
    world.change({"public_id": credential.public_id}, "suspend", "S1")
    assert "Suspended" in page(orla)
    for boss in (person("registrar"), person("registrar")):
        revoke(credential=credential, reason_code="R1", by=boss, at=timezone.now())
    assert "What your credential rests on" not in page(orla)


def test_notices_are_counted_and_shown_until_they_are_read(world):
    tomas = world.newcomer()
    for number in range(5):
        notify(
            recipient=tomas.user,
            kind="test",
            reference=str(number),
            subject=f"Thing {number}",
            template="accounts/mail/invitation.txt",
            context={"invitation": {"name": "x", "email": "x@example.org"}},
            at=timezone.now() + timedelta(seconds=number),
        )
    mine = home(tomas)
    assert (len(mine.notices), mine.unread) == (3, 5)
    assert "Thing 4" in page(tomas)
    Notice.objects.update(read_at=timezone.now())
    assert home(tomas).unread == 0


def test_the_page_takes_as_many_queries_for_a_long_life_as_for_a_short_one(world):
    short = world.newcomer("Short")
    world.apply(short)
    long = world.newcomer("Long")
    world.study(long)
    application = world.apply(long)
    world.accept_documents(long, application, "education", "licence", "insurance")
    world.sit_written(long)
    world.expect(long)
    world.examine(P1B={"ratings": {3: 0, 4: 0, 5: 0}, "global_rating": 2})
    counts = []
    for walker in (short, long):
        with CaptureQueriesContext(connection) as asked:
            page(walker)
        counts.append(len(asked.captured_queries))
    assert max(counts) <= 36, counts
    assert Attempt.objects.filter(learner=long.user).count() > 1


# The item desk


def test_the_item_desk_shows_what_the_bank_can_cover(world):
    said = world.author.client.get("/items/").content.decode()
    assert "Written examination" not in said or "kinds" not in said
    assert "16" in said
    assert "form takes 10" in said
    add_items(3, pool=Pool.SECURE)
    assert "<b>19</b>" in world.author.client.get("/items/").content.decode()
    for query in ("?quiz=x", "?quiz=%00", f"?quiz={world.written.uuid}"):
        assert world.author.client.get(f"/items/{query}").status_code == 200


def test_the_item_desk_says_what_waits_for_whom(client):
    author, reader, second = (
        person(Role.ITEM_AUTHOR),
        person(Role.ITEM_REVIEWER),
        person(Role.ITEM_REVIEWER),
    )
    begun, waiting, approved, worn, old = (write_item(author) for _number in range(5))
    ensure_item_workflow(at=NOW)
    submit_item(item=waiting, by=author, at=NOW)
    decide_on_item(
        state=waiting.current_workflow_task_state, approve=True, comment="Read.", by=reader, at=NOW
    )
    for item in (approved, worn, old):
        review_item(item)
    Item.objects.filter(pk=old.pk).update(life="active", review_by="2020-01-01")
    Item.objects.filter(pk=worn.pk).update(life="active", exposure_cap=1)
    sit(exam(("D1", "", 2)), at=timezone.now())

    def desk_of(somebody):
        client.force_login(somebody)
        return client.get("/items/")

    said = desk_of(author).content.decode()
    assert begun.code in said and "Editorial and fairness review" in said
    said = desk_of(second).content.decode()
    for item in (waiting, approved, worn, old):
        assert item.code in said and item.stem not in said
    assert begun.code not in said
    assert "1 question waits for your decision." in said and "1 of at most 1" in said
    # Who passed the content review does not decide again; nor does the author.
    for somebody in (reader, author):
        assert "for your decision" not in desk_of(somebody).content.decode()


def test_the_item_desk_takes_the_same_number_of_statements_however_full(client):
    author, reviewer = person(Role.ITEM_AUTHOR), person(Role.ITEM_AUTHOR, Role.ITEM_REVIEWER)
    ensure_item_workflow(at=NOW)
    ensure_checklist_workflow(at=NOW)
    codes = (f"S{number}" for number in range(100))
    counts = {author: [], reviewer: []}
    for more in (1, 2):
        for _number in range(more):
            for somebody in counts:
                write_item(somebody)
            station = write_station(author, next(codes))
            submit_checklist(checklist=station, by=author, at=NOW)
            review_station(write_station(author, next(codes)))
            submit_item(item=write_item(author), by=author, at=NOW)
            approved = review_item(write_item(author))
            Item.objects.filter(pk=approved.pk).update(exposure_cap=1)
            overdue = review_item(write_item(author))
            Item.objects.filter(pk=overdue.pk).update(review_by="2020-01-01")
        for somebody, counted in counts.items():
            client.force_login(somebody)
            client.get("/items/")
            with CaptureQueriesContext(connection) as asked:
                client.get("/items/")
            counted.append(len(asked))
    for few, many in counts.values():
        assert few == many <= 38, counts


def test_the_item_desk_shows_stations_to_who_may_decide_on_them(client):
    author, reader = person(Role.ITEM_AUTHOR), person(Role.ITEM_REVIEWER)
    ensure_checklist_workflow(at=NOW)
    waiting = write_station(author, "W1")
    submit_checklist(checklist=waiting, by=author, at=NOW)
    review_station(write_station(author, "W2"))
    for somebody, theirs in ((reader, 1), (author, 0)):
        client.force_login(somebody)
        said = client.get("/items/").content.decode()
        assert "Station W1" in said and "Station W2" in said and "You feel tight" not in said
        assert said.count("for you") == theirs


@pytest.mark.parametrize("roles", [(), (Role.INSTRUCTOR,), (Role.ADMINISTRATOR,)])
@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_else_opens_the_item_desk(client, roles, superuser):
    client.force_login(person(*roles, is_superuser=superuser))
    assert client.get("/items/").status_code == 403


def test_the_item_desk_of_an_empty_house_is_honest(client):
    client.force_login(person(Role.ITEM_AUTHOR))
    said = client.get("/items/").content.decode()
    assert "There is no examination yet" in said
    assert "No question waits for a reviewer" in said
