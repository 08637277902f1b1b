"""Results of examinations that wait for a registrar, as the queue shows them."""

from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from credentials.services import DOCUMENT_DAYS, Matter, after_working_days
from quizzes.models import ItemRuling, Quiz, ResultVersion
from quizzes.services import queue_of, waiting_by_quiz


def result_matters(*, by: User, at: datetime) -> list[Matter]:
    """One matter for the results of an examination that can be released now, one for each pass that a ruling would take back.

    Two queries, and a few for each examination with results that wait.
    """
    waiting = waiting_by_quiz()
    found = []
    for quiz in Quiz.objects.filter(pk__in=waiting).select_related("activity"):
        queue = queue_of(quiz, waiting[quiz.pk], by=by)
        if queue and queue.ready:
            found.append(_to_release(quiz, len(queue.ready), queue.since))
        if queue and queue.falls:
            found += _falls(quiz, queue.falls)
    return found


def _to_release(quiz, count: int, since: datetime) -> Matter:
    return Matter(
        key=f"result:{quiz.activity.uuid}",
        kind="result",
        who=ngettext("%(n)d candidate", "%(n)d candidates", count) % {"n": count},
        reference=quiz.activity.module.course.code,
        what=_("Results: %(title)s") % {"title": quiz.activity.title},
        why=_("Look at the questions, then release them"),
        url=reverse("quiz-results", args=[quiz.activity.uuid]),
        since=since,
        due=after_working_days(since.date(), DOCUMENT_DAYS),
    )


def _falls(quiz, attempts) -> list[Matter]:
    newest = ResultVersion.objects.in_bulk([row.newest_result for row in attempts])
    names = {row.reason.removeprefix("ruling ") for row in newest.values()}
    rulings = {
        row.mark: row
        for row in ItemRuling.objects.filter(uuid__in=names).select_related("version__item")
    }
    matters = []
    for attempt in attempts:
        result = newest[attempt.newest_result]
        ruling = rulings[result.reason]
        matters.append(
            Matter(
                key=f"fall:{attempt.uuid}",
                kind="fall",
                who=attempt.learner.name,
                reference=date_format(attempt.submitted_at, "j M Y"),
                what=_("Pass becomes fail: %(code)s") % {"code": ruling.version.item.code},
                why=_("A ruling would take back a pass that was told; a person decides"),
                url=reverse("ripple", args=[ruling.uuid]),
                since=result.at,
                due=after_working_days(result.at.date(), DOCUMENT_DAYS),
            )
        )
    return matters
