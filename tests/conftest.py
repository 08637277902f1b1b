"""What every test may use."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.cache import cache
from wagtail.models import Locale, Page, Site

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def pytest_configure() -> None:
    """The runner empties SQLite's tables by DELETE; the trigger that refuses it has a test of its own."""
    settings.LEDGER_REFUSES_DELETE = False


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Wagtail needs a root page, a site and a locale; transactional tests flush them away, so they are made again where missing."""
    with django_db_blocker.unblock():
        ensure_wagtail_root()


def ensure_wagtail_root() -> None:
    locale, _new = Locale.objects.get_or_create(language_code="en-gb")
    root = Page.objects.filter(depth=1).first() or Page.add_root(title="Root", locale=locale)
    if not Site.objects.exists():
        Site.objects.create(hostname="localhost", root_page=root, is_default_site=True)


@pytest.fixture(autouse=True)
def _clean_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def api_client():
    from rest_framework.test import APIClient

    return APIClient()


@pytest.fixture
def as_user():
    """A DRF client signed in (session) as a user."""
    from rest_framework.test import APIClient

    def make(user):
        client = APIClient()
        client.force_login(user)
        return client

    return make
