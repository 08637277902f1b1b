"""Renewals for programs: the holder's side and the registrar's, and everybody who may do neither."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from credentials import services
from credentials.models import Learning, LearningReview, RenewalRequest
from tests.credentials.renewals import (
    accept_all,
    add,
    certificate,
    current_papers,
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
    return renewable(at=today - dt.timedelta(days=300))


def api(name: str, *args) -> str:
    return reverse(f"api-renewal{name}", args=args)


def facts(today, **given) -> dict:
    return {
        "title": "Taping for runners", "provider": "Aldermoor College", "hours": "8",
        "first_day": str((today - dt.timedelta(days=20)).date()), "category": "hands-on",
        "file": certificate(), **given,
    }  # fmt: skip


def sent_by(client, uuid, facts):
    return client.post(api("-activities", uuid), facts, format="multipart")


def under_way(credential, today) -> RenewalRequest:
    day = (today - dt.timedelta(days=30)).date()
    request = services.begin_renewal(credential=credential, by=credential.holder, at=today)
    add(request, "2", "ethics", today, first_day=day)
    add(request, "8", "hands-on", today, first_day=day)
    return request


def test_a_renewal_from_beginning_to_the_new_last_day(as_user, credential, today):
    holder, boss = as_user(credential.holder), as_user(registrar())
    begun = holder.post(api("s"), {"credential": str(credential.public_id)}, format="json")
    assert (begun.status_code, begun.data["state"]) == (201, "preparing")
    assert begun.data["missing"][0] == "Ethics and law: 2 more hours."
    uuid = begun.data["uuid"]
    again = holder.post(api("s"), {"credential": str(credential.public_id)}, format="json")
    assert (again.status_code, again.data["uuid"]) == (200, uuid)
    added = sent_by(holder, uuid, facts(today))
    assert (added.status_code, added.data["verdict"], added.data["counted"]) == (
        201,
        "counts",
        "8.0",
    )
    sent_by(holder, uuid, facts(today, category="ethics", hours="2"))
    done = holder.post(api("-send", uuid), {"agreed": True}, format="json")
    assert (done.status_code, done.data["state"]) == (200, "with_register")
    waiting = boss.get(api("s") + "?waiting=1").data["results"]
    assert [row["uuid"] for row in waiting] == [uuid]
    for row in boss.get(api("", uuid)).data["activities"]:
        decided = boss.post(
            api("-review", uuid, row["uuid"]),
            {"outcome": "accepted", "reason_code": "H1"},
            format="json",
        )
        assert (decided.status_code, decided.data["outcome"]) == (200, "accepted")
    event = boss.post(api("-renew", uuid), {"reason_code": "N1"}, format="json")
    assert (event.status_code, event.data["kind"]) == (200, "renewed")
    credential.refresh_from_db()
    assert event.data["valid_until"] == str(credential.valid_until)
    assert holder.get(api("", uuid)).data["state"] == "renewed"


def test_a_program_is_told_the_verdict_and_can_take_it_out(as_user, credential, today):
    holder = as_user(credential.holder)
    request = services.begin_renewal(credential=credential, by=credential.holder, at=today)
    long_ago = str((today - dt.timedelta(days=900)).date())
    added = sent_by(holder, request.uuid, facts(today, first_day=long_ago))
    assert (added.data["verdict"], added.data["counted"]) == ("before", "0.0")
    assert "began before your cycle" in added.data["sentence"]
    gone = holder.post(api("-withdraw", request.uuid, added.data["uuid"]))
    assert gone.status_code == 200
    assert gone.data["activities"][0]["verdict"] is None
    assert Learning.objects.count() == 1


def test_the_same_again_is_200_and_another_in_its_place_201(as_user, credential, today):
    holder = as_user(credential.holder)
    request = services.begin_renewal(credential=credential, by=credential.holder, at=today)
    first = sent_by(holder, request.uuid, facts(today, file=certificate("one")))
    same = sent_by(holder, request.uuid, facts(today, file=certificate("one")))
    assert (first.status_code, same.status_code) == (201, 200)
    instead = sent_by(
        holder,
        request.uuid,
        facts(today, hours="5", file=certificate("one"), replaces=first.data["uuid"]),
    )
    assert (instead.status_code, instead.data["verdict"]) == (201, "counts")


def test_what_a_registrar_asks_goes_back_to_the_holder(as_user, credential, today):
    boss = registrar()
    request = send(under_way(credential, today), today)
    first, second = request.learning.order_by("sequence")
    judge(first, boss, "more_information", today)
    client = as_user(boss)
    early = client.post(api("-return", request.uuid), {"reason_code": "B1"}, format="json")
    assert (early.status_code, early.data["code"]) == (409, "undecided")
    judge(second, boss, at=today)
    back = client.post(
        api("-return", request.uuid), {"reason_code": "B1", "note": "Which day?"}, format="json"
    )
    assert (back.status_code, back.data["state"]) == (200, "returned")
    refused = as_user(credential.holder).post(
        api("-send", request.uuid), {"agreed": True}, format="json"
    )
    assert (refused.status_code, refused.data["code"]) == (409, "renewal_incomplete")


def every_address(request, row) -> list[tuple[str, str, dict]]:
    holders = [
        ("post", api("-activities", request.uuid), {}),
        ("post", api("-withdraw", request.uuid, row.uuid), {}),
        ("post", api("-send", request.uuid), {"agreed": True}),
    ]
    desk = [
        ("post", api("-review", request.uuid, row.uuid), {"outcome": "accepted"}),
        ("post", api("-return", request.uuid), {}),
        ("post", api("-renew", request.uuid), {}),
    ]
    both = [("get", api("", request.uuid), {}), ("get", api("-file", request.uuid, row.uuid), {})]
    return [*holders, *desk, *both]


def test_strangers_and_wrong_roles(api_client, as_user, credential, today):
    request = send(under_way(credential, today), today)
    row = request.learning.first()
    addresses = every_address(request, row)
    for verb, path, data in addresses:
        assert getattr(api_client, verb)(path, data, format="json").status_code == 401
    for role in [None, *(role for role in Role if role != Role.REGISTRAR)]:
        client = as_user(person(role) if role else person())
        assert client.get(api("s")).data["results"] == []
        begun = client.post(api("s"), {"credential": str(credential.public_id)}, format="json")
        assert begun.status_code == 404
        codes = [
            getattr(client, verb)(path, data, format="json").status_code
            for verb, path, data in addresses
        ]
        assert codes == [404, 404, 404, 403, 403, 403, 404, 404]
    boss = as_user(registrar())
    codes = [
        getattr(boss, verb)(path, data, format="json").status_code for verb, path, data in addresses
    ]
    assert codes[:3] == [403, 403, 403]
    assert codes[3:6] == [400, 400, 400]
    assert codes[6:] == [200, 200]
    begun = boss.post(api("s"), {"credential": str(credential.public_id)}, format="json")
    assert (begun.status_code, begun.data["code"]) == (403, "not_the_holder")
    assert not LearningReview.objects.exists()


def test_a_registrar_decides_nothing_of_their_own(as_user, today):
    holder = person(Role.REGISTRAR, name="Orla")
    credential = renewable(holder=holder, at=today - dt.timedelta(days=300))
    request = send(under_way(credential, today), today)
    row = request.learning.first()
    client = as_user(holder)
    for path, data in (
        (api("-review", request.uuid, row.uuid), {"outcome": "accepted", "reason_code": "H1"}),
        (api("-return", request.uuid), {"reason_code": "B1"}),
        (api("-renew", request.uuid), {"reason_code": "N1"}),
    ):
        answer = client.post(path, data, format="json")
        assert answer.status_code == 403
        assert "nobody decides on their own case" in answer.data["detail"]


@pytest.mark.parametrize(
    "given",
    [
        {"hours": "a lot"},
        {"category": "cooking"},
        {"first_day": "31/12/2026"},
        {"title": "\0"},
        {"file": ""},
        {"hours": "1e9"},
    ],
)
def test_bad_input_is_400_at_its_field(as_user, credential, today, given):
    request = services.begin_renewal(credential=credential, by=credential.holder, at=today)
    answer = sent_by(as_user(credential.holder), request.uuid, facts(today, **given))
    assert answer.status_code == 400
    assert list(answer.data["errors"]) == list(given)
    assert not Learning.objects.exists()


def test_closed_comes_before_shape(as_user, credential, today):
    request = send(under_way(credential, today), today)
    holder = as_user(credential.holder)
    answer = holder.post(api("-activities", request.uuid), {})
    assert (answer.status_code, answer.data["code"]) == (409, "renewal_with_register")
    accept_all(request, boss := registrar(), today)
    services.renew_as_requested(request=request, reason_code="N1", by=boss, at=today)
    late = as_user(boss).post(api("-return", request.uuid), {}, format="json")
    assert (late.status_code, late.data["code"]) == (409, "renewal_renewed")


def test_an_activity_belongs_to_its_renewal(as_user, credential, today):
    request = under_way(credential, today)
    holder = as_user(credential.holder)
    for path in (
        api("-withdraw", uuid.uuid4(), request.learning.first().uuid),
        api("-withdraw", request.uuid, uuid.uuid4()),
    ):
        assert holder.post(path).status_code == 404


def test_a_list_takes_the_same_queries_however_long(
    as_user, credential, today, django_assert_num_queries
):
    send(under_way(credential, today), today)
    client = as_user(registrar())
    client.get(api("s"))
    with django_assert_num_queries(6):
        assert len(client.get(api("s")).data["results"]) == 1
    for _number in range(3):
        another = held(credential.credential_type, person(), at=today - dt.timedelta(days=300))
        current_papers(another, at=today)
        send(under_way(another, today), today)
    with django_assert_num_queries(6):
        assert len(client.get(api("s")).data["results"]) == 4
