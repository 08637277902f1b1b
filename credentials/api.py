"""The HTTP interface of credentials, under /api/v1/."""

from credentials import api_changes, api_check, api_people, api_public, api_register

urlpatterns = [
    *api_people.urlpatterns,
    *api_changes.urlpatterns,
    *api_check.urlpatterns,
    *api_public.urlpatterns,
    *api_register.urlpatterns,
]
