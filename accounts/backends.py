"""Who signs in, and what they may do."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User
from accounts.rows import RowBy

person_by_id = RowBy(User, "id")


class PeopleBackend(AuthenticationBackend):
    """Sign-in by e-mail as allauth does it, permissions as Django does; the person of each request is read by a prepared statement."""

    def get_user(self, user_id: Any) -> User | None:
        user = person_by_id(user_id)
        return user if user and self.user_can_authenticate(user) else None
