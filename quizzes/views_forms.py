"""Pages of fixed forms, for those who read the secure pool: what there is, one form with what stands in its way, a question for a place."""

from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role
from accounts.services import Missing, Refusal
from accounts.web import PersonRequest, refused, role_required
from quizzes.models import Domain, Form, ItemVersion, Level, Life, Quiz
from quizzes.services import (
    FormRow,
    draw_form,
    exposure_of,
    form_of,
    form_problems,
    hash_of,
    is_intact,
    new_form,
    overlap_with_last,
    read_items,
    retire_form,
    rows_of,
    secure_quizzes,
    set_form,
    sign_form,
    throw_form_away,
)

READERS = (Role.ITEM_AUTHOR, Role.ITEM_REVIEWER)
View = Callable[..., HttpResponse]


def page(view: View) -> View:
    """For readers of the secure pool; a refusal is said in words."""

    @role_required(*READERS)
    @never_cache
    @wraps(view)
    def said(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            return refused(request, refusal)

    return said


# What there is


@page
@require_safe
def exam_forms(request: PersonRequest) -> HttpResponse:
    """The examinations with their forms, the newest first. Two queries."""
    rows = (
        Form.objects.select_related("made_by")
        .annotate(
            scored=Count("items", filter=Q(items__scored=True), distinct=True),
            pilots=Count("items", filter=Q(items__scored=False), distinct=True),
            sat=Count("attempts", distinct=True),
        )
        .order_by("-number")
    )
    by_quiz: dict[int, list[Form]] = {}
    for row in rows:
        by_quiz.setdefault(row.quiz_id, []).append(row)
    exams = [(quiz, by_quiz.get(quiz.pk, [])) for quiz in secure_quizzes()]
    return render(request, "quizzes/forms/list.html", {"role_name": _("item bank"), "exams": exams})


@page
@require_POST
def make_form(request: PersonRequest) -> HttpResponse:
    """Draw a form of an examination, or begin an empty one."""
    wanted = request.POST.get("quiz", "")
    quiz = next((row for row in secure_quizzes() if str(row.activity.uuid) == wanted), None)
    if quiz is None:
        raise Missing("no_quiz", _("There is no such examination."))
    make = new_form if request.POST.get("by_hand") else draw_form
    form = make(quiz=quiz, by=request.user, at=timezone.now())
    return redirect("exam-form", form.uuid)


# One form


class PassMark(forms.Form):
    pass_percent = forms.DecimalField(
        label=gettext_lazy("Pass mark, per cent of the points"),
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
    )
    standard = forms.CharField(
        label=gettext_lazy("How it was set"),
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy(
            "Method, panel and the day it was adopted. It is signed with the form."
        ),
    )


@page
@require_safe
def exam_form(request: PersonRequest, uuid: UUID) -> HttpResponse:
    return form_page(request, form_of(uuid=uuid, by=request.user))


def form_page(
    request: PersonRequest,
    form: Form,
    *,
    mark: PassMark | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """A form: what stands in its way, its questions, its blueprint, who signed it. Showing its questions is reading them."""
    rows = rows_of(form)
    at = timezone.now()
    items = [row.version.item for row in rows]
    read_items(items=items, by=request.user, where="form", at=at)
    exposures = exposure_of(items, at)
    last, shared = overlap_with_last(form, rows)
    digest = form.hash or hash_of(form)
    signatures = list(form.signatures.filter(form_hash=digest).select_related("signer"))
    context = {
        "role_name": _("item bank"),
        "exam_form": form,
        "rows": [(row, exposures[row.version.item_id]) for row in rows],
        "points": sum(row.version.points for row in rows if row.scored),
        "pilots": sum(not row.scored for row in rows),
        "problems": [] if form.locked_at else form_problems(form),
        "stopped": [
            row.version.item
            for row in rows
            if row.version.item.life in (Life.SUSPENDED, Life.RETIRED)
        ],
        "matrix": _matrix(form.quiz, rows),
        "levels": Level.choices,
        "last": last,
        "shared": shared,
        "digest": digest,
        "intact": form.locked_at and is_intact(form),
        "signatures": signatures,
        "signed_by_me": any(row.signer_id == request.user.pk for row in signatures),
        "may_retire": request.user.has_role(Role.ITEM_REVIEWER),
        "mark": mark
        or PassMark(initial={"pass_percent": form.pass_percent, "standard": form.standard}),
        "refusal": refusal,
        "crumbs": [
            (_("Item bank"), "/items/"),
            (_("Forms"), reverse("exam-forms")),
            (str(form), ""),
        ],
    }
    status = refusal.status if refusal else 400 if mark and mark.errors else 200
    return render(request, "quizzes/forms/form.html", context, status=status)


def _matrix(quiz: Quiz, rows: list[FormRow]) -> list[dict[str, Any]]:
    """Domain by level: the points the form has and the blueprint wants."""
    wanted = {
        (cell.domain.code, cell.level): cell.count for cell in quiz.cells.select_related("domain")
    }
    have: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row.scored:
            have[row.version.domain_code, row.version.level] += row.version.points
    found = []
    for domain in Domain.objects.all():
        cells = [
            (have[domain.code, level], wanted.get((domain.code, level), 0))
            for level in Level.values
        ]
        total = sum(count for count, _want in cells)
        want = sum(count for (code, _level), count in wanted.items() if code == domain.code)
        if total or want:
            whatever = wanted.get((domain.code, ""), 0)
            found.append(
                {"domain": domain, "cells": cells, "have": total, "want": want, "any": whatever}
            )
    return found


def _change(request: PersonRequest, uuid: UUID, change: Callable[[Form], Any]) -> HttpResponse:
    """Do something with a form and show it; a refusal stands on the form's own page."""
    form = form_of(uuid=uuid, by=request.user)
    try:
        change(form)
    except Refusal as refusal:
        return form_page(request, form_of(uuid=uuid, by=request.user), refusal=refusal)
    return redirect("exam-form", uuid)


@page
@require_POST
def set_mark(request: PersonRequest, uuid: UUID) -> HttpResponse:
    form = form_of(uuid=uuid, by=request.user)
    mark = PassMark(request.POST)
    if not mark.is_valid():
        return form_page(request, form, mark=mark)
    messages.success(request, _("Saved."))
    return _change(
        request,
        uuid,
        lambda form: set_form(form=form, by=request.user, at=timezone.now(), **mark.cleaned_data),
    )


@page
@require_POST
def take_out(request: PersonRequest, uuid: UUID, position: int) -> HttpResponse:
    """Take the question at a place out of the form."""

    def change(form: Form) -> None:
        rows = [row for row in rows_of(form) if row.position != position]
        chosen = [(row.version.uuid, row.scored) for row in rows]
        set_form(form=form, items=chosen, by=request.user, at=timezone.now())

    return _change(request, uuid, change)


@page
@require_POST
def sign(request: PersonRequest, uuid: UUID) -> HttpResponse:
    digest = request.POST.get("hash", "")
    return _change(
        request,
        uuid,
        lambda form: sign_form(form=form, form_hash=digest, by=request.user, at=timezone.now()),
    )


@page
@require_POST
def retire(request: PersonRequest, uuid: UUID) -> HttpResponse:
    return _change(
        request, uuid, lambda form: retire_form(form=form, by=request.user, at=timezone.now())
    )


@page
@require_POST
def throw_away(request: PersonRequest, uuid: UUID) -> HttpResponse:
    form = form_of(uuid=uuid, by=request.user)
    try:
        throw_form_away(form=form, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return form_page(request, form, refusal=refusal)
    messages.success(request, _("%(form)s is thrown away.") % {"form": form})
    return redirect("exam-forms")


# A question for a place


@page
def choose(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Questions that could stand in the form: in place of another (`?place=`), or more. Those of an enemy in the form are not offered."""
    form = form_of(uuid=uuid, by=request.user)
    rows = rows_of(form)
    place = request.GET.get("place", "")
    instead = next((row for row in rows if str(row.position) == place), None)
    others = [row for row in rows if row is not instead]
    domain, level = _where(request, instead)
    at = timezone.now()
    offered = _offered(form, others, domain, level)
    if request.method == "POST":
        chosen = next(
            (row for row in offered if str(row.uuid) == request.POST.get("version")), None
        )
        if chosen:
            return _change(request, uuid, lambda form: _put(request, form, rows, instead, chosen))
    items = [row.item for row in offered]
    read_items(items=items, by=request.user, where="form", at=at)
    exposures = exposure_of(items, at)
    context = {
        "role_name": _("item bank"),
        "exam_form": form,
        "instead": instead,
        "offered": [(row, exposures[row.item_id]) for row in offered],
        "missing": request.method == "POST",
        "domains": Domain.objects.all(),
        "levels": Level.choices,
        "domain": domain,
        "level": level,
        "crumbs": [
            (_("Forms"), reverse("exam-forms")),
            (str(form), reverse("exam-form", args=[uuid])),
            (_("Choose a question"), ""),
        ],
    }
    return render(
        request, "quizzes/forms/choose.html", context, status=400 if context["missing"] else 200
    )


def _where(request: PersonRequest, instead: FormRow | None) -> tuple[str, str]:
    """The domain and level looked at: as asked for, else those of the question that goes."""
    domain = request.GET.get("domain") or (instead.version.domain_code if instead else "")
    level = request.GET.get("level", instead.version.level if instead else "")
    return domain, level


SHOWN = 60


def _offered(form: Form, others: list[FormRow], domain: str, level: str) -> list[ItemVersion]:
    taken = [row.version.item_id for row in others]
    versions = ItemVersion.objects.active() | ItemVersion.objects.pilot()
    versions = versions.filter(pool=form.quiz.pool).exclude(item__in=taken)
    versions = versions.exclude(item__enemies__in=taken).select_related("item", "domain")
    if domain:
        versions = versions.filter(domain_code=domain)
    if level in Level.values:
        versions = versions.filter(level=level)
    return list(versions.order_by("item__code")[:SHOWN])


def _put(
    request: PersonRequest,
    form: Form,
    rows: list[FormRow],
    instead: FormRow | None,
    chosen: ItemVersion,
) -> None:
    new = (chosen.uuid, chosen.item.life == "active")
    items = [new if row is instead else (row.version.uuid, row.scored) for row in rows]
    set_form(
        form=form,
        items=items if instead else [*items, new],
        by=request.user,
        at=timezone.now(),
    )
