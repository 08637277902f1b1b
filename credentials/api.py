"""The HTTP interface of credentials, under /api/v1/."""

from credentials import (
    api_bulk,
    api_cases,
    api_changes,
    api_check,
    api_deciding,
    api_documents,
    api_people,
    api_public,
    api_raising,
    api_receipts,
    api_register,
    api_renewals,
)

urlpatterns = [
    *api_people.urlpatterns,
    *api_documents.urlpatterns,
    *api_changes.urlpatterns,
    *api_deciding.urlpatterns,
    *api_cases.urlpatterns,
    *api_raising.urlpatterns,
    *api_bulk.urlpatterns,
    *api_receipts.urlpatterns,
    *api_check.urlpatterns,
    *api_public.urlpatterns,
    *api_register.urlpatterns,
    *api_renewals.urlpatterns,
]
