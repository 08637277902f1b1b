"""Signing, rendering and publishing. Tasks take ids, look whether the work is still to do, and do it."""

from django_tasks import task


@task()
def sign_document(event_pk: int) -> None:
    raise NotImplementedError


@task()
def publish_status_lists() -> None:
    raise NotImplementedError
