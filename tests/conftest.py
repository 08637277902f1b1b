"""What every test may use."""

import copy
import gc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from wagtail.models import Locale, Page, Site

from courses.services.standing import kept_structure
from quizzes import frozen
from quizzes.services import drawing

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

# The same examples in every run, however slow the machine is. `--hypothesis-profile=default` looks for new ones.
hypothesis.settings.load_profile("ci")


def pytest_configure() -> None:
    """The runner empties SQLite's tables by DELETE; the trigger that refuses it has a test of its own."""
    settings.LEDGER_REFUSES_DELETE = False
    gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In each module, tests that need less of what stands (`standing`, below) come first, so that nobody meets rows they did not ask for."""

    def needs(item: pytest.Item) -> int:
        return sum(name.startswith("standing") for name in getattr(item, "fixturenames", ()))

    by_module: dict[Any, list[pytest.Item]] = {}
    for item in items:
        by_module.setdefault(item.path, []).append(item)
    items[:] = [item for module in by_module.values() for item in sorted(module, key=needs)]


def pytest_collection_finish() -> None:
    """What was imported and collected lives to the end; the collector need not look through it again and again."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _keys_of_their_own(tmp_path_factory):
    """What tests seal, they seal with keys of their own."""
    settings.KEYS_DIR = tmp_path_factory.getbasetemp() / "keys"


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


@pytest.fixture(scope="module")
def standing(django_db_setup, django_db_blocker) -> Iterator[Callable[..., Any]]:
    """standing(build) makes rows once for all tests of a module: each test's own changes are rolled back to here, and these at its end.

    Tests ask `own` for their copy of what was built:

        @pytest.fixture(scope="module")
        def standing_site(standing):
            return standing(build_site)

        @pytest.fixture
        def site(own, standing_site):
            return own(standing_site)
    """

    def built(build: Callable[..., Any], *given: Any) -> Any:
        with django_db_blocker.unblock(), transaction.atomic():
            return build(*given)

    with django_db_blocker.unblock():
        rows = transaction.atomic()
        rows.__enter__()
    yield built
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        rows.__exit__(None, None, None)


@pytest.fixture
def own(db) -> Callable[[Any], Any]:
    """own(thing): this test's copy of a thing that stands; rows met twice are one row in the copy too."""
    seen: dict[int, Any] = {}
    return lambda thing: copy.deepcopy(thing, seen)


@pytest.fixture(scope="module")
def standing_world(standing):
    from tests.flows.world import build

    return standing(build)


@pytest.fixture
def world(own, standing_world, settings, tmp_path):
    """The small world of tests/flows/world.py; what is uploaded is this test's own."""
    private = {
        **settings.STORAGES["private"],
        "OPTIONS": {"location": tmp_path / "private", "base_url": None},
    }
    settings.STORAGES = {**settings.STORAGES, "private": private}
    return own(standing_world)


@pytest.fixture(autouse=True)
def _clean_cache():
    forget()
    yield
    forget()


def forget() -> None:
    """What a process keeps is true of rows that only grow; a test's rows are taken back."""
    cache.clear()
    kept_structure.cache_clear()
    drawing._read.cache_clear()
    frozen.versions_asked.cache_clear()
    frozen.contents.__self__.rows.clear()


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
