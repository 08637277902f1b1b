"""Whether renewals are what was written: the request's own row against its steps, and the steps against the rows they name."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Prefetch

from credentials.models import (
    Learning,
    LearningReview,
    RenewalRequest,
    RenewalStep,
    StatusEvent,
)
from credentials.renewing import drawn

Kind = RenewalStep.Kind
CHUNK = 500


def wrong_renewals() -> Iterator[tuple[str, str]]:
    """Each row that is not what was written, and what is wrong with it. Rows taken off the end of a chain are found by what names them."""
    rows = (
        RenewalRequest.objects.select_related("credential", "event__renewal", "event__credential")
        .prefetch_related(
            Prefetch("steps", RenewalStep.objects.select_related("event").order_by("sequence")),
            "learning__reviews",
        )
        .order_by("pk")
    )
    for row in rows.iterator(chunk_size=CHUNK):
        name = f"RenewalRequest {row.pk} ({row.credential.number})"
        steps = list(row.steps.all())
        if not steps or steps[0].kind != Kind.BEGUN:
            yield name, "no step says that it was begun"
            continue
        for what in (
            *_own_row(row, steps),
            *_draw(row, steps),
            *_named(row, steps),
            *_event(row, steps),
        ):
            yield name, what


def _own_row(row: RenewalRequest, steps: list[RenewalStep]) -> Iterator[str]:
    begun, newest = steps[0].content, steps[-1]
    if begun.get("credential") != str(row.credential.public_id):
        yield "it was begun for another credential"
    if begun.get("cycle") != [str(row.first_day), str(row.last_day)]:
        yield "its cycle is not the one it was begun for"
    if bool(row.closed_at) != (newest.kind == Kind.RENEWED):
        yield f"its newest step is “{newest.get_kind_display()}”, and it is {'closed' if row.closed_at else 'open'}"
    sent = [step.at for step in steps if step.kind == Kind.SENT]
    waits = newest.kind == Kind.SENT
    if waits and row.sent_at != sent[-1]:
        yield f"it was sent on {sent[-1]:%Y-%m-%d}, and its row says otherwise"
    if newest.kind in (Kind.BEGUN, Kind.RETURNED) and row.sent_at:
        yield "it is with its holder, and its row says that it was sent"


def _draw(row: RenewalRequest, steps: list[RenewalStep]) -> Iterator[str]:
    """Drawn again from its seed, the lot is the same."""
    for step in steps:
        said = step.content.get("audit")
        if said and said["drawn"] != drawn(said["seed"], str(row.uuid), Decimal(said["percent"])):
            yield "whether it was drawn for audit is not what its seed says"


def _named(row: RenewalRequest, steps: list[RenewalStep]) -> Iterator[str]:
    """What was sent or decided on is there, as it was."""
    learning: list[Learning] = list(row.learning.all())
    reviews: list[LearningReview] = [review for one in learning for review in one.reviews.all()]
    there = {str(one.uuid): one.hash for one in learning}
    decided = {(str(review.learning.uuid), review.hash) for review in reviews}
    for step in steps:
        for uuid, digest in step.content.get("learning", {}).items():
            if there.get(uuid) != digest:
                yield f"activity {uuid} is not the one that was sent on {step.at:%Y-%m-%d}, or was taken out"
        for uuid, digest in step.content.get("reviews", {}).items():
            if (uuid, digest) not in decided:
                yield f"the decision on activity {uuid} is not the one step {step.sequence} rests on"


def _event(row: RenewalRequest, steps: list[RenewalStep]) -> Iterator[str]:
    event, newest = row.event, steps[-1]
    if event is None:
        return
    if event.kind != StatusEvent.Kind.RENEWED or event.credential_id != row.credential_id:
        yield "the event it names did not renew this credential"
    if newest.event_id != event.pk:
        yield "it names another event than its newest step does"
    hours = newest.content.get("hours")
    kept = getattr(event, "renewal", None)
    if hours is not None and (kept is None or kept.hours != Decimal(hours)):
        yield f"{hours} hours were accepted, and the renewal says otherwise"
