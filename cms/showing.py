"""What the public pages show of the rows beneath them."""

from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString
from wagtail.models import Page

from cms.rendering import render_body
from courses.models import Course, Enrolment
from credentials.models import Credential, CredentialType, Requirement


def body_of(page: Page) -> SafeString:
    """The body of a public page. Visitors get it from the full-page cache."""
    return render_body(page.body)


def home_context(page: Page) -> dict[str, Any]:
    """The front page: the holder's certificate that is shown, the course and the programme page it leads to."""
    credential = None
    if page.certificate_number:
        credential = Credential.objects.filter(number=page.certificate_number, listed=True).first()
    return {
        "certificate": credential,
        "course": Course.objects.filter(
            is_open=True, satisfies__credential_type__code=page.credential
        ).first(),
        "programme": next(
            (
                child
                for child in page.get_children().live().specific()
                if child.__class__.__name__ == "CredentialPage"
            ),
            None,
        ),
    }


def credential_context(page: Page, request: HttpRequest) -> dict[str, Any]:
    """The edition in force and what it requires; with the course or examination that meets a requirement."""
    kind = CredentialType.objects.filter(code=page.code, state=CredentialType.State.OPEN).first()
    requirements = (
        kind.requirements.filter(phase=Requirement.Phase.AWARD)
        .prefetch_related("courses", "activities")
        .order_by("position")
        if kind
        else []
    )
    return {"kind": kind, "requirements": requirements, "body": body_of(page)}


def catalogue_context(request: HttpRequest) -> dict[str, Any]:
    """Courses that take learners, and which of them one is enrolled in."""
    enrolled: set[int] = set()
    if request.user.is_authenticated:
        enrolled = set(
            Enrolment.objects.filter(learner=request.user).values_list("course_id", flat=True)
        )
    rows = Course.objects.filter(is_open=True).exclude(path="").order_by("-hours", "title")
    return {"courses": [(course, course.pk in enrolled) for course in rows]}
