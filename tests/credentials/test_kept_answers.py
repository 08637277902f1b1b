"""Answers that are kept, here or by a browser, and a credential that changes meanwhile: nobody hears the old answer a minute later."""

import re
import time

import pytest
import rest_framework.throttling  # noqa: F401 - it keeps the clock it is imported with

from credentials import issuing
from tests.credentials.issued import change, days_ago, issued, now

MINUTE = 60


@pytest.fixture
def clock(monkeypatch):
    """The clock that caches read; `clock.now` sets it."""

    class Clock:
        now = time.time()

    monkeypatch.setattr(time, "time", lambda: Clock.now)
    return Clock


def kept_for(response):
    """Seconds for which a browser may show this answer without asking again."""
    fresh = int(re.search(r"max-age=(\d+)", response["Cache-Control"])[1])
    return fresh - int(response.headers.get("Age", 0))


def told(response):
    """What it says of the status, without the moment it was asked."""
    return re.findall(r'suspended|"encodedList":"[^"]+"', response.content.decode(), re.IGNORECASE)


@pytest.mark.parametrize(
    "address",
    ["/verify/{0.number}/", "/credentials/{0.public_id}", "/api/v1/verify/{0.number}/", "/status/1"],
)  # fmt: skip
def test_a_minute_after_a_change_nobody_hears_the_old_answer(client, vault, clock, address):
    credential = issued("Orla Brandreth", at=days_ago(100))
    issuing.sign_pending(at=now())
    path, began = address.format(credential), clock.now

    before = told(client.get(path))
    change(credential, "suspend")
    issuing.publish_status_lists(at=now())
    for seconds in range(0, 2 * MINUTE, 5):
        clock.now = began + seconds
        response = client.get(path)
        if told(response) == before:
            assert seconds + kept_for(response) <= MINUTE
    assert told(response) != before
