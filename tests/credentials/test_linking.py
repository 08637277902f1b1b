"""A concern that named nobody we know is linked to whom it is about, with a reason, and a wrong link is taken off: both stay on record."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.services import Conflict, Forbidden, Invalid
from credentials import services
from credentials.models import Case, CaseStep
from credentials.services.auditing_decisions import wrong_decisions
from ledger.services import verify
from tests.credentials.pages import text
from tests.credentials.scheme import apply, held, registrar, scheme
from tests.factories import person

pytestmark = pytest.mark.django_db

API = "/api/v1/"
KNOWN = "She sent a photograph of the certificate."


@pytest.fixture
def boss():
    return registrar(name="Aline Moreau")


@pytest.fixture
def credential():
    holder = person(name="Marla Finch", email="marla@example.org")
    return held(scheme(), holder, at=timezone.now())


@pytest.fixture
def concern():
    return services.raise_concern(
        about="Marla, Tarn Market", said="It hurt.", raised_by="Pat Pen", at=timezone.now()
    )


def link(case, by, reference, note=KNOWN):
    return services.link_case(case=case, reference=reference, note=note, by=by, at=timezone.now())


def unlink(case, by, note="Another Marla."):
    return services.unlink_case(case=case, note=note, by=by, at=timezone.now())


def test_it_is_linked_by_number_by_application_or_by_e_mail(boss, credential, concern):
    holder = credential.holder
    for reference, found in (
        (credential.number.lower(), credential),
        (credential.application.reference, None),
        ("MARLA@example.org", None),
    ):
        case = link(concern, boss, reference)
        assert (case.linked_person, case.linked_credential) == (holder, found)
        assert link(case, boss, reference) == case
        unlink(case, boss)
    kinds = list(concern.steps.order_by("sequence").values_list("kind", flat=True))
    assert kinds == ["lodged", *["linked", "unlinked"] * 3]
    assert not list(verify(CaseStep))
    assert not list(wrong_decisions())


@pytest.mark.parametrize(
    ("reference", "note", "fields"),
    [
        ("SMT-0000-0000", KNOWN, ["reference"]),
        ("nobody@example.org", KNOWN, ["reference"]),
        (" ", KNOWN, ["reference"]),
        ("marla@example.org", "  ", ["note"]),
        ("nobody@example.org", "", ["reference", "note"]),
    ],
)
def test_a_link_names_somebody_and_says_how_it_is_known(
    boss, credential, concern, reference, note, fields
):
    with pytest.raises(Invalid) as refused:
        link(concern, boss, reference, note)
    assert list(refused.value.fields) == fields
    assert concern.steps.count() == 1


def test_whoever_decided_on_them_does_not_judge_it_from_then_on(boss, credential, concern):
    judge = registrar()
    services.suspend(credential=credential, reason_code="S1", by=judge, at=timezone.now())
    assert judge in services.possible_owners(case=concern, at=timezone.now())
    for reference in (credential.number, "marla@example.org"):
        case = link(concern, boss, reference)
        assert judge not in services.possible_owners(case=case, at=timezone.now())
        with pytest.raises(Forbidden, match="nobody judges what they decided"):
            services.give_case(case=case, owner=judge, by=boss, at=timezone.now())
        unlink(case, boss)


def test_a_registrar_it_is_linked_to_sees_it_no_more_and_is_not_its_owner(client, boss, concern):
    own = registrar(name="Self Same", email="self@example.org")
    services.give_case(case=concern, owner=own, by=boss, at=timezone.now())
    with pytest.raises(Conflict, match="Give it to somebody else first"):
        link(concern, boss, "self@example.org")
    services.give_case(case=concern, owner=boss, by=boss, at=timezone.now())
    link(concern, boss, "self@example.org")
    client.force_login(own)
    assert client.get(reverse("case", args=[concern.uuid])).status_code == 404
    assert concern.reference not in text(client.get(reverse("cases")))
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=concern.pk).update(owner=own)


def test_what_named_somebody_from_the_start_or_is_an_appeal_is_not_linked(boss, credential):
    at = timezone.now()
    named = services.raise_concern(about=credential.number, said="It hurt.", raised_by="Pat", at=at)
    appeal = services.record_case(
        kind="appeal", raised_by="Nina", about="Refusal", said="No.",
        received_on=at.date(), by=boss, at=at,
    )  # fmt: skip
    for case in (named, appeal):
        with pytest.raises(Conflict, match="stays as it was said"):
            link(case, boss, "marla@example.org")


def test_a_second_link_waits_until_the_first_is_taken_off(boss, credential, concern):
    other = apply(person(), credential.credential_type)
    link(concern, boss, credential.number)
    with pytest.raises(Conflict, match="Take that link off first"):
        link(concern, boss, other.reference)
    unlink(concern, boss)
    with pytest.raises(Conflict, match="linked to nobody"):
        unlink(concern, boss)
    with pytest.raises(Invalid):
        unlink(link(concern, boss, other.reference), boss, note=" ")


def test_a_link_behind_the_applications_back_is_named(boss, credential, concern):
    link(concern, boss, credential.number)
    Case.objects.filter(pk=concern.pk).update(linked_credential=None)
    assert any("linked to somebody else" in what for _row, what in wrong_decisions())


def test_on_its_page_it_is_linked_and_the_link_taken_off(client, boss, credential, concern):
    client.force_login(boss)
    address = reverse("case", args=[concern.uuid])
    dossier = reverse("credential-dossier", args=[credential.public_id])
    assert concern.reference not in client.get(dossier).content.decode()
    wrong = client.post(address, {"do": "link", "reference": "SMT-1", "note": KNOWN})
    assert wrong.status_code == 400
    client.post(address, {"do": "link", "reference": credential.number, "note": KNOWN})
    page = client.get(address)
    assert "It is linked to Marla Finch" in text(page)
    assert KNOWN in text(page)
    assert dossier in page.content.decode()
    assert concern.reference in client.get(dossier).content.decode()
    client.post(address, {"do": "unlink", "note": "Another Marla."})
    page = text(client.get(address))
    assert "It is linked to" not in page
    assert "Another Marla." in page


def test_a_registrar_who_links_it_to_themselves_is_led_away_from_it(client, concern):
    own = registrar(email="self@example.org")
    client.force_login(own)
    address = reverse("case", args=[concern.uuid])
    made = client.post(address, {"do": "link", "reference": "self@example.org", "note": "Me."})
    assert made.url == reverse("cases")
    assert client.get(address).status_code == 404


def test_programs_link_it_and_take_the_link_off(as_user, boss, credential, concern):
    desk, path = as_user(boss), f"{API}cases/{concern.uuid}/"
    assert desk.post(f"{path}link/", {"reference": credential.number}).status_code == 400
    said = {"reference": credential.number, "note": KNOWN}
    linked = desk.post(f"{path}link/", said).json()["linked"]
    assert linked == {"name": "Marla Finch", "credential": credential.number}
    assert desk.post(f"{path}unlink/", {"note": "Another."}).json()["linked"] is None
    assert desk.post(f"{path}unlink/", {"note": "Another."}).status_code == 409
