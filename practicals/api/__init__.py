"""The HTTP interface of practicals, under /api/v1/."""

from django.urls import path

from practicals.api.appointments import Answer, Appointments, ExamDays, OneAppointment
from practicals.api.chief import Adjudicate, Held, OneHeld, Supersede
from practicals.api.examiners import Assignments, Download, Formative, OneAssignment, Reissue, Sheet
from practicals.api.practice import (
    AskClassmate,
    JoinByCode,
    OnePracticeRun,
    OnePracticeSheet,
    PracticeCode,
    PracticeRuns,
    ScoreMyself,
)

urlpatterns = [
    path("practicals/assignments/", Assignments.as_view()),
    path("practicals/assignments/<uuid:uuid>/", OneAssignment.as_view()),
    path("practicals/assignments/<uuid:uuid>/reissue/", Reissue.as_view()),
    path("practicals/days/<uuid:uuid>/download/", Download.as_view()),
    path("practicals/assessments/<uuid:uuid>/", Sheet.as_view()),
    path("practicals/assessments/<uuid:uuid>/supersede/", Supersede.as_view()),
    path("practicals/held/", Held.as_view()),
    path("practicals/held/<uuid:uuid>/", OneHeld.as_view()),
    path("practicals/held/<uuid:uuid>/stations/<slug:code>/adjudicate/", Adjudicate.as_view()),
    path("practicals/formative/", Formative.as_view()),
    path("practicals/practice/", PracticeRuns.as_view()),
    path("practicals/practice/join/", JoinByCode.as_view()),
    path("practicals/practice/sheets/<uuid:uuid>/", OnePracticeSheet.as_view()),
    path("practicals/practice/<uuid:uuid>/", OnePracticeRun.as_view()),
    path("practicals/practice/<uuid:uuid>/score/", ScoreMyself.as_view()),
    path("practicals/practice/<uuid:uuid>/code/", PracticeCode.as_view()),
    path("practicals/practice/<uuid:uuid>/ask/", AskClassmate.as_view()),
    path("appointments/", Appointments.as_view()),
    path("appointments/<uuid:uuid>/", OneAppointment.as_view()),
    path("appointments/<uuid:uuid>/accept/", Answer.as_view(accept=True)),
    path("appointments/<uuid:uuid>/decline/", Answer.as_view(accept=False)),
    path("exam-days/", ExamDays.as_view()),
]
