"""HTML pages and public documents of credentials."""

from credentials import urls_people, urls_public

urlpatterns = [*urls_people.urlpatterns, *urls_public.urlpatterns]
