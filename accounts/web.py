"""What every app's HTML and HTTP views share: who may come in, and how a refusal is said.

Checked in this order: 401 anonymous, 403 wrong role, 404 a row you may not see, 403 a separation rule by name, 409 closed or locked,
400 shape.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, set_rollback
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column

from accounts.models import Role, User
from accounts.services import Refusal


class ProblemRenderer(JSONRenderer):
    media_type = "application/problem+json"


def encodable(value: Any) -> Any:
    """Errors quote what was sent, and half of a surrogate pair cannot be sent back: it becomes a question mark."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, Mapping):
        return {encodable(str(name)): encodable(part) for name, part in value.items()}
    return [encodable(part) for part in value] if isinstance(value, list | tuple) else value


def problem(status: int, code: str, sentence: str, fields: Any = None) -> Response:
    """An RFC 9457 problem document with our `code` and, for input, `errors` by field."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": sentence,
    }
    if fields:
        body["errors"] = encodable(fields)
    return Response(body, status=status, content_type="application/problem+json")


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error of the HTTP interface leaves through here."""
    set_rollback()
    if isinstance(error, Refusal):
        return problem(error.status, error.code, error.sentence, error.fields)
    if isinstance(error, Http404 | exceptions.NotFound):
        return problem(404, "not_found", _("There is nothing here that you may see."))
    if isinstance(error, PermissionDenied):
        return problem(403, "forbidden", _("Your role does not allow this."))
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return problem(401, "not_signed_in", _("Sign in first."))
    if isinstance(error, exceptions.PermissionDenied):
        return problem(403, getattr(error.detail, "code", "forbidden"), str(error.detail))
    if isinstance(error, exceptions.ValidationError):
        return problem(
            400, "invalid", _("Some of what you sent is not right. See `errors`."), error.detail
        )
    if isinstance(error, RequestDataTooBig):
        return problem(400, "too_large", _("This is larger than anything that is taken here."))
    if isinstance(error, SuspiciousOperation):
        return problem(400, "unreadable", "This cannot be read. Look how it is sent.")
    if isinstance(error, exceptions.Throttled):
        wait = int(getattr(error, "wait", None) or 60)
        response = problem(
            429,
            "too_many_requests",
            _("Too many requests. Try again in %(wait)s seconds.") % {"wait": wait},
        )
        response["Retry-After"] = str(wait)
        return response
    if isinstance(error, exceptions.APIException):
        return problem(error.status_code, str(error.default_code), str(error.detail))
    return None


class HasRole(BasePermission):
    """Base of role permissions; make one with `role_permission`."""

    roles: tuple[str, ...] = ()

    def has_permission(self, request: Any, view: Any) -> bool:
        return bool(request.user.is_authenticated and request.user.has_role(*self.roles))


def role_permission(*roles: str) -> type[HasRole]:
    """A DRF permission class that lets in signed-in people holding one of `roles`."""
    names = ", ".join(str(Role(role).label) for role in roles)
    return type("RolePermission", (HasRole,), {"roles": roles, "message": f"This is for: {names}."})


class Results(CursorPagination):
    """All lists are `{next, previous, results}`, in a stable order."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = "-pk"

    def decode_cursor(self, request: Request) -> Any:
        """A cursor stands at a value of the first field of the order; one that somebody made up is no page of ours."""
        cursor = super().decode_cursor(request)
        if cursor and cursor.position is not None and not self._is_a_place(str(cursor.position)):
            raise exceptions.NotFound
        return cursor

    def _is_a_place(self, position: str) -> bool:
        first = self.ordering if isinstance(self.ordering, str) else self.ordering[0]
        return position.isdecimal() if first.lstrip("-") == "pk" else "\0" not in position

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }


class NotThere(APIView):
    """Any other address of the HTTP interface, for whoever is signed in."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404


class PersonRequest(HttpRequest):
    """A request of somebody signed in: `role_required` lets no others in."""

    user: User


class ProgramRequest(Request):
    """The same at the HTTP interface, where DRF's permissions let no others in."""

    user: User


View = Callable[..., HttpResponse]


def role_required(*roles: str) -> Callable[[View], View]:
    """An HTML view for people holding one of `roles`; with no roles, for anybody signed in. Anonymous people are sent to sign in."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if roles and not request.user.has_role(*roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A page that says a refusal in words, with its status, and leads back to the page it was asked from."""
    asked_from = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(asked_from, {request.get_host()})
    context = {"refusal": refusal, "back": asked_from if ours else ""}
    return render(request, "refused.html", context, status=refusal.status)


class WithoutBulkActions:
    """Put before Wagtail's list of snippets. Its one bulk action deletes, and records that others refer to are deleted by nobody."""

    @cached_property
    def columns(self) -> list[Column]:
        columns = super().columns  # type: ignore[misc]
        return [column for column in columns if not isinstance(column, BulkActionsCheckboxColumn)]
