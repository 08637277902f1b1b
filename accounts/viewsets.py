"""People in Wagtail: a list for registrars and administrators, and what administrators may change.

People are invited or sign up, so nobody is added here; what they did refers to them for ever, so nobody is deleted.
"""

from typing import Any

import django_filters
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn
from wagtail.admin.views.generic.models import InspectView
from wagtail.admin.widgets.boolean_radio_select import BooleanRadioSelect
from wagtail.admin.widgets.button import Button, HeaderButton
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.users.views.users import EditView, IndexView, UserColumn, UserViewSet

from accounts.forms import PersonForm
from accounts.models import Role, User


class PersonPolicy(ModelPermissionPolicy):
    """Looking and changing only, for everybody: see above."""

    ACTIONS = frozenset({"view", "change"})

    def user_has_permission(self, user: User, action: str) -> bool:
        return action in self.ACTIONS and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: User, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


class PersonFilterSet(WagtailFilterSet):
    groups = django_filters.ModelMultipleChoiceFilter(
        label=_("Role"),
        queryset=Group.objects.filter(name__in=Role.values),
        widget=CheckboxSelectMultiple,
    )
    is_active = django_filters.BooleanFilter(label=_("May sign in"), widget=BooleanRadioSelect)

    def __init__(self, *args: Any, is_searching: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["groups"].field.label_from_instance = lambda group: Role(group.name).label

    class Meta:
        model = User
        fields: list[str] = []


def roles_in_words(person: User) -> str:
    names = {group.name for group in person.groups.all()}
    return ", ".join(str(label) for value, label in Role.choices if value in names)


class PersonIndexView(IndexView):
    page_title = _("People")
    search_fields = ("name", "email")

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column_class(UserColumn)(
                "name",
                label=_("Name"),
                sort_key="name",
                get_url=lambda person: self.get_edit_url(person) or self.get_inspect_url(person),
            ),
            Column("email", label=_("E-mail address"), sort_key="email"),
            Column("roles", label=_("Roles"), accessor=roles_in_words),
            BooleanColumn("is_active", label=_("May sign in"), sort_key="is_active"),
            DateColumn("last_login", label=_("Last signed in"), sort_key="last_login"),
        ]

    def get_base_queryset(self) -> QuerySet[User]:
        return User.objects.select_related("wagtail_userprofile").prefetch_related("groups")

    def order_queryset(self, queryset: QuerySet[User]) -> QuerySet[User]:
        key = self.ordering if isinstance(self.ordering, str) else "name"
        return queryset.order_by(key, "pk")

    @cached_property
    def header_buttons(self) -> list[Button]:
        return [
            HeaderButton(_("Invite somebody"), url=reverse("invite"), icon_name="mail", priority=10)
        ]


class PersonEditView(EditView):
    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "by": self.request.user}


class PersonInspectView(InspectView):
    """With the way to what a registrar decides about the person."""

    @cached_property
    def header_buttons(self) -> list[Button]:
        if not self.request.user.has_role(Role.REGISTRAR):
            return []
        url = reverse("accommodation", args=[self.object.uuid])
        return [HeaderButton(_("Accommodation"), url=url, icon_name="time", priority=10)]


class PersonViewSet(UserViewSet):
    menu_label = _("People")
    ordering = "name"
    filterset_class = PersonFilterSet
    index_view_class = PersonIndexView
    edit_view_class = PersonEditView
    inspect_view_class = PersonInspectView
    edit_template_name = "wagtailadmin/generic/edit.html"
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields = ["name", "email", "groups", "is_active", "date_joined", "last_login"]
    list_export = ["name", "email", "is_active", "date_joined", "last_login"]
    search_fields = ("name", "email")

    def get_form_class(self, for_update: bool = False) -> type[PersonForm]:
        return PersonForm
