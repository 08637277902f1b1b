"""HTML pages of applicants, holders and registrars. `registrar-queue` is a page of lms."""

from django.urls import path

from credentials import (
    views_applicant,
    views_changes,
    views_holder,
    views_register,
    views_registrar,
)

urlpatterns = [
    path("apply/<slug:code>/", views_applicant.apply, name="apply"),
    path("application/", views_applicant.application, name="application"),
    path(
        "application/<slug:code>/",
        views_applicant.application_document,
        name="application-document",
    ),
    path("documents/<uuid:uuid>/file/", views_applicant.document_file, name="document-file"),
    path("record/", views_holder.record, name="record"),
    path("record/<uuid:public_id>/", views_holder.credential_record, name="credential-record"),
    path(
        "registrar/documents/<uuid:uuid>/", views_registrar.document_review, name="document-review"
    ),
    path(
        "registrar/applications/<uuid:uuid>/",
        views_registrar.application_decision,
        name="application-decision",
    ),
    path("registrar/register/", views_register.register, name="registrar-register"),
    path(
        "registrar/credentials/<uuid:public_id>/",
        views_register.credential_dossier,
        name="credential-dossier",
    ),
    path(
        "registrar/credentials/<uuid:public_id>/dossier.json",
        views_register.dossier_export,
        name="dossier-export",
    ),
    path(
        "registrar/credentials/<uuid:public_id>/withdraw/<uuid:event>/",
        views_changes.withdraw_change,
        name="credential-withdraw",
    ),
    path(
        "registrar/credentials/<uuid:public_id>/<slug:change>/",
        views_changes.credential_change,
        name="credential-change",
    ),
]
