"""Two registrars, or a registrar and the holder, at one renewal: each activity decided on once, one renewal, one truth about whose turn it is."""

from functools import wraps
from uuid import uuid4

import pytest

from accounts.models import Notice
from accounts.services import Conflict
from credentials import services
from credentials.models import Credential, LearningReview, RenewalRequest, RenewalStep, StatusEvent
from ledger.services import verify
from tests.credentials import renewals
from tests.credentials.renewals import LATER, accept_all, add, begun, complete, renewable, sent
from tests.credentials.scheme import registrar

pytestmark = pytest.mark.postgres
ROUNDS = 3


@pytest.fixture(autouse=True)
def _uploads_of_this_test_alone(settings, tmp_path):
    private = {**settings.STORAGES["private"], "OPTIONS": {"location": tmp_path, "base_url": None}}
    settings.STORAGES = {**settings.STORAGES, "private": private}


def again(test):
    """Run a race several times within one flush of the database, each with a renewal of its own."""

    @wraps(test)
    def repeated(together):
        for _time in range(ROUNDS):
            test(together)

    return repeated


def one_of_its_own():
    """A credential to renew, in a scheme of its own."""
    return renewable(code=f"R-{uuid4().hex[:6]}")


def fresh(row):
    """The row as another process would load it."""
    return type(row).objects.get(pk=row.pk)


def granting(request, boss):
    return lambda: renewals.grant(fresh(request), fresh(boss))


def returning(request, boss):
    return lambda: renewals.give_back(fresh(request), fresh(boss), note="One is missing.")


def judging(row, boss, outcome):
    return lambda: renewals.judge(fresh(row), fresh(boss), outcome)


def codes(outcomes):
    return sorted(outcome.code for outcome in outcomes if isinstance(outcome, Conflict))


def unexpected(outcomes):
    return [row for row in outcomes if isinstance(row, Exception) and not isinstance(row, Conflict)]


def events(credential):
    return StatusEvent.objects.filter(credential=credential, kind="renewed").count()


def told(person, kind):
    return Notice.objects.filter(recipient=person, kind=kind).count()


def assert_every_chain_holds():
    for model in (RenewalStep, LearningReview, StatusEvent):
        assert list(verify(model)) == []


@again
def test_two_registrars_renewing_at_once_renew_once(together):
    one, other = registrar(), registrar()
    credential = one_of_its_own()
    request = sent(credential)
    accept_all(request, one)
    outcomes = together(*[granting(request, boss) for boss in (one, other)])
    assert not unexpected(outcomes) and codes(outcomes) == ["renewed_already"], outcomes
    assert events(credential) == 1
    assert fresh(request).event == credential.events.get(kind="renewed")
    assert request.steps.filter(kind="renewed").count() == 1
    assert told(credential.holder, "credential_renewed") == 1
    assert_every_chain_holds()


@again
def test_a_double_click_on_renew_is_one_renewal(together):
    one = registrar()
    credential = one_of_its_own()
    request = sent(credential)
    accept_all(request, one)
    outcomes = together(*[granting(request, one)] * 3)
    assert {row.pk for row in outcomes} == {credential.events.get(kind="renewed").pk}


@again
def test_one_activity_is_decided_on_once(together):
    one, other = registrar(), registrar()
    request = sent(one_of_its_own())
    row = request.learning.first()
    outcomes = together(judging(row, one, "accepted"), judging(row, other, "not_accepted"))
    assert not unexpected(outcomes) and codes(outcomes) == ["already_decided"], outcomes
    assert LearningReview.objects.filter(learning=row).count() == 1
    assert_every_chain_holds()


@again
def test_the_last_activity_refused_while_it_is_renewed_is_never_renewed_on(together):
    one, other = registrar(), registrar()
    credential = one_of_its_own()
    request = sent(credential)
    first, last = request.learning.order_by("sequence")
    renewals.judge(first, one)
    outcomes = together(judging(last, one, "not_accepted"), granting(request, other))
    assert not unexpected(outcomes) and codes(outcomes) == ["renewal_incomplete"], outcomes
    assert events(credential) == 0 and fresh(request).closed_at is None


@again
def test_a_return_beside_a_renewal_that_lacks_something_gives_it_back(together):
    one, other = registrar(), registrar()
    credential = one_of_its_own()
    request = sent(credential)
    for row in request.learning.all():
        renewals.judge(row, one, "not_accepted" if row.category == "ethics" else "accepted")
    outcomes = together(granting(request, one), returning(request, other))
    assert not unexpected(outcomes), outcomes
    assert codes(outcomes) in (["renewal_incomplete"], ["renewal_returned"])
    assert events(credential) == 0 and fresh(request).sent_at is None
    assert request.steps.filter(kind="returned").count() == 1


@again
def test_two_registrars_returning_at_once_return_it_once(together):
    one, other = registrar(), registrar()
    request = sent(one_of_its_own())
    for row in request.learning.all():
        renewals.judge(row, one, "more_information")
    outcomes = together(*[returning(request, boss) for boss in (one, other)])
    assert not unexpected(outcomes) and codes(outcomes) == ["renewal_returned"], outcomes
    assert request.steps.filter(kind="returned").count() == 1
    assert told(request.credential.holder, "renewal_returned") == 1


@again
def test_by_the_request_and_by_hand_at_once_renew_once(together):
    one, other = registrar(), registrar()
    credential = one_of_its_own()
    request = sent(credential)
    accept_all(request, one)
    outcomes = together(
        granting(request, one),
        lambda: services.renew(
            credential=fresh(credential), reason_code="N1", hours=24, by=fresh(other), at=LATER
        ),
    )
    assert not unexpected(outcomes) and codes(outcomes) == ["renewed_already"], outcomes
    assert events(credential) == 1 and fresh(request).closed_at
    assert_every_chain_holds()


@again
def test_a_renewal_beside_a_second_signature_on_a_revocation_ends_revoked(together):
    one, other = registrar(), registrar()
    credential = one_of_its_own()
    request = sent(credential)
    accept_all(request, one)
    services.revoke(credential=fresh(credential), reason_code="R1", by=registrar(), at=LATER)
    outcomes = together(
        granting(request, one),
        lambda: services.revoke(credential=fresh(credential), by=fresh(other), at=LATER),
    )
    assert not unexpected(outcomes), outcomes
    assert codes(outcomes) in ([], ["renewal_ended"])
    row = Credential.objects.get(pk=credential.pk)
    assert services.standing_of(row, at=LATER).status == "revoked"
    assert_every_chain_holds()


@again
def test_begun_in_two_tabs_it_is_one_renewal(together):
    credential = one_of_its_own()
    outcomes = together(*[lambda: begun(Credential.objects.get(pk=credential.pk))] * 3)
    assert {row.pk for row in outcomes} == {RenewalRequest.objects.get(credential=credential).pk}
    assert RenewalStep.objects.filter(request__credential=credential).count() == 1


@again
def test_what_is_added_beside_the_sending_is_in_it_or_refused(together):
    request = complete(one_of_its_own())
    outcomes = together(
        lambda: renewals.send(fresh(request)), lambda: add(fresh(request), "1", "hands-on")
    )
    assert not unexpected(outcomes), outcomes
    assert codes(outcomes) in ([], ["renewal_with_register"])
    said = request.steps.get(kind="sent").content["learning"]
    assert set(said) == {str(row.uuid) for row in request.learning.all()}
