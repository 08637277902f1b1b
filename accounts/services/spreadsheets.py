"""Lists that leave as CSV. No cell is taken for a formula, whoever wrote what stands in it."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

# What a spreadsheet begins a formula with; a tab or a carriage return is passed over before it looks.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: Any) -> Any:
    """The cell with an apostrophe before what a spreadsheet would work out. Numbers stay numbers."""
    if cell is None or isinstance(cell, bool | int | float):
        return cell
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else cell


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Rows as a CSV file that spreadsheets read as UTF-8."""
    written = io.StringIO()
    csv.writer(written).writerows([harmless(cell) for cell in row] for row in rows)
    return "\ufeff" + written.getvalue()


def guard_exports() -> None:
    """Make every CSV list of Wagtail's, ours and its own, go through `harmless`. Its XLSX writes no formulas by itself."""
    from wagtail.admin.views.mixins import SpreadsheetExportMixin

    def preprocess(self: Any, field: str, value: Any, export_format: str) -> Any:
        cell = usual(self, field, value, export_format)
        return harmless(cell) if export_format == self.FORMAT_CSV else cell

    usual = SpreadsheetExportMixin.preprocess_field_value
    if not hasattr(usual, "guarded"):
        preprocess.guarded = True  # type: ignore[attr-defined]
        SpreadsheetExportMixin.preprocess_field_value = preprocess
