"""Everything that can happen to a credential: dated back and ahead, by two pairs of eyes, given back, corrected, narrowed; one answer everywhere."""

import base64
import datetime as dt
import gzip
import json

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Notice, Role
from accounts.services import Conflict, Forbidden, Invalid, record_teaching
from credentials import issuing, services, validity, verification
from credentials.models import Credential, Proposal, SignedDocument, StatusEvent, StatusList
from credentials.validity import Status
from credentials.words import standing_words
from ledger.services import verify
from tests.credentials.scheme import held, registrar, revoke, scheme
from tests.factories import NOTHING, NOW, person

pytestmark = pytest.mark.django_db
API = "/api/v1/"


def days(count: float) -> dt.datetime:
    return NOW + dt.timedelta(days=count)


def day(count: int) -> dt.date:
    return days(count).date()


def status(credential, at, on=None) -> str:
    fresh = Credential.objects.get(pk=credential.pk)
    return services.standing_of(fresh, at=at, on=on).status.value


# Dated back and ahead


def test_a_suspension_dated_ahead_holds_from_the_beginning_of_that_day():
    credential = held(scheme())
    services.suspend(
        credential=credential, reason_code="S1", by=registrar(), at=days(1), effective_on=day(10)
    )
    zone = credential.statement["zone"]
    begins = validity.start_of_day(day(10), zone)
    assert status(credential, begins - dt.timedelta(seconds=1)) == "active"
    assert status(credential, begins) == "suspended"
    (coming,) = services.still_to_come(credential, at=days(2))
    assert coming.effective_at == begins


def test_a_change_dated_back_is_in_the_answer_about_those_days():
    credential = held(scheme())
    services.suspend(
        credential=credential, reason_code="S1", by=registrar(), at=days(30), effective_on=day(20)
    )
    assert status(credential, days(31), on=day(19)) == "active"
    assert status(credential, days(31), on=day(20)) == "suspended"


def test_what_is_dated_back_may_not_break_what_follows_it():
    credential, boss = held(scheme()), registrar()
    services.suspend(credential=credential, reason_code="S1", by=boss, at=days(10))
    services.reinstate(credential=credential, reason_code="T1", by=boss, at=days(20))
    with pytest.raises(Conflict) as refusal:
        services.suspend(
            credential=credential, reason_code="S2", by=boss, at=days(30), effective_on=day(5)
        )
    assert refusal.value.code == "breaks_what_follows"
    revoke(credential, at=days(30))
    with pytest.raises(Conflict):
        services.surrender(
            credential=credential, by=boss, at=days(31), reason_code="U1", effective_on=day(3)
        )


def test_nothing_is_dated_before_the_issue_or_years_ahead():
    credential, boss = held(scheme()), registrar()
    for on in (day(-1), day(400)):
        with pytest.raises(Invalid):
            services.suspend(
                credential=credential, reason_code="S1", by=boss, at=days(1), effective_on=on
            )
    with pytest.raises(Invalid):
        services.record_death(
            credential=credential, reason_code="D1", by=boss, at=days(1), effective_on=day(9)
        )


def test_a_change_still_to_come_is_withdrawn_and_never_happens(vault):
    credential, boss = held(scheme()), registrar()
    issuing.finish_pending(at=NOW)
    event = services.suspend(
        credential=credential, reason_code="S1", by=boss, at=days(1), effective_on=day(10)
    )
    for _twice in range(2):
        services.withdraw_change(
            credential=credential, event=event, reason_code="W2", by=boss, at=days(2)
        )
    assert credential.events.count() == 3
    assert status(credential, days(20)) == "active"
    assert not issuing.ended(days(20)).exists()
    later = services.suspend(credential=credential, reason_code="S1", by=boss, at=days(30))
    with pytest.raises(Conflict, match="taken effect"):
        services.withdraw_change(
            credential=credential, event=later, reason_code="W2", by=boss, at=days(31)
        )


