"""Passkeys of the project's users out of the tables that another library made, into those of the app."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import connections, transaction

from unlatch.adapters.django.configuration import configuration
from unlatch.adapters.django.database import translated
from unlatch.adapters.django.models import Credential, UserHandle
from unlatch.adapters.django.stores import DjangoCredentials
from unlatch.compat.importing.copying import Report, copy
from unlatch.compat.importing.forms import HandleForm, IdForm, NotImportable
from unlatch.compat.importing.layouts import LAYOUTS, Layout, Row, find_column, find_table, record_of
from unlatch.errors import Misconfigured
from unlatch.record import CredentialRecord

#: The layouts whose credentials name users of Django.
NAMES = ("django-otp-webauthn", "py-webauthn")

#: What a row has beside the columns of its table: the handle that a table of its own holds.
_HANDLE = "handle of the user"


def import_passkeys(
    layout: str,
    *,
    source: str = "default",
    table: str | None = None,
    handle: HandleForm | None = None,
    handle_from: str = "pk",
    ids: IdForm | None = None,
    verified: bool = False,
    dry_run: bool = False,
) -> Report:
    """Import all passkeys of a layout, in one transaction; what is there already stays as it is.

    Args:
        layout: One of `NAMES`.
        source: Alias of the database with the old tables, whose users have the same primary keys.
        table: Name of the old table, where it is another.
        handle: How user handles were made, where it is another way.
        handle_from: What they were made from, where no other table says it: a column of the old table, or else a field
            of the user model.
        ids: How credential ids are written down; without it, rows whose ids can be read in two ways are left out.
        verified: Whether the old code made all passkeys with user verification, and checked that: it counts as a factor
            then.
        dry_run: Only look.

    Raises:
        Misconfigured: The settings, a table, a column or a field; the detail says what to change.
        Unavailable: A database did not answer.
    """
    configured = configuration()
    using = configured.using
    ours = _Import(LAYOUTS[layout], configured.door.rp.id, using, handle, handle_from, ids, verified)
    with translated(), transaction.atomic(using=using):
        report = copy(ours.read(source, table), DjangoCredentials(using))
        if dry_run:
            transaction.set_rollback(True, using=using)
    return report


@dataclass(frozen=True, slots=True)
class _Import:
    """Rows on their way to records, and to users who know their handles; attributes as `import_passkeys`."""

    layout: Layout
    rp_id: str
    using: str
    handle: HandleForm | None
    handle_from: str
    ids: IdForm | None
    verified: bool

    def read(self, source: str, table: str | None) -> Iterator[CredentialRecord | NotImportable]:
        """Every credential: its record, or why there is none. Whoever has one gets its handle."""
        name, owner, rows = _rows(self.layout, source, table)
        for row in rows:
            try:
                user = self._user(row[owner])
                values = {**row, "user": self._told(row, user)}
                record = record_of(
                    self.layout,
                    name,
                    values,
                    rp_id=self.rp_id,
                    handle=self.handle,
                    ids=self.ids,
                    verified=self.verified,
                )
                self._give_handle(user, record.user_handle.hex())
            except NotImportable as error:
                yield error
            else:
                yield record

    def _user(self, key: Any) -> Any:
        try:
            user = get_user_model()._base_manager.using(self.using).filter(pk=key).first()  # noqa: SLF001 - public in Django
        except (TypeError, ValueError, ValidationError):
            user = None
        if user is None:
            raise NotImportable(f"there is no user {str(key)!r} here")
        return user

    def _told(self, row: Row, user: Any) -> Any:
        """What the user handle was made from."""
        name = _HANDLE if self.layout.users else self.handle_from
        if name in row:
            return row[name]
        try:
            return user.pk if name == "pk" else getattr(user, user._meta.get_field(name).attname)  # noqa: SLF001 - public in Django
        except FieldDoesNotExist as error:
            raise Misconfigured(f"Neither the old table nor {type(user).__name__} has {name!r}.") from error

    def _give_handle(self, user: Any, value: str) -> None:
        """Let the user be known by the handle that the passkey will give."""
        handles = UserHandle.objects.using(self.using)
        own = handles.filter(user=user).first()
        if own is not None and own.value == value:
            return
        if handles.filter(value=value).exists():
            raise NotImportable("the user handle is another user's here")
        if own is None:
            handles.create(user=user, value=value)
        elif Credential.objects.using(self.using).filter(user_handle=own.value).exists():
            raise NotImportable("the user has passkeys here already, made with another user handle")
        else:  # nobody has used it: it was made when the user signed in by other means
            handles.filter(pk=own.pk).update(value=value)


def _rows(layout: Layout, source: str, table: str | None) -> tuple[str, str, list[Row]]:
    """Name of the table, name of the column with the user's key, and all rows."""
    connection = connections[source]
    with connection.cursor() as cursor:
        names = set(connection.introspection.table_names(cursor, include_views=True)) - {Credential._meta.db_table}  # noqa: SLF001 - public in Django
        name = find_table(names, table or layout.table, exact=table is not None)
        columns = _columns(connection, cursor, name)
        own, foreign = layout.link
        owner = find_column(name, columns, own)
        quote = connection.ops.quote_name
        selected, joined = ", ".join(f"c.{quote(column)}" for column in columns), ""
        if layout.users:
            users = find_table(names, layout.users, exact=False)
            there = _columns(connection, cursor, users)
            selected += f", u.{quote(find_column(users, there, layout.user))}"
            joined = f" LEFT JOIN {quote(users)} u ON u.{quote(find_column(users, there, foreign))} = c.{quote(owner)}"
        cursor.execute(f"SELECT {selected} FROM {quote(name)} c{joined}")  # noqa: S608 - the database's own names, quoted
        return name, owner, [dict(zip((*columns, _HANDLE), row, strict=False)) for row in cursor.fetchall()]


def _columns(connection: Any, cursor: Any, table: str) -> list[str]:
    return [column.name for column in connection.introspection.get_table_description(cursor, table)]
