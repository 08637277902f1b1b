"""The HTTP interface of practicals, under /api/v1/."""

from django.urls import path

from practicals.api import dates, days
from practicals.api.aftermath import Falls, FurtherLearnings
from practicals.api.appointments import Answer, Appointments, ExamDays, OneAppointment
from practicals.api.chief import Adjudicate, Annul, Held, OneHeld, Supersede, TakeBack
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
from practicals.api.recovery import AllowOpening, AskOpening, Openings

urlpatterns = [
    path("practicals/assignments/", Assignments.as_view()),
    path("practicals/assignments/<uuid:uuid>/", OneAssignment.as_view()),
    path("practicals/assignments/<uuid:uuid>/reissue/", Reissue.as_view()),
    path("practicals/days/<uuid:uuid>/download/", Download.as_view()),
    path("practicals/days/<uuid:uuid>/opening/", AskOpening.as_view()),
    path("practicals/openings/", Openings.as_view()),
    path("practicals/openings/<uuid:uuid>/allow/", AllowOpening.as_view()),
    path("practicals/assessments/<uuid:uuid>/", Sheet.as_view()),
    path("practicals/assessments/<uuid:uuid>/supersede/", Supersede.as_view()),
    path("practicals/further-learning/", FurtherLearnings.as_view()),
    path("practicals/falls/", Falls.as_view()),
    path("practicals/held/", Held.as_view()),
    path("practicals/held/<uuid:uuid>/", OneHeld.as_view()),
    path("practicals/held/<uuid:uuid>/stations/<slug:code>/adjudicate/", Adjudicate.as_view()),
    path("practicals/waiting/<uuid:uuid>/stations/<slug:code>/annul/", Annul.as_view()),
    path("practicals/waiting/<uuid:uuid>/stations/<slug:code>/take-back/", TakeBack.as_view()),
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
    path("appointments/<uuid:uuid>/agreement/", dates.Agree.as_view()),
    path("appointments/<uuid:uuid>/examiners/", dates.Examiners.as_view()),
    path("appointments/<uuid:uuid>/calendar/", dates.Calendar.as_view()),
    path("appointments/<uuid:uuid>/check-in/", days.CheckInAtDoor.as_view()),
    path("appointments/<uuid:uuid>/absent/", days.Absent.as_view()),
    path("appointments/<uuid:uuid>/cancel/", days.CancelAppointment.as_view()),
    path("date-requests/", dates.DateRequests.as_view()),
    path("date-requests/<uuid:uuid>/withdraw/", dates.WithdrawRequest.as_view()),
    path("practicals/assignments/<uuid:uuid>/hand-over/", days.HandOver.as_view()),
    path("exam-days/", ExamDays.as_view()),
    path("exam-days/open/", dates.OpenDays.as_view()),
    path("exam-days/<uuid:uuid>/draw/", days.Draw.as_view()),
    path("exam-days/<uuid:uuid>/auto-assign/", days.AutoAssign.as_view()),
    path("exam-days/<uuid:uuid>/take-off/", days.TakeOff.as_view()),
    path("exam-days/<uuid:uuid>/cancel/", days.CancelDay.as_view()),
    path("exam-days/<uuid:uuid>/clients/", days.Clients.as_view()),
    path("exam-days/<uuid:uuid>/clients/<uuid:client>/", days.OneClient.as_view()),
    path("exam-days/<uuid:uuid>/clients/<uuid:client>/place/", days.PlaceClient.as_view()),
    path("exam-days/<uuid:uuid>/clients/<uuid:client>/stop/", days.ClientStops.as_view()),
]
