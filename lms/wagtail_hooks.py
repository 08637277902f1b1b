"""Ways out of Wagtail: back to one's desk, and, in the demonstration, to being somebody else."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from accounts.web import PersonRequest
from lms.navigation import desk_of


class DeskItem(MenuItem):
    """For those whose desk is not Wagtail itself."""

    def is_shown(self, request: PersonRequest) -> bool:
        return desk_of(request.user) != "wagtailadmin_home"


class DemoItem(MenuItem):
    def is_shown(self, request: PersonRequest) -> bool:
        return settings.DEMO


@hooks.register("register_admin_menu_item")
def back_to_the_desk() -> MenuItem:
    return DeskItem(_("Your desk"), reverse("desk"), icon_name="home", order=1)


@hooks.register("register_admin_menu_item")
def view_as() -> MenuItem:
    return DemoItem(_("View as …"), reverse("demo"), icon_name="user", order=20_000)
