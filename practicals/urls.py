"""HTML pages of practicals."""

from django.urls import path
from django.views.generic import RedirectView

from practicals.views import (
    aftermath,
    annulling,
    asking,
    attendance,
    bank,
    candidate,
    chief,
    clients,
    day,
    device,
    examiner,
    practice,
    recovery,
    registrar,
    result,
)
from practicals.views.printing import PARTS

urlpatterns = [
    # examiners and instructors
    path("examine/", examiner.desk, name="examiner-desk"),
    path("examine/ties/", examiner.declare, name="declare-tie"),
    path("examine/sheets/<uuid:uuid>/", examiner.sheet, name="sheet"),
    path("examine/worker.js", device.worker, name="examiner-worker"),
    path("examine/manifest.webmanifest", device.manifest, name="examiner-manifest"),
    path("examine/offline/", device.desk_shell, name="desk-shell"),
    path("examine/offline/sheet/", device.sheet_shell, name="sheet-shell"),
    path("practicals/sheets/<uuid:uuid>/", RedirectView.as_view(pattern_name="sheet")),
    path(
        "practicals/formative/<uuid:enrolment>/<uuid:activity>/",
        examiner.formative_start,
        name="formative-start",
    ),
    path(
        "practicals/versions/<uuid:uuid>/figures/<slug:digest>/", bank.figure, name="station-figure"
    ),
    # practice
    path("practise/", practice.practise, name="practice"),
    path("practise/join/", practice.join, name="practice-join"),
    path("practise/begin/<uuid:uuid>/", practice.begin, name="practice-begin"),
    path("practise/sheets/<uuid:uuid>/", practice.sheet, name="practice-sheet"),
    path(
        "practise/sheets/<uuid:uuid>/delete/", practice.delete_sheet, name="practice-sheet-delete"
    ),
    path("practise/<uuid:uuid>/", practice.run, name="practice-run"),
    path("practise/<uuid:uuid>/score/", practice.score, name="practice-score"),
    path("practise/<uuid:uuid>/code/", practice.code, name="practice-code"),
    path("practise/<uuid:uuid>/ask/", practice.ask, name="practice-ask"),
    path("practise/<uuid:uuid>/delete/", practice.delete, name="practice-delete"),
    # chief examiners
    path("adjudicate/", chief.desk, name="chief-desk"),
    path("adjudicate/sheets/<uuid:uuid>/correct/", chief.correct, name="correct-sheet"),
    path("adjudicate/<uuid:uuid>/", chief.appointment, name="chief-appointment"),
    path("adjudicate/<uuid:uuid>/<slug:code>/", chief.station, name="adjudicate"),
    path("adjudicate/<uuid:uuid>/<slug:code>/annul/", annulling.annul, name="annul-station"),
    path(
        "adjudicate/<uuid:uuid>/<slug:code>/take-back/",
        annulling.take_back,
        name="take-back-annulment",
    ),
    path("exam-days/openings/", recovery.openings, name="openings"),
    # candidates
    path("appointments/", candidate.appointments, name="appointments"),
    path("appointments/<uuid:uuid>/", candidate.appointment, name="appointment"),
    path("appointments/ask/<uuid:activity>/", asking.ask, name="ask-for-date"),
    path("appointments/requests/<uuid:uuid>/withdraw/", asking.withdraw, name="withdraw-request"),
    path("appointments/<uuid:uuid>/agree/", asking.agree, name="agree"),
    path("appointments/<uuid:uuid>/objection/", asking.objection, name="object-to-examiner"),
    path("appointments/<uuid:uuid>/appointment.ics", asking.calendar, name="appointment-calendar"),
    path("appointments/<uuid:uuid>/answer/", candidate.answer, name="appointment-answer"),
    path("appointments/<uuid:uuid>/result/", result.result, name="practical-result"),
    path("appointments/<uuid:uuid>/report.pdf", result.report, name="practical-report"),
    # registrars
    path("exam-days/", registrar.exam_days, name="exam-days"),
    path(
        "exam-days/further-learning/<int:plan>/<uuid:candidate>/",
        aftermath.further_learning,
        name="further-learning",
    ),
    path("exam-days/falls/<uuid:uuid>/", aftermath.fall, name="practical-fall"),
    path("exam-days/<uuid:uuid>/", registrar.exam_day, name="exam-day"),
    path("exam-days/<uuid:uuid>/draw/", registrar.draw, name="exam-day-draw"),
    path("exam-days/<uuid:uuid>/offer/", registrar.offer, name="exam-day-offer"),
    path("exam-days/<uuid:uuid>/assign/", registrar.assign, name="exam-day-assign"),
    path("exam-days/<uuid:uuid>/ties/", registrar.tie, name="exam-day-tie"),
    path("exam-days/<uuid:uuid>/auto-assign/", registrar.auto, name="exam-day-auto-assign"),
    path("exam-days/<uuid:uuid>/cancel/", day.cancel_day, name="exam-day-cancel"),
    path(
        "exam-days/<uuid:uuid>/examiners/<uuid:examiner>/take-off/", day.take_off, name="take-off"
    ),
    path("exam-days/<uuid:uuid>/clients/", clients.clients, name="exam-day-clients"),
    path("exam-days/<uuid:uuid>/clients/new/", clients.client, name="client-new"),
    path("exam-days/<uuid:uuid>/clients/place/", clients.place, name="client-place"),
    path("exam-days/<uuid:uuid>/clients/<uuid:client>/", clients.client, name="client"),
    path("exam-days/<uuid:uuid>/clients/<uuid:client>/stop/", clients.stop, name="client-stop"),
    *(
        path(
            f"exam-days/<uuid:uuid>/print/{part}/",
            day.printed,
            {"part": part},
            name=f"print-{part}",
        )
        for part in PARTS
    ),
    path("exam-days/appointments/<uuid:uuid>/check-in/", attendance.check_in, name="check-in"),
    path("exam-days/appointments/<uuid:uuid>/absent/", attendance.absent, name="record-absence"),
    path(
        "exam-days/appointments/<uuid:uuid>/cancel/", attendance.cancel, name="cancel-appointment"
    ),
    path("exam-days/assignments/<uuid:uuid>/hand-over/", day.hand_over, name="hand-over"),
    path("exam-days/assignments/<uuid:uuid>/reissue/", registrar.reissue, name="reissue-sheet"),
]
