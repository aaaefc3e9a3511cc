"""The tables of other libraries' users, and which column means what. `reading` and the app for Django read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, TypeAlias

from unlatch.compat.importing import forms
from unlatch.compat.importing.forms import HandleForm, IdForm, NotImportable
from unlatch.compat.importing.rows import make_record
from unlatch.errors import Malformed, Misconfigured
from unlatch.record import CredentialRecord
from unlatch.wire.attestation_object import decode_attestation_object

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
        link: Column of the credentials that names their user, and the column of `users` with the same; empty if none.
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
    record: Callable[[Row, str, HandleForm, IdForm | None], CredentialRecord]
    schema: str | None = None


def find_table(names: Iterable[str], ending: str, *, exact: bool, where: str = "") -> str:
    """The one table that is called so.

    Args:
        names: Of all tables.
        ending: Its name, or (unless `exact`) what its name ends in after an underscore.
        exact: Whether it is the whole name.
        where: Where these tables are, for the sentence.

    Raises:
        Misconfigured: None, or several.
    """
    known = sorted(names)
    found = [name for name in known if name == ending]
    if not found and not exact:
        found = [name for name in known if name.endswith(f"_{ending}")]
    if not found:
        raise Misconfigured(f"There is no table {ending!r}{where}; there are: {', '.join(known) or 'none'}.")
    if len(found) > 1:
        raise Misconfigured(f"Several tables are called like {ending!r}: {', '.join(found)}; name one.")
    return found[0]


def find_column(table: str, names: Sequence[str], start: str) -> str:
    """The one column of a table that is called so, or starts so.

    Raises:
        Misconfigured: None, or several.
    """
    found = [name for name in names if name == start] or [name for name in names if name.startswith(start)]
    if len(found) != 1:
        raise Misconfigured(f"The table {table!r} has no column {start!r}; it has {', '.join(names)}.")
    return found[0]


def record_of(
    layout: Layout,
    table: str,
    row: Row,
    *,
    rp_id: str,
    handle: HandleForm | None,
    ids: IdForm | None,
    verified: bool,
) -> CredentialRecord:
    """The record of a row, which has what the handle was made from as `user`.

    Args:
        layout: How the table is read.
        table: Its name.
        row: By the names of its columns.
        rp_id: The RP ID of the passkeys.
        handle: How user handles were made, if not as the layout says.
        ids: How credential ids are written down, if it is to be said.
        verified: Whether all passkeys were made with user verification.

    Raises:
        Misconfigured: The table lacks a column.
        NotImportable: The row cannot be what it should be.
    """
    try:
        record = layout.record(row, rp_id, handle or layout.handle, ids)
        if handle is None:  # the layout only supposes
            forms.user_handle(row["user"], layout.handle, chosen=False)
    except KeyError as error:
        raise Misconfigured(f"The table {table!r} has no column {error.args[0]!r}.") from error
    return replace(record, uv_initialized=verified)


def _webauthn_rp(row: Row, rp_id: str, handle: HandleForm, ids: IdForm | None) -> CredentialRecord:
    return make_record(
        credential_id=row["id"],
        public_key=row["credential_public_key"],
        sign_count=row["signature_count"],
        user=row["user"],
        rp_id=rp_id,
        handle=handle,
        id_form=ids,
    )


def _django_otp_webauthn(row: Row, rp_id: str, handle: HandleForm, ids: IdForm | None) -> CredentialRecord:
    if not row.get("confirmed", True):  # django-otp lets nobody in with such a device
        raise NotImportable("the device is not confirmed")
    return make_record(
        credential_id=row["credential_id"],
        public_key=row["public_key"],
        sign_count=row["sign_count"],
        user=row["user"],
        rp_id=rp_id,
        handle=handle,
        id_form=ids,
        transports=row["transports"],
        backup_eligible=_truth(row["backup_eligible"]),
        backup_state=_truth(row["backup_state"]),
        discoverable=_truth(row.get("discoverable")),
        aaguid=row.get("aaguid"),
        name=row.get("name"),
        created_at=row.get("created_at"),
        last_used_at=row.get("last_used_at"),
    )


def _py_webauthn(row: Row, rp_id: str, handle: HandleForm, ids: IdForm | None) -> CredentialRecord:
    """Columns that are called as py_webauthn calls what it returns."""
    kinds = {"single_device": False, "multi_device": True}
    kind = str(row.get("credential_device_type") or "").rpartition(".")[2].lower()
    return make_record(
        credential_id=row["credential_id"],
        public_key=row["public_key" if "public_key" in row else "credential_public_key"],
        sign_count=row["current_sign_count" if "current_sign_count" in row else "sign_count"],
        user=row["user"],
        rp_id=rp_id,
        handle=handle,
        id_form=ids,
        transports=row.get("transports"),
        backup_eligible=kinds.get(kind),
        backup_state=_truth(row.get("credential_backed_up")),
        aaguid=row.get("aaguid"),
        name=row.get("name"),
        created_at=row.get("created_at"),
        last_used_at=row.get("last_used_at"),
    )


def _pg_webauthn(row: Row, rp_id: str, handle: HandleForm, ids: IdForm | None) -> CredentialRecord:
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
        id_form=ids or IdForm.RAW,
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
            _py_webauthn,
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
            "py-webauthn",
            "any table with py_webauthn's words as names of its columns",
            "credential",
            "",
            ("user_id", ""),
            "user_id",
            HandleForm.TEXT,
            _py_webauthn,
        ),
        Layout(
            "flask-passkey",
            "the Flask passkey backend's CredentialEntity",
            "credential_entity",
            "",
            ("", ""),
            "user_id",
            HandleForm.TEXT,
            _py_webauthn,
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
