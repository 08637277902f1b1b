"""Renewals in the demonstration: the holder's is under way, another waits for a registrar."""

from datetime import timedelta
from decimal import Decimal

from accounts.models import User
from credentials.models import Credential, RenewalRequest
from credentials.services import add_learning, begin_renewal, send_renewal
from lms.demo.acts import Clock
from lms.demo.papers import certificate

# What was learned: days ago, how many days, hours, category, title, who gave it.
HOLDERS = [
    (252, 1, "4", "safety", "Heat and the runner", "Fell and Dale First Aid"),
    (118, 1, "3", "ethics", "Consent at the trackside", "Aldermoor College of Massage"),
    (61, 2, "9", "hands-on", "Soft tissue of the shoulder, workshop", "Tarn Physio Rooms"),
    (23, 1, "3", "self-care", "Hands that last: strength for therapists", "Tarn Physio Rooms"),
    (9, 1, "2.5", "self-care", "Sleep for people who work with their hands", "Bellwether Talks"),
]
ANAS = [
    (
        540,
        1,
        "4",
        "ethics",
        "Records, consent and the young athlete",
        "Aldermoor College of Massage",
    ),
    (410, 2, "8", "safety", "Red flags at the table", "Fell and Dale First Aid"),
    (260, 2, "10", "hands-on", "Myofascial work, an advanced workshop", "Tarn Physio Rooms"),
    (35, 1, "4", "self-care", "A working life without sore thumbs", "Bellwether Talks"),
]


def prepare(person: User, rows: list[tuple], *, begun: int, clock: Clock) -> RenewalRequest:
    """Begin a renewal and add what was learned, a certificate each."""
    credential = Credential.objects.get(holder=person)
    request = begin_renewal(credential=credential, by=person, at=clock.ago(begun, 19))
    for number, (days, length, hours, category, title, provider) in enumerate(rows):
        first = clock.day(days)
        add_learning(
            request=request, title=title, provider=provider, hours=Decimal(hours), category=category,
            first_day=first, last_day=first + timedelta(days=length - 1),
            file=certificate(
                title, provider=provider, name=credential.name, hours=hours, day=first, number=number
            ),
            by=person, at=clock.ago(min(days, begun) - 1, 19, number),
        )  # fmt: skip
    return request


def tell_renewals(people: dict[str, User], clock: Clock) -> None:
    prepare(people["holder"], HOLDERS, begun=6, clock=clock)
    request = prepare(people["ana"], ANAS, begun=30, clock=clock)
    send_renewal(request=request, agreed=True, by=people["ana"], at=clock.ago(4, 18, 30))
