"""How allauth deals with our people."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _(
            "The e-mail address and the password do not belong together. Check both; capital letters count in the password."
        ),
        "duplicate_email": _("This address is among yours already."),
        "enter_current_password": _("This is not your present password."),
        "incorrect_code": _("This is not the code we sent. Check it letter by letter."),
        "incorrect_password": _("This is not your password."),
        "too_many_login_attempts": _(
            "Too many attempts failed. Wait a few minutes, then try again, or reset your password."
        ),
        "rate_limited": _("Too many requests in a short time. Wait a minute, then try again."),
    }

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.name = form.cleaned_data.get("name", "")
        return super().save_user(request, user, form, commit)

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """There are no user names here."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mail says where it comes from by the address people know, whatever host a request named."""
        super().send_mail(template_prefix, email, {**context, "home": settings.PUBLIC_URL})


class MFAAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _(
            "This is not the code the app shows now. It changes every half minute: type the newest."
        ),
    }
