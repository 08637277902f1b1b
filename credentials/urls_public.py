"""Addresses anybody may open. What machines fetch answers with and without a last slash, never with a redirect."""

from django.urls import path

from credentials import (
    views_check,
    views_documents,
    views_public,
    views_raising,
    views_receipts,
)

urlpatterns = [
    path("verify/", views_check.verify, name="verify"),
    path("verify", views_check.verify),
    path("verify/many/", views_check.verify_many, name="verify-many"),
    path("verify/many", views_check.verify_many),
    path("verify/<str:number>/", views_public.verify_number, name="verify-number"),
    path("verify/<str:number>", views_public.verify_number),
    path("verify/<str:number>/badge.svg", views_check.live_badge, name="live-badge"),
    path("verify/<str:number>/receipt/", views_receipts.keep_receipt, name="keep-receipt"),
    path("receipts/", views_receipts.find_receipt, name="receipts"),
    path("receipts", views_receipts.find_receipt),
    path("receipts/<str:name>/", views_receipts.receipt, name="receipt"),
    path("receipts/<str:name>", views_receipts.receipt),
    path("concerns/", views_raising.new_concern, name="concern-new"),
    path("concerns/<uuid:uuid>/", views_raising.concern, name="concern"),
    path("register/", views_public.register, name="register"),
    path("register", views_public.register),
    path("credentials/<str:name>", views_documents.credential, name="credential"),
    path("credentials/<str:name>/", views_documents.credential),
    path("credentials/<str:public_id>/current", views_documents.current, name="credential-current"),
    path("credentials/<str:public_id>/current/", views_documents.current),
    path(
        "credentials/<str:public_id>/certificate.svg",
        views_documents.picture,
        name="certificate-picture",
    ),
    path("achievements/<str:code>/<str:edition>", views_documents.achievement, name="achievement"),
    path("achievements/<str:code>/<str:edition>/", views_documents.achievement),
    path(
        "achievements/<str:code>/<str:edition>/badge.png",
        views_documents.badge,
        name="achievement-badge",
    ),
    path("issuer", views_documents.issuer, name="issuer"),
    path("issuer/", views_documents.issuer),
    path("issuer.json", views_documents.issuer, {"name": "issuer.json"}),
    path("status/<int:number>", views_documents.status_list, name="status-list"),
    path("status/<int:number>/", views_documents.status_list),
    path(".well-known/did.json", views_documents.did, name="did"),
    path(".well-known/did.json/", views_documents.did),
]
