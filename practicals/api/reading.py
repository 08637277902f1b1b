"""What every endpoint of practicals shares: who may come in, and reading what was sent."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import SuspiciousOperation
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from accounts.models import Role
from accounts.services import Invalid, Missing
from accounts.web import Results, role_permission
from practicals.signed_in import ProgramRequest

MAX_BODY = 1024 * 1024  # bytes; a full sheet with long notes has about a tenth

Scorers = role_permission(Role.EXAMINER, Role.INSTRUCTOR)
Examiners = role_permission(Role.EXAMINER)
Registrars = role_permission(Role.REGISTRAR)
Chiefs = role_permission(Role.CHIEF_EXAMINER)
Instructors = role_permission(Role.INSTRUCTOR)
Planners = role_permission(Role.REGISTRAR, Role.CHIEF_EXAMINER)

THING = OpenApiTypes.OBJECT


# What is wrong with the shape of a request, from the service, the parser or the server.
MISSHAPEN = (Invalid, APIException, SuspiciousOperation)


def body(request: ProgramRequest) -> dict[str, Any]:
    """The JSON object of a request. Raises one of MISSHAPEN for anything else, however deep or large."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
        raise Invalid("too_large", _("This is more than a sheet can hold."))
    data = request.data
    if not isinstance(data, dict):
        raise Invalid("invalid", _("Send a JSON object."))
    return data


def uuid_of(data: dict[str, Any], name: str) -> UUID:
    try:
        return UUID(data[name])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise Invalid(
            "invalid",
            _("Some of what you sent is not right. See `errors`."),
            fields={name: [_("Send a uuid.")]},
        )


def text_of(data: dict[str, Any], name: str, limit: int) -> str:
    field = serializers.CharField(max_length=limit, allow_blank=True)
    return str(checked({name: field}, {name: data.get(name, "")})[name])


def checked(fields: dict[str, serializers.Field], data: dict[str, Any]) -> dict[str, Any]:
    """`data` through DRF fields (they refuse NUL bytes and wrong types); raises Invalid with the errors of each."""
    given, errors = {}, {}
    for name, field in fields.items():
        try:
            given[name] = field.run_validation(data.get(name, serializers.empty))
        except serializers.ValidationError as error:
            errors[name] = error.detail
    if errors:
        raise Invalid(
            "invalid", _("Some of what you sent is not right. See `errors`."), fields=errors
        )
    return given


def found(queryset: QuerySet, **lookup: Any) -> Any:
    """The one row, or Missing."""
    row = queryset.filter(**lookup).first()
    if row is None:
        raise Missing("not_found", _("There is nothing here that you may see."))
    return row


class Page(Results):
    ordering = "pk"


class List(GenericAPIView):
    """A list in pages; subclasses give the rows, and `say`, which makes one of them plain."""

    request: ProgramRequest
    pagination_class = Page
    filter_backends: list[Any] = []
    serializer_class = serializers.Serializer
    say: Callable[[Any], dict[str, Any]]

    def get(self, request: ProgramRequest) -> Response:
        rows = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response([self.say(row) for row in rows or []])
