"""Telling holders in good time that their credential ends. Called by the sweep; each step is told once."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Notice
from accounts.services import notify
from credentials import validity
from credentials.models import Credential, RenewalRequest
from credentials.services.award import today_in
from credentials.services.standing import standing_of

KIND = "credential_expiring"
REMIND_DAYS = (7, 30, 90)  # calendar days before the last valid day, the nearest first


def remind_of_expiry(*, at: datetime) -> int:
    """Write to the holders of active credentials that end in 90, 30 and 7 days; returns how many were told now.

    Whoever is found late is told the nearest step only. A renewal moves the last day, so a renewed holder hears no more of the old one;
    whoever has sent one is not asked for it.
    """
    today = at.date()
    sent = RenewalRequest.objects.waiting().filter(credential=OuterRef("pk"))
    soon = Credential.objects.filter(
        ~Exists(sent),
        valid_until__gte=today - timedelta(days=1),  # a day of slack: the edition's zone decides
        valid_until__lte=today + timedelta(days=REMIND_DAYS[-1] + 1),
    ).select_related("credential_type")
    steps, holders = {}, set()
    for row in soon.only("public_id", "holder_id", "valid_until", "credential_type__zone"):
        left = (row.valid_until - today_in(row.credential_type, at)).days
        step = next((days for days in REMIND_DAYS if 0 <= left <= days), None)
        if step is not None:
            steps[f"{row.public_id}:{row.valid_until}:{step}"] = row.pk
            holders.add(row.holder_id)
    notices = Notice.objects.filter(recipient__in=holders, kind=KIND, reference__in=steps)
    told = set(notices.values_list("reference", flat=True))
    due = {reference: pk for reference, pk in steps.items() if reference not in told}
    rows = (
        Credential.objects.select_related("credential_type", "holder")
        .prefetch_related("events")
        .in_bulk(due.values())
    )
    count = 0
    for reference, pk in due.items():
        credential = rows[pk]
        if standing_of(credential, at=at).status is not validity.Status.ACTIVE:
            continue
        notify(
            recipient=credential.holder,
            kind=KIND,
            reference=reference,
            subject=_("Your credential %(number)s ends on %(day)s")
            % {"number": credential.number, "day": date_format(credential.valid_until, "j F Y")},
            template="credentials/mail/expiring.txt",
            context={"credential": credential},
            url=f"/record/{credential.public_id}/renewal/",
            at=at,
        )
        count += 1
    return count
