"""An appeal is judged by number (R48): nobody at the desk reads whose it is, until it is decided and somebody takes it on."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.services import Conflict, Forbidden
from credentials import services
from credentials.blinding import without
from credentials.models import Case, CaseStep
from ledger.services import verify
from tests.credentials.pages import text
from tests.credentials.scheme import held, registrar, scheme
from tests.factories import person

pytestmark = pytest.mark.django_db

API = "/api/v1/"
SAID = "I, Nina  New, answered on the day. – nina new, New Street 3"


@pytest.fixture
def judge():
    return registrar(name="Olaf Owner")


@pytest.fixture
def appeal(judge):
    """A suspension that its holder appeals against, with the owner who is to decide."""
    at = timezone.now()
    credential = held(scheme(), person(name="Nina New", email="nina@example.org"), at=at)
    event = services.suspend(credential=credential, reason_code="S1", by=registrar(), at=at)
    case = services.lodge_appeal(
        key=f"event:{event.uuid}", ground="bias", said=SAID, by=credential.holder, at=at
    )
    return services.give_case(case=case, owner=judge, by=judge, at=at)


def decide(case, judge, outcome="upheld"):
    return services.close_case(
        case=case, outcome=outcome, note="We read it again.", by=judge, at=timezone.now()
    )


def gives_away(case, answer) -> list[str]:
    """Which of the names and numbers that say whose it is stand in an answer."""
    body = answer.content.decode()
    told = [
        "Nina",
        case.raised_by,
        case.credential.number,
        case.application.reference,
        "nina@example.org",
    ]
    return [name for name in told if name in body]


@pytest.mark.parametrize(
    ("words", "names", "left"),
    [
        ("Nina New was there.", ["Nina New"], "[…] was there."),
        ("NINA\n new, SMT-1", ["Nina New", "SMT-1"], "[…], […]"),
        ("Ninan Newt", ["Nina New"], "Ninan Newt"),
        ("New and Nina New", ["New", "Nina New"], "[…] and […]"),
        ("(a+b)", ["(a+b)", ""], "[…]"),
        ("Al was there", ["Al"], "Al was there"),
    ],
)
def test_names_are_hidden_as_whole_words(words, names, left):
    assert without(words, names) == left


def test_whoever_judges_reads_a_number_everywhere(client, as_user, appeal, judge):
    client.force_login(judge)
    pages = [
        client.get(reverse("case", args=[appeal.uuid])),
        client.get(reverse("cases")),
        client.get(reverse("registrar-queue"), {"kind": "appeal"}),
        as_user(judge).get(f"{API}cases/"),
        as_user(judge).get(f"{API}cases/{appeal.uuid}/"),
        as_user(judge).get(f"{API}cases/{appeal.uuid}/against/"),
        as_user(judge).get(f"{API}cases/{appeal.uuid}/owners/"),
    ]
    for answer in pages:
        assert answer.status_code == 200
        assert gives_away(appeal, answer) == []
    for answer in pages[:5]:
        assert f"Appellant {appeal.number}" in answer.content.decode()
    said = text(pages[0])
    assert "I, […], answered on the day. – […], New Street 3" in said
    assert "may still give them away" in said


def test_the_story_of_a_credential_does_not_say_which_appeal_is_its_own(client, appeal, judge):
    client.force_login(judge)
    page = client.get(reverse("credential-dossier", args=[appeal.credential.public_id]))
    assert appeal.reference not in page.content.decode()
    assert str(appeal.uuid) not in page.content.decode()
    assert "judged by number" in text(page)


def test_once_it_is_decided_whoever_takes_it_on_is_shown_the_name_and_nobody_else(
    client, as_user, appeal, judge
):
    decide(appeal, judge)
    address, hands = reverse("case", args=[appeal.uuid]), registrar(name="Hanna Hand")
    client.force_login(hands)
    assert gives_away(appeal, client.get(address)) == []
    assert client.post(address, {"do": "take"}).url == address
    shown = client.get(address)
    assert "Nina New" in text(shown)
    assert appeal.credential.number in shown.content.decode()
    assert as_user(hands).get(f"{API}cases/{appeal.uuid}/").json()["raised_by"] == appeal.raised_by
    assert appeal.raised_by in text(client.get(reverse("cases")))
    client.force_login(judge)
    for page in (address, reverse("cases")):
        assert gives_away(appeal, client.get(page)) == []
    assert CaseStep.objects.filter(case=appeal, kind="taken").get().by == hands
    assert not list(verify(CaseStep))


def test_it_is_taken_on_once_and_whoever_took_it_on_last_has_it(appeal, judge):
    appeal, first, second = decide(appeal, judge), registrar(), registrar()
    for by in (first, first, second):
        services.take_on(case=appeal, by=by, at=timezone.now())
    assert appeal.steps.filter(kind="taken").count() == 2
    assert not services.see_case(appeal, first).named
    assert services.see_case(appeal, second).named


def test_nothing_is_taken_on_before_the_decision_or_where_nothing_follows(as_user, appeal, judge):
    path = f"{API}cases/{appeal.uuid}/take/"
    assert as_user(judge).post(path).json()["code"] == "nothing_to_carry_out"
    decide(appeal, judge, "dismissed")
    assert as_user(judge).post(path).status_code == 409
    with pytest.raises(Conflict):
        services.take_on(case=appeal, by=judge, at=timezone.now())
    assert not CaseStep.objects.filter(kind="taken").exists()


def test_a_registrar_does_not_carry_out_what_was_decided_on_themselves(judge):
    at, own = timezone.now(), registrar(name="Self Same")
    credential = held(scheme(), own, at=at)
    event = services.suspend(credential=credential, reason_code="S1", by=registrar(), at=at)
    case = services.lodge_appeal(
        key=f"event:{event.uuid}", ground="bias", said="Mine.", by=own, at=at
    )
    services.give_case(case=case, owner=judge, by=judge, at=at)
    decide(case, judge)
    with pytest.raises(Forbidden, match="decided on themselves"):
        services.take_on(case=case, by=own, at=timezone.now())


def test_a_concern_is_read_with_its_names(client, judge):
    at = timezone.now()
    credential = held(scheme(), person(name="Nina New"), at=at)
    services.raise_concern(about=credential.number, said="It hurt.", raised_by="Pat Pen", at=at)
    client.force_login(judge)
    page = client.get(reverse("case", args=[Case.objects.get().uuid]))
    assert "Pat Pen" in text(page)
    assert credential.number in page.content.decode()


def test_the_list_takes_as_many_queries_for_many_appeals_as_for_one(
    client, as_user, appeal, judge, django_assert_max_num_queries
):
    for _number in range(12):
        services.record_case(
            kind="appeal", raised_by="Nina New", about="Refusal", said="No.",
            received_on=timezone.now().date(), by=judge, at=timezone.now(),
            credential=appeal.credential,
        )  # fmt: skip
    client.force_login(judge)
    client.get(reverse("cases"))
    with django_assert_max_num_queries(7):
        client.get(reverse("cases"))
    program = as_user(judge)
    with django_assert_max_num_queries(8):
        program.get(f"{API}cases/")
