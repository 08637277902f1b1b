"""What a killed worker left is found again, and one broken part holds up no other."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import Page

from accounts.services import notify
from cms.models import StandardPage
from lms import queue, sweep
from tests.factories import person

pytestmark = pytest.mark.django_db


def a_task(**fields) -> DBTaskResult:
    notify(
        recipient=person(),
        kind="test",
        reference="1",
        subject="x",
        template="accounts/mail/invitation.txt",
        context={"invitation": {"name": "x", "email": "x@example.org"}},
        at=timezone.now(),
    )
    mine = DBTaskResult.objects.filter(task_path="accounts.tasks.send_notice")
    mine.update(**fields)
    return mine.get()


def test_a_task_whose_worker_died_is_ready_again():
    now = timezone.now()
    row = a_task(status="RUNNING", started_at=now - timedelta(minutes=11), worker_ids=["killed"])
    assert queue.reclaim(at=now) == 1
    row.refresh_from_db()
    assert (row.status, row.started_at) == ("READY", None)
    assert queue.reclaim(at=now) == 0


def test_a_task_that_runs_is_left_alone_unless_no_worker_runs():
    now = timezone.now()
    row = a_task(status="RUNNING", started_at=now - timedelta(minutes=2), worker_ids=["busy"])
    assert queue.reclaim(at=now) == 0
    assert queue.reclaim(at=now, lost_after=timedelta(0)) == 1
    row.refresh_from_db()
    assert row.status == "READY"


def test_a_task_that_took_three_workers_down_is_given_up():
    now = timezone.now()
    row = a_task(status="RUNNING", started_at=now - timedelta(hours=1), worker_ids=["a", "b", "c"])
    assert queue.reclaim(at=now) == 0
    row.refresh_from_db()
    assert row.status == "FAILED"
    assert "WorkerDied" in row.exception_class_path


def test_old_results_are_thrown_away_and_new_ones_kept():
    now = timezone.now()
    row = a_task(status="SUCCESSFUL", finished_at=now - timedelta(days=2))
    assert queue.tidy(at=now) == 0
    assert queue.tidy(at=now + timedelta(days=2)) == 1
    assert not DBTaskResult.objects.filter(pk=row.pk).exists()


def test_every_part_runs_and_a_broken_one_holds_up_no_other(monkeypatch):
    ran = []

    def breaks(*, at):
        raise RuntimeError

    parts = {"first": lambda at: ran.append("first"), "broken": breaks}
    monkeypatch.setattr(sweep, "PARTS", {**parts, "last": lambda at: ran.append("last")})
    assert sweep.sweep(at=timezone.now()) == {"first": None, "broken": None, "last": None}
    assert ran == ["first", "last"]


def test_the_command_runs_the_real_parts_once_and_says_what_they_did(capsys):
    call_command("sweep")
    said = capsys.readouterr().out
    for name in sweep.PARTS:
        assert name.replace("_", " ") in said
    assert "None" not in said


def test_the_sweep_finishes_what_a_killed_worker_left():
    now = timezone.now()
    a_task()
    DBTaskResult.objects.all().delete()
    from accounts.models import Notice

    Notice.objects.update(created_at=now - timedelta(minutes=5))
    sweep.sweep(at=now)
    assert DBTaskResult.objects.filter(task_path="accounts.tasks.send_notice").count() == 1


def test_a_page_goes_live_when_its_hour_comes_without_anybody_at_a_desk():
    now = timezone.now()
    page = Page.objects.get(depth=1).add_child(
        instance=StandardPage(title="Fees", slug="fees", live=False)
    )
    page.go_live_at = now + timedelta(hours=1)
    page.save_revision(approved_go_live_at=page.go_live_at)
    assert sweep.sweep(at=now)["schedule_kept"] == 0
    page.go_live_at = now - timedelta(minutes=1)
    page.save_revision(approved_go_live_at=page.go_live_at)
    assert sweep.sweep(at=now)["schedule_kept"] == 1
    assert StandardPage.objects.get(pk=page.pk).live
