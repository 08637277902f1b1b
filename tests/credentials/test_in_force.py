"""What the database calls active is what one reading of the events calls so, whatever happened to a credential."""

import datetime as dt
import random

import pytest

from bench.register_fill import fill
from credentials import services, validity
from credentials.models import Credential, StatusEvent
from credentials.services.in_force import in_force
from credentials.services.status import renewed_until
from tests.credentials.issued import edition

LIVES = 150
KINDS = ["suspended", "reinstated", "suspended", "reinstated", "renewed", "revoked", "corrected"]
YEARS = 365 * 2


def append(credential, kind, **fields):
    return StatusEvent.objects.append(
        chain=credential.chain, at=credential.issued_at, credential=credential, kind=kind, **fields
    )


def live(credential, chance):
    """What happened to it, in any order of writing and of effect; each renewal gives two more years, some changes were withdrawn."""
    last = credential.valid_until
    renewals = sorted(chance.randrange(1, YEARS) for _turn in range(2))
    for kind in chance.choices(KINDS, k=chance.randrange(5)):
        days, until = chance.randrange(YEARS), None
        if kind == "renewed":
            if not renewals:
                continue
            days, last = renewals.pop(0), renewed_until(credential)
            until = credential.valid_until = last
        when = credential.issued_at + dt.timedelta(days=days)
        event = append(credential, kind, effective_at=when, valid_until=until)
        if until:
            credential.save(update_fields=["valid_until"])
        if chance.random() < 0.2:
            append(credential, "withdrawn", effective_at=credential.issued_at, withdraws=event)


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def test_both_readings_agree(db, zone):
    chance = random.Random(zone)
    kind = edition(zone=zone, validity_years=2)
    fill([f"Name {place}" for place in range(LIVES)], kind=kind, chance=chance)
    for row in Credential.objects.order_by("pk"):
        live(row, chance)
    seen = set()
    for year in range(2021, 2030):
        for at in (
            dt.datetime(year, 5, 9, 3, tzinfo=dt.UTC),
            dt.datetime(year, 11, 9, 20, tzinfo=dt.UTC),
        ):
            rows = Credential.objects.prefetch_related("events")
            read = {
                row.pk: services.standing_of(row, at=at).status
                for row in rows
                if row.issued_at <= at
            }
            active = {pk for pk, status in read.items() if status is validity.Status.ACTIVE}
            asked = Credential.objects.filter(in_force(at), issued_at__lte=at)
            assert set(asked.values_list("pk", flat=True)) == active
            seen |= {*read.values()}
    assert seen >= {"active", "suspended", "expired", "revoked"}


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def test_a_day_ends_where_the_edition_says_it_ends(db, zone):
    fill(["Somebody"], kind=edition(zone=zone), chance=random.Random(1))
    edition(code="TKY", zone="Asia/Tokyo")
    row = Credential.objects.get()
    for hours in range(-48, 48):
        noon = dt.datetime.combine(row.valid_until, dt.time(12), dt.UTC)
        at = noon + dt.timedelta(hours=hours)
        active = services.standing_of(row, at=at).status is validity.Status.ACTIVE
        assert Credential.objects.filter(in_force(at)).exists() == active
