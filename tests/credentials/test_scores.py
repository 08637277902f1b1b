"""Scores in a signed document: only where there is a scale, only when the holder asks, and gone when they no longer do."""

import json

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.services import Conflict, Forbidden
from credentials import issuing, openbadges, services
from credentials.integrity import NotSignable
from credentials.models import Credential, Evidence
from credentials.services import Score
from credentials.services.scores import _SOURCES as SOURCES
from credentials.services.scores import register_scores
from tests.credentials.issued import issued, now, registrar
from tests.credentials.pages import text
from tests.factories import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def credential(vault):
    row = issued()
    issuing.finish_pending(at=now())
    return row


@pytest.fixture
def scale(credential):
    """The source of the credential's examination reports on a scale; others do not."""
    fact = Evidence.objects.get(learner=credential.holder, requirement__code="written")
    before = SOURCES.get(fact.source)
    register_scores(
        fact.source,
        lambda asked: {fact.reference: Score(612, 500, 800)} if fact.reference in asked else {},
    )
    yield
    SOURCES.pop(fact.source)
    if before:
        register_scores(fact.source, before)


def share(credential, wanted: str, by=None):
    services.share_results(
        credential=credential,
        shared=wanted != "no",
        scores=wanted == "scores",
        by=by or credential.holder,
        at=now(),
    )
    issuing.finish_pending(at=now())
    return credential.signed_documents.order_by("-version").first()


def subject(document):
    return json.loads(document.body)["credentialSubject"]


@pytest.mark.usefixtures("scale")
def test_a_score_stands_on_its_scale_once_the_holder_asks(credential):
    assert "result" not in subject(credential.signed_documents.get())
    passed = share(credential, "yes")
    assert subject(passed)["result"][0].get("value") is None
    assert (passed.with_results, passed.with_scores) == (True, False)
    told = share(credential, "scores")
    (said,) = subject(told)["result"]
    (about,) = subject(told)["achievement"]["resultDescription"]
    assert (said["value"], said["status"]) == ("612", "Completed")
    assert said["resultDescription"] == about["id"]
    assert {
        name: about[name] for name in ("resultType", "valueMin", "requiredValue", "valueMax")
    } == {
        "resultType": "ScaledScore",
        "valueMin": "0",
        "requiredValue": "500",
        "valueMax": "800",
    }
    assert told.with_scores


@pytest.mark.usefixtures("scale")
def test_what_was_signed_before_stays_byte_for_byte_and_what_says_more_is_no_longer_handed_out(
    client, credential
):
    first = credential.signed_documents.get().body
    share(credential, "yes")
    share(credential, "scores")
    share(credential, "yes")
    cache.clear()
    address = f"/credentials/{credential.public_id}.json?version="
    statuses = [client.get(f"{address}{version}").status_code for version in (1, 2, 3, 4)]
    assert statuses == [200, 200, 410, 200]
    assert client.get(f"{address}1").content.decode() == first
    assert "612" not in client.get(f"/credentials/{credential.public_id}/current").content.decode()
    assert client.get(f"/credentials/{credential.public_id}.png?version=3").status_code == 410


@pytest.mark.usefixtures("scale")
def test_a_document_with_scores_is_kept_by_no_cache_for_long(client, credential):
    share(credential, "scores")
    answer = client.get(f"/credentials/{credential.public_id}.json?version=2")
    assert "max-age=60" in answer["Cache-Control"]


def test_without_a_scale_there_is_nothing_to_share_but_the_pass(credential):
    with pytest.raises(Conflict) as refused:
        share(credential, "scores")
    assert refused.value.code == "no_scores"
    assert not Credential.objects.get().share_results


@pytest.mark.usefixtures("scale")
def test_nobody_shares_somebody_elses_scores(client, credential):
    for stranger in (person(), registrar(), person("examiner")):
        with pytest.raises(Forbidden):
            share(credential, "scores", by=stranger)
        client.force_login(stranger)
        page = reverse("credential-record", args=[credential.public_id])
        assert client.post(page, {"shared": "scores"}).status_code == 404
    assert not Credential.objects.get().share_scores


@pytest.mark.usefixtures("scale")
def test_the_holder_sees_the_numbers_and_what_they_mean_before_choosing(client, credential):
    client.force_login(credential.holder)
    address = reverse("credential-record", args=[credential.public_id])
    page = text(client.get(address))
    assert "612" in page
    assert "a pass needs 500, all points are 800" in page
    assert "A pass is a pass" in page
    client.post(address, {"shared": "scores"})
    assert Credential.objects.get().share_scores
    assert "and with which scores" in text(client.get(address))


@pytest.mark.usefixtures("scale")
def test_no_public_page_says_a_score(client, credential):
    share(credential, "scores")
    cache.clear()
    for page in (f"/verify/{credential.number}/", f"/credentials/{credential.public_id}"):
        assert "612" not in client.get(page, headers={"accept": "text/html"}).content.decode()
    answer = client.get(f"/api/v1/verify/{credential.number}/").content.decode()
    assert "612" not in answer


def test_a_result_that_no_longer_counts_gives_no_score(credential, scale):
    fact = Evidence.objects.get(learner=credential.holder, requirement__code="written")
    assert services.scores_of(credential)
    Evidence.objects.append(
        chain=fact.chain,
        at=credential.issued_at,
        learner=fact.learner,
        requirement=fact.requirement,
        requirement_code=fact.requirement_code,
        counts=False,
        source=fact.source,
        reference=fact.reference,
        label="void",
        by=None,
    )
    assert services.scores_of(credential) == {}


def test_scores_without_the_examinations_they_are_of_cannot_be(credential):
    with pytest.raises(IntegrityError), transaction.atomic():
        Credential.objects.update(share_scores=True)


@pytest.mark.parametrize("value", ["six hundred", "-1", "612.5", "", "0612"])
def test_a_score_that_is_no_number_is_not_signed(credential, value):
    document = json.loads(credential.signed_documents.get().body)
    document.pop("proof")
    document["credentialSubject"]["result"] = [
        {
            "type": ["Result"],
            "resultDescription": "https://a.example/b",
            "status": "Completed",
            "value": value,
        }
    ]
    with pytest.raises(NotSignable):
        openbadges.require_shape(document)
