"""Organisations and who belongs to them, as administrators keep them in Wagtail."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from accounts.models import Membership, Organisation, Role
from accounts.services import bars_to_examining
from lms.roles import sync_roles
from tests.factories import OrganisationFactory, person

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)


def signed_in(*roles) -> Client:
    sync_roles()
    client = Client()
    client.force_login(person(*roles))
    return client


@pytest.fixture
def administrator():
    return signed_in(Role.ADMINISTRATOR)


def belong(person, school, began_on=date(2025, 1, 1), **fields) -> Membership:
    return Membership.objects.create(user=person, organisation=school, began_on=began_on, **fields)


def test_an_administrator_adds_an_organisation_and_its_members_and_that_bars(administrator):
    administrator.post(reverse("organisation:add"), {"name": "Northside Clinic"})
    school = Organisation.objects.get()
    examiner, candidate = person(Role.EXAMINER), person()
    for one in (examiner, candidate):
        answer = administrator.post(
            reverse("membership:add"),
            {"user": one.pk, "organisation": school.pk, "began_on": "2025-01-01"},
        )
        assert answer.status_code == 302
    (bar,) = bars_to_examining(examiner=examiner, candidate=candidate, on=DAY)
    assert bar.rule == "R3" and "Northside Clinic" in bar.sentence
    membership = examiner.memberships.get()
    history = administrator.get(reverse("membership:history", args=[membership.pk]))
    assert history.status_code == 200 and ModelLogEntry.objects.for_instance(membership).exists()


def test_a_membership_ends_and_never_before_it_began(administrator):
    row = belong(person(), OrganisationFactory())
    address = reverse("membership:edit", args=[row.pk])
    given = {"user": row.user_id, "organisation": row.organisation_id, "began_on": "2025-01-01"}
    wrong = administrator.post(address, {**given, "ended_on": "2024-12-31"})
    assert "ends on the day it begins or later" in wrong.content.decode()
    assert administrator.post(address, {**given, "ended_on": "2025-06-30"}).status_code == 302
    row.refresh_from_db()
    assert row.ended_on == date(2025, 6, 30)


def test_the_lists_say_who_belongs_where_and_are_filtered_and_exported(administrator):
    school, other = OrganisationFactory(name="Northside"), OrganisationFactory(name="Southside")
    belong(person(name="Ada Now"), school)
    belong(person(name="Bea Gone"), school, ended_on=date(2025, 2, 1))
    belong(person(name="Cleo Elsewhere"), other)
    page = administrator.get(reverse("organisation:index")).content.decode()
    assert page.count("1 person") == 2
    members = reverse("membership:index")
    page = administrator.get(f"{members}?organisation={school.pk}").content.decode()
    assert "Ada Now" in page and "Bea Gone" in page and "Cleo Elsewhere" not in page
    for address in (reverse("organisation:index"), members):
        sheet = b"".join(administrator.get(f"{address}?export=csv").streaming_content).decode()
        assert "Northside" in sheet and "Southside" in sheet
    assert administrator.get(reverse("organisation:inspect", args=[school.pk])).status_code == 200


def test_nobody_else_comes_in_and_nothing_is_deleted(administrator):
    row = belong(person(), OrganisationFactory())
    for name, pk in (("organisation", row.organisation_id), ("membership", row.pk)):
        assert administrator.post(reverse(f"{name}:delete", args=[pk])).status_code == 302
        assert signed_in(Role.REGISTRAR).get(reverse(f"{name}:index")).status_code == 302
    assert Membership.objects.filter(pk=row.pk).exists()
    assert Organisation.objects.exists()
