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
            if finish is not None:
                everybody[name] = finish
    return everybody
