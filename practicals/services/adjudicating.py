"""What a chief examiner does: settle what two sheets differ in, and correct a sheet by one that supersedes it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import (
    Bar,
    Conflict,
    Invalid,
    bars_among,
    bars_to_examining,
    record_examining,
)
from practicals import decision
from practicals.models import (
    Adjudication,
    Appointment,
    PracticalAssessment,
    PracticalResult,
    SheetRevision,
    Station,
)
from practicals.services.checks import refuse, require_role
from practicals.services.deciding import Case, cases_of, decide_if_due
from practicals.services.sheets import freeze, lines_of
from practicals.sheet import MAX_NOTE, Content, Unreadable, blanks, read, storable

MAX_REMARK = 120
NO_NAMES = gettext_lazy("Name nobody: the candidate reads this, and knows no examiner by name.")


def bars_to_deciding(*, appointment: Appointment, chief: User, at: datetime) -> list[Bar]:
    """Why `chief` may not decide on this candidate: they examined them (R2), taught them (R3), or are tied to them (R3, R4)."""
    bars = []
    if appointment.assignments.filter(examiner=chief).exists():
        bars.append(_examined_bar(chief, appointment))
    return bars + bars_to_examining(
        examiner=chief,
        candidate=appointment.candidate,
        on=at.date(),
        months=appointment.plan.trainer_bar_months,
    )


def bars_among_held(
    *, results: Sequence[PracticalResult], chief: User, at: datetime
) -> dict[int, Bar]:
    """What `bars_to_deciding` says of several results, by primary key of the appointment. Four queries for each length of the trainer bar."""
    appointments = [result.appointment for result in results]
    examined = Appointment.objects.filter(
        pk__in=[row.pk for row in appointments], assignments__examiner=chief
    )
    bars = {row.pk: _examined_bar(chief, row) for row in examined.distinct()}
    for months in {row.plan.trainer_bar_months for row in appointments}:
        rows = [row for row in appointments if row.plan.trainer_bar_months == months]
        among = bars_among(
            examiners=[chief],
            candidates=[row.candidate for row in rows],
            on=at.date(),
            months=months,
        )
        for row in rows:
            found = among.get((chief.pk, row.candidate_id))
            if found:
                bars.setdefault(row.pk, found[0])
    return bars


def _examined_bar(chief: User, appointment: Appointment) -> Bar:
    day = appointment.starts_at.date()
    words = _("%(chief)s examined this candidate on %(day)s, and cannot decide on it too.") % {
        "chief": chief,
        "day": date_format(day, "j F Y"),
    }
    return Bar("R2", day, None, words)


def locked(appointment: Appointment) -> Appointment:
    """The row, held, with what deciding reads of it."""
    return (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("plan__activity", "exam_day", "candidate", "enrolment", "resit_of")
        .get(pk=appointment.pk)
    )


@transaction.atomic
def adjudicate(
    *,
    appointment: Appointment,
    station: Station,
    lines: Mapping[str, int],
    violations: Mapping[str, bool],
    reasons: str,
    by: User,
    at: datetime,
    remarks: Mapping[str, str] | None = None,
    sheets: Sequence[UUID | str] | None = None,
) -> PracticalResult:
    """Settle a held station and decide again: points for every line that differs, yes or no for every violation only one examiner saw.

    `reasons` are read by the candidate. `sheets` are the two the chief looked at; if one was superseded since, nothing is decided. The same
    ruling again changes nothing. Raises Forbidden by rule for a chief examiner who examined (R2) or taught (R3) the candidate, Conflict when
    the station is not held or the sheets have changed, Invalid when the ruling does not fit what differs.
    """
    require_role(by, Role.CHIEF_EXAMINER)
    appointment = locked(appointment)
    refuse(bars_to_deciding(appointment=appointment, chief=by, at=at))
    case = _decidable(appointment, station)
    if case.ruling:
        return _repeated(appointment, case.ruling, lines, violations, reasons, by)
    if not case.finding.held:
        raise Conflict("not_held", _("This station is not held."))
    on = [case.sheets[place] for place in case.places]
    if sheets is not None and [str(uuid) for uuid in sheets] != [str(sheet.uuid) for sheet in on]:
        raise Conflict(
            "sheets_changed",
            _("One of the sheets was corrected since you opened this page. Read them again."),
        )
    remarks = dict(remarks or {})
    _require_fitting(case, lines, violations, reasons, remarks)
    ruling = Adjudication.objects.append(
        chain=f"appointment:{appointment.uuid}",
        at=at,
        appointment=appointment,
        station=station,
        sheet_a=on[0],
        sheet_b=on[1],
        lines=dict(lines),
        violations=dict(violations),
        remarks=remarks,
        reasons=reasons.strip(),
        by=by,
    )
    record_examining(
        examiner=by,
        candidate=appointment.candidate,
        subject=str(appointment.plan),
        examined_on=at.date(),
        source=ruling.uuid,
        at=at,
    )
    log(
        appointment,
        "practicals.adjudicate",
        user=by,
        data={"station": case.rule.code, "ruling": str(ruling.uuid)},
        timestamp=at,
    )
    decide_if_due(appointment=appointment, by=by, at=at, cause=PracticalResult.Cause.RULED)
    return appointment.results.latest("version")


def require_may_adjudicate(
    *, appointment: Appointment, station: Station, by: User, at: datetime
) -> None:
    """Raise what `adjudicate` would whatever the ruling said: Forbidden by rule, Conflict when nothing is held or it was settled."""
    require_role(by, Role.CHIEF_EXAMINER)
    refuse(bars_to_deciding(appointment=appointment, chief=by, at=at))
    case = _decidable(appointment, station)
    if case.ruling:
        raise _decided(case.ruling)
    if not case.finding.held:
        raise Conflict("not_held", _("This station is not held."))


def _decided(ruling: Adjudication) -> Conflict:
    return Conflict(
        "already_decided",
        _("This station was decided on %(day)s.") % {"day": date_format(ruling.at, "j F Y")},
    )


def _decidable(appointment: Appointment, station: Station) -> Case:
    """The station's case, once every sheet of the appointment is signed. One carried over is decided where it was sat."""
    cases = [case for case in cases_of(appointment) if case.source is None]
    if not cases or not all(case.complete for case in cases):
        raise Conflict("not_decided", _("Not every sheet of this candidate is signed yet."))
    case = next((case for case in cases if case.station.pk == station.pk), None)
    if case is None or case.annulment:
        raise Conflict("not_held", _("The candidate was not examined at this station."))
    return case


