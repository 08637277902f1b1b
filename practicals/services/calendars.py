"""The calendar entry of an appointment: by mail when it is accepted, moved or cancelled, and on its page."""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from practicals import ics
from practicals.models import Appointment
from practicals.services.timetable import timetable_of


def calendar_of(*, appointment: Appointment, at: datetime) -> str:
    """The entry as it is now; of an appointment that takes no place any more, the one that takes it out of a calendar. Two queries.

    Its UID rests on the address that never changes (ISSUER_URL), so that a later message replaces an earlier one.
    """
    day = appointment.exam_day
    if day is None:
        raise ValueError("A practical inside a course has no date of its own.")
    rounds = timetable_of(day)
    circuit = rounds.begins_for(appointment.place_in_circuit)
    words = [
        _("You are candidate %(number)s.") % {"number": appointment.candidate_number},
        *(
            [_("Bring with you:"), *(f"- {thing}" for thing in day.things_to_bring)]
            if day.bring
            else []
        ),
    ]
    return ics.calendar(
        ics.Event(
            uid=f"appointment-{appointment.uuid}@{urlsplit(settings.ISSUER_URL).hostname}",
            sequence=appointment.calendar_sequence,
            begins=appointment.starts_at,
            ends=max(circuit + rounds.round * rounds.count, appointment.starts_at + rounds.round),
            zone=day.zone,
            summary=appointment.plan.activity.title,
            location=", ".join(filter(None, [day.place, *day.address.splitlines()])),
            description="\n".join(words),
            url=f"{settings.PUBLIC_URL}/appointments/{appointment.uuid}/",
            organiser=settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">"),
            changed_at=at,
            cancelled=not appointment.is_active,
        )
    )
