"""What the whole HTTP interface has in common."""

from base64 import b64encode

import pytest

from accounts.models import Role
from tests.factories import person

pytestmark = pytest.mark.django_db

LISTS = [
    "courses/",
    "enrolments/",
    "practicals/assignments/",
    "practicals/held/",
    "appointments/",
    "exam-days/",
    "applications/",
    "documents/",
    "credentials/",
]


@pytest.mark.parametrize("cursor", ["p=abc", "r=1&p=abc", "p=%00", "p=-1", "p=1.5", "p=1e3", "p="])
def test_a_made_up_cursor_is_no_page(as_user, cursor):
    client = as_user(person(*Role.values))
    made_up = b64encode(cursor.encode()).decode()
    for path in LISTS:
        answer = client.get(f"/api/v1/{path}", {"cursor": made_up})
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize(
    "path", ["", "nothing/", "attempts/x/", "attempts/x/responses/-1/", "courses/x/y/"]
)
def test_an_address_that_is_none_is_a_problem_document(api_client, as_user, verb, path):
    answer = getattr(api_client, verb)(f"/api/v1/{path}")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    answer = getattr(as_user(person()), verb)(f"/api/v1/{path}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
