"""The public register's search for programs. Nobody has to sign in; few answers at a time, and so many a minute."""

from typing import Any
from urllib.parse import urlencode

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from credentials import register_search
from credentials.validity import Status


class ListedOut(serializers.Serializer):
    """Somebody who agreed to be found by name."""

    number = serializers.CharField(source="credential.number")
    name = serializers.CharField(source="credential.name")
    credential = serializers.CharField(source="credential.statement.title")
    status = serializers.ChoiceField([status.value for status in Status], source="standing.status")
    valid = serializers.BooleanField(source="standing.valid")


class RegisterOut(serializers.Serializer):
    """`near`: nobody is called so; these are perhaps meant. `more`: there are others; type more of the name."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    near = serializers.BooleanField()
    more = serializers.BooleanField()
    results = ListedOut(many=True)


class RegisterView(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes: list[Any] = []

    @extend_schema(
        operation_id="register_search",
        summary="Find listed credentials by number or name",
        parameters=[
            OpenApiParameter("q", str, required=True, description="A number, or words of a name."),
            OpenApiParameter("page", int, description="1 to 3."),
        ],
        responses=RegisterOut,
    )
    def get(self, request: Request) -> Response:
        """Those listed in whose name every word begins a word; where there is nobody, the nearest names. At most sixty, twenty a page."""
        page = register_search.look_up(request._request, at=timezone.now())
        body = {
            "next": self._link(request, page.typed, page.next),
            "previous": self._link(request, page.typed, page.previous),
            "near": page.near,
            "more": page.more,
            "results": page.rows,
        }
        response = Response(RegisterOut(body).data)
        response["X-Robots-Tag"] = "noindex"
        return response

    def _link(self, request: Request, typed: str, number: int | None) -> str | None:
        if number is None:
            return None
        query = urlencode({"q": typed, "page": number})
        return str(request.build_absolute_uri(f"{request.path}?{query}"))


urlpatterns = [path("register/", RegisterView.as_view(), name="api-register")]
