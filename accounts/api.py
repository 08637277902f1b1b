"""The HTTP interface of accounts, under /api/v1/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
