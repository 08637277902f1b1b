"""Reading one row by one value, with SQL that the ORM wrote once: building such a statement anew costs three times as much as running it."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models

Row = TypeVar("Row", bound=models.Model)
Convert = Callable[[list[tuple]], Any]


class RowBy(Generic[Row]):
    """`RowBy(User, "id")(7)`: the row, or None. All its columns, one statement. For what every request asks."""

    def __init__(self, model: type[Row], field: str) -> None:
        self.model, self.field = model, field
        self._prepared: dict[str, tuple[str, list[str], Convert]] = {}

    def __call__(self, value: Any, using: str = DEFAULT_DB_ALIAS) -> Row | None:
        if using not in self._prepared:
            self._prepared[using] = self._prepare(using)
        sql, names, convert = self._prepared[using]
        connection = connections[using]
        field = self.model._meta.get_field(self.field)
        with connection.cursor() as cursor:
            cursor.execute(sql, [field.get_db_prep_value(value, connection)])  # type: ignore[union-attr]
            found = cursor.fetchone()
        return self.model.from_db(using, names, next(iter(convert([found])))) if found else None

    def _prepare(self, using: str) -> tuple[str, list[str], Convert]:
        """The statement, the names of its columns in order, and what turns a row of this database into values."""
        query = self.model._base_manager.filter(**{self.field: 0}).order_by().query
        compiler = query.get_compiler(using)
        sql, _params = compiler.as_sql()
        columns = [column for column, _sql, _alias in compiler.select]
        converters = compiler.get_converters(columns)

        def convert(rows: list[tuple]) -> Any:
            return compiler.apply_converters(rows, converters) if converters else rows

        return sql, [column.target.attname for column in columns], convert