def _repeated(
    appointment: Appointment,
    ruling: Adjudication,
    lines: Mapping[str, int],
    violations: Mapping[str, bool],
    reasons: str,
    by: User,
) -> PracticalResult:
    said = (dict(lines), dict(violations), reasons.strip(), by.pk)
    if said != (ruling.lines, ruling.violations, ruling.reasons, ruling.by_id):
        raise _decided(ruling)
    return appointment.results.latest("version")


def _readable(text: str) -> bool:
    return bool(text.strip()) and len(text) <= MAX_NOTE and storable(text)


def _assigned(appointment: Appointment) -> Any:
    return appointment.assignments.select_related("examiner")


def names_somebody(text: str, people: Iterable[User]) -> bool:
    """Whether a text that the candidate reads names an examiner: whole, or by a last word of four letters and more, written like a name."""
    for person in people:
        last = person.name.split()[-1]
        whole = re.search(rf"\b{re.escape(person.name)}\b", text, re.IGNORECASE)
        if whole or (len(last) > 3 and re.search(rf"\b{re.escape(last)}\b", text)):
            return True
    return False


def _require_fitting(
    case: Case,
    lines: Mapping[str, Any],
    violations: Mapping[str, Any],
    reasons: str,
    remarks: Mapping[str, Any],
) -> None:
    """Raise Invalid unless the ruling settles exactly what the two sheets differ in, with reasons."""
    differing = decision.differences(case.rule, *case.values)
    most = {line.code: line.max_points for line in case.rule.lines}
    errors: dict[str, Any] = {}
    wrong = {
        code: [_("Decide this line.")]
        for code in differing.lines
        if type(lines.get(code)) is not int or not 0 <= lines[code] <= most[code]
    }
    wrong |= {
        str(code): [_("The sheets agree on this line.")]
        for code in lines
        if code not in differing.lines
    }
    if wrong:
        errors["lines"] = wrong
    wrong = {
        code: [_("Say whether it is confirmed.")]
        for code in differing.violations
        if not isinstance(violations.get(code), bool)
    }
    wrong |= {
        str(code): [_("The sheets agree on this.")]
        for code in violations
        if code not in differing.violations
    }
    if wrong:
        errors["violations"] = wrong
    if not _readable(reasons):
        errors["reasons"] = [_("Write the reasons, as the candidate will read them.")]
    elif names_somebody(reasons, [row.examiner for row in case.assignments.values()]):
        errors["reasons"] = [NO_NAMES]
    if any(
        code not in differing.lines
        or not isinstance(words, str)
        or len(words) > MAX_REMARK
        or not storable(words)
        for code, words in remarks.items()
    ):
        errors["remarks"] = [
            _("A remark names a line that differs and has at most %(most)s characters.")
            % {"most": MAX_REMARK}
        ]
    if errors:
        raise Invalid(
            "ruling_incomplete", _("The decision is not complete. See `errors`."), fields=errors
        )


