"""HTML pages of quizzes."""

from django.urls import path

from quizzes import views, views_forms

urlpatterns = [
    path("activities/<uuid:uuid>/quiz/", views.quiz_start, name="quiz-start"),
    path("attempts/<uuid:uuid>/", views.attempt, name="attempt"),
    path("attempts/<uuid:uuid>/submit/", views.attempt_submit, name="attempt-submit"),
    path("attempts/<uuid:uuid>/result/", views.attempt_result, name="attempt-result"),
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
]
