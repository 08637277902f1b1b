"""The one device an attempt of a sitting is answered on."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Missing
from quizzes.models import Attempt, SittingEvent

SHUT_OUT = "-"  # before the digest of the device that was let go: the next other one is let in


def other_device() -> Conflict:
    return Conflict(
        "other_device",
        _(
            "This examination is being answered on another device. Raise your hand: the invigilator can let this one in."
        ),
    )


def require_device(attempt: Attempt, device: str | None, *, by: User, at: datetime) -> None:
    """Let `device` (its digest) answer an open attempt of a sitting: the one it is bound to, or the first that comes. Else Conflict.

    None is a caller without any, as the demonstration and the sweep are. Takes no statement unless something changes.
    """
    if device is None or attempt.sitting_id is None or attempt.submitted_at:
        return
    if attempt.device == device and device:
        return
    if not bind_device(attempt, device, at=at):
        _write_refusal(attempt, by, at)
        raise other_device()


def bind_device(attempt: Attempt, device: str, *, at: datetime) -> bool:
    """Bind the attempt to `device` if the next device may come. One UPDATE, so that of two devices one gets in."""
    free = ["", f"{SHUT_OUT}{attempt.device.removeprefix(SHUT_OUT)}"]
    if not device or attempt.device not in free or device in attempt.shut_out:
        return False
    rows = Attempt.objects.filter(pk=attempt.pk, device=attempt.device, submitted_at=None)
    if not rows.update(device=device, seen_at=at):
        return False
    attempt.device = device
    return True


@transaction.atomic
def _write_refusal(attempt: Attempt, by: User, at: datetime) -> None:
    """Once, however often the same device tries again before the invigilator acts."""
    Attempt.objects.select_for_update().get(pk=attempt.pk)
    last = attempt.events.order_by("-sequence").first()
    if last is None or last.kind != SittingEvent.Kind.DEVICE_REFUSED:
        write_event(attempt, SittingEvent.Kind.DEVICE_REFUSED, by=by, at=at)


@transaction.atomic
def unlock_device(*, attempt: Attempt, reason: str, by: User, at: datetime) -> Attempt:
    """Let the next device in and shut out the one it was answered on, for good. By an invigilator of its sitting. Safe to call twice."""
    attempt = Attempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
    require_watching(attempt, by)
    require_running(attempt, at)
    if not attempt.device or attempt.device.startswith(SHUT_OUT):
        return attempt
    attempt.shut_out = [*attempt.shut_out, attempt.device]
    attempt.device = f"{SHUT_OUT}{attempt.device}"
    attempt.save(update_fields=["device", "shut_out"])
    write_event(attempt, SittingEvent.Kind.DEVICE_UNLOCKED, reason=reason, by=by, at=at)
    return attempt


# What the verbs of a sitting share


def write_event(
    attempt: Attempt,
    kind: str,
    *,
    by: User | None,
    at: datetime,
    seconds: int = 0,
    reason: str = "",
) -> SittingEvent:
    """One row of what happened; the caller holds the attempt."""
    return SittingEvent.objects.append(
        chain=f"attempt:{attempt.uuid}",
        at=at,
        attempt=attempt,
        kind=kind,
        seconds=seconds,
        reason=reason.strip(),
        by=by,
    )


def require_watching(attempt: Attempt, by: User) -> None:
    """Who acts on an attempt is an invigilator of its sitting, and not its candidate."""
    if not by.has_role(Role.INVIGILATOR):
        raise Forbidden("wrong_role", _("Invigilators do this, in their own sittings."))
    if attempt.sitting is None or not attempt.sitting.invigilators.filter(pk=by.pk).exists():
        raise Missing("no_attempt", _("There is no such attempt in a sitting of yours."))
    if attempt.learner_id == by.pk:
        raise Forbidden("R2", _("Rule R2: nobody watches over their own examination."))


def require_running(attempt: Attempt, at: datetime) -> None:
    if attempt.submitted_at:
        raise Conflict("submitted", _("This attempt has been submitted. Its answers stand."))
    if attempt.is_overdue(at):
        raise Conflict("time_up", _("The time is up. The answers saved before count."))
