"""Requests that somebody signed in makes, for the type checker: `role_required` and DRF's permissions let no others in."""

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import User


class PersonRequest(HttpRequest):
    user: User


class ProgramRequest(Request):
    user: User
