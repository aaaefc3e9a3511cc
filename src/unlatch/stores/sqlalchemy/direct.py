"""Operations that go straight to the driver: the same statements, at a fifth of the processor time.

SQLAlchemy compiles a statement for the database, and names and converts what goes in and comes out. All of that is the
same each time, so here it is done once. What is left for each execution is the driver's own work. It is meant for the
few statements that a busy server runs all day. Events of SQLAlchemy around statements (`echo`, tracing) do not see
them; transactions, the pool and its events stay SQLAlchemy's.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy.exc import SQLAlchemyError

from unlatch.codes import Code
from unlatch.errors import Unavailable
from unlatch.stores.sqlalchemy.execution import Executor, Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Connection, Dialect, Executable, Select, UpdateBase
    from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor

T = TypeVar("T")


class Direct(Executor):
    """Runs operations inside the transaction of a connection, on the driver's own cursor."""

    def __init__(self, connection: Connection) -> None:
        """Use a connection on which a transaction was begun."""
        super().__init__(connection)
        self._connection = connection
        self._statements = _prepared.setdefault(connection.dialect, {})

    def run(self, operation: Operation[T]) -> T:
        """As `Executor.run`."""
        dialect = self._connection.dialect
        if operation.needs_savepoint(dialect) or operation.parameters is None:
            return super().run(operation)
        first, *others = operation.statements(dialect)
        result = self._execute(first, operation.parameters)
        operation.refuse_if_present(dialect, result)
        answer = operation.read(result)
        for statement in others:
            self._execute(statement, operation.parameters)
        return answer

    def _execute(self, statement: Executable, parameters: Mapping[str, Any]) -> Result:
        dialect = self._connection.dialect
        prepared = self._statements.get(statement)
        if prepared is None:
            prepared = self._statements[statement] = Prepared(statement, dialect, parameters)
        try:
            driver = cast("DBAPIConnection", self._connection.connection.dbapi_connection)
        except SQLAlchemyError as error:  # the connection broke before, in the same transaction
            raise _unavailable(error) from error
        cursor = driver.cursor()
        try:
            return prepared.execute(cursor, parameters)
        except dialect.loaded_dbapi.Error as error:
            if dialect.is_disconnect(error, driver, cursor):
                self._connection.invalidate(error)
            raise _unavailable(error) from error
        finally:
            cursor.close()


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(Code.STORE_UNAVAILABLE, detail=f"the database did not answer: {type(error).__name__}: {error}")


class Result:
    """What `Operation.read` asks of a result: all rows are here already."""

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def one_or_none(self) -> Any:
        """The row, or None; more than one cannot be, because every such statement asks for a unique key."""
        return self._rows[0] if self._rows else None


class Prepared:
    """A statement compiled for one database.

    Args:
        statement: What to execute. Its parameters are single values, no lists.
        dialect: For which database.
        parameters: Values of the first execution; later ones have the same names.
    """

    def __init__(self, statement: Executable, dialect: Dialect, parameters: Mapping[str, Any]) -> None:
        # Every statement of ours is built of clauses; SQLAlchemy's `Executable` does not say so.
        clause = cast("Select[Any] | UpdateBase", statement)
        compiled = clause.compile(dialect=dialect, column_keys=list(parameters))
        self._text = str(compiled)
        self._positions: list[str] | None = compiled.positiontup if compiled.positional else None
        self._into = {
            name: parameter.type.dialect_impl(dialect).bind_processor(dialect)
            for parameter, name in compiled.bind_names.items()
        }
        columns = {column.key: column for column in clause.exported_columns}
        # Rows are read by name. The names are known at run time only, which a type checker cannot follow.
        self._row: Callable[..., Any] | None = cast("Any", namedtuple)("Row", columns.keys()) if columns else None
        self._out_of = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns.values()
        ]

    def execute(self, cursor: DBAPICursor, parameters: Mapping[str, Any]) -> Result:
        """Execute it and fetch what it returns."""
        values = {
            name: parameters[name] if convert is None else convert(parameters[name])
            for name, convert in self._into.items()
        }
        if self._positions is None:
            cursor.execute(self._text, values)
        else:
            cursor.execute(self._text, [values[name] for name in self._positions])
        if self._row is None:
            return Result([], cursor.rowcount)
        rows = [
            self._row(
                *(
                    value if convert is None else convert(value)
                    for value, convert in zip(found, self._out_of, strict=True)
                )
            )
            for found in cursor.fetchall()
        ]
        return Result(rows, cursor.rowcount)


_prepared: WeakKeyDictionary[Dialect, dict[Executable, Prepared]] = WeakKeyDictionary()
