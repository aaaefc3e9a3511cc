"""Operations that go straight to the driver: the same statements, at a fifth of the processor time.

SQLAlchemy compiles a statement for the database, and names and converts what goes in and comes out. All of that is the
same each time, so here it is done once. What is left for each execution is the driver's own work. It is meant for the
few statements that a busy server runs all day. Events of SQLAlchemy around statements (`echo`, tracing) do not see
them; transactions, the pool and its events stay SQLAlchemy's.
"""

from __future__ import annotations

from collections import namedtuple
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy.exc import SQLAlchemyError

from unlatch.codes import Code
from unlatch.errors import Unavailable
from unlatch.stores.sqlalchemy.execution import Executor, Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sqlalchemy import Connection, Dialect, Executable, Select, UpdateBase
    from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor

T = TypeVar("T")
R = TypeVar("R")


class Direct(Executor):
    """Runs operations inside the transaction of a connection, on one of the driver's own cursors."""

    def __init__(self, connection: Connection) -> None:
        """Use a connection on which a transaction was begun."""
        super().__init__(connection)
        self._connection = connection
        self._plans = _plans.setdefault(connection.dialect, {})
        self._cursor: DBAPICursor | None = None

    def run(self, operation: Operation[T]) -> T:
        """As `Executor.run`."""
        parameters = operation.parameters
        if parameters is None:
            return super().run(operation)
        plan = self._plans.get(operation.statement)
        if plan is None:
            plan = self._plans[operation.statement] = Plan.of(operation, parameters, self._connection.dialect)
        if not plan.prepared:
            return super().run(operation)
        result = self._execute(plan.prepared[0], parameters)
        if plan.may_be_present and result.rowcount != 1:
            raise operation.refusal()
        answer = operation.read(result)
        for prepared in plan.prepared[1:]:
            self._execute(prepared, parameters)
        return answer

    def command(self, text: str) -> None:
        """Execute a statement without parameters or result, such as a savepoint's.

        Raises:
            Unavailable: The database did not do it.
        """
        self._attempt(lambda cursor: cursor.execute(text))

    @contextmanager
    def each_by_itself(self) -> Iterator[None]:
        """Have each statement be a transaction of its own, where the driver (psycopg) begins them by itself.

        No transaction is under way before, and none after.

        Raises:
            Unavailable: The connection is lost.
        """
        driver = self._attempt(_commit_each)
        try:
            yield
        finally:
            # Of a connection that is lost nothing has to be set back.
            with suppress(self._connection.dialect.loaded_dbapi.OperationalError):
                driver.autocommit = False

    def _execute(self, prepared: Prepared, parameters: Mapping[str, Any]) -> Result:
        return self._attempt(lambda cursor: prepared.execute(cursor, parameters))

    def _attempt(self, what: Callable[[DBAPICursor], R]) -> R:
        try:
            if self._cursor is None:
                self._cursor = _driver(self._connection).cursor()
            return what(self._cursor)
        except SQLAlchemyError as error:  # the connection broke before, in the same transaction
            raise _unavailable(error) from error
        except self._connection.dialect.loaded_dbapi.Error as error:
            if self._connection.dialect.is_disconnect(error, _driver(self._connection), self._cursor):
                self._connection.invalidate(error)
                self._cursor = None
            raise _unavailable(error) from error


def _commit_each(cursor: Any) -> Any:
    """Let the connection of a cursor commit each statement; returns that connection."""
    driver = cursor.connection
    driver.autocommit = True
    return driver


def _driver(connection: Connection) -> DBAPIConnection:
    return cast("DBAPIConnection", connection.connection.dbapi_connection)


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


class Plan:
    """How operations with one statement are executed on one database.

    Attributes:
        prepared: Their statements; the result of the first is the one to read. Empty where they need a savepoint.
        may_be_present: Whether no row means that it was there before.
    """

    __slots__ = ("may_be_present", "prepared")

    def __init__(self, prepared: tuple[Prepared, ...], *, may_be_present: bool) -> None:
        self.prepared = prepared
        self.may_be_present = may_be_present

    @classmethod
    def of(cls, operation: Operation[Any], parameters: Mapping[str, Any], dialect: Dialect) -> Plan:
        """The plan of this operation and of all like it."""
        if operation.needs_savepoint(dialect):
            return cls((), may_be_present=False)
        return cls(
            tuple(Prepared(statement, dialect, parameters) for statement in operation.statements(dialect)),
            may_be_present=operation.may_be_present(dialect),
        )


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
        into = {
            name: parameter.type.dialect_impl(dialect).bind_processor(dialect)
            for parameter, name in compiled.bind_names.items()
        }
        self._positional = compiled.positional
        # In the order of the statement, where the driver goes by order; a name may stand there more than once.
        names = (compiled.positiontup or []) if compiled.positional else list(into)
        self._into = [(name, into[name]) for name in names]
        columns = {column.key: column for column in clause.exported_columns}
        # Rows are read by name. The names are known at run time only, which a type checker cannot follow.
        self._row: Callable[[Iterable[Any]], Any] | None = (
            cast("Any", namedtuple)("Row", columns.keys())._make if columns else None
        )
        out_of = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns.values()]
        self._out_of = [(place, convert) for place, convert in enumerate(out_of) if convert is not None]

    def execute(self, cursor: DBAPICursor, parameters: Mapping[str, Any]) -> Result:
        """Execute it and fetch what it returns."""
        if self._positional:
            values = [parameters[name] if into is None else into(parameters[name]) for name, into in self._into]
            cursor.execute(self._text, values)
        else:
            named = {name: parameters[name] if into is None else into(parameters[name]) for name, into in self._into}
            cursor.execute(self._text, named)
        if self._row is None:
            return Result([], cursor.rowcount)
        return Result([self._row(self._converted(found)) for found in cursor.fetchall()], cursor.rowcount)

    def _converted(self, found: Iterable[Any]) -> list[Any]:
        values = list(found)
        for place, convert in self._out_of:
            values[place] = convert(values[place])
        return values


_plans: WeakKeyDictionary[Dialect, dict[Executable, Plan]] = WeakKeyDictionary()
