"""A credential whose edition asks for hours, documents and a signature, and its renewal at any stage. Days are counted from the award."""

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from credentials import services
from credentials.models import Credential, Learning, RenewalRequest
from tests.credentials.scheme import PDF, held, need, registrar, scheme
from tests.factories import NOW

RULES = {
    "hours": 10,
    "categories": [
        {"code": "ethics", "title": "Ethics and law", "minimum_hours": 2},
        {"code": "hands-on", "title": "Live hands-on learning", "minimum_hours": 4},
        {"code": "self-care", "title": "Self-care", "maximum_hours": 3},
    ],
    "documents": ["licence", "insurance"],
    "agreement": True,
}
LATER = NOW + dt.timedelta(days=300)
_count = itertools.count(1)


def renewable(*, holder: User | None = None, at: dt.datetime = NOW, **fields: Any) -> Credential:
    """A credential whose documents last until long after its renewal."""
    kind = scheme(**{"renewal": RULES, "late_months": 12, **fields})
    credential = held(kind, holder, at=at)
    current_papers(credential, at=at)
    return Credential.objects.select_related("credential_type", "holder").get(pk=credential.pk)


def current_papers(credential: Credential, *, at: dt.datetime, until=dt.date(2031, 1, 1)) -> None:
    for code in ("licence", "insurance"):
        document = services.upload_document(
            application=credential.application,
            requirement=need(credential.credential_type, code),
            by=credential.holder, at=at, file=certificate(), valid_until=until, renewing=True,
        )  # fmt: skip
        services.review_document(
            document=document, outcome="met", reason_code=f"{code[0].upper()}1",
            by=registrar(), at=at,
        )  # fmt: skip


def certificate(words: str = "") -> SimpleUploadedFile:
    """A file nobody has sent before, unless it is given the same words."""
    words = words or f"certificate {next(_count)}"
    return SimpleUploadedFile("certificate.pdf", PDF + words.encode())


def begun(credential: Credential, at: dt.datetime = LATER) -> RenewalRequest:
    return services.begin_renewal(credential=credential, by=credential.holder, at=at)


def add(
    request: RenewalRequest,
    hours: str = "4",
    category: str = "hands-on",
    at: dt.datetime = LATER,
    **given: Any,
) -> Learning:
    facts = {
        "title": f"A day of {category}",
        "provider": "Aldermoor College",
        "first_day": (NOW + dt.timedelta(days=200)).date(),
        "file": certificate(),
        "by": request.credential.holder,
    }
    return services.add_learning(
        request=request, hours=Decimal(hours), category=category, at=at, **{**facts, **given}
    )


def complete(credential: Credential, at: dt.datetime = LATER) -> RenewalRequest:
    """Begun, with all the hours the rules ask, not yet sent."""
    request = begun(credential, at)
    add(request, "2", "ethics", at)
    add(request, "8", "hands-on", at)
    return request


def send(request: RenewalRequest, at: dt.datetime = LATER, **given: Any) -> RenewalRequest:
    facts = {"agreed": True, "by": request.credential.holder}
    return services.send_renewal(request=request, at=at, **{**facts, **given})


def sent(credential: Credential, at: dt.datetime = LATER) -> RenewalRequest:
    return send(complete(credential, at), at)


def judge(row: Learning, by: User, outcome: str = "accepted", at: dt.datetime = LATER, **given):
    code = {"accepted": "H1", "more_information": "H3", "not_accepted": "H6"}[outcome]
    return services.review_learning(
        learning=row, outcome=outcome, by=by, at=at, **{"reason_code": code, **given}
    )


def accept_all(request: RenewalRequest, by: User, at: dt.datetime = LATER) -> None:
    for row in request.learning.all():
        newest = row.reviews.order_by("-sequence").first()
        if newest is None:
            judge(row, by, at=at)


def grant(request: RenewalRequest, by: User, at: dt.datetime = LATER, **given: Any):
    return services.renew_as_requested(
        request=request, by=by, at=at, **{"reason_code": "N1", **given}
    )


def give_back(request: RenewalRequest, by: User, at: dt.datetime = LATER, **given: Any):
    return services.return_renewal(request=request, by=by, at=at, **{"reason_code": "B1", **given})


def progress(request: RenewalRequest, at: dt.datetime = LATER) -> services.Progress:
    row = services.complete_rows(RenewalRequest.objects.filter(pk=request.pk)).get()
    return services.progress_of(row, at=at)
