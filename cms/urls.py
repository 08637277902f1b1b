"""Pages. Wagtail's own paths, with its view of a page replaced by ours (see routing.py)."""

from django.urls import URLPattern, re_path
from wagtail import urls

from cms.routing import serve

urlpatterns: list[URLPattern] = [
    re_path(urls.serve_pattern, serve, name="wagtail_serve")
    if pattern.name == "wagtail_serve"
    else pattern
    for pattern in urls.urlpatterns
]
