"""HTML pages of applicants, holders and registrars. `registrar-queue` is a page of lms."""

from django.urls import path

from credentials import (
    views_applicant,
    views_bulk,
    views_cases,
    views_changes,
    views_exceptions,
    views_holder,
    views_raising,
    views_register,
    views_registrar,
    views_renewal,
    views_renewal_desk,
)

urlpatterns = [
    path("apply/<slug:code>/", views_applicant.apply, name="apply"),
    path("application/", views_applicant.application, name="application"),
    path(
        "application/withdraw/",
        views_applicant.application_withdraw,
        name="application-withdraw",
    ),
    path(
        "application/<slug:code>/",
        views_applicant.application_document,
        name="application-document",
    ),
    path("appeals/", views_raising.appeals, name="appeals"),
    path("appeals/against/<str:key>/", views_raising.new_appeal, name="appeal-new"),
    path("appeals/<uuid:uuid>/", views_raising.appeal, name="appeal"),
    path("files/<str:token>/", views_applicant.signed_file, name="signed-file"),
    path("documents/<uuid:uuid>/file/", views_applicant.document_file, name="document-file"),
    path("record/", views_holder.record, name="record"),
    path("record/<uuid:public_id>/", views_holder.credential_record, name="credential-record"),
    path("record/<uuid:public_id>/renewal/", views_renewal.renewal, name="renewal"),
    path(
        "record/<uuid:public_id>/renewal/activity/",
        views_renewal.activity,
        name="renewal-activity",
    ),
    path(
        "record/<uuid:public_id>/renewal/activity/<uuid:uuid>/remove/",
        views_renewal.remove_activity,
        name="renewal-activity-remove",
    ),
    path("learning/<uuid:uuid>/file/", views_renewal.learning_file, name="learning-file"),
    path(
        "registrar/renewals/<uuid:uuid>/",
        views_renewal_desk.renewal_review,
        name="renewal-review",
    ),
    path(
        "registrar/renewals/<uuid:uuid>/<uuid:learning>/",
        views_renewal_desk.learning_review,
        name="renewal-activity-review",
    ),
    path(
        "registrar/documents/<uuid:uuid>/", views_registrar.document_review, name="document-review"
    ),
    path(
        "registrar/applications/<uuid:uuid>/",
        views_registrar.application_decision,
        name="application-decision",
    ),
    path(
        "registrar/applications/<uuid:uuid>/refuse/",
        views_exceptions.refuse_application,
        name="application-refuse",
    ),
    path(
        "registrar/applications/<uuid:uuid>/exception/<slug:code>/",
        views_exceptions.ask_exemption,
        name="exemption-ask",
    ),
    path("registrar/exceptions/", views_exceptions.exceptions, name="exceptions"),
    path("registrar/exceptions/<uuid:uuid>/", views_exceptions.exemption, name="exemption"),
    path("registrar/cases/", views_cases.cases, name="cases"),
    path("registrar/cases/new/", views_cases.new_case, name="case-new"),
    path("registrar/cases/<uuid:uuid>/", views_cases.case, name="case"),
    path("registrar/many/", views_bulk.bulk, name="bulk"),
    path("registrar/many/runs/", views_bulk.bulk_runs, name="bulk-runs"),
    path("registrar/many/<uuid:uuid>/", views_bulk.bulk_run, name="bulk-run"),
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
