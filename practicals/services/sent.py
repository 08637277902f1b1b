"""What a device sends of a sheet, examined or practised: read, and told from what the sheet says already."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from accounts.services import Conflict
from practicals.decision import Line
from practicals.models import ChecklistVersion, PracticalAssessment, PracticeSheet
from practicals.sheet import Content, Unreadable, read

Sheet = TypeVar("Sheet", PracticalAssessment, PracticeSheet)


def read_sent(
    content: Any, lines: tuple[Line, ...], version: ChecklistVersion
) -> tuple[Content | None, dict[str, Any]]:
    """What a sheet says by a version's lines; or nothing, and what is wrong by field."""
    try:
        return read(content, lines, list(version.violation_texts)), {}
    except Unreadable as unreadable:
        return None, unreadable.errors


def is_repeat(
    sheet: Sheet,
    given: Content | None,
    rev: int | None,
    *,
    require_writable: Callable[[Sheet], None],
) -> bool:
    """Whether the sheet says this already; raises Conflict when it may not be changed to it."""
    same = given is not None and given.digest == sheet.digest
    if sheet.is_final and same:
        return True
    require_writable(sheet)
    if rev is None or rev > sheet.rev:
        return False
    if rev == sheet.rev and same:
        return True
    raise Conflict(
        "older_revision",
        _("The sheet was continued elsewhere and is at revision %(rev)s. Load it again.")
        % {"rev": sheet.rev},
        fields={"rev": [_("Send a revision above %(rev)s.") % {"rev": sheet.rev}]},
    )
