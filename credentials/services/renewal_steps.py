"""What happened to a renewal, step by step, and its end by the event that renewed the credential."""

from datetime import datetime
from typing import Any

from credentials.models import Credential, RenewalRequest, RenewalStep, StatusEvent


def append_step(
    request: RenewalRequest, kind: RenewalStep.Kind, *, at: datetime, **fields: Any
) -> RenewalStep:
    """The next step of a renewal. The caller holds the holder's lock."""
    step: RenewalStep = RenewalStep.objects.append(
        chain=request.chain, at=at, request=request, kind=kind, **fields
    )
    return step


def close_by_event(
    credential: Credential, event: StatusEvent, *, at: datetime, content: dict[str, Any]
) -> None:
    """End the open renewal of a credential that was just renewed, whichever way a registrar renewed it."""
    request = credential.renewal_requests.filter(closed_at=None).first()
    if request is None or event.by is None:
        return
    request.event, request.closed_at = event, at
    request.save(update_fields=["event", "closed_at"])
    append_step(
        request,
        RenewalStep.Kind.RENEWED,
        at=at,
        reason_code=event.reason_code,
        reason_text=event.reason_text,
        content=content,
        event=event,
        by=event.by,
    )
