"""The HTTP interface of credentials, under /api/v1/."""

from credentials import api_people, api_public

urlpatterns = [*api_people.urlpatterns, *api_public.urlpatterns]
