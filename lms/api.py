"""Everything under /api/v1/: each app's own list of paths, the schema and its readable form."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from accounts.web import NotThere

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
    path("", include("courses.api")),
    path("", include("quizzes.api")),
    path("", include("practicals.api")),
    path("", include("credentials.api")),
    re_path("^(?:.*/)?$", NotThere.as_view()),
]