def test_what_makes_a_document_ahead_is_signed_when_it_takes_effect(vault):
    credential, boss = held(scheme()), registrar()
    issuing.finish_pending(at=NOW)
    services.suspend(credential=credential, reason_code="S1", by=boss, at=days(1))
    services.reinstate(
        credential=credential, reason_code="T1", by=boss, at=days(2), effective_on=day(9)
    )
    assert issuing.finish_pending(at=days(3)) == 0
    assert issuing.finish_pending(at=days(9)) == 1


# Lapsed, and renewed late


def test_after_the_last_day_a_late_renewal_is_open_and_the_public_hears_expired():
    credential = held(scheme(late_months=12))
    last = credential.valid_until
    after = dt.datetime.combine(last, dt.time(12), dt.UTC) + dt.timedelta(days=40)
    assert status(credential, after) == "lapsed"
    answer = verification.answer_about(credential, at=after)
    assert (answer.standing.status, answer.standing.valid) == (Status.EXPIRED, False)
    assert [span.status for span in answer.history] == [Status.ACTIVE, Status.EXPIRED]
    words = standing_words(credential, services.standing_of(credential, at=after))
    assert f"late renewal is taken until {last.replace(year=last.year + 1):%-d %B %Y}" in words
    assert status(credential, after + dt.timedelta(days=365)) == "expired"


def test_a_late_renewal_counts_from_the_old_last_day_and_leaves_the_gap():
    credential = held(scheme(late_months=12))
    last = credential.valid_until
    late = dt.datetime.combine(last, dt.time(12), dt.UTC) + dt.timedelta(days=40)
    services.renew(credential=credential, reason_code="N1", by=registrar(), at=late)
    standing = services.standing_of(Credential.objects.get(pk=credential.pk), at=late)
    assert (standing.status, standing.since) == (Status.ACTIVE, late)
    assert standing.valid_until == validity.last_valid_day(last + dt.timedelta(days=1), 2)
    assert status(credential, late, on=last + dt.timedelta(days=20)) == "lapsed"
    with pytest.raises(Conflict):
        other = held(credential.credential_type)
        services.renew(
            credential=other,
            reason_code="N1",
            by=registrar(),
            at=late + dt.timedelta(days=400),
        )


# Four eyes


def test_one_registrar_proposes_and_another_revokes():
    credential, first, second = held(scheme()), registrar(), registrar()
    ask = {"credential": credential, "reason_code": "R1"}
    proposal = services.revoke(**ask, by=first, at=days(1), note="heard on Monday")
    assert services.revoke(**ask, by=first, at=days(2)) == proposal
    assert status(credential, days(2)) == "active"
    assert services.proposals_waiting() == [proposal]
    event = services.revoke(credential=credential, by=second, at=days(3))
    assert (event.by, event.proposed_by, event.note) == (second, first, "heard on Monday")
    assert services.revoke(credential=credential, by=second, at=days(4)) == event
    assert status(credential, days(3)) == "revoked"
    assert services.proposals_waiting() == []
    assert list(verify(Proposal)) == list(verify(StatusEvent)) == []


def test_another_reason_is_another_proposal_and_has_to_wait():
    credential = held(scheme())
    services.revoke(credential=credential, reason_code="R1", by=registrar(), at=days(1))
    with pytest.raises(Conflict) as refusal:
        services.revoke(credential=credential, reason_code="S1", by=registrar(), at=days(2))
    assert refusal.value.code == "proposed_otherwise"


def test_a_proposal_is_declined_with_a_reason_or_taken_back():
    credential, first, second = held(scheme()), registrar(), registrar()
    services.revoke(credential=credential, reason_code="R1", by=first, at=days(1))
    with pytest.raises(Invalid):
        services.decline_revocation(credential=credential, by=second, at=days(2))
    services.decline_revocation(credential=credential, by=second, at=days(2), note="not shown")
    services.revoke(credential=credential, reason_code="R1", by=first, at=days(3))
    assert services.decline_revocation(credential=credential, by=first, at=days(4)).step == (
        "withdrawn"
    )
    with pytest.raises(Conflict):
        services.decline_revocation(credential=credential, by=second, at=days(5), note="again")
    assert status(credential, days(5)) == "active"


