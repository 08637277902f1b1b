"""Who does what with the item bank in Wagtail. One predicate, `readable_pools`, decides which rows; being a superuser is not a role."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Model, QuerySet
from wagtail.permission_policies.base import BasePermissionPolicy

from accounts.models import Role, User
from quizzes.models import readable_pools

READERS = (Role.ITEM_AUTHOR, Role.ITEM_REVIEWER, Role.INSTRUCTOR)


class BankPolicy(BasePermissionPolicy):
    """`roles`: for each action the roles that may do it, with rows whose pool they may read (where the model has a pool). Nobody deletes."""

    def __init__(self, model: type[Model], roles: Mapping[str, Sequence[str]]) -> None:
        super().__init__(model)
        self.roles = roles

    def user_has_permission(self, user: User, action: str) -> bool:
        return user.is_active and user.has_role(*self.roles.get(action, ()))

    def users_with_any_permission(self, actions: Iterable[str]) -> QuerySet[User]:
        names = {role for action in actions for role in self.roles.get(action, ())}
        return User.objects.filter(is_active=True, groups__name__in=names).distinct()

    def user_has_permission_for_instance(self, user: User, action: str, instance: Any) -> bool:
        pool = getattr(instance, "pool", None)
        return self.user_has_permission(user, action) and (
            pool is None or pool in readable_pools(user)
        )

    def instances_user_has_any_permission_for(
        self, user: User, actions: Iterable[str]
    ) -> QuerySet[Any]:
        if not self.user_has_any_permission(user, actions):
            return self.model._default_manager.none()
        rows = self.model._default_manager.all()
        return rows.visible_to(user) if hasattr(rows, "visible_to") else rows


SET_UP = (Role.ITEM_AUTHOR, Role.ITEM_REVIEWER)
REVIEW = (Role.ITEM_REVIEWER,)
LOOK = {"view": READERS}
ITEMS = {
    **LOOK,
    "add": READERS,
    "change": READERS,
    "publish": REVIEW,
    "lock": REVIEW,
    "unlock": REVIEW,
}
DOMAINS = {**LOOK, "add": SET_UP, "change": SET_UP}
