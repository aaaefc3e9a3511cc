"""Turns of several processes at one SQLite file.

SQLite lets one process write at a time and has the others ask again and again, with longer and longer pauses: whoever
waits is overtaken by those who come later, and sleeps while nobody writes. Here the processes of one server queue at a
lock of the operating system instead, which wakes the next one at once, and is free again when its holder dies.

The lock says only whose turn it is. That one transaction writes at a time is still SQLite's own doing, so somebody who
does not queue (a backup, a command) disturbs nothing but the order.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows, where SQLite's own waiting has to do
    fcntl = None  # type: ignore[assignment]  # not a module there

#: Appended to the name of the database file: an empty file to queue at.
SUFFIX: Final = "-turns"

# Two bytes of the file are locked. Who has the turn holds _AT_WORK; the next in line holds _NEXT while it waits for
# that. So who has just finished and comes again has to wait behind the next one.
_NEXT, _AT_WORK = 0, 1


class Turns:
    """The queue of one process, for one thread of it.

    Args:
        database: The SQLite file, in a folder that can be written.
    """

    def __init__(self, database: Path) -> None:
        self._file = os.open(f"{database}{SUFFIX}", os.O_RDWR | os.O_CREAT, mode=0o600)
        self._change = threading.Condition()
        # What follows is changed under `_change`: whether the other thread queues, and what for.
        self._queues = False
        self._wanted = False
        self._mine = False
        threading.Thread(target=self._queue, name="turns", daemon=True).start()

    def take(self, seconds: float) -> bool:
        """Wait for the turn; False when it did not come within so many seconds."""
        with self._change:
            if not self._queues and self._at_once():
                return True
            # A lock of the system is waited for without a limit, so another thread does it.
            self._queues = self._wanted = True
            self._change.notify_all()
            self._change.wait_for(lambda: self._mine, seconds)
            had, self._mine, self._wanted = self._mine, False, False
            return had

    def leave(self) -> None:
        """Let the next one have the turn."""
        self._unlock(_AT_WORK)

    def _at_once(self) -> bool:
        """Take the turn if nobody has it and nobody waits for it."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _NEXT)
        except OSError:
            return False
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _AT_WORK)
        except OSError:
            return False
        else:
            return True
        finally:
            self._unlock(_NEXT)

    def _queue(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._queues)
            # A system that fails to lock the file lets all of them in: SQLite's own lock is left.
            with suppress(OSError):
                fcntl.lockf(self._file, fcntl.LOCK_EX, 1, _NEXT)
                fcntl.lockf(self._file, fcntl.LOCK_EX, 1, _AT_WORK)
            self._unlock(_NEXT)
            with self._change:
                self._queues = False
                if self._wanted:
                    self._mine = True
                    self._change.notify_all()
                else:  # it came too late for whoever wanted it
                    self.leave()

    def _unlock(self, place: int) -> None:
        with suppress(OSError):
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)


def turns_at(database: Path) -> Turns | None:
    """The queue at a file; None where the system has no such locks, and SQLite's own waiting has to do."""
    return None if fcntl is None else Turns(database)
