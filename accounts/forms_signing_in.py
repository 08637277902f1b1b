"""allauth's forms with labels and errors in our words. Named in ACCOUNT_FORMS."""

from typing import Any

from allauth.account import forms as allauth
from django.forms import EmailField, Field
from django.utils.translation import gettext_lazy as _

# Name of a field: its label, what is said when it is left empty.
SAID = {
    "login": (_("E-mail address"), _("Enter your e-mail address.")),
    "email": (_("E-mail address"), _("Enter your e-mail address.")),
    "name": (_("Your name"), _("Enter your name.")),
    "password": (_("Password"), _("Enter your password.")),
    "password1": (_("Password"), _("Choose a password.")),
    "password2": (_("The same once more"), _("Enter the new password once more.")),
    "oldpassword": (_("Present password"), _("Enter your present password.")),
}
NO_ADDRESS = _("This is not an e-mail address. One looks like name@example.org.")


class OurWords:
    fields: dict[str, Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in SAID.keys() & self.fields.keys():
            field, (label, missing) = self.fields[name], SAID[name]
            field.label, field.error_messages["required"] = label, missing
            if isinstance(field, EmailField):
                field.error_messages["invalid"] = NO_ADDRESS
        if "password1" in self.fields and "password2" in self.fields:
            self.fields["password1"].label = _("New password")


class LoginForm(OurWords, allauth.LoginForm):
    pass


class SignupForm(OurWords, allauth.SignupForm):
    pass


class AddEmailForm(OurWords, allauth.AddEmailForm):
    pass


class ChangePasswordForm(OurWords, allauth.ChangePasswordForm):
    pass


class SetPasswordForm(OurWords, allauth.SetPasswordForm):
    pass


class ResetPasswordForm(OurWords, allauth.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(OurWords, allauth.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(OurWords, allauth.ReauthenticateForm):
    pass
