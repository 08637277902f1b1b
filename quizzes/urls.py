"""HTML pages of quizzes."""

from django.urls import path

from quizzes import views

urlpatterns = [
    path("activities/<uuid:uuid>/quiz/", views.quiz_start, name="quiz-start"),
    path("attempts/<uuid:uuid>/", views.attempt, name="attempt"),
    path("attempts/<uuid:uuid>/submit/", views.attempt_submit, name="attempt-submit"),
    path("attempts/<uuid:uuid>/result/", views.attempt_result, name="attempt-result"),
    path("attempts/<uuid:uuid>/media/<slug:digest>/", views.attempt_media, name="attempt-media"),
]
