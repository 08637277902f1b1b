"""The road to a credential as a person reads it: each requirement, how it stands, what is missing, what to do next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from credentials import validity
from credentials.models import Application, Credential, Document, Requirement
from credentials.requirements import State
from credentials.services.award import Standing, standings_of, today_in
from credentials.services.matter import DOCUMENT_DAYS, after_working_days, working_days
from credentials.services.standing import standing_of

SOON_DAYS = 60


@dataclass(frozen=True)
class Action:
    """Where the person goes, and the words of the link."""

    url: str
    label: str


@dataclass(frozen=True)
class Milestone:
    """One requirement on the road. `place` is done, now (the person's turn) or wait; `shape` and `word` are its status."""

    requirement: Requirement
    place: str
    shape: str
    word: str
    sentence: str
    action: Action | None
    other: Action | None = None

    @property
    def acts(self) -> bool:
        """Whether the person has something to do here now."""
        return self.place == "now" and self.action is not None

    @property
    def is_instead(self) -> bool:
        """Whether all that can be done here is to send a document in place of what is recorded elsewhere."""
        by_document = self.requirement.kind == Requirement.Kind.DOCUMENT
        return self.requirement.takes_documents and not by_document and self.other is None


def road(
    standings: Sequence[Standing], *, on: date, links: Mapping[int, Action] | None = None
) -> list[Milestone]:
    """The requirements in order. `links` gives, by a requirement's primary key, where an exam or a course is found: other apps know that."""
    links = links or {}
    return [_milestone(row, on, links.get(row.requirement.pk)) for row in standings]


def ground(credential: Credential, *, at: datetime) -> list[Milestone]:
    """What a credential rests on, as it stands today. What has run out is sent again, unless the credential has ended for good."""
    application = credential.application
    standings = standings_of([application], at=at)[application.pk]
    milestones = road(standings, on=today_in(credential.credential_type, at))
    ended = standing_of(credential, at=at).status in validity.FINAL
    return [
        replace(row, action=None if ended else _of(application, row), other=None)
        for row in milestones
    ]


def _of(application: Application, row: Milestone) -> Action | None:
    """Where a document that ran out or was sent back is sent anew; nothing else is sent for a credential that one holds."""
    if row.action is None or row.shape not in ("due", "fail", "overdue"):
        return None
    return replace(row.action, url=f"{row.action.url}?application={application.uuid}")


def next_milestone(milestones: Sequence[Milestone]) -> Milestone | None:
    """What the person does next: first what came back, then the first thing that is missing; what may come another way last."""
    mine = [row for row in milestones if row.acts]
    returned = [row for row in mine if row.shape in ("due", "fail", "overdue")]
    asked = [row for row in mine if not row.is_instead]
    return next(iter(returned or asked or mine), None)


def _milestone(row: Standing, on: date, link: Action | None) -> Milestone:
    requirement, finding = row.requirement, row.finding
    match finding.state:
        case State.MET:
            return _met(row, on)
        case State.WAITING:
            sentence = _waiting(row.document, on) if row.document else ""
            action = _upload(requirement, _("See what you sent"))
            return Milestone(requirement, "wait", "held", _("With the register"), sentence, action)
        case State.RETURNED:
            action = _upload(requirement, _("Send what is missing"))
            return Milestone(requirement, "now", "due", _("Sent back"), finding.label, action)
        case State.REFUSED:
            action = _upload(requirement, _("Send another document"))
            return Milestone(requirement, "now", "fail", _("Not met"), finding.label, action)
        case State.EXPIRED:
            assert finding.valid_until
            sentence = _("It ran out on %(day)s. Send a current one.") % {
                "day": date_format(finding.valid_until, "j F Y")
            }
            action = _upload(requirement, _("Send the new one"))
            return Milestone(requirement, "now", "overdue", _("Run out"), sentence, action)
    return _missing(requirement, link)


def _waiting(document: Document, on: date) -> str:
    """Since when it waits and until when, and, where that day is past, that it is late."""
    sent = document.uploaded_at.date()
    due = after_working_days(sent, DOCUMENT_DAYS)
    late = working_days(due, on)
    said = {"day": date_format(sent, "j F Y"), "due": date_format(due, "j F Y")}
    if late <= 0:
        return _("Sent on %(day)s. A registrar decides by %(due)s.") % said
    words = ngettext(
        "Sent on %(day)s. It should have been decided by %(due)s: we are %(n)s working day late.",
        "Sent on %(day)s. It should have been decided by %(due)s: we are %(n)s working days late.",
        late,
    )
    return words % {**said, "n": late}


def _met(row: Standing, on: date) -> Milestone:
    requirement, finding = row.requirement, row.finding
    label = finding.label.removeprefix(f"{requirement.title}: ")
    if finding.valid_until is None:
        return Milestone(requirement, "done", "done", _("Done"), _sentence(label), None)
    left = (finding.valid_until - on).days
    day = date_format(finding.valid_until, "j F Y")
    if left > SOON_DAYS:
        sentence = _("%(label)s Valid until %(day)s.") % {"label": _sentence(label), "day": day}
        return Milestone(requirement, "done", "done", _("Done"), sentence, None)
    word = ngettext("Expires in %(n)s day", "Expires in %(n)s days", left) % {"n": left}
    if row.document and not row.document.reviews.all():
        sentence = _("It runs out on %(day)s. The new one is with the register.") % {"day": day}
        return Milestone(requirement, "done", "due", word, sentence, None)
    sentence = _("It runs out on %(day)s.") % {"day": day}
    return Milestone(
        requirement, "done", "due", word, sentence, _upload(requirement, _("Send the new one"))
    )


def _missing(requirement: Requirement, link: Action | None) -> Milestone:
    if requirement.kind == Requirement.Kind.DOCUMENT:
        action = _upload(requirement, _("Send it"))
        return Milestone(requirement, "now", "now", _("To send"), _brief(requirement.help), action)
    if requirement.takes_documents:
        upload = _upload(requirement, _("Send a document instead"))
        action, other = (link, upload) if link else (upload, None)
        return Milestone(
            requirement, "now", "now", _("To show"), _brief(requirement.help), action, other
        )
    place, shape = ("now", "now") if link else ("wait", "waiting")
    word = _("Open to you") if link else _("To come")
    return Milestone(requirement, place, shape, word, _brief(requirement.help), link)


def _upload(requirement: Requirement, label: str) -> Action | None:
    if not requirement.takes_documents:
        return None
    return Action(reverse("application-document", args=[requirement.code]), label)


def _brief(text: str, limit: int = 170) -> str:
    """The first sentences of a help text, as many as fit on the road; the page of the requirement has all of it."""
    kept = ""
    for sentence in text.split(". "):
        if kept and len(kept) + len(sentence) > limit:
            break
        kept = f"{kept}{sentence.rstrip('.')}. "
    return kept.strip()


def _sentence(label: str) -> str:
    return label if not label or label.endswith(".") else f"{label}."
