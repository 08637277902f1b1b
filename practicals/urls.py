"""HTML pages of practicals."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
