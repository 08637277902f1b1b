"""HTML pages of quizzes."""

from django.urls import path

from quizzes import (
    views,
    views_forms,
    views_invigilator,
    views_marking,
    views_release,
    views_sittings,
)

urlpatterns = [
    path("activities/<uuid:uuid>/quiz/", views.quiz_start, name="quiz-start"),
    path("attempts/<uuid:uuid>/", views.attempt, name="attempt"),
    path("attempts/worker.js", views.worker, name="attempt-worker"),
    path("attempts/<uuid:uuid>/break/", views.attempt_break, name="attempt-break"),
    path("attempts/<uuid:uuid>/report/", views.attempt_report, name="attempt-report"),
    path("attempts/<uuid:uuid>/submit/", views.attempt_submit, name="attempt-submit"),
    path("attempts/<uuid:uuid>/result/", views.attempt_result, name="attempt-result"),
    path(
        "attempts/<uuid:uuid>/result/report.pdf", views_release.result_report, name="result-report"
    ),
    path("attempts/<uuid:uuid>/media/<slug:digest>/", views.attempt_media, name="attempt-media"),
    path("items/forms/", views_forms.exam_forms, name="exam-forms"),
    path("items/forms/make/", views_forms.make_form, name="exam-form-make"),
    path("items/forms/<uuid:uuid>/", views_forms.exam_form, name="exam-form"),
    path("items/forms/<uuid:uuid>/mark/", views_forms.set_mark, name="exam-form-mark"),
    path("items/forms/<uuid:uuid>/choose/", views_forms.choose, name="exam-form-choose"),
    path("items/forms/<uuid:uuid>/sign/", views_forms.sign, name="exam-form-sign"),
    path("items/forms/<uuid:uuid>/retire/", views_forms.retire, name="exam-form-retire"),
    path(
        "items/forms/<uuid:uuid>/throw-away/", views_forms.throw_away, name="exam-form-throw-away"
    ),
    path(
        "items/forms/<uuid:uuid>/<int:position>/take-out/",
        views_forms.take_out,
        name="exam-form-take-out",
    ),
    # invigilators
    path("invigilate/", views_invigilator.desk, name="invigilate"),
    path("invigilate/<uuid:uuid>/", views_invigilator.sitting, name="invigilate-sitting"),
    path("invigilate/<uuid:uuid>/seats/", views_invigilator.seats, name="invigilate-seats"),
    path(
        "invigilate/<uuid:uuid>/<int:number>/device/",
        views_invigilator.unlock,
        name="invigilate-unlock",
    ),
    path(
        "invigilate/<uuid:uuid>/<int:number>/time/",
        views_invigilator.credit,
        name="invigilate-credit",
    ),
    path(
        "invigilate/<uuid:uuid>/<int:number>/again/",
        views_invigilator.reopen,
        name="invigilate-reopen",
    ),
    path(
        "invigilate/<uuid:uuid>/<int:number>/report/",
        views_invigilator.report,
        name="invigilate-report",
    ),
    # registrars
    path("sittings/", views_sittings.sittings, name="sittings"),
    path("sittings/new/", views_sittings.set_up, name="sitting-new"),
    path("sittings/<uuid:uuid>/", views_sittings.sitting, name="sitting"),
    path("sittings/<uuid:uuid>/set-up/", views_sittings.set_up, name="sitting-set-up"),
    path("sittings/<uuid:uuid>/seats/", views_sittings.give_seat, name="sitting-seat"),
    path(
        "sittings/<uuid:uuid>/seats/<int:number>/free/",
        views_sittings.take_seat,
        name="sitting-unseat",
    ),
    path(
        "sittings/plans/<int:quiz>/<uuid:learner>/",
        views_sittings.remediation,
        name="remediation",
    ),
    path("incidents/<uuid:uuid>/", views_sittings.incident, name="incident"),
    # essays
    path("essays/", views_marking.essays, name="essays"),
    path("essays/<int:number>/", views_marking.essay, name="essay"),
    # results
    path("registrar/results/", views_release.results, name="results"),
    path("registrar/results/<uuid:uuid>/", views_release.quiz_results, name="quiz-results"),
    path("registrar/results/<uuid:uuid>/release/", views_release.release, name="release-results"),
    path("registrar/results/questions/<uuid:uuid>/", views_release.rule, name="rule-on-item"),
    path("registrar/results/rulings/<uuid:uuid>/", views_release.ripple, name="ripple"),
    path(
        "registrar/results/rulings/<uuid:uuid>/attempts/<uuid:attempt>/",
        views_release.fall,
        name="settle-fall",
    ),
]
