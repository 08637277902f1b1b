"""The changes a registrar makes on a page of their own: what each is called, says, asks for and does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from credentials import services
from credentials.models import StatusEvent

Kind = StatusEvent.Kind


@dataclass(frozen=True)
class ChangePage:
    """One change. `asks` are the form's fields besides reason, note and confirmation; `grave` ones are drawn as what cannot be undone."""

    kind: StatusEvent.Kind
    verb: Callable[..., Any]
    label: Any
    heading: Any
    says: Any
    button: Any
    done: Any
    asks: tuple[str, ...] = ("effective_on",)
    grave: bool = False

    @property
    def quiet(self) -> bool:
        """Whether the holder is not written to."""
        return self.kind == Kind.DECEASED


PAGES: dict[str, ChangePage] = {
    "suspend": ChangePage(
        Kind.SUSPENDED,
        services.suspend,
        _("Suspend"),
        _("Suspend"),
        _("A suspension is a protective step. It ends by reinstatement."),
        _("Suspend it"),
        _("The suspension of %(number)s is written. The holder is told by e-mail."),
    ),
    "reinstate": ChangePage(
        Kind.REINSTATED,
        services.reinstate,
        _("Reinstate"),
        _("Reinstate"),
        _("A new document is signed; copies made before the suspension no longer verify."),
        _("Reinstate it"),
        _("The reinstatement of %(number)s is written. The holder is told by e-mail."),
    ),
    "renew": ChangePage(
        Kind.RENEWED,
        services.renew,
        _("Renew"),
        _("Renew"),
        _("The number and the history stay; a new document is signed."),
        _("Renew it"),
        _("%(number)s is renewed. The holder is told by e-mail."),
        ("hours", "ethics_hours"),
    ),
    "scope": ChangePage(
        Kind.SCOPE_CHANGED,
        services.change_scope,
        _("Change its scope"),
        _("Change the scope"),
        _("A new document is signed that says the new scope; earlier copies no longer verify."),
        _("Change the scope"),
        _("The new scope of %(number)s is written. The holder is told by e-mail."),
        ("scope", "limits", "effective_on"),
    ),
    "correct": ChangePage(
        Kind.CORRECTED,
        services.correct_name,
        _("Correct the name"),
        _("Correct the name"),
        _("The number stays; a new document is signed, and earlier copies no longer verify."),
        _("Correct the name"),
        _("The name on %(number)s is corrected. The holder is told by e-mail."),
        ("name",),
    ),
    "surrender": ChangePage(
        Kind.SURRENDERED,
        services.surrender,
        _("Record its surrender"),
        _("Record the surrender"),
        _("The holder gave it back. This cannot be taken back; the person may apply again."),
        _("Record the surrender"),
        _("The surrender of %(number)s is written. The holder is told by e-mail."),
        grave=True,
    ),
    "deceased": ChangePage(
        Kind.DECEASED,
        services.record_death,
        _("Record the holder's death"),
        _("Record the death of the holder"),
        _("The credential ends with the day of death. Nobody is written to."),
        _("Record the death"),
        _("The death of the holder of %(number)s is written. Nobody was written to."),
        grave=True,
    ),
    "revoke": ChangePage(
        Kind.REVOKED,
        services.revoke,
        _("Revoke"),
        _("Revoke for good"),
        _("Two registrars revoke: you propose it with a reason, another puts it in force."),
        pgettext_lazy("button", "Propose to revoke it"),
        _("It is proposed to revoke %(number)s. Another registrar has to approve it."),
        grave=True,
    ),
}
