"""HTML pages of courses. The pages learners read are Wagtail's and live in cms."""

from django.urls import path

from courses import views

urlpatterns = [
    path("enrol/<slug:code>/", views.enrol_in_course, name="enrol"),
    path("activities/<uuid:uuid>/", views.activity, name="activity"),
    path("activities/<uuid:uuid>/complete/", views.complete, name="activity-complete"),
    path("teach/", views.teach, name="teach"),
    path("teach/<uuid:uuid>/", views.cohort, name="cohort"),
    path("statements/<uuid:uuid>/", views.statement, name="statement"),
    path("statements/<uuid:uuid>/statement.pdf", views.statement_pdf, name="statement-pdf"),
]
