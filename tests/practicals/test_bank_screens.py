"""The station bank's and the plans' staff screens: each pool to its readers, each reading written down, nobody approves their own."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from wagtail.models import ModelLogEntry

from accounts.models import Role
from practicals.models import Checklist, ExamPlan, Life, Pool, Station, StationView
from practicals.services import ensure_checklist_workflow, next_edition, submit_checklist
from tests.factories import NOW, ActivityFactory, person
from tests.practicals.bank import figure, review_station, write_station
from tests.practicals.build import exam, load_checklists, plan_data, services

pytestmark = pytest.mark.django_db
STATIONS = "wagtailsnippets_practicals_checklist"


@pytest.fixture(autouse=True)
def _staff_may_enter():
    """What lms/roles.py gives, for these screens."""
    kind, _new = ContentType.objects.get_or_create(app_label="wagtailadmin", model="admin")
    access, _new = Permission.objects.get_or_create(
        content_type=kind, codename="access_admin", defaults={"name": "Enter"}
    )
    given = {
        Role.ITEM_AUTHOR: ["view_checklist", "add_checklist", "change_checklist"],
        Role.ITEM_REVIEWER: ["view_checklist", "change_checklist", "publish_checklist"],
        Role.CHIEF_EXAMINER: ["view_checklist", "publish_checklist", "view_examplan"],
        Role.REGISTRAR: ["view_examplan", "add_examplan", "change_examplan"],
        Role.ADMINISTRATOR: ["view_examplan", "add_examplan", "change_examplan"],
    }
    for role in Role:
        named = Permission.objects.filter(
            content_type__app_label="practicals", codename__in=given.get(role, [])
        )
        Group.objects.get_or_create(name=role)[0].permissions.set([access, *named])


@pytest.fixture
def enter(client):
    def sign_in(*roles, **fields):
        client.user = person(*roles, **fields)
        return again(client.user)

    def again(user):
        client.force_login(user)
        client.user = user
        return client

    sign_in.again = again
    return sign_in


def url(name, *args):
    return reverse(f"{STATIONS}:{name}", args=args)


def urls_of(station):
    """Every address that shows one station."""
    revision = station.latest_revision_id
    return [
        url("edit", station.pk),
        url("inspect", station.pk),
        url("history", station.pk),
        url("usage", station.pk),
        url("workflow_history", station.pk),
        url("preview_on_edit", station.pk),
        url("revisions_view", station.pk, revision),
        url("revisions_revert", station.pk, revision),
        url("unpublish", station.pk),
        url("life", station.pk),
        url("lock", station.pk),
        url("delete", station.pk),
    ]


@pytest.fixture
def secure():
    return review_station(write_station(person(Role.ITEM_AUTHOR)))


@pytest.fixture
def under_review():
    ensure_checklist_workflow(at=NOW)
    author = person(Role.ITEM_AUTHOR)
    station = write_station(author)
    submit_checklist(checklist=station, by=author, at=NOW)
    return station


# Stations


@pytest.mark.parametrize(
    "role", [Role.INSTRUCTOR, Role.EXAMINER, Role.REGISTRAR, Role.ADMINISTRATOR, Role.INVIGILATOR]
)
def test_who_is_no_reader_of_secure_stations_comes_to_no_page_of_one(enter, secure, role):
    client = enter(role)
    for address in urls_of(secure):
        assert client.get(address).status_code in (302, 403), address
        assert b"You feel tight" not in client.get(address).content
    assert not StationView.objects.exists()


def test_what_an_author_reads_is_written_down_and_practice_is_not(enter, secure):
    client = enter(Role.ITEM_AUTHOR)
    practice = review_station(write_station(person(Role.ITEM_AUTHOR), "W9", pool=Pool.PRACTICE))
    for name in ("edit", "inspect", "life"):
        for station in (secure, practice):
            assert client.get(url(name, station.pk)).status_code == 200
    rows = StationView.objects.values_list("checklist__code", "reader", "where")
    assert sorted(rows) == [("W1", client.user.pk, where) for where in ("edit", "inspect", "life")]


def test_the_list_says_pool_life_and_exposure_without_contents(enter, secure):
    page = enter(Role.ITEM_REVIEWER).get(url("list")).content.decode()
    assert "Station W1" in page and "approved" in page and "Examined in twelve months" in page
    assert "You feel tight" not in page
    assert not StationView.objects.exists()


def test_an_export_is_a_reading(enter, secure):
    client = enter(Role.ITEM_REVIEWER)
    assert client.get(url("list"), {"export": "csv"}).status_code == 200
    assert StationView.objects.get().where == "export"
    assert ModelLogEntry.objects.filter(action="practicals.export").exists()


def test_the_editor_publishes_nothing(enter, secure):
    client = enter(Role.ITEM_REVIEWER)
    page = client.get(url("edit", secure.pk)).content.decode()
    assert "action-publish" not in page and "action-unpublish" not in page
    assert client.get(url("unpublish", secure.pk)).url == url("life", secure.pk)


def test_two_reviewers_decide_on_the_screen_and_the_author_does_not(enter, under_review):
    station, address = under_review, url("life", under_review.pk)
    station.author.groups.add(Group.objects.get(name=Role.ITEM_REVIEWER))
    author = enter.again(station.author)
    assert "wrote any part" in author.get(address).content.decode()
    said = {"comment": "Read it line by line.", "decision": "approve"}
    author.post(address, said)
    assert station.current_workflow_task.specific.step == "content"
    first = enter(Role.ITEM_REVIEWER)
    assert first.post(address, {"comment": "", "decision": "approve"}).status_code == 400
    assert first.post(address, said).status_code == 302
    assert station.current_workflow_task.specific.step == "editorial"
    first.post(address, said)
    assert station.current_workflow_task.specific.step == "editorial"
    enter(Role.CHIEF_EXAMINER).post(address, said)
    station.refresh_from_db()
    assert (station.life, station.live) == (Life.APPROVED, True)


def test_a_reviewer_puts_it_into_use_and_retires_it_on_the_screen(enter, secure):
    client, address = enter(Role.ITEM_REVIEWER), url("life", secure.pk)
    for to in ("active", "retired"):
        client.post(address, {"to": to, "comment": "The panel decided so."})
        secure.refresh_from_db()
        assert secure.life == to
    assert "end of its life" in client.get(address).content.decode()


def test_what_it_lacks_is_said_on_its_screen(enter):
    station = write_station(person(Role.ITEM_AUTHOR), client_script="", figures=[("figure", {"figure": figure(), "candidate": True})])  # fmt: skip
    page = enter(Role.ITEM_AUTHOR).get(url("life", station.pk)).content.decode()
    assert "Write what the client model says" in page
    assert "The candidate sees it too." in page and "A knee from behind." in page


def test_the_preview_is_the_sheet_with_its_figures(enter):
    station = write_station(
        person(Role.ITEM_AUTHOR), figures=[("figure", {"figure": figure(), "candidate": False})]
    )
    client = enter(Role.ITEM_AUTHOR)
    response = station.make_preview_request(original_request=client.get(url("list")).wsgi_request)
    page = response.rendered_content if hasattr(response, "rendered_content") else response.content.decode()  # fmt: skip
    assert "Does thing 1" in page and "For the examiner only." in page and "M0 0L10 10" in page


def test_the_screen_takes_the_same_number_of_queries_however_long_the_station(enter, django_assert_max_num_queries):  # fmt: skip
    (short,) = load_checklists("P1", lines=3)
    (long,) = load_checklists("T2", lines=40)
    client = enter(Role.ITEM_REVIEWER)
    client.get(url("life", short.pk))
    for station in (short, long):
        with django_assert_max_num_queries(60):
            client.get(url("life", station.pk))


def test_who_reads_the_report_of_readers(enter, secure):
    enter(Role.ITEM_AUTHOR).get(url("edit", secure.pk))
    address = reverse("station_views")
    for role in (Role.ITEM_REVIEWER, Role.CHIEF_EXAMINER, Role.ADMINISTRATOR):
        page = enter(role).get(address).content.decode()
        assert "W1" in page and "You feel tight" not in page
    for role in (Role.ITEM_AUTHOR, Role.REGISTRAR):
        assert enter(role).get(address).status_code in (302, 403)


# A version's figures


def test_a_figure_reaches_its_examiners_and_readers_and_nobody_else(client):
    built = exam()
    checklist = Checklist.objects.get(code="P1")
    checklist.figures = [("figure", {"figure": figure(), "candidate": False})]
    checklist.save()
    version = services.freeze_checklist(checklist=checklist, at=NOW)
    built.appointment.assignments.filter(station__checklist=checklist).update(
        checklist_version=version
    )
    digest = version.content["figures"][0]["sha256"]
    address = reverse("station-figure", args=[version.uuid, digest])

    def status(user):
        client.force_login(user)
        return client.get(address).status_code

    assert [status(user) for user in (built.examiners[0], person(Role.ITEM_AUTHOR))] == [200, 200]
    strangers = [built.candidate, built.registrar, person(Role.EXAMINER), person(Role.INSTRUCTOR)]
    assert [status(user) for user in strangers] == [404] * 4
    other = reverse("station-figure", args=[version.uuid, "0" * 64])
    client.force_login(built.examiners[0])
    assert client.get(other).status_code == 404
    assert client.get(address).headers["Content-Type"] == "image/svg+xml"


# Plans


@pytest.fixture
def plan():
    load_checklists("P1", "T2")
    return services.load_exam_plan(ActivityFactory(kind="practical"), plan_data(), NOW)


def edition_url(plan):
    return reverse("examplan:edition", args=[plan.pk])


def plan_form(plan, **changes):
    """What the editor posts."""
    data = {
        "activity": plan.activity_id,
        **{name: getattr(plan, name) for name in ExamPlan.RULES},
        "cut_note": "",
        "agreement": plan.agreement,
        "stations-TOTAL_FORMS": 2,
        "stations-INITIAL_FORMS": 2,
        "stations-MIN_NUM_FORMS": 0,
        "stations-MAX_NUM_FORMS": 1000,
    }
    for number, row in enumerate(plan.stations.order_by("position")):
        fields = {
            "id": row.pk,
            "checklist": row.checklist_id,
            "drawn_from": "",
            "position": row.position,
            "minutes": row.minutes,
            "weight": row.weight,
            "cut": row.cut,
            "DELETE": "",
        }
        data |= {f"stations-{number}-{name}": value for name, value in fields.items()}
    return {**data, **changes}


def test_a_registrar_reads_the_rule_in_words_and_makes_the_next_edition(enter, plan):
    client = enter(Role.REGISTRAR)
    page = client.get(edition_url(plan)).content.decode()
    assert "the weighted total reaches 65 percent, at least 1 of 2 stations" in page
    made = client.post(edition_url(plan), {"edition": "2027.1"})
    copy = ExamPlan.objects.get(edition="2027.1")
    assert made.url == edition_url(copy)
    Station.objects.filter(plan=copy, checklist__code="P1").update(cut=62)
    assert "Station P1, cut: 60 → 62" in client.get(edition_url(copy)).content.decode()
    client.post(edition_url(copy), {"force": "1"})
    copy.refresh_from_db()
    plan.refresh_from_db()
    assert (copy.state, plan.state) == ("in_force", "superseded")


def test_what_keeps_an_edition_from_being_put_in_force_is_said(enter, plan):
    copy = next_edition(plan=plan, edition="2027.1", by=None, at=NOW)
    Station.objects.filter(plan=copy, checklist__code="P1").update(weight=40)
    client = enter(Role.REGISTRAR)
    page = client.get(edition_url(copy)).content.decode()
    assert "weighs 90 in all, 10 less than 100" in page
    assert client.post(edition_url(copy), {"force": "1"}).status_code == 409
    assert client.post(edition_url(plan), {"edition": ""}).status_code == 400
    assert client.post(edition_url(plan), {"edition": "2027.1"}).status_code == 409


@pytest.mark.parametrize("role", [Role.CHIEF_EXAMINER, Role.EXAMINER, Role.ITEM_AUTHOR])
def test_others_change_no_plan(enter, plan, role):
    client = enter(role)
    seen = client.get(edition_url(plan))
    if role == Role.CHIEF_EXAMINER:
        assert seen.status_code == 200 and b"Make a copy" not in seen.content
    else:
        assert seen.status_code in (302, 403)
    assert client.post(edition_url(plan), {"edition": "2027.1"}).status_code in (302, 403)
    assert ExamPlan.objects.count() == 1


def test_a_plan_in_force_is_saved_when_it_adds_up_and_refused_in_words_when_not(enter, plan):
    client, address = enter(Role.ADMINISTRATOR), reverse("examplan:edit", args=[plan.pk])
    refused = client.post(address, plan_form(plan, **{"stations-0-weight": "45"}))
    assert "weighs 95 in all, 5 less than 100" in refused.content.decode()
    saved = client.post(address, plan_form(plan, total_cut="67"))
    assert saved.status_code == 302
    plan.refresh_from_db()
    assert plan.total_cut == 67


def test_a_plan_that_was_examined_under_opens_no_editor(enter):
    built = exam()
    built.send("P1", "A", final=False)
    client, address = enter(Role.ADMINISTRATOR), reverse("examplan:edit", args=[built.plan.pk])
    assert client.get(address).url == edition_url(built.plan)
    assert client.post(address, plan_form(built.plan, total_cut="50")).url == edition_url(
        built.plan
    )
    built.plan.refresh_from_db()
    assert built.plan.total_cut == 65
    page = client.get(edition_url(built.plan)).content.decode()
    assert "stays as it is" in page and "begun" in page


@pytest.mark.parametrize(
    ("role", "seen"), [(Role.REGISTRAR, True), (Role.INSTRUCTOR, False), (Role.EXAMINER, False)]
)
def test_who_keeps_plans_chooses_stations_by_name(enter, plan, role, seen):
    chooser = Checklist.snippet_viewset.chooser_viewset
    page = enter(role).get(reverse(chooser.get_url_name("choose"))).content.decode()
    assert ("Station P1" in page) == seen and "You feel tight" not in page


# Cards of a day


def test_a_registrar_prints_what_candidates_read_and_it_is_written_down(enter):
    built = exam()
    checklist = Checklist.objects.get(code="P1")
    for name, candidate in (("seen", True), ("hidden", False)):
        checklist.figures.append(
            ("figure", {"figure": figure(name, title=name), "candidate": candidate})
        )
    checklist.save()
    version = services.freeze_checklist(checklist=checklist, at=NOW)
    built.appointment.assignments.filter(station__checklist=checklist).update(
        checklist_version=version
    )
    address = f"/exam-days/{built.day.uuid}/print/cards/"
    page = enter.again(built.registrar).get(address).content.decode()
    assert "Begin when you are ready." in page and "seen" in page
    assert "hidden</b>" not in page and "You feel tight" not in page and "Does thing 1" not in page
    rows = StationView.objects.filter(reader=built.registrar).values_list(
        "checklist__code", "where"
    )
    assert sorted(rows) == [("P1", "cards"), ("T2", "cards")]
    for other in (built.examiners[0], built.candidate, person(Role.INSTRUCTOR)):
        assert enter.again(other).get(address).status_code in (403, 404)
    assert StationView.objects.count() == 2
