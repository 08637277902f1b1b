"""What a status is called on our own pages, and what it means for the holder."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from credentials.models import Credential
from credentials.requirements import State
from credentials.validity import Standing, Status, late_until

STATUS_WORDS = {
    Status.PENDING: gettext_lazy("Pending"),
    Status.ACTIVE: gettext_lazy("Active"),
    Status.SUSPENDED: gettext_lazy("Suspended"),
    Status.LAPSED: gettext_lazy("Lapsed"),
    Status.EXPIRED: gettext_lazy("Expired"),
    Status.REVOKED: gettext_lazy("Revoked"),
    Status.SURRENDERED: gettext_lazy("Surrendered"),
    Status.DECEASED: gettext_lazy("Holder deceased"),
}

STATE_WORDS = {
    State.MET: gettext_lazy("met"),
    State.WAITING: gettext_lazy("with the register"),
    State.RETURNED: gettext_lazy("sent back"),
    State.REFUSED: gettext_lazy("not met"),
    State.EXPIRED: gettext_lazy("run out"),
    State.MISSING: gettext_lazy("missing"),
}
SOURCE_WORDS = {
    "course": gettext_lazy("course"),
    "quiz": gettext_lazy("written examination"),
    "practical": gettext_lazy("practical examination"),
}


def standing_words(credential: Credential, standing: Standing) -> str:
    """One or two sentences to the holder: what the status is, since when, and what to do."""
    since = date_format(standing.since, "j F Y") if standing.since else ""
    until = date_format(standing.valid_until, "j F Y") if standing.valid_until else ""
    match standing.status:
        case Status.ACTIVE:
            return _("Valid until %(until)s. You may use the title and the mark.") % {
                "until": until
            }
        case Status.SUSPENDED:
            return _(
                "Suspended since %(since)s. Until the suspension ends, do not use the title or the mark; "
                "the message we sent you says why, and what to do."
            ) % {"since": since}
        case Status.LAPSED if standing.valid_until:
            months = int(credential.statement.get("late_months", 0))
            return _(
                "It ended on %(until)s. Until it is renewed, do not use the title or the mark. A late renewal is taken until %(late)s."
            ) % {
                "until": until,
                "late": date_format(late_until(standing.valid_until, months), "j F Y"),
            }
        case Status.EXPIRED | Status.LAPSED:
            return _(
                "It ended on %(until)s and was not renewed. Do not use the title or the mark."
            ) % {"until": until}
        case Status.REVOKED:
            return _(
                "Revoked on %(since)s, for good. Do not use the title or the mark. An appeal is taken within 30 days of the decision."
            ) % {"since": since}
        case Status.SURRENDERED:
            return _("Given back on %(since)s. Do not use the title or the mark.") % {
                "since": since
            }
    return ""
