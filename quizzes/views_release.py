"""HTML pages from marked to told: results that wait, their questions, rulings and what they move; and the candidate's report."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from accounts.models import Role, User
from accounts.services import Missing, Refusal
from accounts.web import refused, role_required
from quizzes import keyplots
from quizzes.api import me
from quizzes.frozen import read_back
from quizzes.keyvalidation import LEAST, Flag
from quizzes.models import Attempt, ItemRuling, ItemVersion, Pool, Quiz, readable_pools
from quizzes.pictures import key_pictures
from quizzes.release_forms import AdministrationForm, FallForm, ReleaseForm
from quizzes.ruling_forms import RulingForm, in_words
from quizzes.services import (
    Hold,
    Question,
    administrations_of,
    attempt_of,
    bar_to_ruling,
    foresee_ruling,
    forms_sat,
    queue_of,
    read_items,
    release_results,
    report_file,
    ripple_of,
    rule_on_item,
    settle_fall,
    validation_of,
    waiting_by_quiz,
)
from quizzes.views import View, page

FLAGS = {
    Flag.HARD: gettext_lazy(
        "Hard: fewer than one in five of its points were earned. Is the key right? Is it taught?"
    ),
    Flag.EASY: gettext_lazy(
        "Easy: more than 95 % of its points were earned. It says little of anybody."
    ),
    Flag.FLAT: gettext_lazy(
        "Apart: whoever did well elsewhere did no better here (r below 0.10). Often a wrong key, or two right answers."
    ),
    Flag.DISTRACTOR: gettext_lazy(
        "Drawn away: a wrong option goes with better attempts than the right one. The commonest sign of a wrong key."
    ),
}
HELD = {
    Hold.PERSON: gettext_lazy("your own; another registrar releases it"),
    Hold.INCIDENT: gettext_lazy("an open incident"),
    Hold.ESSAY: gettext_lazy("an essay to be marked"),
    Hold.FALL: gettext_lazy("a pass to be decided on"),
}


def staff_page(*roles: str, methods: tuple[str, ...] = ("GET", "POST")) -> Any:
    """A working page for these roles; a refusal is said in words; kept by no cache."""

    def decorate(view: View) -> View:
        @role_required(*roles)
        @require_http_methods(methods)
        def said(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                response = view(request, *args, **kwargs)
            except Refusal as refusal:
                response = refused(request, refusal)
            response["Cache-Control"] = "private, no-store"
            return response

        return said

    return decorate


BOTH = (Role.REGISTRAR, Role.ITEM_REVIEWER)


def around(request: HttpRequest) -> dict[str, Any]:
    """What every one of these pages is told: the desk, and what this person may do."""
    user = me(request)
    releases = user.has_role(Role.REGISTRAR)
    return {
        "role_name": _("registrar") if releases else _("item bank"),
        "nav_label": _("Desk"),
        "releases": releases,
        "reads": Pool.SECURE in readable_pools(user),
        "rules": user.has_role(Role.ITEM_REVIEWER),
    }


def _quiz(uuid: UUID) -> Quiz:
    quiz = (
        Quiz.objects.select_related("activity")
        .filter(activity__uuid=uuid, pool=Pool.SECURE)
        .first()
    )
    if quiz is None:
        raise Missing("no_quiz", _("There is no such examination."))
    return quiz


def _in_words(held: dict[Hold, int]) -> list[str]:
    return [f"{n} – {HELD[hold]}" for hold, n in held.items()]


@staff_page(*BOTH, methods=("GET",))
def results(request: HttpRequest) -> HttpResponse:
    """Every examination, and what of it waits; the newest rulings."""
    waiting = waiting_by_quiz()
    rows: list[dict[str, Any]] = []
    for quiz in Quiz.objects.filter(pool=Pool.SECURE).select_related("activity__module__course"):
        queue = queue_of(quiz, waiting.get(quiz.pk, []), by=me(request))
        rows.append({"quiz": quiz, "queue": queue, "held": _in_words(queue.held) if queue else []})
    rulings = ItemRuling.objects.visible_to(me(request)).select_related("version__item", "by")
    context = {
        **around(request),
        "rows": sorted(rows, key=lambda row: row["queue"] is None),
        "waiting": sum(row["queue"].waiting for row in rows if row["queue"]),
        "rulings": rulings.order_by("-pk")[:20],
    }
    return render(request, "quizzes/results.html", context)


@staff_page(*BOTH, methods=("GET",))
def quiz_results(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The questions of an examination and what their numbers say; for readers of the bank with their text."""
    quiz = _quiz(uuid)
    context = around(request)
    queue = queue_of(quiz, waiting_by_quiz().get(quiz.pk, []), by=me(request))
    sat = forms_sat(quiz)
    chooser = AdministrationForm(request.GET or None, quiz=quiz, sat=sat)
    validation = validation_of(chooser.administration())
    rows = [_row(question, reads=context["reads"]) for question in validation.questions]
    flagged = [row for row in rows if row["flags"]]
    if context["reads"]:
        items = [row["version"].item for row in flagged]
        read_items(items=items, by=me(request), where="key validation", at=timezone.now())
    context |= {
        "quiz": quiz,
        "queue": queue,
        "held": _in_words(queue.held) if queue else [],
        "validation": validation,
        "chooser": chooser,
        "sat": sat,
        "rows": rows,
        "flagged": flagged,
        "enough": any(row["statistics"].enough for row in rows),
        "least": LEAST,
        "meanings": [FLAGS[flag] for flag in keyplots.ORDER],
        "scatter": keyplots.scatter(
            (row.version.item.code, row.statistics) for row in validation.questions
        ),
    }
    status = 400 if chooser.errors else 200
    return render(request, "quizzes/quiz_results.html", context, status=status)


