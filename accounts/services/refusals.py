"""The refusals every app speaks in."""

from typing import Any


class Refusal(Exception):
    """The system says no: a `code` for programs, a sentence a person can act on, and, for input, what is wrong with which field."""

    status = 400

    def __init__(self, code: str, sentence: str, *, fields: dict[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.fields = code, str(sentence), fields or {}


class Invalid(Refusal):
    """400: the input has the wrong shape or value."""


class Forbidden(Refusal):
    """403: a wrong role, or a separation rule, which the code names (R2, R3, R4)."""

    status = 403


class Missing(Refusal):
    """404: there is no such row, or none that this person may know of."""

    status = 404


class Conflict(Refusal):
    """409: closed, locked, already done otherwise."""

    status = 409
