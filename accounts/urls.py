"""HTML pages of accounts."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("account/", views.account, name="account"),
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_all, name="notices-read"),
    path("notices/<uuid:uuid>/", views.open_notice, name="notice"),
    path("invitations/<uuid:uuid>/", views.invitation, name="invitation"),
    path("people/<uuid:uuid>/accommodation/", views.accommodation, name="accommodation"),
    path("people/invite/", views.invite_somebody, name="invite"),
    path("people/invite/<uuid:uuid>/withdraw/", views.withdraw, name="invitation-withdraw"),
]
