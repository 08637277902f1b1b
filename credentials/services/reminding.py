"""Telling holders in good time that their credential ends. Called by the sweep; each step is told once."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.services import notify
from credentials.models import Credential, RenewalRequest
from credentials.services.in_force import in_force, today_by_zone
from credentials.services.untold import REMIND_DAYS, in_parts, step_come, untold

KIND = "credential_expiring"


def remind_of_expiry(*, at: datetime) -> int:
    """Write to the holders of active credentials that end in 90, 30 and 7 days; returns how many were told now.

    Whoever is found late is told the nearest step only. A renewal moves the last day, so a renewed holder hears no more of the old one;
    whoever has sent one is not asked for it.
    """
    days = today_by_zone(at)
    today = at.date()
    sent = RenewalRequest.objects.waiting().filter(credential=OuterRef("pk"))
    soon = Credential.objects.filter(
        in_force(at, days),
        ~Exists(sent),
        valid_until__gte=today - timedelta(days=1),  # a day of slack: the edition's zone decides
        valid_until__lte=today + timedelta(days=REMIND_DAYS[-1] + 1),
    ).order_by("valid_until", "pk")
    step = step_come(days, last="valid_until", zone="credential_type__zone")
    due = untold(
        soon, kind=KIND, recipient="holder", uuid="public_id", last="valid_until", step=step
    )
    count = 0
    for steps in in_parts(due):
        rows = Credential.objects.select_related("credential_type", "holder").in_bulk(steps)
        for pk, step_now in steps.items():
            _remind(rows[pk], step_now, at)
        count += len(steps)
    return count


def _remind(credential: Credential, step: str, at: datetime) -> None:
    notify(
        recipient=credential.holder,
        kind=KIND,
        reference=f"{credential.public_id}:{credential.valid_until}:{step}",
        subject=_("Your credential %(number)s ends on %(day)s")
        % {"number": credential.number, "day": date_format(credential.valid_until, "j F Y")},
        template="credentials/mail/expiring.txt",
        context={"credential": credential},
        url=f"/record/{credential.public_id}/renewal/",
        at=at,
    )