@transaction.atomic
def supersede_sheet(
    *, assessment: PracticalAssessment, content: Any, reason: str, by: User, at: datetime
) -> PracticalAssessment:
    """Correct a signed sheet: a new one, written by a chief examiner with a reason, takes its place; the old one stays as it was.

    `content` holds observations, violations and global_rating as a sheet does. The result is decided again and reported. Sent again, the
    same correction changes nothing. Raises Forbidden by rule (R2, R3, R4), Conflict when there is no result yet or another correction came
    first, Invalid for blanks, no reason, or no change.
    """
    require_role(by, Role.CHIEF_EXAMINER)
    appointment = locked(assessment.assignment.appointment)
    refuse(bars_to_deciding(appointment=appointment, chief=by, at=at))
    old = PracticalAssessment.objects.select_related("assignment__checklist_version").get(
        pk=assessment.pk
    )
    version = old.assignment.checklist_version
    lines = lines_of(version)
    try:
        given = _correction(content, lines, list(version.violation_texts), old, by)
    except Unreadable as unreadable:
        given, errors = None, unreadable.errors
    if not old.active:
        return _same_correction(old, given)
    _require_decided(old, appointment)
    if given is None:
        raise Invalid(
            "invalid", _("Some of what you sent is not right. See `errors`."), fields=errors
        )
    errors = blanks(given, lines)
    if not _readable(reason):
        errors["reason"] = [_("Say why the sheet is corrected.")]
    elif names_somebody(reason, [row.examiner for row in _assigned(appointment)]):
        errors["reason"] = [NO_NAMES]
    if _says_the_same(given, old):
        errors["observations"] = [_("Nothing is changed.")]
    if errors:
        raise Invalid(
            "correction_incomplete",
            _("The correction is not complete. See `errors`."),
            fields=errors,
        )
    new = _replace(old, given, reason.strip(), by, at)
    freeze(sheet=new, content=given, version=version, at=at)
    log(
        appointment,
        "practicals.supersede",
        user=by,
        data={"old": str(old.uuid), "new": str(new.uuid), "reason": reason.strip()},
        timestamp=at,
    )
    cause = PracticalResult.Cause.CORRECTED
    decide_if_due(appointment=appointment, by=by, at=at, cause=cause, why=reason.strip())
    return new


def require_may_supersede(*, assessment: PracticalAssessment, by: User, at: datetime) -> None:
    """Raise what `supersede_sheet` would whatever the correction said: Forbidden by rule, Conflict when it cannot be corrected now."""
    require_role(by, Role.CHIEF_EXAMINER)
    appointment = assessment.assignment.appointment
    refuse(bars_to_deciding(appointment=appointment, chief=by, at=at))
    if not assessment.active:
        raise _replaced()
    _require_decided(assessment, appointment)


def _require_decided(sheet: PracticalAssessment, appointment: Appointment) -> None:
    if not sheet.is_final or not appointment.results.exists():
        raise Conflict("not_decided", _("Only a sheet whose practical has a result is corrected."))


def _replaced() -> Conflict:
    return Conflict(
        "sheet_replaced", _("This sheet was corrected already. Look at the newest one.")
    )


def _correction(
    content: Any, lines: Any, codes: list[str], old: PracticalAssessment, by: User
) -> Content:
    """The corrected content as a final sheet signed by the chief examiner."""
    content = content if isinstance(content, Mapping) else {}
    return read(
        {
            "rev": old.rev + 1,
            "final": True,
            "started_at": old.draft.get("started_at"),
            "finished_at": old.draft.get("finished_at"),
            "observations": content.get("observations", []),
            "violations": content.get("violations", []),
            "global_rating": content.get("global_rating"),
            "signature": str(by),
        },
        lines,
        codes,
    )


def _says_the_same(given: Content, old: PracticalAssessment) -> bool:
    new = given.plain()
    return all(
        new[name] == old.draft.get(name) for name in ("observations", "violations", "global_rating")
    )


def _same_correction(old: PracticalAssessment, given: Content | None) -> PracticalAssessment:
    later = old.superseded_by.order_by("pk").first()
    if given is None or later is None or later.digest != given.digest:
        raise _replaced()
    return later


def _replace(
    old: PracticalAssessment, given: Content, reason: str, by: User, at: datetime
) -> PracticalAssessment:
    PracticalAssessment.objects.filter(pk=old.pk).update(active=False)
    new = PracticalAssessment.objects.create(
        uuid=uuid4(),
        assignment=old.assignment,
        rev=given.rev,
        draft=given.plain(),
        digest=given.digest,
        global_rating=given.global_rating,
        signature=given.signature,
        started_at=old.started_at,
        finished_at=old.finished_at,
        synced_at=at,
        final_at=at,
        supersedes=old,
        supersedes_reason=reason,
        written_by=by,
    )
    SheetRevision.objects.append(
        chain=f"sheet:{new.uuid}", at=at, assessment=new, rev=new.rev, content=new.draft
    )
    return new
