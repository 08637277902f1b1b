"""allauth's rows without its start-up, which insists on its middleware."""

from django.apps import AppConfig


class BareAccount(AppConfig):
    name = "allauth.account"
    label = "account"
    default_auto_field = "django.db.models.AutoField"
