from django.apps import AppConfig
from wagtail.users.apps import WagtailUsersAppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default = True


class PeopleConfig(WagtailUsersAppConfig):
    """Wagtail's own screens for users, with our people in them: one name, an address, roles."""

    user_viewset = "accounts.viewsets.PersonViewSet"

    def ready(self) -> None:
        super().ready()
        from wagtail.admin.views.account import NameEmailSettingsPanel
        from wagtail.permissions import register_permission_policy

        from accounts.forms import NameOnlyForm
        from accounts.models import User
        from accounts.services.spreadsheets import guard_exports
        from accounts.viewsets import PersonPolicy

        register_permission_policy(User, PersonPolicy(User))
        guard_exports()
        # Wagtail asks for a first and a last name, which our people do not have.
        NameEmailSettingsPanel.form_class = NameOnlyForm
