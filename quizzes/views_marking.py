"""HTML pages of marking essays: the desk, and one essay. Nothing here names a candidate or another marker."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.services import Refusal
from quizzes.api import me
from quizzes.frozen import read_back
from quizzes.models import EssayMark
from quizzes.release_forms import EssayMarkForm
from quizzes.services import essay_desk, essay_for, mark_essay, number_of, read_items
from quizzes.views_release import staff_page


@staff_page(Role.ITEM_REVIEWER, methods=("GET",))
def essays(request: HttpRequest) -> HttpResponse:
    """The essays that wait for this marker."""
    user = me(request)
    mine = EssayMark.objects.visible_to(user).select_related("response__item_version__item")
    context = {
        "role_name": _("item bank"),
        "desk": essay_desk(marker=user, at=timezone.now()),
        "marked": [
            {"mark": mark, "number": number_of(mark.response)} for mark in mine.order_by("-pk")[:20]
        ],
    }
    return render(request, "quizzes/essays.html", context)


@staff_page(Role.ITEM_REVIEWER)
def essay(request: HttpRequest, number: int) -> HttpResponse:
    """The task, the essay and the rubric; a third marker also sees what the two gave, without names."""
    user, at = me(request), timezone.now()
    waiting = essay_for(number=number, marker=user, at=at)
    version = waiting.response.item_version
    text: str = (waiting.response.answer or {})["text"]
    rubric = version.content["scoring"]["rubric"]
    form = EssayMarkForm(request.POST if request.method == "POST" else None, rubric=rubric)
    if request.method == "POST" and form.is_valid():
        try:
            mark_essay(
                response=waiting.response,
                marker=user,
                lines=form.given(),
                comment=form.cleaned_data["comment"],
                at=at,
            )
        except Refusal as refusal:
            if not refusal.fields:
                raise
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("Essay %(number)s marked.") % {"number": waiting.number})
            return redirect("essays")
    read_items(items=[version.item], by=user, where="marking", at=at)
    earlier = list(waiting.response.marks.all()) if waiting.place == "C" else []
    context = {
        "role_name": _("item bank"),
        "waiting": waiting,
        "version": version,
        "question": read_back(version.content),
        "text": text,
        "words": len(text.split()),
        "form": form,
        "lines": [
            {**line, "earlier": [mark.lines[line["id"]] for mark in earlier]} for line in form.lines
        ],
        "earlier": earlier,
        "most": sum(line["points"] for line in rubric),
    }
    return render(request, "quizzes/essay.html", context, status=400 if form.errors else 200)
