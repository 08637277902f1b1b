"""A forgotten passphrase. The data key of a downloaded day is also sealed, on the tablet, with the public key of that day; the tablet sends that once
an examiner asks, and gets its data key back when a registrar or a chief examiner has allowed it, with a reason.

The keys of a day are deleted (`forget_keys`) once nothing of it can still lie unsent on a tablet. The server never sees a passphrase, and a data key only in that one answer, to the examiner it belongs to. Nothing of this is needed to score, nor
without a network. Order of locks: the request.
"""

import base64
import binascii
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid, Missing
from practicals.models import (
    TAKE_WITHIN,
    Annulment,
    Appointment,
    Assignment,
    DayDownload,
    DayKey,
    ExamDay,
    Opening,
    PracticalAssessment,
)
from practicals.services.checks import require_role

OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
BITS = 3072
REASON_MAX = 500
KEPT_DAYS = 30  # after the exam day, and longer while a sheet may be missing


def key_of(exam_day: ExamDay, *, at: datetime) -> DayKey:
    """The pair of a day, made when its first tablet downloads it."""
    kept = DayKey.objects.filter(exam_day=exam_day).first()
    if kept:
        return kept
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),  # sealed as a whole by its field
    )
    made, _new = DayKey.objects.get_or_create(
        exam_day=exam_day,
        defaults={
            "public": base64.b64encode(public).decode(),
            "private": pem.decode(),
            "made_at": at,
        },
    )
    return made


@transaction.atomic
def ask_opening(
    *, exam_day: ExamDay, vault: UUID, device: str, wrapped: str, by: User, at: datetime
) -> tuple[Opening, str | None]:
    """Ask for a tablet to be opened, or ask again; the second value is its data key (base64) once that is allowed, for an hour and this device.

    Raises Missing for whoever downloaded nothing of the day, Invalid for what is sealed with no key of it.
    """
    if not DayDownload.objects.filter(exam_day=exam_day, examiner=by).exists():
        raise Missing("nothing_downloaded", _("You have downloaded nothing of this day."))
    opened = _unwrapped(exam_day, wrapped)
    rows = Opening.objects.select_for_update().filter(exam_day=exam_day, examiner=by, vault=vault)
    row = rows.filter(taken_at=None).first() or _still_fresh(rows, device, at)
    if row is None or row.wrapped != wrapped:
        rows.filter(taken_at=None).delete()
        row = Opening.objects.create(
            exam_day=exam_day,
            examiner=by,
            vault=vault,
            device=device,
            wrapped=wrapped,
            asked_at=at,
        )
        log(exam_day, "practicals.ask_opening", user=by, data={"code": row.code}, timestamp=at)
    if row.allowed_at is None:
        return row, None
    if row.device != device or at > row.allowed_at + TAKE_WITHIN:
        raise Conflict(
            "opening_over", _("This was allowed more than an hour ago. Ask the registrar again.")
        )
    if row.taken_at is None:
        row.taken_at = at
        row.save(update_fields=["taken_at"])
        log(exam_day, "practicals.opened", user=by, data={"code": row.code}, timestamp=at)
    return row, base64.b64encode(opened).decode()


def _still_fresh(rows: Any, device: str, at: datetime) -> Opening | None:
    """One that was taken a moment ago: the answer may have been lost on its way."""
    return rows.filter(device=device, allowed_at__gt=at - TAKE_WITHIN).last()


def _unwrapped(exam_day: ExamDay, wrapped: str) -> bytes:
    kept = DayKey.objects.filter(exam_day=exam_day).first()
    wrong = Invalid(
        "not_of_this_day",
        _("This was not sealed with the key of this day."),
        fields={"wrapped": [_("Send what the tablet keeps.")]},
    )
    if kept is None and DayDownload.objects.filter(exam_day=exam_day).exists():
        raise Conflict(
            "keys_deleted",
            _(
                "The keys of this day were deleted: all its sheets are signed, and nothing on this tablet is waited for. Without its "
                "passphrase it cannot be opened; it can be emptied."
            ),
        )
    if kept is None:
        raise wrong
    private = serialization.load_pem_private_key(kept.private.encode(), password=None)
    try:
        return private.decrypt(base64.b64decode(wrapped, validate=True), OAEP)  # type: ignore[union-attr]
    except (ValueError, binascii.Error):
        raise wrong from None


@transaction.atomic
def allow_opening(*, opening: Opening, reason: str, by: User, at: datetime) -> Opening:
    """Somebody else has the examiner and the tablet before them, and lets it be opened. Safe to call twice; allowed again once the hour is over.

    Raises Forbidden, Conflict when it was opened already, Invalid.
    """
    require_role(by, Role.REGISTRAR, Role.CHIEF_EXAMINER)
    row = Opening.objects.select_for_update(of=("self",)).get(pk=opening.pk)
    if row.examiner_id == by.pk:
        raise Forbidden("R2", _("Rule R2: nobody opens their own tablet."))
    if row.taken_at:
        raise Conflict("opened", _("This tablet was opened already."))
    if row.allowed_at and at <= row.allowed_at + TAKE_WITHIN:
        return row
    if not reason.strip() or len(reason) > REASON_MAX or "\x00" in reason:
        sentence = _(
            "Say how you know that it is them and their tablet, in at most 500 characters."
        )
        raise Invalid("no_reason", sentence, fields={"reason": [sentence]})
    row.allowed_at, row.allowed_by, row.reason = at, by, reason.strip()
    row.save(update_fields=["allowed_at", "allowed_by", "reason"])
    data = {"code": row.code, "examiner": str(row.examiner.uuid), "reason": row.reason}
    log(row.exam_day, "practicals.allow_opening", user=by, data=data, timestamp=at)
    return row


def forget_keys(*, at: datetime) -> int:
    """Delete the keys of days long past, with what was asked under them. Called by the sweep; returns how many. What was done stays in the log.

    Never while a sheet of the day may still lie unsent on a tablet: each is signed, or its station was annulled and is being sat again.
    """
    count = 0
    for day in list(_past_need(at)):
        with transaction.atomic():
            ExamDay.objects.select_for_update().get(pk=day.pk)
            if not _past_need(at).filter(pk=day.pk).exists():
                continue
            Opening.objects.filter(exam_day=day).delete()
            DayKey.objects.filter(exam_day=day).delete()
            log(day, "practicals.forget_keys", timestamp=at)
            count += 1
    return count


def _past_need(at: datetime) -> QuerySet[ExamDay]:
    """Days whose keys nobody can need any more."""
    long_past = (at - timedelta(days=KEPT_DAYS)).date()
    rows = ExamDay.objects.filter(recovery_key__isnull=False, date__lt=long_past)
    signed = PracticalAssessment.objects.filter(
        assignment=OuterRef("pk"), active=True, final_at__isnull=False
    )
    closed = [Appointment.State.DECLINED, Appointment.State.CANCELLED]
    sat_again = Appointment.objects.filter(resit_of__appointment=OuterRef("appointment")).exclude(
        state__in=closed
    )
    given_up = Annulment.objects.filter(
        Exists(sat_again),
        appointment=OuterRef("appointment"),
        station=OuterRef("station"),
        end=None,
    )
    expected = [Appointment.State.OFFERED, Appointment.State.ACCEPTED]
    missing = Assignment.objects.filter(
        ~Exists(signed),
        ~Exists(given_up),
        appointment__exam_day=OuterRef("pk"),
        appointment__state__in=expected,
    )
    return rows.filter(~Exists(missing)).order_by("date", "pk")
