"""The desks, one for each role."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
