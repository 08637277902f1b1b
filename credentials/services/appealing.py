"""What people who are no registrars raise: an appeal against a decision on oneself, and a concern about somebody, by anybody at all."""

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Invalid, Missing, lock_learner, notify
from credentials import numbers
from credentials.models import Case, CaseStep, Credential
from credentials.services.applying import printable
from credentials.services.cases import DECIDE_DAYS, begin_case
from credentials.services.decided import Decided, decisions_on

MOST_LETTERS = 4000
ZONES = timedelta(days=1)  # where a decision is dated, it may be tomorrow already
TWICE = timedelta(hours=1)  # the same concern within it is one


def open_to_appeal(*, by: User, at: datetime) -> list[Decided]:
    """The decisions a person may still appeal against and has not, the newest first."""
    appealed = set(Case.objects.appeals_of(by).values_list("subject", flat=True))
    return [row for row in decisions_on(by) if at.date() <= row.until and row.key not in appealed]


@transaction.atomic
def lodge_appeal(*, key: str, ground: str, said: str, by: User, at: datetime) -> Case:
    """Appeal against a decision on oneself (`key` of a Decided). A decision is appealed against once; asked for again, that appeal is returned.

    Raises Missing for no decision of one's own, Conflict after its last day, Invalid without a ground and words.
    """
    lock_learner(by.pk)
    existing = Case.objects.appeals_of(by).filter(subject=key).first() if key else None
    if existing:
        return existing
    decided = require_may_appeal(key=key, by=by, at=at)
    said = printable(said).strip()
    _require_complete(ground, said)
    case = Case.objects.create(
        kind=Case.Kind.APPEAL,
        raised_by=decided.application.name_on_id if decided.application else by.name,
        about_person=by,
        application=decided.application,
        credential=decided.credential,
        subject=decided.key,
        about=decided.what[:200],
        ground=ground,
        said=said,
        received_on=at.date(),
        due_on=at.date() + timedelta(days=DECIDE_DAYS[Case.Kind.APPEAL]),
        recorded_at=at,
    )
    begin_case(case, CaseStep.Kind.LODGED, by, at)
    notify(
        recipient=by,
        kind="appeal_received",
        reference=str(case.uuid),
        subject=_("We have your appeal %(reference)s") % {"reference": case.reference},
        template="credentials/mail/appeal_received.txt",
        context={"case": case},
        url=reverse("appeal", args=[case.uuid]),
        at=at,
    )
    return case


def require_may_appeal(*, key: str, by: User, at: datetime) -> Decided:
    """The decision, where `by` may appeal against it. Raises Missing for no decision of one's own, Conflict after its last day."""
    decided = next((row for row in decisions_on(by) if row.key == key), None)
    if decided is None:
        raise Missing("no_such_decision", _("There is no such decision on you."))
    if at.date() < decided.decided_on - ZONES:
        raise Conflict(
            "clock_set_back",
            _("This decision is dated after today. The server's clock may be wrong."),
        )
    if at.date() > decided.until:
        raise Conflict(
            "too_late",
            _("The last day to appeal against this was %(day)s.")
            % {"day": date_format(decided.until, "j F Y")},
        )
    return decided


def _require_complete(ground: str, said: str) -> None:
    fields: dict[str, list[str]] = {}
    if ground not in Case.Ground.values:
        fields["ground"] = [_("Choose what your appeal rests on.")]
    if not said:
        fields["said"] = [_("Say what is wrong with the decision.")]
    elif len(said) > MOST_LETTERS:
        fields["said"] = [_("At most %(most)s characters.") % {"most": MOST_LETTERS}]
    if fields:
        raise Invalid("incomplete", _("Your appeal is not complete."), fields=fields)


@transaction.atomic
def raise_concern(
    *, about: str, said: str, raised_by: str, at: datetime, contact: str = ""
) -> Case:
    """Take down a concern of anybody about a person or a use of the title. `about`: a number or a name, as they know it.

    A number of the register names the credential to registrars; whoever raises the concern learns nothing by it. The same within an hour
    is taken down once. Raises Invalid when something is missing.
    """
    about, said = " ".join(printable(about).split()), printable(said).strip()
    raised_by = " ".join(printable(raised_by).split())
    _require_told(about, said, raised_by)
    same = Case.objects.filter(
        kind=Case.Kind.CONCERN, about=about, said=said, raised_by=raised_by, contact=contact
    )
    first = same.filter(recorded_at__gt=at - TWICE).first()
    if first:
        return first
    number = numbers.normalise(about)
    rows = Credential.objects.filter(number=number).select_related("application__applicant")
    credential = rows.first() if number else None
    case = Case.objects.create(
        kind=Case.Kind.CONCERN,
        raised_by=raised_by,
        contact=contact,
        about_person=credential.application.applicant if credential else None,
        application=credential.application if credential else None,
        credential=credential,
        about=about,
        said=said,
        received_on=at.date(),
        due_on=at.date() + timedelta(days=DECIDE_DAYS[Case.Kind.CONCERN]),
        recorded_at=at,
    )
    begin_case(case, CaseStep.Kind.LODGED, None, at)
    return case


def _require_told(about: str, said: str, raised_by: str) -> None:
    fields: dict[str, list[str]] = {}
    missing = {
        "about": (about, 150, _("Say who it is about: a number or a name.")),
        "said": (said, MOST_LETTERS, _("Say what happened.")),
        "raised_by": (raised_by, 150, _("Give your name.")),
    }
    for name, (text, most, sentence) in missing.items():
        if not text:
            fields[name] = [sentence]
        elif len(text) > most:
            fields[name] = [_("At most %(most)s characters.") % {"most": most}]
    if fields:
        raise Invalid("incomplete", _("What you wrote is not complete."), fields=fields)
