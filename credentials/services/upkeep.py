"""What the sweep does for the register, and the sheet courses hand out. The machinery is loaded only by those who use it."""

from datetime import date, datetime
from decimal import Decimal

from credentials.services.award import award_due


def sweep(*, at: datetime) -> dict[str, int]:
    """Award what is due and was missed, and enqueue what is still to sign, publish and render. Says how many of each."""
    from credentials import issuing

    return {"awards": award_due(at=at), **issuing.sweep(at=at)}


def completion_pdf(
    *, name: str, course: str, hours: Decimal | int, number: str, completed_on: date
) -> bytes:
    """The statement that somebody finished a course, which is not a certification: one A4 sheet as a PDF."""
    from credentials import certificate

    return certificate.completion_pdf(
        name=name, course=course, hours=hours, number=number, completed_on=completed_on
    )


def letter_pdf(
    *,
    title: str,
    name: str,
    lines: list[str],
    table: list[list[str]],
    facts: list[list[str]],
    foot: str,
) -> bytes:
    """A plain A4 letter to somebody as a PDF: a heading, their name, what is said, a table (its first row the head; or none), facts."""
    from credentials import certificate

    return certificate.letter_pdf(
        title=title, name=name, lines=lines, table=table, facts=facts, foot=foot
    )
