"""Everybody who can finish a ceremony: ours, the floor, and the peers."""

from __future__ import annotations

from collections.abc import Callable

from unlatch.cli.bench import own
from unlatch.cli.bench.ceremonies import Recorded
from unlatch.terms import CeremonyKind


def contenders(ceremony: Recorded, *, only: str | None = None) -> dict[str, Callable[[], object]]:
    """What to call to finish a ceremony, by name, ours first.

    Args:
        ceremony: What is to be finished.
        only: Leave out those who are not this one where that saves importing them.
    """
    everybody: dict[str, Callable[[], object]] = {own.UNLATCH: own.finish(ceremony)}
    if ceremony.row.kind is CeremonyKind.AUTHENTICATION:
        everybody |= own.floors(ceremony)
    if only not in everybody:
        from bench.peers import PEERS

        for name, peer in PEERS.items():
            finish = peer(ceremony)
            if finish is not None and _accepts(finish):
                everybody[name] = finish
    return everybody


def _accepts(finish: Callable[[], object]) -> bool:
    """Whether a peer accepts the honest ceremony; one that refuses it is left out of the row."""
    try:
        finish()
    except Exception:  # noqa: BLE001 - peers refuse with whatever exception they like
        return False
    return True
