"""HTML pages of practicals."""

from django.urls import path

from practicals.views import candidate, chief, examiner, registrar, result

urlpatterns = [
    # examiners and instructors
    path("examine/", examiner.desk, name="examiner-desk"),
    path("examine/ties/", examiner.declare, name="declare-tie"),
    path("practicals/sheets/<uuid:uuid>/", examiner.sheet, name="sheet"),
    path(
        "practicals/formative/<uuid:enrolment>/<uuid:activity>/",
        examiner.formative_start,
        name="formative-start",
    ),
    # chief examiners
    path("adjudicate/", chief.desk, name="chief-desk"),
    path("adjudicate/sheets/<uuid:uuid>/correct/", chief.correct, name="correct-sheet"),
    path("adjudicate/<uuid:uuid>/", chief.appointment, name="chief-appointment"),
    path("adjudicate/<uuid:uuid>/<slug:code>/", chief.station, name="adjudicate"),
    # candidates
    path("appointments/", candidate.appointments, name="appointments"),
    path("appointments/<uuid:uuid>/", candidate.appointment, name="appointment"),
    path("appointments/<uuid:uuid>/answer/", candidate.answer, name="appointment-answer"),
    path("appointments/<uuid:uuid>/result/", result.result, name="practical-result"),
    path("appointments/<uuid:uuid>/report.pdf", result.report, name="practical-report"),
    # registrars
    path("exam-days/", registrar.exam_days, name="exam-days"),
    path("exam-days/<uuid:uuid>/", registrar.exam_day, name="exam-day"),
    path("exam-days/<uuid:uuid>/draw/", registrar.draw, name="exam-day-draw"),
    path("exam-days/<uuid:uuid>/offer/", registrar.offer, name="exam-day-offer"),
    path("exam-days/<uuid:uuid>/assign/", registrar.assign, name="exam-day-assign"),
    path("exam-days/<uuid:uuid>/ties/", registrar.tie, name="exam-day-tie"),
    path("exam-days/<uuid:uuid>/auto-assign/", registrar.auto, name="exam-day-auto-assign"),
    path(
        "exam-days/appointments/<uuid:uuid>/identity/",
        registrar.check_identity,
        name="check-identity",
    ),
    path("exam-days/appointments/<uuid:uuid>/cancel/", registrar.cancel, name="cancel-appointment"),
    path("exam-days/assignments/<uuid:uuid>/reissue/", registrar.reissue, name="reissue-sheet"),
]
