"""The report of a released result as a PDF, which a worker renders into private storage. It says what the screen says, and never a question."""

from datetime import date, timedelta
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.services import Missing
from credentials.services import letter_pdf
from quizzes.models import Attempt, Quiz, Release, ResultVersion
from quizzes.services.reading import appeal_ends
from quizzes.services.results import released_of

LANGUAGE = "en-gb"
BANDS = {
    "below": gettext_lazy("Below the standard"),
    "near": gettext_lazy("Near the standard"),
    "good": gettext_lazy("At or above"),
}


def render(*, release: Release) -> None:
    """Render the PDF where it is not there yet. Safe to call twice; called by the worker."""
    if not storages["private"].exists(release.report_path):
        with override(LANGUAGE):
            content = letter_pdf(**said(release))
        storages["private"].save(release.report_path, ContentFile(content))


def report_file(attempt: Attempt) -> IO[bytes] | None:
    """The report of an examination's released result, or None while a worker has yet to render it (which this asks for). Raises Missing."""
    from quizzes.tasks import render_report

    told = released_of(attempt)
    if told is None or not told.counts or attempt.quiz.feedback != Quiz.Feedback.BANDS:
        raise Missing("no_report", _("There is no report of this."))
    if storages["private"].exists(told.release.report_path):
        return storages["private"].open(told.release.report_path)
    render_report.enqueue(told.release.pk)
    return None


def said(release: Release) -> dict[str, Any]:
    """What the report says."""
    result = ResultVersion.objects.select_related(
        "attempt__quiz__activity", "attempt__learner"
    ).get(pk=release.result_id)
    attempt = result.attempt
    title = attempt.quiz.activity.title
    lines = [
        _("%(title)s of %(day)s. Result released on %(told)s.")
        % {"title": title, "day": _day(attempt.submitted_at), "told": _day(release.at)}
    ]
    facts = [[_("You can appeal until"), _appeal(release)]]
    if result.passed:
        lines.append(
            _(
                "You have passed. A pass is a pass: we tell no score, because a higher one would mean nothing more."
            )
        )
    else:
        lines += [_score(attempt, result), _bands_note()]
        facts = [*_again(attempt), *facts]
    return {
        "title": _("You have passed") if result.passed else _("Not passed this time"),
        "name": attempt.learner.name,
        "lines": lines,
        "table": [] if result.passed else _table(result),
        "facts": facts,
        "foot": _(
            "You may ask for your score to be checked by hand, for a copy of what we hold about you, and for an adjustment at your next sitting. "
            "The questions and answers stay secret, so that the next examination is fair. This report is not a credential."
        ),
    }


def _bands_note() -> str:
    return _(
        "Where the marks are, the weakest domain first. You see bands, not marks: so few questions of one domain are too few for a dependable number."
    )


def _score(attempt: Attempt, result: ResultVersion) -> str:
    if result.scaled is not None and attempt.scale_cut:
        return _(
            "Your scaled score is %(scaled)d. A pass needs %(cut)d; all points are %(top)d."
        ) % {
            "scaled": result.scaled,
            "cut": attempt.scale_cut,
            "top": attempt.scale_max,
        }
    return _("You earned %(points)s of %(out_of)s points. The pass mark is %(mark)s %%.") % {
        "points": _plain(result.points),
        "out_of": _plain(result.out_of),
        "mark": _plain(attempt.pass_percent),
    }


def _table(result: ResultVersion) -> list[list[str]]:
    head = [_("Domain"), _("Questions"), _("Band")]
    return [
        head,
        *([row["title"], str(row["items"]), str(BANDS[row["band"]])] for row in result.bands),
    ]


def _again(attempt: Attempt) -> list[list[str]]:
    quiz = attempt.quiz
    if quiz.attempts_allowed is not None and attempt.number >= quiz.attempts_allowed:
        return [
            [
                _("Another attempt"),
                _(
                    "By agreement: this was your last. Agree a plan of further learning with the registrar."
                ),
            ]
        ]
    if attempt.submitted_at and quiz.wait_days:
        first = attempt.submitted_at.date() + timedelta(days=quiz.wait_days)
        return [[_("You can sit again from"), _day(first)]]
    return []


def _appeal(release: Release) -> str:
    return _(
        "%(day)s, on how the examination was run or scored. Someone who took no part in the result decides."
    ) % {"day": _day(appeal_ends(release))}


def _day(value: date | None) -> str:
    return date_format(value, "j F Y") if value else ""


def _plain(value: Any) -> str:
    return f"{float(value):g}"