def _row(question: Question, *, reads: bool) -> dict[str, Any]:
    """A question as the page shows it. What it asks, what its options say and which is right are there for readers of the bank only."""
    content, enough = question.version.content, question.statistics.enough
    texts = {option["id"]: option["text"] for option in content["options"]} if reads else {}
    return {
        "version": question.version,
        "pilot": question.pilot,
        "statistics": question.statistics,
        "ruling": question.ruling,
        "flags": [str(FLAGS[flag]) for flag in keyplots.ORDER if flag in question.statistics.flags],
        "stem": content["stem"] if reads else "",
        "bars": [
            {"bar": bar, "text": texts.get(bar.option, ""), "right": reads and bar.right}
            for bar in keyplots.bars(question.statistics)
        ]
        if enough
        else [],
    }


@staff_page(Role.REGISTRAR)
def release(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What releasing would do, and the button that does it."""
    quiz = _quiz(uuid)
    queue = queue_of(quiz, waiting_by_quiz().get(quiz.pk, []), by=me(request))
    if queue is None or not queue.ready:
        messages.info(request, _("Nothing waits to be released here."))
        return redirect("quiz-results", uuid)
    form = ReleaseForm(
        request.POST if request.method == "POST" else None, initial={"upto": queue.upto}
    )
    if request.method == "POST" and form.is_valid():
        done = release_results(
            quiz=quiz,
            attempts=queue.ready,
            by=me(request),
            at=timezone.now(),
            upto=form.cleaned_data["upto"],
        )
        messages.success(
            request,
            ngettext("%(n)d result released.", "%(n)d results released.", len(done))
            % {"n": len(done)},
        )
        return redirect("quiz-results", uuid)
    looked_at = [validation_of(row) for row in administrations_of(queue.ready)]
    context = {
        **around(request),
        "quiz": quiz,
        "queue": queue,
        "held": _in_words(queue.held),
        "fails": len(queue.ready) - queue.passes,
        "looked_at": looked_at,
        "form": form,
    }
    return render(request, "quizzes/release.html", context, status=400 if form.errors else 200)


# Rulings


@staff_page(Role.ITEM_REVIEWER)
def rule(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One version of a question with its key, what was ruled on it before, and a ruling to make."""
    version = (
        ItemVersion.objects.select_related("item__domain", "item__author")
        .filter(uuid=uuid, pool=Pool.SECURE)
        .first()
    )
    if version is None:
        raise Missing("no_question", _("There is no such question."))
    at, user = timezone.now(), me(request)
    bar = bar_to_ruling(item=version.item, by=user)
    earlier = list(version.rulings.select_related("by").order_by("-sequence"))
    data = request.POST if request.method == "POST" else None
    form = RulingForm(data, version=version, before=earlier[0] if earlier else None)
    foreseen = None
    if request.method == "POST":
        if bar:
            raise bar
        form.fields["reasons"].required = "foresee" not in request.POST
        if form.is_valid():
            try:
                given = {"kind": form.cleaned_data["kind"], "also": form.named()}
                if "foresee" not in request.POST:
                    reasons = form.cleaned_data["reasons"]
                    ruling = rule_on_item(version=version, **given, reasons=reasons, by=user, at=at)
                    return redirect("ripple", ruling.uuid)
                foreseen = foresee_ruling(version=version, **given)
            except Refusal as refusal:
                _say_in(form, refusal)
    form.fields["reasons"].required = True
    read_items(items=[version.item], by=user, where="ruling", at=at)
    question = read_back(version.content)
    context = {
        **around(request),
        "version": version,
        "question": question,
        "pictures": key_pictures(question),
        "earlier": [
            (row, [in_words(version.content, answer) for answer in row.also]) for row in earlier
        ],
        "form": form,
        "foreseen": foreseen,
        "bar": bar,
    }
    return render(request, "quizzes/rule.html", context, status=400 if form.errors else 200)


def _say_in(form: RulingForm, refusal: Refusal) -> None:
    """Put a refusal at its fields; one that has none goes on."""
    if not refusal.fields:
        raise refusal
    for name, sentences in refusal.fields.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)


