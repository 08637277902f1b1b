"""How allauth deals with our people."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.name = form.cleaned_data.get("name", "")
        return super().save_user(request, user, form, commit)

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """There are no user names here."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mail says where it comes from by the address people know, whatever host a request named."""
        super().send_mail(template_prefix, email, {**context, "home": settings.PUBLIC_URL})
