"""The pages of a renewal, as its holder and a registrar use them. Dates are relative to today, as views ask the clock."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice, Role
from credentials import services
from credentials.models import Learning, LearningReview, RenewalRequest
from credentials.services import reminding
from tests.credentials.pages import text
from tests.credentials.renewals import (
    RULES,
    accept_all,
    add,
    certificate,
    current_papers,
    give_back,
    judge,
    renewable,
    send,
)
from tests.credentials.scheme import held, registrar
from tests.factories import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    return timezone.now()


@pytest.fixture
def credential(today):
    """Awarded 300 days ago."""
    return renewable(at=today - dt.timedelta(days=300))


def page_of(credential, name="renewal", *args) -> str:
    return reverse(name, args=[credential.public_id, *args])


def facts(today, **given) -> dict:
    day = (today - dt.timedelta(days=20)).date()
    return {
        "title": "Taping for runners", "provider": "Aldermoor College",
        "first_day_0": day.day, "first_day_1": day.month, "first_day_2": day.year,
        "hours": "6.5", "category": "hands-on", "file": certificate(), **given,
    }  # fmt: skip


def recent(request, today, *given, **more):
    day = (today - dt.timedelta(days=30)).date()
    return add(request, *given, at=today, **{"first_day": day, **more})


def full(credential, today):
    request = services.begin_renewal(credential=credential, by=credential.holder, at=today)
    recent(request, today, "2", "ethics")
    recent(request, today, "8", "hands-on")
    return request


def test_a_holder_begins_adds_sends_and_is_renewed_by_a_registrar(client, credential, today):
    client.force_login(credential.holder)
    page = page_of(credential)
    before = client.get(page)
    assert "10 hours of continuing education between" in text(before)
    assert "Ethics and law: at least 2 hours" in text(before)
    client.post(page)
    assert "In preparation" in text(client.get(page))
    answer = client.post(page_of(credential, "renewal-activity"), facts(today), follow=True)
    assert "“Taping for runners” is noted." in answer.content.decode()
    assert "6.5 hours" in text(answer)
    assert "Ethics and law: 2 more hours." in text(answer)
    request = RenewalRequest.objects.get()
    recent(request, today, "4", "ethics")
    unsigned = client.post(page, {"send": "yes"})
    assert unsigned.status_code == 400
    assert "Sign this statement" in unsigned.content.decode()
    assert "With the register" in text(
        client.post(page, {"send": "yes", "agreed": "yes"}, follow=True)
    )
    boss = registrar()
    client.force_login(boss)
    desk = reverse("renewal-review", args=[request.uuid])
    assert "Decide on every activity first" in text(client.get(desk))
    first, second = request.learning.order_by("sequence")
    one = reverse("renewal-activity-review", args=[request.uuid, first.uuid])
    following = client.post(one, {"outcome": "accepted", "reason_code": "H1", "next": "1"})
    assert following.url.endswith(f"{second.uuid}/")
    client.post(following.url, {"outcome": "accepted", "reason_code": "H1"})
    assert "Everything is there" in text(client.get(desk))
    client.post(desk, {"act": "renew", "reason_code": "N1"})
    credential.refresh_from_db()
    assert credential.events.filter(kind="renewed").count() == 1
    client.force_login(credential.holder)
    done = client.get(page)
    assert f"until {credential.valid_until:%-d %B %Y}. The new certificate" in text(done)


def test_an_activity_that_does_not_count_is_said_at_once(client, credential, today):
    request = services.begin_renewal(credential=credential, by=credential.holder, at=today)
    client.force_login(credential.holder)
    answer = client.post(
        page_of(credential, "renewal-activity"),
        facts(today, first_day_2=(today - dt.timedelta(days=900)).year),
        follow=True,
    )
    assert "It does not count: it began before your cycle" in answer.content.decode()
    assert "Take out or replace what does not count: “Taping for runners”." in text(answer)
    row = request.learning.get()
    gone = client.post(page_of(credential, "renewal-activity-remove", row.uuid), follow=True)
    assert "1 activity taken out" in text(gone)


def test_what_is_wrong_stands_at_its_field(client, credential, today):
    services.begin_renewal(credential=credential, by=credential.holder, at=today)
    client.force_login(credential.holder)
    page = page_of(credential, "renewal-activity")
    empty = client.post(page, {})
    assert empty.status_code == 400
    for said in (
        "Say what it was.",
        "Enter the day.",
        "Choose what it was about.",
        "Choose a file",
    ):
        assert said in empty.content.decode()
    wrong = client.post(page, facts(today, hours="30"))
    assert "no more than these days have" in wrong.content.decode()
    script = client.post(page, facts(today, file=certificate().__class__("a.pdf", b"<script>")))
    assert "This is not a PDF, PNG or JPEG" in script.content.decode()
    assert not Learning.objects.exists()


def test_what_is_asked_is_replaced_with_what_was_there_before(client, credential, today):
    request, boss = send(full(credential, today), today), registrar()
    first, second = request.learning.order_by("sequence")
    judge(first, boss, "more_information", today)
    judge(second, boss, at=today)
    client.force_login(boss)
    desk = reverse("renewal-review", args=[request.uuid])
    assert "Return it to the holder" in text(client.get(desk))
    client.post(desk, {"act": "return", "reason_code": "B1", "note": "Which day was it?"})
    client.force_login(credential.holder)
    page = text(client.get(page_of(credential)))
    assert "Back with you" in page
    assert "Which day was it?" in page
    assert "Replace what was asked about" in page
    form = client.get(page_of(credential, "renewal-activity") + f"?replaces={first.uuid}")
    assert 'value="A day of ethics"' in form.content.decode()
    client.post(
        page_of(credential, "renewal-activity") + f"?replaces={first.uuid}",
        facts(today, category="ethics", hours="2"),
    )
    assert "Everything" not in text(client.get(page_of(credential)))
    assert Learning.objects.get(replaces=first).hours == 2
    kept = client.get(page_of(credential, "renewal-activity") + f"?replaces={second.uuid}")
    assert kept.status_code == 404


def test_a_credential_says_when_it_is_time_to_renew(client, today):
    credential = renewable(at=today - dt.timedelta(days=600))
    client.force_login(credential.holder)
    record = page_of(credential, "credential-record")
    assert "Time to renew" in text(client.get(record))
    services.begin_renewal(credential=credential, by=credential.holder, at=today)
    assert "Renewal: in preparation" in text(client.get(record))


def test_before_the_window_the_page_says_from_when(client, today):
    credential = renewable(at=today - dt.timedelta(days=9), renewal={**RULES, "opens_months": 3})
    client.force_login(credential.holder)
    page = client.get(page_of(credential))
    assert "A renewal can be begun from" in text(page)
    assert client.post(page_of(credential)).status_code == 409


# Strangers and wrong roles


def test_a_stranger_and_every_other_role_find_nothing(client, credential, today):
    request = send(full(credential, today), today)
    row = request.learning.first()
    holders = [
        page_of(credential),
        page_of(credential, "renewal-activity"),
        page_of(credential, "renewal-activity-remove", row.uuid),
    ]
    desk = [
        reverse("renewal-review", args=[request.uuid]),
        reverse("renewal-activity-review", args=[request.uuid, row.uuid]),
    ]
    file = reverse("learning-file", args=[row.uuid])
    others = [person(), *(person(role) for role in Role if role != Role.REGISTRAR)]
    for other in others:
        client.force_login(other)
        assert [client.post(path).status_code for path in holders] == [404] * 3
        assert [client.get(path).status_code for path in desk] == [403] * 2
        assert [client.post(path).status_code for path in desk] == [403] * 2
        assert client.get(file).status_code == 404
    client.force_login(registrar())
    assert [client.post(path).status_code for path in holders] == [404] * 3
    client.logout()
    for path in (*holders, *desk, file):
        assert client.post(path).status_code in (302, 405)
    assert not LearningReview.objects.exists()


def test_a_registrar_who_holds_it_sees_why_they_decide_nothing(client, today):
    holder = person(Role.REGISTRAR, name="Orla")
    credential = renewable(holder=holder, at=today - dt.timedelta(days=300))
    request = send(full(credential, today), today)
    row = request.learning.first()
    client.force_login(holder)
    page = client.get(reverse("renewal-review", args=[request.uuid]))
    assert "nobody decides on their own case" in text(page)
    one = reverse("renewal-activity-review", args=[request.uuid, row.uuid])
    assert client.post(one, {"outcome": "accepted", "reason_code": "H1"}).status_code == 403
    assert not LearningReview.objects.exists()


def test_a_certificate_leaves_by_a_signed_address_only(client, credential, today):
    row = full(credential, today).learning.first()
    client.force_login(credential.holder)
    link = client.get(reverse("learning-file", args=[row.uuid]))
    assert link.status_code == 302
    sent_file = client.get(link.url)
    assert b"".join(sent_file.streaming_content).startswith(b"%PDF-")
    assert "sandbox" in sent_file["Content-Security-Policy"]
    assert f"{credential.number}-ethics-" in sent_file["Content-Disposition"]
    assert client.get(link.url[:-3] + "x/").status_code == 404


# The queue, reminders, bulk


def waiting(at) -> list[services.Matter]:
    """The queue without what is to be signed: no worker runs here."""
    return [row for row in services.matters(at=at) if row.kind != "unsigned"]


def test_it_waits_in_the_queue_instead_of_the_expiring_credential(today):
    credential = renewable(at=today - dt.timedelta(days=700))
    assert [row.kind for row in waiting(today)] == ["expiring"]
    request = send(full(credential, today), today)
    (matter,) = waiting(today)
    assert (matter.kind, matter.since) == ("renewal", today)
    assert matter.due == services.after_working_days(today.date(), 10)
    accept_all(request, registrar(), today)
    services.renew_as_requested(request=request, reason_code="N1", by=registrar(), at=today)
    assert waiting(today) == []


def test_what_came_back_says_so_in_the_queue(today):
    credential, boss = renewable(at=today - dt.timedelta(days=500)), registrar()
    request = send(full(credential, today), today)
    first, second = request.learning.order_by("sequence")
    judge(first, boss, "not_accepted", today)
    judge(second, boss, at=today)
    give_back(request, boss, today)
    assert waiting(today) == []
    recent(request, today, "2", "ethics")
    send(request, today)
    assert [str(row.what) for row in waiting(today)] == ["Renewal sent again"]


def test_who_has_sent_a_renewal_is_not_asked_for_it(today):
    credential = renewable(at=today - dt.timedelta(days=725))
    send(full(credential, today), today)
    assert services.remind_of_expiry(at=today) == 0
    other = renewable(at=today - dt.timedelta(days=725), code="OTHER", number_prefix="OTH")
    assert services.remind_of_expiry(at=today) == 1
    notice = Notice.objects.get(kind=reminding.KIND)
    assert notice.url == page_of(other)


def test_many_at_once_leaves_what_was_sent_to_a_look_of_its_own(today):
    credential = renewable(at=today - dt.timedelta(days=725))
    send(full(credential, today), today)
    (planned,) = services.plan_bulk(
        action="renew", keys=[f"expiring:{credential.public_id}"], by=registrar(), at=today
    )
    assert "The holder has sent a renewal." in planned.refusal


def test_the_queue_asks_the_same_questions_for_one_renewal_and_for_many(
    today, django_assert_max_num_queries
):
    send(full(renewable(at=today - dt.timedelta(days=300)), today), today)
    with CaptureQueriesContext(connection) as one:
        services.matters(at=today)
    kind = RenewalRequest.objects.get().credential.credential_type
    for _number in range(3):
        another = held(kind, person(), at=today - dt.timedelta(days=300))
        current_papers(another, at=today)
        send(full(another, today), today)
    with django_assert_max_num_queries(len(one)):
        assert len(waiting(today)) == 4