def test_nobody_involved_changes_anything_and_hears_the_rule():
    credential, boss = held(scheme()), registrar()
    record_teaching(
        teacher=boss,
        learner=credential.holder,
        subject="Draping",
        taught_on=day(-900),
        by=None,
        at=NOW,
    )
    with pytest.raises(Forbidden, match="Rule R2: whoever taught") as refusal:
        services.suspend(credential=credential, reason_code="S1", by=boss, at=days(1))
    assert refusal.value.code == "R2"
    assert services.possible_changes(credential=credential, by=boss, at=days(1)) == []


# Giving back, death, scope, name


def test_a_holder_gives_it_back_and_it_ends(vault):
    credential = held(scheme())
    issuing.finish_pending(at=NOW)
    for _twice in range(2):
        services.surrender(credential=credential, by=credential.holder, at=days(2))
    assert credential.events.filter(kind="surrendered").count() == 1
    assert status(credential, days(3)) == "surrendered"
    assert issuing.ended(days(3)).count() == 1


def test_a_death_is_written_on_its_day_and_nobody_is_written_to():
    credential = held(scheme())
    told = Notice.objects.count()
    services.record_death(
        credential=credential, reason_code="D1", by=registrar(), at=days(40), effective_on=day(30)
    )
    assert status(credential, days(41), on=day(29)) == "active"
    assert status(credential, days(41), on=day(30)) == "deceased"
    assert Notice.objects.count() == told


def test_a_scope_is_narrowed_from_a_day_and_the_new_document_says_so(vault):
    credential, boss = held(scheme()), registrar()
    issuing.finish_pending(at=NOW)
    issued = services.coverage_of(credential, at=NOW)
    services.change_scope(
        credential=credential,
        scope="Massage after events only.",
        limits="Nothing else.",
        reason_code="C2",
        by=boss,
        at=days(5),
    )
    issuing.finish_pending(at=days(5))
    credential = Credential.objects.get(pk=credential.pk)
    answer = verification.answer_about(credential, at=days(6))
    assert answer.as_json()["scope"] == "Massage after events only."
    assert verification.answer_about(credential, at=days(6), on=day(4)).coverage == issued
    first, second = SignedDocument.objects.order_by("version")
    assert "Massage after events only." in second.body
    assert "narrative" not in json.loads(first.body)["credentialSubject"]
    assert list(issuing.ended(days(6))) == [first]


def test_a_corrected_name_is_searched_and_signed(vault):
    credential, boss = held(scheme()), registrar()
    issuing.finish_pending(at=NOW)
    services.correct_name(
        credential=credential, name="Orla  Achterberg", reason_code="K1", by=boss, at=days(5)
    )
    issuing.finish_pending(at=days(5))
    credential.refresh_from_db()
    assert credential.name == "Orla Achterberg"
    assert [row.pk for row in services.search(Credential.objects.all(), "achter")] == [
        credential.pk
    ]
    assert not services.search(Credential.objects.all(), "brandreth").exists()
    assert "Orla Achterberg" in SignedDocument.objects.get(version=2).body
    assert credential.events.get(kind="corrected").name == "Orla Achterberg"


# One answer everywhere, whatever happened and when


