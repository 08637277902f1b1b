"""A question turns out to be wrong: it is void, results follow, credentials are listed, and people decide."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from credentials.models import Credential, StatusEvent
from quizzes.models import Attempt, Item, ItemRuling, Life, Pool, Quiz
from quizzes.services import released_of, result_of
from tests.factories import person
from tests.flows.world import QUESTIONS

pytestmark = pytest.mark.django_db


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def written(world, walker, right):
    world.sit_written(walker, right=right)
    return Attempt.objects.get(learner=walker.user, quiz__activity=world.written)


def test_void_ripple_affected_credentials(world):
    """Seven of ten pass. One of the seven is void: six of nine are too few, and a credential rests on it."""
    Quiz.objects.filter(activity=world.written).update(pass_percent=70)
    # The bank holds more than a form asks: without the rest, everybody meets the same ten.
    spare = Item.objects.filter(pool=Pool.SECURE).order_by("code").values_list("pk", flat=True)
    Item.objects.filter(pk__in=list(spare)[QUESTIONS:]).update(life=Life.SUSPENDED)

    walker = world.newcomer("Orla Brandreth")
    application = world.apply(walker)
    world.accept_documents(walker, application, "education", "licence", "insurance")
    passed = written(world, walker, right=7)
    world.expect(walker)
    world.examine()
    (credential,) = walker.get("credentials/")["results"]

    lucky = world.newcomer("Tomas Wieland")
    world.apply(lucky)
    # Both answer their first seven and six rightly, but each in an order of their own.
    failed = written(world, lucky, right=6)
    assert released_of(passed).passed and not released_of(failed).passed

    right_of_passed = set(passed.responses.filter(points=1).values_list("item_version", flat=True))
    wrong_of_failed = set(failed.responses.filter(points=0).values_list("item_version", flat=True))
    shared = right_of_passed & wrong_of_failed
    assert shared, "seven right of one and four wrong of the other, of the same ten, share one"
    version = passed.responses.get(item_version=min(shared)).item_version

    # A reviewer who did not write it rules; what it moves is on the page that follows.
    reviewer = signed_in(person(Role.ITEM_REVIEWER, name="Saanvi Rao"))
    page = reviewer.post(
        reverse("rule-on-item", args=[version.uuid]),
        {"kind": "void", "reasons": "Two answers can be defended."},
        follow=True,
    )
    ruling = ItemRuling.objects.get()
    assert page.status_code == 200 and page.resolver_match.url_name == "ripple"
    assert "Orla" not in page.content.decode() and credential["number"] not in page.content.decode()
    assert (result_of(passed).points, result_of(passed).out_of, result_of(passed).passed) == (
        6,
        9,
        False,
    )

    # Nobody has lost anything by that.
    assert walker.get(f"attempts/{passed.uuid}/")["passed"] is True
    assert world.verify(credential["number"])["status"] == "active"

    # The registrar finds it in the queue, and on its page the credential that rests on it.
    registrar = signed_in(world.registrar.user)
    queue = registrar.get(reverse("registrar-queue")).content.decode()
    ripple = reverse("ripple", args=[ruling.uuid])
    assert ripple in queue and "Orla Brandreth" in queue
    page = registrar.get(ripple).content.decode()
    dossier = reverse("credential-dossier", args=[credential["public_id"]])
    assert dossier in page and credential["number"] in page
    assert "It rests on no other pass" in page

    # A release of everything takes no pass back; the other's pass, if it became one, is told by it.
    confirm = registrar.get(reverse("release-results", args=[world.written.uuid]))
    if confirm.status_code == 200:
        upto = re.search(r'name="upto" value="(\d+)"', confirm.content.decode()).group(1)
        registrar.post(
            reverse("release-results", args=[world.written.uuid]), {"upto": upto, "seen": "on"}
        )
    assert walker.get(f"attempts/{passed.uuid}/")["passed"] is True
    assert lucky.get(f"attempts/{failed.uuid}/")["passed"] is result_of(failed).passed

    # A person decides that it is taken back; the credential is theirs to act on, and they do.
    registrar.post(
        reverse("settle-fall", args=[ruling.uuid, passed.uuid]),
        {"stands": "taken", "reasons": "The standard was not met."},
    )
    assert walker.get(f"attempts/{passed.uuid}/")["passed"] is False
    assert world.verify(credential["number"])["status"] == "active"
    world.change(credential, "suspend", "S1")
    assert world.verify(credential["number"])["status"] == "suspended"
    assert StatusEvent.objects.filter(credential=Credential.objects.get()).count() == 2
    assert ripple not in registrar.get(reverse("registrar-queue")).content.decode()
