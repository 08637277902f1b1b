"""Sessions in the database, for installations without a shared cache."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.rows import RowBy

session_by_key = RowBy(Session, "session_key")


class SessionStore(DatabaseStore):
    """Django's, read by a prepared statement: a session is read on every request of somebody signed in."""

    def _get_session_from_db(self) -> Session | None:
        found = session_by_key(self.session_key) if self.session_key else None
        if found and found.expire_date > timezone.now():
            return found
        self._session_key = None
        return None