def bit_of(document: SignedDocument) -> bool:
    encoded = json.loads(StatusList.objects.get(pk=document.status_list_id).body)[
        "credentialSubject"
    ]["encodedList"][1:]
    bits = gzip.decompress(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return bool(bits[document.status_index // 8] & 0x80 >> document.status_index % 8)


steps = st.tuples(
    st.sampled_from(["suspend", "reinstate", "renew", "scope", "surrender", "revoke", "withdraw"]),
    st.integers(0, 20),  # days until it is written
    st.integers(-30, 30),  # days between the writing and the day it takes effect
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(steps, min_size=1, max_size=5), st.integers(0, 30), st.integers(0, 120))
def test_page_interface_register_and_list_agree_whatever_happened(
    vault, client, life, ahead, asked
):
    credential = held(scheme_once())
    bosses, now = (registrar(), registrar()), NOW
    for what, wait, shift in life:
        now += dt.timedelta(days=wait, minutes=1)
        apply_step(credential, what, bosses, now, (now + dt.timedelta(days=shift)).date())
    now += dt.timedelta(days=ahead, minutes=1)
    issuing.finish_pending(at=now)
    issuing.publish_status_lists(at=now)
    fresh = Credential.objects.get(pk=credential.pk)
    today = verification.answer_about(fresh, at=now)
    newest = SignedDocument.objects.filter(credential=fresh).order_by("-version").first()
    ended = today.standing.status in (*validity.FINAL, Status.SUSPENDED)
    assert bit_of(newest) == ended
    on = (NOW + dt.timedelta(days=asked)).date()
    if on <= now.date():
        instant = services.instant_of(fresh, at=now, on=on)
        then = verification.answer_about(fresh, at=now, on=on)
        (there,) = [
            span
            for span in [*verification.public_history(fresh, at=now)]
            if span.since <= instant and (span.until is None or instant < span.until)
        ]
        assert there.status is then.standing.status
        assert then.as_json()["valid"] == then.standing.valid
    assert list(verify(StatusEvent)) == []


def scheme_once():
    from credentials.models import CredentialType

    return CredentialType.objects.first() or scheme(late_months=6)


def apply_step(credential, what, bosses, now, on) -> None:
    """Try it; what does not fit is refused and writes nothing."""
    given = {"credential": credential, "by": bosses[0], "at": now}
    before = StatusEvent.objects.count()
    try:
        match what:
            case "suspend":
                services.suspend(**given, reason_code="S1", effective_on=on)
            case "reinstate":
                services.reinstate(**given, reason_code="T1", effective_on=on)
            case "renew":
                services.renew(**given, reason_code="N1")
            case "surrender":
                services.surrender(**given, effective_on=on)
            case "scope":
                services.change_scope(
                    **given, scope=f"Since {on}.", limits="", reason_code="C1", effective_on=on
                )
            case "revoke":
                services.revoke(**given, reason_code="R1", effective_on=on)
                services.revoke(credential=credential, by=bosses[1], at=now)
            case "withdraw":
                for event in services.still_to_come(
                    Credential.objects.get(pk=credential.pk), at=now
                ):
                    services.withdraw_change(**given, event=event, reason_code="W1")
    except (Conflict, Invalid):
        assert StatusEvent.objects.count() == before


# The HTTP interface, and the pages


NEW = {
    "revoke/decline": {"note": "no"},
    "deceased": {"reason_code": "D1"},
    "scope": {"reason_code": "C1", "scope": "Less."},
    "correct": {"reason_code": "K1", "name": "Orla Achterberg"},
    "withdraw": {"reason_code": "W1", "event": str(NOTHING)},
}
WRONG = [(), (Role.EXAMINER,), (Role.INSTRUCTOR,), (Role.ADMINISTRATOR,), (Role.CHIEF_EXAMINER,)]


@pytest.mark.parametrize("what", NEW)
def test_only_registrars_change_and_none_their_own(as_user, api_client, what):
    boss = registrar()
    kind = scheme()
    credential, own = held(kind), held(kind, boss)
    address = f"{API}credentials/{credential.public_id}/{what}/"
    assert api_client.post(address, NEW[what]).status_code == 401
    for roles in WRONG:
        assert as_user(person(*roles)).post(address, NEW[what]).status_code == 403
    client = as_user(boss)
    assert client.post(f"{API}credentials/{NOTHING}/{what}/", NEW[what]).status_code == 404
    refusal = client.post(f"{API}credentials/{own.public_id}/{what}/", NEW[what])
    assert (refusal.status_code, refusal.json()["code"]) == (403, "R2")
    assert StatusEvent.objects.count() == 2


def test_a_stranger_cannot_give_back_what_is_not_theirs(as_user, api_client):
    credential = held(scheme())
    address = f"{API}credentials/{credential.public_id}/surrender/"
    assert api_client.post(address, {}).status_code == 401
    assert as_user(person()).post(address, {}).status_code == 404
    answer = as_user(credential.holder).post(address, {}, format="json")
    assert (answer.status_code, answer.json()["status"]) == (200, "surrendered")


def test_the_pages_propose_approve_and_withdraw(client):
    credential, first, second = held(scheme()), registrar(), registrar()
    address = reverse("credential-change", args=[credential.public_id, "revoke"])
    client.force_login(first)
    answer = client.post(address, {"reason_code": "R1", "confirmed": "on", "note": "heard"})
    assert answer.status_code == 302
    assert "Take the proposal back" in client.get(address).content.decode()
    client.force_login(second)
    page = client.get(address).content.decode()
    assert "heard" in page and "Approve: revoke it for good" in page
    stale = {"proposal": str(NOTHING), "decision": "approve", "confirmed": "on"}
    assert client.post(address, stale).status_code == 400
    shown = str(Proposal.objects.get().uuid)
    assert client.post(address, {**stale, "proposal": shown}).status_code == 302
    assert credential.events.filter(kind="revoked").count() == 1


def test_a_form_from_before_does_nothing_and_is_told_how_it_stands(client):
    """A button pressed twice, two tabs, two registrars at once."""
    credential, first, second = held(scheme()), registrar(), registrar()
    address = reverse("credential-change", args=[credential.public_id, "revoke"])

    def send(who, **fields):
        client.force_login(who)
        answer = client.post(address, {"confirmed": "on", **fields}, follow=True)
        assert answer.redirect_chain[-1][0] == reverse(
            "credential-dossier", args=[credential.public_id]
        )
        return answer.content.decode()

    for _click in range(2):
        assert "Another registrar has to approve it" in send(first, reason_code="R1")
    for who, reason in ((first, "R2"), (second, "R1")):
        assert "has proposed meanwhile" in send(who, reason_code=reason)
    assert Proposal.objects.count() == 1
    shown = str(Proposal.objects.get().uuid)
    for _click in range(2):
        assert "is not revoked" in send(first, proposal=shown, decision="take_back")
    assert "was quicker" in send(second, proposal=shown, decision="approve")
    assert Proposal.objects.count() == 2
    services.revoke(credential=credential, reason_code="R1", by=first, at=days(2))
    shown = str(Proposal.objects.latest("pk").uuid)
    for _click in range(2):
        assert "is revoked. The holder" in send(second, proposal=shown, decision="approve")
    assert credential.events.filter(kind="revoked").count() == 1


@pytest.mark.parametrize("what", ["suspend", "scope", "correct", "surrender", "deceased", "renew"])
def test_each_change_has_a_page(client, what):
    credential = held(scheme())
    client.force_login(registrar())
    address = reverse("credential-change", args=[credential.public_id, what])
    page = client.get(address)
    assert page.status_code == 200 and "What the public will see" in page.content.decode()
    assert client.post(address, {}).status_code == 400
    assert StatusEvent.objects.count() == 1


def test_the_holder_gives_it_back_on_their_own_page_only_when_they_say_so(client):
    credential = held(scheme())
    client.force_login(credential.holder)
    address = reverse("credential-record", args=[credential.public_id])
    assert "Give it back" in client.get(address).content.decode()
    client.post(address, {})
    assert StatusEvent.objects.count() == 1
    assert client.post(address, {"give_back": "yes"}).status_code == 302
    assert credential.events.filter(kind="surrendered").count() == 1
    assert "I give it back for good" not in client.get(address).content.decode()
    assert client.post(address, {"give_back": "yes"}).status_code == 302
    assert StatusEvent.objects.count() == 2
