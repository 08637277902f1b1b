"""Documents signed anew without a change of status: after a key was compromised, and when the holder shares examination results or no longer does."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Forbidden, lock_learner
from credentials.models import Credential, SignedDocument, StatusEvent
from credentials.services.changing import append_event
from credentials.services.scores import scores_of
from credentials.services.standing import standing_of

# How often within a day a holder may have documents made anew.
CHANGES_A_DAY = 4


@transaction.atomic
def share_results(
    *, credential: Credential, shared: bool, by: User, at: datetime, scores: bool = False
) -> Credential:
    """The holder agrees, or no longer agrees, that the signed document says which examinations they passed, or even with which scores.
    Asked for twice it is done once.

    A document that holds today is made anew; one that says more than is shared is then no longer handed out (it stays in the register,
    to be compared with). Raises Conflict for scores where no examination is reported on a scale.
    """
    if by.pk != credential.holder_id:
        raise Forbidden("not_the_holder", _("Only the holder decides what the document says."))
    lock_learner(credential.holder_id)
    credential.refresh_from_db(fields=["share_results", "share_scores"])
    scores = shared and scores
    if (credential.share_results, credential.share_scores) == (shared, scores):
        return credential
    if scores and not scores_of(credential):
        raise Conflict("no_scores", _("None of your examinations is reported on a scale."))
    made = credential.events.filter(
        kind=StatusEvent.Kind.REISSUED, by=by, at__gt=at - timedelta(days=1)
    )
    if made.count() >= CHANGES_A_DAY:
        raise Conflict(
            "too_often", _("This was changed several times today. Change it again tomorrow.")
        )
    credential.share_results, credential.share_scores = shared, scores
    credential.save(update_fields=["share_results", "share_scores"])
    if standing_of(credential, at=at).valid:
        append_event(
            credential=credential,
            kind=StatusEvent.Kind.REISSUED,
            effective_at=at,
            reason_code="SHARE",
            reason_text=_what_it_says(shared, scores),
            by=by,
            at=at,
        )
    return credential


def _what_it_says(shared: bool, scores: bool) -> str:
    if scores:
        return _("It says which examinations were passed, and the scores, as the holder asked.")
    if shared:
        return _("It says which examinations were passed, as the holder asked.")
    return _("It no longer says which examinations were passed, as the holder asked.")


_OVER = (StatusEvent.Kind.REVOKED, StatusEvent.Kind.SURRENDERED, StatusEvent.Kind.DECEASED)


def resting_on_a_lost_key(*, at: datetime) -> QuerySet[Credential]:
    """Credentials whose newest document was signed with a key that others may have, and for which no other is on its way. Those that have
    run out or ended are left out: nobody needs a document of theirs.
    """
    newer = SignedDocument.objects.filter(credential=OuterRef("pk"), key__compromised_at=None)
    mine = StatusEvent.objects.filter(credential=OuterRef("pk"))
    on_its_way = mine.filter(kind__in=StatusEvent.MAKES_DOCUMENT, signed_document=None)
    over = mine.filter(kind__in=_OVER, effective_at__lte=at, withdrawn_by=None)
    return Credential.objects.filter(
        ~Exists(newer),
        ~Exists(on_its_way),
        ~Exists(over),
        signed_documents__key__compromised_at__isnull=False,
        valid_until__gte=at.date() - timedelta(days=1),
    ).distinct()


def reissue_due(*, at: datetime) -> int:
    """Have every credential that is valid and rests on a lost key signed anew. Safe to repeat and to break off; returns how many."""
    return sum(
        _reissue(credential_pk=pk, at=at)
        for pk in list(resting_on_a_lost_key(at=at).values_list("pk", flat=True))
    )


@transaction.atomic
def _reissue(*, credential_pk: int, at: datetime) -> bool:
    credential = Credential.objects.get(pk=credential_pk)
    lock_learner(credential.holder_id)
    due = resting_on_a_lost_key(at=at).filter(pk=credential_pk).exists()
    if not due or not standing_of(credential, at=at).valid:
        return False
    append_event(
        credential=credential,
        kind=StatusEvent.Kind.REISSUED,
        effective_at=at,
        reason_code="KEY",
        reason_text=_(
            "The key that signed the document before may have been copied. Nothing about your credential has changed; "
            "copies of the old document no longer verify."
        ),
        by=None,
        at=at,
    )
    return True