def _ruling(uuid: UUID, user: User) -> ItemRuling:
    rows = ItemRuling.objects.visible_to(user).select_related("version__item", "by")
    ruling = rows.filter(uuid=uuid).first()
    if ruling is None:
        raise Missing("no_ruling", _("There is no such ruling."))
    return ruling


@staff_page(*BOTH, methods=("GET",))
def ripple(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What a ruling moved. Names, and what hangs on them, are for registrars; reviewers see numbers."""
    ruling = _ruling(uuid, me(request))
    found = ripple_of(ruling)
    context = {
        **around(request),
        "ruling": ruling,
        "ripple": found,
        "holders": len({row.credential.holder_id for row in found.credentials}),
        "examinations": {row.attempt.quiz.activity for row in found.touched},
        "form": FallForm(),
    }
    return render(request, "quizzes/ripple.html", context)


@staff_page(Role.REGISTRAR, methods=("POST",))
def fall(request: HttpRequest, uuid: UUID, attempt: UUID) -> HttpResponse:
    """A registrar decides on one pass that a ruling would take back."""
    ruling = _ruling(uuid, me(request))
    row = Attempt.objects.filter(uuid=attempt, responses__item_version=ruling.version_id).first()
    if row is None:
        raise Missing("no_attempt", _("There is no such attempt."))
    form = FallForm(request.POST)
    if form.is_valid():
        settle_fall(
            attempt=row,
            stands=form.cleaned_data["stands"],
            reasons=form.cleaned_data["reasons"],
            by=me(request),
            at=timezone.now(),
        )
        messages.success(request, _("Decided and recorded."))
    else:
        messages.error(request, _("Choose a decision and give your reasons."))
    return redirect("ripple", uuid)


# The candidate's own


@page
def result_report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The report of one's own released result, as a PDF."""
    attempt = attempt_of(uuid=uuid, by=me(request), at=timezone.now())
    file = report_file(attempt)
    if file is None:
        return render(request, "quizzes/report_wait.html", {"attempt": attempt}, status=202)
    return FileResponse(  # type: ignore[return-value]
        file,
        filename=f"result-{attempt.submitted_at:%Y-%m-%d}.pdf",
        content_type="application/pdf",
    )
