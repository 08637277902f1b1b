"""The HTTP interface of quizzes, under /api/v1/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
