"""The desks, one for each role. Those of instructors, examiners and chief examiners are pages of their own apps."""

from django.urls import path

from lms.demo import views as demo
from lms.desks import sources, views

urlpatterns = [
    path("desk/", views.desk, name="desk"),
    path("home/", views.home, name="home"),
    path("registrar/", views.registrar_queue, name="registrar-queue"),
    *(
        path(
            f"registrar/sources/{kind}/<uuid:uuid>/",
            sources.source,
            {"kind": kind},
            name=f"source-{kind}",
        )
        for kind in sources.ACCOUNTS
    ),
    path("items/", views.item_desk, name="item-desk"),
    # In the demonstration only; anywhere else these are 404.
    path("demo/", demo.accounts, name="demo"),
    path("demo/view-as/", demo.view_as, name="demo-view-as"),
    path("outbox/", demo.mails, name="outbox"),
    path("outbox/<str:name>/", demo.mail, name="outbox-mail"),
]
