"""Some renewals are drawn by lot for audit (R46): from a seed on record, so that anybody can draw again, and said to holder and registrar."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice
from credentials import services
from credentials.models import RenewalStep
from credentials.renewing import drawn, read
from credentials.services import matters
from credentials.services.auditing_renewals import wrong_renewals
from credentials.services.renewals import draw_of
from ledger.services import verify
from tests.credentials import renewals
from tests.credentials.pages import text
from tests.credentials.scheme import registrar

pytestmark = pytest.mark.django_db

API = "/api/v1/"


def sent(percent, at=renewals.LATER):
    rules = {**renewals.RULES, "audit_percent": percent}
    credential = renewals.renewable(renewal=rules, at=at - dt.timedelta(days=300))
    request = renewals.begun(credential, at)
    day = (at - dt.timedelta(days=100)).date()
    renewals.add(request, "2", "ethics", at, first_day=day)
    renewals.add(request, "8", "hands-on", at, first_day=day)
    return renewals.send(request, at)


def steps(request):
    return list(request.steps.filter(kind=RenewalStep.Kind.SENT).order_by("sequence"))


def test_the_share_of_an_edition_is_drawn_and_the_same_seed_draws_the_same():
    lots = [drawn("seed", str(number), Decimal(5)) for number in range(4000)]
    assert lots == [drawn("seed", str(number), Decimal(5)) for number in range(4000)]
    assert 150 < sum(lots) < 250
    assert lots != [drawn("another", str(number), Decimal(5)) for number in range(4000)]


@pytest.mark.parametrize(("percent", "chosen"), [(100, True), (0.0001, False)])
def test_it_is_drawn_when_it_is_sent_and_its_seed_is_on_record(percent, chosen):
    request = sent(percent)
    (step,) = steps(request)
    said = step.content["audit"]
    assert said["drawn"] is chosen
    assert drawn(said["seed"], str(request.uuid), Decimal(said["percent"])) is chosen
    assert services.is_audited(request) is chosen
    assert not list(verify(RenewalStep))
    assert not list(wrong_renewals())


def test_where_an_edition_names_no_share_no_lot_is_drawn():
    request = renewals.sent(renewals.renewable())
    assert draw_of(request) is None
    assert not services.is_audited(request)
    assert read({}).audit_percent == 0


def test_sent_again_it_keeps_its_lot():
    request, boss = sent(100), registrar()
    first = request.learning.order_by("sequence").first()
    renewals.judge(first, boss, "more_information")
    for row in request.learning.exclude(pk=first.pk):
        renewals.judge(row, boss)
    renewals.give_back(request, boss)
    request = renewals.progress(request).request
    services.withdraw_learning(learning=first, by=request.credential.holder, at=renewals.LATER)
    renewals.add(request, str(first.hours), first.category)
    renewals.send(renewals.progress(request).request)
    assert ["audit" in step.content for step in steps(request)] == [True, False]
    assert renewals.progress(request).audited


def test_a_lot_that_its_seed_does_not_draw_is_named(monkeypatch):
    monkeypatch.setattr("credentials.renewing.drawn", lambda *_given: False)
    sent(100)
    assert ["not what its seed says" in what for _row, what in wrong_renewals()] == [True]


def test_holder_and_registrar_read_that_it_was_chosen(client, as_user):
    at = timezone.now()
    request = sent(100, at=at)
    holder, boss = request.credential.holder, registrar()
    told = Notice.objects.get(kind="renewal_sent")
    assert "chosen by lot for audit" in told.body
    client.force_login(holder)
    assert "Chosen for audit" in text(
        client.get(reverse("renewal", args=[request.credential.public_id]))
    )
    client.force_login(boss)
    page = text(client.get(reverse("renewal-review", args=[request.uuid])))
    assert "Chosen for audit" in page
    assert "of all renewals 100 % are" in page
    row = request.learning.first()
    activity = reverse("renewal-activity-review", args=[request.uuid, row.uuid])
    assert "Chosen for audit." in text(client.get(activity))
    (matter,) = [row for row in matters(at=at) if row.kind == "renewal"]
    assert matter.what == "Renewal, chosen for audit"
    (brief,) = as_user(boss).get(f"{API}renewals/").json()["results"]
    assert brief["audited"] is True


def test_one_that_was_not_drawn_says_nothing_of_it(client):
    request = sent(0.0001, at=timezone.now())
    assert "audit" not in Notice.objects.get(kind="renewal_sent").body
    client.force_login(registrar())
    page = client.get(reverse("renewal-review", args=[request.uuid]))
    assert "Chosen for audit" not in text(page)
