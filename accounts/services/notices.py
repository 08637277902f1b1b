"""Telling people things: in the product and by e-mail."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django_tasks.base import Task, TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.models import Invitation, Notice, User
from accounts.services.refusals import Missing

RETRY = timedelta(minutes=10)


@transaction.atomic(savepoint=False)  # told from within the transaction of what it is about
def notify(
    *,
    recipient: User,
    kind: str,
    reference: str,
    subject: str,
    template: str,
    context: dict[str, Any],
    at: datetime,
    url: str = "",
    calendar: str = "",
) -> Notice:
    """Tell a person something, in the product and by e-mail (sent by the worker). The same kind and reference is told once.

    `template` is a plain-text template; `url` a path of this site; `calendar` an iCalendar object that goes with the mail.
    """
    body = render_to_string(template, {**context, "recipient": recipient, "url": url})
    told = Notice(
        recipient=recipient,
        kind=kind,
        reference=reference,
        subject=str(subject)[:200],
        body=body,
        url=url,
        calendar=calendar,
        created_at=at,
    )
    # Two statements and no savepoint: whoever was first has told it, and the row says who that was.
    Notice.objects.bulk_create([told], ignore_conflicts=True)
    notice = Notice.objects.get(recipient=recipient, kind=kind, reference=reference)
    if notice.uuid == told.uuid:
        from accounts.tasks import send_notice

        send_notice.enqueue(notice.pk)
    return notice


@transaction.atomic
def read_notice(*, uuid: UUID, by: User, at: datetime) -> Notice:
    """Mark one of one's own notices as read. Raises Missing for anybody else's."""
    notice = Notice.objects.visible_to(by).filter(uuid=uuid).first()
    if notice is None:
        raise Missing("no_notice", _("There is no such notice."))
    if notice.read_at is None:
        notice.read_at = at
        notice.save(update_fields=["read_at"])
    return notice


@transaction.atomic
def read_all_notices(*, by: User, at: datetime, until: datetime | None = None) -> int:
    """Mark all of one's notices as read, or those written by `until`; returns how many were unread."""
    unread = Notice.objects.visible_to(by).unread()
    return unread.filter(created_at__lte=until or at).update(read_at=at)


def send_what_is_unsent(*, at: datetime) -> int:
    """Enqueue again the notices and invitations that should have gone out and wait in no queue. Called by the sweep; returns how many."""
    from accounts.tasks import send_invitation, send_notice

    overdue: list[tuple[Task, QuerySet[Any]]] = [
        (send_notice, Notice.objects.overdue(at)),
        (send_invitation, Invitation.objects.overdue(at)),
    ]
    count = 0
    for task, rows in overdue:
        waiting = set(rows.values_list("pk", flat=True)) - already_queued(task, at=at)
        for pk in sorted(waiting):
            task.enqueue(pk)
        count += len(waiting)
    return count


def already_queued(task: Task, *, at: datetime) -> set[Any]:
    """First arguments of the calls of `task` that wait, run, or were tried less than RETRY ago."""
    calls = DBTaskResult.objects.filter(task_path=task.module_path).filter(
        Q(status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING])
        | Q(enqueued_at__gt=at - RETRY)
    )
    return {row["args"][0] for row in calls.values_list("args_kwargs", flat=True) if row["args"]}
