"""An empty view, a bare DRF view that saves one row, and Wagtail's pages."""

from django.http import HttpResponse
from django.urls import include, path
from django.utils import timezone
from rest_framework.decorators import api_view
from rest_framework.response import Response
from wagtail import urls as wagtail_urls

from bench.floor.models import Answer


def empty(request):
    return HttpResponse("")


@api_view(["PUT"])
def save(request, pk):
    """Session, user, one UPDATE."""
    saved_at = timezone.now()
    data = request.data
    Answer.objects.filter(pk=pk, owner=request.user, seq__lt=data["seq"]).update(
        value=data["answer"], seq=data["seq"], saved_at=saved_at
    )
    return Response({"seq": data["seq"], "saved_at": saved_at, "answer": data["answer"]})


urlpatterns = [
    path("empty/", empty),
    path("save/<int:pk>/", save),
    path("", include(wagtail_urls)),
]
