"""A renewal from its holder's first activity to the registrar's event: who may what, when, and what stays on record."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Notice, Role
from accounts.services import Conflict, Forbidden, Invalid, record_teaching
from credentials import services
from credentials.models import (
    Learning,
    LearningReview,
    Renewal,
    RenewalRequest,
    RenewalStep,
    StatusEvent,
)
from credentials.renewing import Verdict
from credentials.services import Turn
from ledger.services import verify
from tests.credentials.renewals import (
    LATER,
    RULES,
    accept_all,
    add,
    begun,
    certificate,
    complete,
    give_back,
    grant,
    judge,
    progress,
    renewable,
    send,
    sent,
)
from tests.credentials.scheme import registrar, revoke
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db

LAST = dt.date(2028, 11, 22)  # of the first cycle: awarded on 23 November 2026 for two years
HOUR = dt.timedelta(hours=1)


def on(day: dt.date, hour: int = 12) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), dt.UTC)


def refused(verb, *args, **given) -> str:
    with pytest.raises((Conflict, Forbidden, Invalid)) as raised:
        verb(*args, **given)
    return raised.value.code


# The whole way


def test_a_renewal_from_the_first_activity_to_the_new_last_day():
    credential, boss = renewable(), registrar()
    number = credential.number
    request = sent(credential)
    accept_all(request, boss)
    event = grant(request, boss)
    credential.refresh_from_db()
    assert (credential.number, credential.valid_until) == (number, dt.date(2030, 11, 22))
    assert (event.kind, event.valid_until) == ("renewed", dt.date(2030, 11, 22))
    assert (event.renewal.hours, event.renewal.ethics_hours) == (10, 2)
    request.refresh_from_db()
    assert (request.event, request.closed_at) == (event, LATER)
    assert [step.kind for step in request.steps.order_by("sequence")] == [
        "begun",
        "sent",
        "renewed",
    ]
    assert progress(request).turn is Turn.RENEWED
    kinds = set(Notice.objects.filter(recipient=credential.holder).values_list("kind", flat=True))
    assert {"renewal_sent", "credential_renewed"} <= kinds


def test_every_row_of_it_is_linked_by_hash():
    credential, boss = renewable(), registrar()
    request = sent(credential)
    accept_all(request, boss)
    grant(request, boss)
    for model in (Learning, LearningReview, RenewalStep):
        assert model.objects.exists()
        assert not list(verify(model))


# Beginning


def test_a_renewal_is_begun_once():
    credential = renewable()
    assert begun(credential) == begun(credential, LATER + HOUR)
    assert RenewalRequest.objects.count() == RenewalStep.objects.count() == 1


def test_the_database_refuses_a_second_open_renewal():
    request = begun(renewable())
    with pytest.raises(IntegrityError), transaction.atomic():
        RenewalRequest.objects.create(
            credential=request.credential, first_day=request.first_day,
            last_day=request.last_day, begun_at=LATER,
        )  # fmt: skip


def test_nobody_but_the_holder_begins():
    credential = renewable()
    for other in (person(), registrar(), person(Role.INSTRUCTOR)):
        assert refused(
            services.begin_renewal, credential=credential, by=other, at=LATER
        ) == "not_the_holder"  # fmt: skip


def test_it_is_begun_within_the_window_the_edition_gives():
    credential = renewable(renewal={**RULES, "opens_months": 6})
    before = on(dt.date(2028, 5, 21))
    with pytest.raises(Conflict, match="22 May 2028") as raised:
        begun(credential, before)
    assert raised.value.code == "too_early"
    assert begun(credential, before + dt.timedelta(days=1))


def test_it_is_begun_in_the_late_months_and_not_after_them():
    credential = renewable()
    assert refused(begun, credential, on(dt.date(2029, 11, 23))) == "too_late"
    assert begun(credential, on(dt.date(2029, 11, 22))).last_day == LAST


def test_nothing_is_begun_while_suspended_or_after_an_end():
    credential = renewable()
    services.suspend(credential=credential, reason_code="S1", by=registrar(), at=LATER)
    assert refused(begun, credential, LATER + HOUR) == "suspended"
    revoke(credential, at=LATER + 2 * HOUR)
    assert refused(begun, credential, LATER + 3 * HOUR) == "ended"


def test_where_the_edition_asks_nothing_there_is_nothing_to_prepare():
    assert refused(begun, renewable(renewal={})) == "no_renewal_rules"


def test_after_a_renewal_the_next_cycle_has_to_begin_first():
    credential, boss = renewable(), registrar()
    request = sent(credential)
    accept_all(request, boss)
    grant(request, boss)
    assert refused(begun, credential, LATER + HOUR) == "renewed_already"
    following = begun(credential, on(dt.date(2028, 12, 1)))
    assert (following.first_day, following.last_day) == (
        dt.date(2028, 11, 23),
        dt.date(2030, 11, 22),
    )


# Activities


def verdict_of(request, row) -> Verdict:
    (found,) = (entry for entry in progress(request).entries if entry.learning == row)
    return found.assessed.verdict


def test_an_activity_is_kept_with_its_verdict():
    request = begun(renewable())
    day = dt.timedelta(days=1)
    cases = {
        Verdict.COUNTS: add(request),
        Verdict.BEFORE: add(request, first_day=NOW.date() - day),
        Verdict.TO_COME: add(request, first_day=LATER.date() + day),
        Verdict.PARTLY: add(request, "5", "self-care"),
        Verdict.FULL: add(request, "1", "self-care"),
    }
    for verdict, row in cases.items():
        assert verdict_of(request, row) is verdict


def test_a_certificate_counts_once_in_a_renewal_and_never_again_in_a_later_one():
    credential, boss = renewable(), registrar()
    request = begun(credential)
    add(request, "2", "ethics", file=certificate("ethics 2027"))
    add(request, "8", file=certificate("the same"))
    again = add(request, "3", "self-care", file=certificate("the same"))
    assert verdict_of(request, again) is Verdict.USED_BEFORE
    services.withdraw_learning(learning=again, by=credential.holder, at=LATER)
    send(request)
    accept_all(request, boss)
    grant(request, boss)
    following = begun(credential, on(dt.date(2028, 12, 1)))
    late = add(
        following, file=certificate("the same"), at=on(dt.date(2028, 12, 2)),
        first_day=dt.date(2028, 12, 1),
    )  # fmt: skip
    (entry,) = progress(following, on(dt.date(2028, 12, 3))).entries
    assert (entry.learning, entry.assessed.verdict) == (late, Verdict.USED_BEFORE)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " \x00 "}, "title"),
        ({"title": "x" * 151}, "title"),
        ({"provider": ""}, "provider"),
        ({"category": "cooking"}, "category"),
        ({"hours": "0"}, "hours"),
        ({"hours": "25"}, "hours"),
        ({"hours": "1.25"}, "hours"),
        ({"last_day": dt.date(2020, 1, 1)}, "last_day"),
        ({"statement": "x" * 4001}, "statement"),
        ({"file": None}, "file"),
    ],
)
def test_what_is_missing_or_wrong_is_said_at_its_field(given, field):
    request = begun(renewable())
    with pytest.raises(Invalid) as raised:
        add(request, **given)
    assert list(raised.value.fields) == [field]
    assert not Learning.objects.exists()


def test_a_double_click_adds_one_activity():
    request = begun(renewable())
    first = add(request, file=certificate("one"))
    assert add(request, file=certificate("one"), at=LATER + HOUR) == first
    assert Learning.objects.count() == 1


def test_what_is_taken_out_stays_on_file_and_counts_no_more():
    request = begun(renewable())
    row = add(request)
    holder = request.credential.holder
    gone = services.withdraw_learning(learning=row, by=holder, at=LATER)
    assert services.withdraw_learning(learning=row, by=holder, at=LATER) == gone
    assert (Learning.objects.count(), progress(request).tally.total) == (1, 0)
    assert progress(request).entries[0].withdrawn


def test_an_activity_is_replaced_by_another_row():
    request = begun(renewable())
    row = add(request, "4")
    new = add(request, "6", replaces=row)
    assert new.replaces == row
    assert progress(request).tally.total == 6
    assert [entry.learning for entry in progress(request).current] == [new]


def test_nobody_else_adds_takes_out_or_sends():
    request = complete(renewable())
    row = request.learning.first()
    for other in (person(), registrar()):
        assert refused(add, request, by=other) == "not_the_holder"
        assert refused(
            services.withdraw_learning, learning=row, by=other, at=LATER
        ) == "not_the_holder"  # fmt: skip
        assert refused(send, request, by=other) == "not_the_holder"


def test_a_renewal_takes_only_so_many_activities(monkeypatch):
    monkeypatch.setattr("credentials.services.preparing_renewal.MOST_ACTIVITIES", 2)
    request = complete(renewable())
    assert refused(add, request) == "too_many"


# Sending


def test_what_is_missing_is_said_before_it_is_sent():
    request = begun(renewable())
    add(request, "5", "self-care")
    with pytest.raises(Conflict, match=r"Ethics and law: 2 more hours.*in all: 7") as raised:
        send(request)
    assert raised.value.code == "renewal_incomplete"


def test_what_does_not_count_is_taken_out_first():
    request = complete(renewable())
    add(request, first_day=NOW.date() - dt.timedelta(days=9), title="Long ago")
    with pytest.raises(Conflict, match="“Long ago”"):
        send(request)


def test_it_is_not_sent_without_a_signature():
    request = complete(renewable())
    with pytest.raises(Invalid) as raised:
        send(request, agreed=False)
    assert raised.value.code == "not_signed"


def test_a_document_that_has_run_out_has_to_be_sent_first():
    credential = renewable()
    last = dt.date(2031, 1, 1)
    request = complete(credential)
    services.suspend(credential=credential, reason_code="S1", by=registrar(), at=LATER)
    assert refused(send, request, LATER + HOUR) == "suspended"
    services.reinstate(credential=credential, reason_code="T1", by=registrar(), at=LATER + HOUR)
    assert send(request, LATER + 2 * HOUR).sent_at
    assert progress(request, on(last)).papers_missing == []
    assert len(progress(request, on(last + dt.timedelta(days=1))).papers_missing) == 2


def test_sent_twice_it_is_sent_once_and_told_once():
    request = complete(renewable())
    send(request)
    send(request, LATER + HOUR)
    assert RenewalStep.objects.filter(kind="sent").count() == 1
    assert Notice.objects.filter(kind="renewal_sent").count() == 1


def test_what_is_sent_is_no_longer_the_holders_to_change():
    request = sent(renewable())
    assert refused(add, request) == "renewal_with_register"
    row = request.learning.first()
    assert refused(
        services.withdraw_learning, learning=row, by=request.credential.holder, at=LATER
    ) == "renewal_with_register"  # fmt: skip


# The registrar


def test_who_is_no_registrar_or_is_involved_decides_nothing():
    teacher = registrar()
    holder = person(Role.REGISTRAR, name="Orla")
    credential = renewable(holder=holder)
    record_teaching(
        teacher=teacher, learner=holder, subject="Taping", taught_on=NOW.date(), minutes=60,
        by=teacher, at=NOW,
    )  # fmt: skip
    request = sent(credential)
    row = request.learning.first()
    for other in (person(), person(Role.INSTRUCTOR), holder, teacher):
        for verb in (
            lambda by: judge(row, by),
            lambda by: grant(request, by),
            lambda by: give_back(request, by),
        ):
            with pytest.raises(Forbidden):
                verb(other)
    assert not LearningReview.objects.exists()


def test_nothing_is_decided_before_it_is_sent():
    request = complete(renewable())
    boss = registrar()
    assert refused(judge, request.learning.first(), boss) == "renewal_preparing"
    assert refused(grant, request, boss) == "renewal_preparing"
    assert refused(give_back, request, boss) == "renewal_preparing"


def test_two_registrars_decide_on_an_activity_once():
    request = sent(renewable())
    row, first, second = request.learning.first(), registrar(), registrar()
    made = judge(row, first)
    assert judge(row, first, at=LATER + HOUR) == made
    assert refused(judge, row, second) == "already_decided"
    assert refused(judge, row, first, "not_accepted") == "already_decided"
    assert LearningReview.objects.count() == 1


def test_a_reason_belongs_to_its_decision():
    request = sent(renewable())
    row = request.learning.first()
    assert refused(judge, row, registrar(), "accepted", reason_code="H6") == "no_such_reason"
    assert refused(judge, row, registrar(), "accepted", reason_code="N1") == "no_such_reason"


def test_it_is_renewed_only_on_accepted_hours_that_suffice():
    request, boss = sent(renewable()), registrar()
    assert refused(grant, request, boss) == "renewal_incomplete"
    first, second = request.learning.order_by("sequence")
    judge(first, boss)
    judge(second, boss, "not_accepted")
    with pytest.raises(Conflict, match="8 are missing"):
        grant(request, boss)
    assert not StatusEvent.objects.filter(kind="renewed").exists()


def test_two_registrars_renew_once_and_a_double_click_changes_nothing():
    request, first, second = sent(renewable()), registrar(), registrar()
    accept_all(request, first)
    event = grant(request, first)
    assert grant(request, first, LATER + HOUR) == event
    assert refused(grant, request, second) == "renewed_already"
    assert (StatusEvent.objects.filter(kind="renewed").count(), Renewal.objects.count()) == (1, 1)


def test_what_is_asked_goes_back_and_is_completed():
    request, boss = sent(renewable()), registrar()
    credential = request.credential
    first, second = request.learning.order_by("sequence")
    judge(first, boss, "more_information", note="Which day was it?")
    assert refused(give_back, request, boss) == "undecided"
    judge(second, boss)
    give_back(request, boss, note="The day is missing on the certificate.")
    assert progress(request).turn is Turn.RETURNED
    notice = Notice.objects.get(kind="renewal_returned")
    assert "A day of ethics: more information (H3)" in notice.body
    assert "The day is missing on the certificate." in notice.body
    assert refused(send, request) == "renewal_incomplete"
    assert refused(
        services.withdraw_learning, learning=second, by=credential.holder, at=LATER
    ) == "already_decided"  # fmt: skip
    add(request, "2", "ethics", replaces=first, statement="It was on 3 May.")
    send(request, LATER + HOUR)
    accept_all(request, boss)
    assert grant(request, boss).kind == "renewed"


def test_what_is_not_accepted_is_made_up_for_by_another():
    request, boss = sent(renewable()), registrar()
    first, second = request.learning.order_by("sequence")
    judge(first, boss)
    judge(second, boss, "not_accepted")
    step = give_back(request, boss, reason_code="B2")
    assert give_back(request, boss, LATER + HOUR, reason_code="B2") == step
    add(request, "8")
    send(request)
    accept_all(request, boss)
    assert grant(request, boss).renewal.hours == 10
    assert LearningReview.objects.filter(outcome="not_accepted").count() == 1


def test_a_complete_renewal_is_not_returned():
    request, boss = sent(renewable()), registrar()
    accept_all(request, boss)
    assert refused(give_back, request, boss) == "complete"


def test_a_document_that_ran_out_in_between_is_said_by_name():
    credential, boss = renewable(), registrar()
    request = sent(credential)
    accept_all(request, boss)
    gone = on(dt.date(2031, 1, 2))
    assert [row.requirement.code for row in progress(request, gone).papers_not_current] == [
        "licence",
        "insurance",
    ]


# Time, and what happens to the credential meanwhile


def test_sent_before_the_last_day_and_decided_after_it_leaves_no_gap():
    credential, boss = renewable(), registrar()
    request = sent(credential, on(LAST, 20))
    decided = on(LAST + dt.timedelta(days=12))
    assert services.standing_of(credential, at=decided).status == "lapsed"
    accept_all(request, boss, decided)
    event = grant(request, boss, decided)
    assert event.effective_at.date() <= LAST
    for days in (0, 1, 6, 12):
        on_day = LAST + dt.timedelta(days=days)
        assert services.standing_of(credential, at=decided + HOUR, on=on_day).status == "active"
    assert event.valid_until == dt.date(2030, 11, 22)


def test_without_late_months_what_was_sent_in_time_is_still_renewed():
    credential, boss = renewable(late_months=0), registrar()
    request = sent(credential, on(LAST))
    decided = on(LAST + dt.timedelta(days=3))
    assert services.standing_of(credential, at=decided).status == "expired"
    assert progress(request, decided).turn is Turn.WITH_REGISTER
    accept_all(request, boss, decided)
    grant(request, boss, decided)
    assert services.standing_of(credential, at=decided + HOUR).valid


def test_a_late_renewal_holds_from_its_decision_and_counts_from_the_old_last_day():
    credential, boss = renewable(), registrar()
    late = on(LAST + dt.timedelta(days=60))
    request = sent(credential, late)
    accept_all(request, boss, late)
    event = grant(request, boss, late)
    assert (event.effective_at, event.valid_until) == (late, dt.date(2030, 11, 22))
    gap = LAST + dt.timedelta(days=30)
    assert services.standing_of(credential, at=late + HOUR, on=gap).status == "lapsed"


def test_a_renewal_nobody_sent_ends_with_the_late_months():
    request = complete(renewable())
    over = on(dt.date(2029, 11, 23))
    assert progress(request, over).turn is Turn.TOO_LATE
    assert refused(send, request, over) == "renewal_too_late"


def test_nothing_is_renewed_after_a_revocation_or_while_suspended():
    credential, boss = renewable(), registrar()
    request = sent(credential)
    accept_all(request, boss)
    services.suspend(credential=credential, reason_code="S1", by=boss, at=LATER + HOUR)
    assert refused(grant, request, boss, LATER + 2 * HOUR) == "suspended"
    revoke(credential, at=LATER + 3 * HOUR)
    assert progress(request, LATER + 4 * HOUR).turn is Turn.ENDED
    assert refused(grant, request, boss, LATER + 4 * HOUR) == "renewal_ended"
    assert refused(add, request, at=LATER + 4 * HOUR) == "renewal_ended"


def test_a_registrar_who_renews_by_hand_ends_what_was_being_prepared():
    credential, boss = renewable(), registrar()
    request = complete(credential)
    event = services.renew(
        credential=credential, reason_code="N1", by=boss, at=LATER, hours=Decimal(12)
    )
    request.refresh_from_db()
    assert (request.event, progress(request).turn) == (event, Turn.RENEWED)
    assert request.steps.filter(kind="renewed").count() == 1


# Who sees it


def test_only_the_holder_and_registrars_see_it():
    request = sent(renewable())
    row = request.learning.first()
    seen = {
        "holder": request.credential.holder,
        "registrar": registrar(),
        "stranger": person(),
        "instructor": person(Role.INSTRUCTOR),
        "examiner": person(Role.EXAMINER),
    }
    for who, user in seen.items():
        sees = who in ("holder", "registrar")
        assert RenewalRequest.objects.visible_to(user).filter(pk=request.pk).exists() == sees
        assert Learning.objects.visible_to(user).filter(pk=row.pk).exists() == sees


def test_how_a_renewal_stands_takes_the_same_queries_however_many_activities(
    django_assert_num_queries,
):
    credential = renewable()
    request = complete(credential)
    with django_assert_num_queries(12):
        progress(request)
    for _number in range(5):
        add(request, "1", "self-care")
    with django_assert_num_queries(12):
        progress(request)
