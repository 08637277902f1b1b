"""The task queue, kept honest: what a killed worker was running is given to the next one, and old results are thrown away."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db.models import Q
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

# No task of ours takes a minute; one that has "run" this long has lost its worker.
LOST_AFTER = timedelta(minutes=10)
# A task that took its worker down this often is not given to another. The domain rows still say that the work is due.
TRIES = 3
KEEP_RESULTS = timedelta(days=3)


def reclaim(*, at: datetime, lost_after: timedelta = LOST_AFTER) -> int:
    """Make tasks whose worker died ready again; after TRIES workers, failed. Returns how many were reclaimed.

    `lost_after` nothing means that no worker runs at all: every running task is lost.
    """
    lost = DBTaskResult.objects.running().filter(Q(started_at__lte=at - lost_after))
    reclaimed = 0
    for row in lost.only("pk", "started_at", "worker_ids"):
        same = lost.filter(pk=row.pk, started_at=row.started_at)
        if len(row.worker_ids) >= TRIES:
            same.update(
                status=TaskResultStatus.FAILED,
                finished_at=at,
                exception_class_path="lms.queue.WorkerDied",
                traceback=f"{len(row.worker_ids)} workers died while they ran this task.",
            )
        else:
            reclaimed += same.update(status=TaskResultStatus.READY, started_at=None)
    return reclaimed


class WorkerDied(RuntimeError):
    """Named in the result of a task whose workers died, so that it can be found."""


def tidy(*, at: datetime) -> int:
    """Throw away results of tasks that succeeded long ago, and sessions that have run out. Returns how many rows went."""
    old = DBTaskResult.objects.successful().filter(finished_at__lt=at - KEEP_RESULTS)
    return old.delete()[0] + Session.objects.filter(expire_date__lt=at).delete()[0]


def waiting() -> int:
    """How many tasks are ready to run or running now."""
    return DBTaskResult.objects.filter(
        status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING]
    ).count()
