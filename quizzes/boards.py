"""What the drawing board of the editor asks for: a figure as candidates will see it, without its numbers and names."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from wagtail import hooks
from wagtail.admin.auth import require_admin_access

from courses.models import Figure
from quizzes.frozen import unlabelled
from quizzes.models import readable_pools


def figure_to_draw_on(request: Any, pk: int) -> JsonResponse:
    if not readable_pools(request.user):
        raise PermissionDenied
    figure = get_object_or_404(Figure, pk=pk)
    drawing = "" if figure.image else unlabelled(str(figure.drawing))
    image = figure.image.file.url if figure.image else ""
    return JsonResponse({"title": figure.title, "drawing": drawing, "image": image})


@hooks.register("register_admin_urls")
def urls_of_the_board() -> list[Any]:
    return [
        path(
            "items/figures/<int:pk>/",
            require_admin_access(figure_to_draw_on),
            name="quizzes-figure",
        )
    ]
