"""Where everything is. Wagtail's pages come last: they take every path that nobody else does."""

from django.conf import settings
from django.conf.urls.static import static
from django.urls import include, path
from django.views.generic import RedirectView
from django_prometheus.exports import ExportToDjangoView
from health_check.views import HealthCheckView
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

urlpatterns = [
    path("api/v1/", include("lms.api")),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    # Wagtail's own two sign-ins would go past the second step and the rate limits.
    path("cms/login/", RedirectView.as_view(pattern_name="desk")),
    path("_util/login/", RedirectView.as_view(pattern_name="desk")),
    path("cms/", include(wagtailadmin_urls)),
    path("files/", include(wagtaildocs_urls)),
    path(
        "health/", HealthCheckView.as_view(checks=["health_check.checks.Database"]), name="health"
    ),
    path("metrics/", ExportToDjangoView, name="metrics"),
    path("", include("accounts.urls")),
    path("", include("credentials.urls")),
    path("", include("courses.urls")),
    path("", include("quizzes.urls")),
    path("", include("practicals.urls")),
    path("", include("lms.desks.urls")),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
    path("", include("cms.urls")),
]
