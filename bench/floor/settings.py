"""The floor to measure against: the same Django, DRF, Wagtail and database, none of our middleware, nothing but what the comparison names."""

from lms.settings import *  # noqa: F403
from lms.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "bench.floor"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "bench.floor.urls"
WSGI_APPLICATION = "bench.floor.wsgi.application"
CSRF_COOKIE_HTTPONLY = False
