"""HTML pages of courses: enrolling, marking as read, the instructor's desk, the statement of completion."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import models
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.models import Page

from accounts.models import Role, User
from accounts.services import Refusal
from accounts.web import PersonRequest, refused, role_required
from courses.forms import SessionForm
from courses.models import Activity, Cohort, Course
from courses.services import (
    class_list,
    classes_of,
    complete_lesson,
    enrol,
    next_step,
    outline,
    record_session,
    statement_file,
    statement_of,
)


@require_POST
@role_required()
def enrol_in_course(request: PersonRequest, code: str) -> HttpResponse:
    course = Course.objects.filter(code=code).order_by("-is_open", "-pk").first()
    if course is None:
        raise Http404
    try:
        enrolment, new = enrol(learner=request.user, course=course, at=timezone.now())
    except Refusal as refusal:
        return refused(request, refusal)
    if new:
        messages.success(request, _("You are enrolled in %(course)s.") % {"course": course.title})
    step = next_step(outline(enrolment=enrolment))
    return redirect(course.path or (step and step.path) or "/")


@require_safe
@role_required()
def activity(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Where an activity is to be found: its page decides who may see it."""
    row = get_object_or_404(Activity.objects.exclude(path=""), uuid=uuid)
    return redirect(row.path)


@require_POST
@role_required()
def complete(request: PersonRequest, uuid: UUID) -> HttpResponse:
    row = get_object_or_404(Activity.objects.select_related("module__course"), uuid=uuid)
    try:
        progress = complete_lesson(learner=request.user, activity=row, at=timezone.now())
    except Refusal as refusal:
        return refused(request, refusal)
    step = next_step(outline(enrolment=progress.enrolment))
    return redirect((step and step.path) or row.module.course.path or "/")


# Teaching


@require_safe
@role_required(Role.INSTRUCTOR)
def teach(request: PersonRequest) -> HttpResponse:
    context = {
        "role_name": _("instructor"),
        "classes": classes_of(instructor=request.user),
        "drafts": drafts_of(request.user),
    }
    return render(request, "courses/teach.html", context)


def drafts_of(user: User) -> "models.QuerySet[Page]":
    """Pages whose newest, unpublished revision this person wrote, newest first; each with where it stands in review."""
    return (
        Page.objects.filter(has_unpublished_changes=True, latest_revision__user=user)
        .select_related("latest_revision")
        .prefetch_related("_workflow_states__current_task_state__task")
        .order_by("-latest_revision_created_at")[:20]
    )


@require_http_methods(["GET", "POST"])
@role_required(Role.INSTRUCTOR)
def cohort(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """A class list; with POST, record a session."""
    row = get_object_or_404(
        Cohort.objects.visible_to(request.user).select_related("course"), uuid=uuid
    )
    form = SessionForm(request.POST or None, cohort=row)
    if request.method == "POST" and form.is_valid() and _record(request, row, form):
        return redirect("cohort", uuid=row.uuid)
    context = {
        "role_name": _("instructor"),
        "cohort": row,
        "list": class_list(cohort=row),
        "form": form,
    }
    return render(request, "courses/cohort.html", context, status=400 if form.errors else 200)


def _record(request: PersonRequest, row: Cohort, form: SessionForm) -> bool:
    """Record the session of a valid form; on a refusal put its words on the form."""
    try:
        present = record_session(
            cohort=row, by=request.user, at=timezone.now(), **form.cleaned_data
        )
    except Refusal as refusal:
        for name, errors in refusal.fields.items():
            form.add_error(name if name in form.fields else None, errors)
        if not refusal.fields:
            form.add_error(None, refusal.sentence)
        return False
    said = ngettext("Recorded for %(n)d person.", "Recorded for %(n)d people.", present) % {
        "n": present
    }
    messages.success(request, said)
    return True


# The statement of completion


@require_safe
@role_required()
def statement(request: PersonRequest, uuid: UUID) -> HttpResponse:
    try:
        row = statement_of(enrolment=uuid, user=request.user)
    except Refusal as refusal:
        return refused(request, refusal)
    return render(request, "courses/statement.html", {"statement": row})


@require_safe
@role_required()
def statement_pdf(request: PersonRequest, uuid: UUID) -> HttpResponse:
    try:
        row = statement_of(enrolment=uuid, user=request.user)
    except Refusal as refusal:
        return refused(request, refusal)
    file = statement_file(statement=row)
    if file is None:
        return render(request, "courses/statement_wait.html", {"statement": row}, status=202)
    pdf: Any = FileResponse(file, filename=f"{row.number}.pdf", content_type="application/pdf")
    return pdf
