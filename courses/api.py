"""The HTTP interface of courses, under /api/v1/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
