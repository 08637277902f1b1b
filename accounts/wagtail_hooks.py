"""What Wagtail shows of people, and how their changes are named in its history."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogFormatter

from accounts.models import Role, User
from accounts.viewsets_organisations import Organisations


@hooks.register("register_admin_viewset")
def organisations() -> Organisations:
    return Organisations()


class RolesFormatter(LogFormatter):
    """Says which roles were given or taken."""

    said = _("Roles")

    def format_message(self, entry) -> str:
        names = ", ".join(str(Role(name).label) for name in entry.data.get("roles", []))
        return f"{self.said}: {names}"


@hooks.register("register_log_actions")
def log_actions(actions) -> None:
    @actions.register_action("accounts.roles_given")
    class RolesGiven(RolesFormatter):
        label = said = _("Roles given")

    @actions.register_action("accounts.roles_taken")
    class RolesTaken(RolesFormatter):
        label = said = _("Roles taken")


@hooks.register("before_bulk_action")
def people_are_changed_one_at_a_time(request, action_type, objects, action) -> None:
    """Wagtail's bulk actions would go past the rule that nobody gives themselves a role, and past its record."""
    if action.model is User:
        raise PermissionDenied
