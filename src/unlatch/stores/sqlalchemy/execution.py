"""Run one statement in a transaction, on an engine or inside the caller's, and translate what goes wrong.

Every operation of the stores is written once, as an `Operation`; `Executor` and `AsyncExecutor` are the only two
places that differ between the blocking and the awaited store.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from unlatch.codes import Code
from unlatch.errors import Unavailable
from unlatch.stores.sqlalchemy.sqlite import READ_ONLY
from unlatch.values import frozen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from sqlalchemy import Dialect, Engine, Executable
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from unlatch.errors import UnlatchError

T = TypeVar("T")

# What drivers report for a broken unique constraint: SQLSTATE (PostgreSQL), extended result codes of SQLite for a
# unique index and for a primary key, and MariaDB's and MySQL's error number.
_SQLSTATE_UNIQUE = "23505"
_SQLITE_UNIQUE = (2067, 1555)
_MYSQL_DUPLICATE = 1062


@frozen
class Operation(Generic[T]):
    """One statement and how to read its result.

    Statements are built once, when the module is loaded, and take parameters: building one costs more than running it.

    Attributes:
        statement: What to execute.
        read: Turns the result into the answer.
        parameters: Values of the statement's parameters.
        writes: Whether the statement changes anything.
        duplicate: Makes what to raise when a unique constraint refuses; the statement then stands in a savepoint, so
            that the caller's transaction survives the refusal.
        if_absent: The same insert, as this database's own "insert unless it is there": one statement instead of the
            three with a savepoint; by the name of the dialect.
        without_returning: What to execute instead where a `DELETE` cannot return its rows (MySQL): one statement that
            locks and returns them, whose result is read, and one that deletes them.
    """

    statement: Executable
    read: Callable[[Any], T]
    parameters: Mapping[str, Any] | None = None
    writes: bool = True
    duplicate: Callable[[], UnlatchError] | None = None
    if_absent: Mapping[str, Executable] | None = None
    without_returning: tuple[Executable, Executable] | None = None

    def statements(self, dialect: Dialect) -> tuple[Executable, ...]:
        """The statements for this database; the result of the first is the one to read."""
        if self.without_returning is not None and not dialect.delete_returning:
            return self.without_returning
        if self.if_absent is not None:
            return (self.if_absent.get(dialect.name, self.statement),)
        return (self.statement,)

    def needs_savepoint(self, dialect: Dialect) -> bool:
        """Whether a refusal would break the caller's transaction."""
        return self.duplicate is not None and not self.may_be_present(dialect)

    def may_be_present(self, dialect: Dialect) -> bool:
        """Whether this is an "insert unless it is there": when it inserts nothing, raise `refusal`."""
        return self.duplicate is not None and self.if_absent is not None and dialect.name in self.if_absent

    def refusal(self) -> UnlatchError:
        """The error of what was there already; for operations that `may_be_present`."""
        return cast("Callable[[], UnlatchError]", self.duplicate)()


class Executor:
    """Runs operations on an `Engine` (each in its own transaction) or on a `Connection` (in the caller's)."""

    def __init__(self, bind: Engine | Connection) -> None:
        self._bind = bind

    @staticmethod
    def of(bind: Engine | Connection | Executor) -> Executor:
        """An executor for what a store is bound to."""
        return bind if isinstance(bind, Executor) else Executor(bind)

    def run(self, operation: Operation[T]) -> T:
        """Execute the statement and read its result.

        Raises:
            UnlatchError: `operation.duplicate`, when a unique constraint refused.
            Unavailable: The database did not do it.
        """
        with _translated(operation.duplicate), self._transaction(operation) as connection:
            first, *others = operation.statements(connection.dialect)
            result = connection.execute(first, operation.parameters)
            if operation.may_be_present(connection.dialect) and result.rowcount != 1:
                raise operation.refusal()
            answer = operation.read(result)
            for statement in others:
                connection.execute(statement, operation.parameters)
            return answer

    @contextmanager
    def _transaction(self, operation: Operation[Any]) -> Iterator[Connection]:
        if not isinstance(self._bind, Connection):
            engine = self._bind if operation.writes else self._bind.execution_options(**READ_ONLY)
            with engine.begin() as connection:
                yield connection
        elif operation.needs_savepoint(self._bind.dialect):
            with self._bind.begin_nested():
                yield self._bind
        else:
            yield self._bind


class AsyncExecutor:
    """`Executor`, awaited: on an `AsyncEngine` or an `AsyncConnection`."""

    def __init__(self, bind: AsyncEngine | AsyncConnection) -> None:
        self._bind = bind

    async def run(self, operation: Operation[T]) -> T:
        """As `Executor.run`."""
        with _translated(operation.duplicate):
            async with self._transaction(operation) as connection:
                first, *others = operation.statements(connection.dialect)
                result = await connection.execute(first, operation.parameters)
                if operation.may_be_present(connection.dialect) and result.rowcount != 1:
                    raise operation.refusal()
                answer = operation.read(result)
                for statement in others:
                    await connection.execute(statement, operation.parameters)
                return answer

    @asynccontextmanager
    async def _transaction(self, operation: Operation[Any]) -> AsyncIterator[AsyncConnection]:
        # Here and not above: it needs greenlet, which users of the blocking stores need not have.
        from sqlalchemy.ext.asyncio import AsyncConnection

        if not isinstance(self._bind, AsyncConnection):
            engine = self._bind if operation.writes else self._bind.execution_options(**READ_ONLY)
            async with engine.begin() as connection:
                yield connection
        elif operation.needs_savepoint(self._bind.dialect):
            async with self._bind.begin_nested():
                yield self._bind
        else:
            yield self._bind


@contextmanager
def _translated(duplicate: Callable[[], UnlatchError] | None) -> Iterator[None]:
    """Let no error of the database or its driver out; `OSError` is what some drivers raise when nobody listens."""
    try:
        yield
    except IntegrityError as error:
        if duplicate is not None and _is_duplicate(error.orig):
            raise duplicate() from error
        raise Unavailable(Code.STORE_UNAVAILABLE, detail=f"the database refused the row: {error}") from error
    except (SQLAlchemyError, OSError) as error:
        raise Unavailable(Code.STORE_UNAVAILABLE, detail=f"the database did not answer: {error}") from error


def _is_duplicate(error: BaseException | None) -> bool:
    return (
        getattr(error, "sqlstate", None) == _SQLSTATE_UNIQUE
        or getattr(error, "sqlite_errorcode", None) in _SQLITE_UNIQUE
        or (error is not None and error.args[:1] == (_MYSQL_DUPLICATE,))
    )
