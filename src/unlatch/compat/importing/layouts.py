"""The tables of other libraries' users, and which column means what. Tables are found by name, never created."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import MetaData, Table, create_engine, inspect, select

from unlatch.compat.importing.rows import HandleForm, NotImportable, make_record
from unlatch.errors import Malformed, Misconfigured
from unlatch.record import CredentialRecord
from unlatch.wire.attestation_object import decode_attestation_object

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

#: A row by the names of its columns.
Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """How somebody else's tables are read.

    Attributes:
        name: What the command line calls it.
        what: Whose tables these are.
        table: How the name of the credentials' table ends.
        users: How the name of the table that holds user handles ends; empty where credentials name their user.
        link: Column of the credentials (and, where given, column of `users`) that belong together.
        handle: How the user handle was made from the column `user`.
        record: Makes the record of a row; the column `user` of it is what the handle was made from.
        schema: Where the tables are; None for the connection's own.
        user: Column of `users` (or of the credentials) that the handle was made from; a column whose name starts so.
    """

    name: str
    what: str
    table: str
    users: str
    link: tuple[str, str]
    user: str
    handle: HandleForm
    record: Callable[[Row, str, HandleForm], CredentialRecord]
    schema: str | None = None


def read(
    connection: Connection, layout: Layout, *, rp_id: str, handle: HandleForm | None = None, table: str | None = None
) -> Iterator[CredentialRecord | NotImportable]:
    """Read every credential: its record, or why there is none.

    Args:
        connection: To the old database; nothing is written.
        layout: Of `LAYOUTS`.
        rp_id: The RP ID of the passkeys.
        handle: How user handles were made, if not as the layout says.
        table: Name of the credentials' table, if not as the layout says.

    Raises:
        Misconfigured: The tables are not there, or lack a column.
    """
    credentials = _table(connection, table or layout.table, layout.schema, exact=table is not None)
    own, foreign = layout.link
    if layout.users:
        users = _table(connection, layout.users, layout.schema, exact=False)
        user_column = _column(users, layout.user)
        statement = select(credentials, users.c[user_column].label("handle of the user")).select_from(
            credentials.outerjoin(users, credentials.c[_column(credentials, own)] == users.c[_column(users, foreign)])
        )
    else:
        statement = select(credentials, credentials.c[_column(credentials, layout.user)].label("handle of the user"))
    for row in connection.execute(statement).mappings():
        values = {**row, "user": row["handle of the user"]}
        try:
            yield layout.record(values, rp_id, handle or layout.handle)
        except KeyError as error:
            raise Misconfigured(f"The table {credentials.name!r} has no column {error.args[0]!r}.") from error
        except NotImportable as error:
            yield error


def open_database(url: str) -> Engine:
    """An engine for a database URL.

    Raises:
        Misconfigured: Not a URL, or a driver that is not installed.
    """
    from sqlalchemy.exc import ArgumentError

    try:
        return create_engine(url)
    except (ArgumentError, ModuleNotFoundError, ValueError) as error:
        raise Misconfigured(f"No database can be opened with this URL: {error}") from error


def _table(connection: Connection, ending: str, schema: str | None, *, exact: bool) -> Table:
    """The one table whose name ends so."""
    names = inspect(connection).get_table_names(schema=schema)
    found = [name for name in names if name == ending]
    if not found and not exact:
        found = [name for name in names if name.endswith(f"_{ending}")]
    if len(found) != 1:
        where = f" in the schema {schema!r}" if schema else ""
        raise Misconfigured(
            f"There is no table {ending!r}{where}; there are: {', '.join(sorted(names)) or 'none'}."
            if not found
            else f"Several tables are called like {ending!r}: {', '.join(sorted(found))}; name one."
        )
    return Table(found[0], MetaData(schema=schema), autoload_with=connection)


def _column(table: Table, start: str) -> str:
    names = [column.name for column in table.columns]
    for name in names:
        if name == start:
            return name
    found = [name for name in names if name.startswith(start)]
    if len(found) != 1:
        raise Misconfigured(f"The table {table.name!r} has no column {start!r}; it has {', '.join(names)}.")
    return found[0]


def _flask_htmx(row: Row, rp_id: str, handle: HandleForm) -> CredentialRecord:
    return make_record(
        credential_id=row["credential_id"],
        public_key=row["credential_public_key"],
        sign_count=row["current_sign_count"],
        user=row["user"],
        rp_id=rp_id,
        handle=handle,
    )


def _webauthn_rp(row: Row, rp_id: str, handle: HandleForm) -> CredentialRecord:
    return make_record(
        credential_id=row["id"],
        public_key=row["credential_public_key"],
        sign_count=row["signature_count"],
        user=row["user"],
        rp_id=rp_id,
        handle=handle,
    )


def _django_otp_webauthn(row: Row, rp_id: str, handle: HandleForm) -> CredentialRecord:
    return make_record(
        credential_id=row["credential_id"],
        public_key=row["public_key"],
        sign_count=row["sign_count"],
        user=row["user"],
        rp_id=rp_id,
        handle=handle,
        transports=row["transports"],
        backup_eligible=_truth(row["backup_eligible"]),
        backup_state=_truth(row["backup_state"]),
        discoverable=_truth(row.get("discoverable")),
        aaguid=row.get("aaguid"),
        name=row.get("name"),
        created_at=row.get("created_at"),
        last_used_at=row.get("last_used_at"),
    )


def _flask_passkey(row: Row, rp_id: str, handle: HandleForm) -> CredentialRecord:
    kinds = {"single_device": False, "multi_device": True}
    kind = str(row.get("credential_device_type") or "").rpartition(".")[2].lower()
    return make_record(
        credential_id=row["credential_id"],
        public_key=row["credential_public_key"],
        sign_count=row["sign_count"],
        user=row["user"],
        rp_id=rp_id,
        handle=handle,
        transports=row.get("transports"),
        backup_eligible=kinds.get(kind),
        backup_state=_truth(row.get("credential_backed_up")),
    )


def _pg_webauthn(row: Row, rp_id: str, handle: HandleForm) -> CredentialRecord:
    """The attestation object was kept, so it says more than the columns, and the RP ID can be proved."""
    try:
        attested = decode_attestation_object(bytes(row["attestation_object"]), "attestation_object")
    except Malformed as error:
        raise NotImportable(f"the attestation object cannot be read: {error.detail}") from error
    data = attested.authenticator_data
    if data.rp_id_hash != sha256(rp_id.encode()).digest():
        raise NotImportable(f"the credential belongs to another RP ID than {rp_id!r}")
    return make_record(
        credential_id=row["credential_id"],
        public_key=attested.attested.public_key_bytes,
        sign_count=data.sign_count,
        user=row["user"],
        rp_id=rp_id,
        handle=handle,
        backup_eligible=data.backup_eligible,
        backup_state=data.backup_state,
        aaguid=attested.attested.aaguid,
        created_at=row.get("credential_at"),
    )


def _truth(value: Any) -> bool | None:
    """Some databases keep booleans as numbers."""
    return None if value is None else bool(value)


LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        Layout(
            "flask-htmx",
            "the passwordless Flask and htmx application, on py_webauthn",
            "web_authn_credential",
            "user",
            ("user_id", "id"),
            "uid",
            HandleForm.TEXT,
            _flask_htmx,
        ),
        Layout(
            "webauthn-rp",
            "the guide of webauthn-rp",
            "credential",
            "user",
            ("user_id", "id"),
            "user_handle",
            HandleForm.BYTES,
            _webauthn_rp,
        ),
        Layout(
            "django-otp-webauthn",
            "django-otp-webauthn",
            "webauthncredential",
            "webauthnuserhandle",
            ("user_id", "user_id"),
            "handle",
            HandleForm.HEX,
            _django_otp_webauthn,
        ),
        Layout(
            "flask-passkey",
            "the Flask passkey backend's CredentialEntity",
            "credential_entity",
            "",
            ("", ""),
            "user_id",
            HandleForm.TEXT,
            _flask_passkey,
        ),
        Layout(
            "pg-webauthn",
            "pg-webauthn, the extension of PostgreSQL",
            "credentials",
            "",
            ("", ""),
            "user_id",
            HandleForm.BYTES,
            _pg_webauthn,
            schema="webauthn",
        ),
    )
}
