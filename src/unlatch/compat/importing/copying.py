"""Records into a store, any number of times: what is there already stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from unlatch.compat.importing.forms import NotImportable

if TYPE_CHECKING:
    from unlatch.record import CredentialRecord
    from unlatch.stores.protocols import CredentialStore


@dataclass(slots=True)
class Report:
    """What became of the rows.

    Attributes:
        added: Records that are new in the store (or would be).
        present: Records that were there, of the same user with the same key; nothing of them was changed.
        refused: Why each of the others was left out.
    """

    added: int = 0
    present: int = 0
    refused: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All rows so far."""
        return self.added + self.present + len(self.refused)


def copy(
    rows: Iterable[CredentialRecord | NotImportable],
    store: CredentialStore,
    *,
    dry_run: bool = False,
    progress: Callable[[Report], None] = lambda report: None,  # noqa: ARG005 - whoever wants none, gets none
) -> Report:
    """Add records to a store.

    Args:
        rows: From `unlatch.compat.importing.read`.
        store: Where they go. Bind it to one transaction to have all or nothing.
        dry_run: Only look.
        progress: Called after each row.

    Raises:
        Unavailable: The store did not answer.
    """
    report = Report()
    # An old table need not have had a unique constraint.
    seen: dict[bytes, CredentialRecord] = {}
    for number, row in enumerate(rows, 1):
        if isinstance(row, NotImportable):
            report.refused.append(f"row {number}: {row}")
        else:
            known = seen.get(row.id) or store.get(row.id)
            if known is None:
                seen[row.id] = row
                report.added += 1
                if not dry_run:
                    store.add(row)
            elif (known.user_handle, known.public_key, known.rp_id) == (row.user_handle, row.public_key, row.rp_id):
                report.present += 1
            else:
                report.refused.append(
                    f"row {number}: the credential is there already, of another user or with other data"
                )
        progress(report)
    return report
