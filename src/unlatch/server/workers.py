"""Several processes that answer requests on the same sockets: started, watched, and replaced when they die.

SIGTERM and SIGINT end all of them in order, SIGHUP replaces them one after the other.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from unlatch.errors import Misconfigured
from unlatch.server.application import create_application
from unlatch.server.database import Database
from unlatch.server.engines import open_database
from unlatch.server.log import start_logging
from unlatch.server.settings import Settings

#: Seconds in which a process must start, and answer whether it is well.
HEALTH_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Build:
    """Makes the application in the process that runs it; travels there with its settings."""

    settings: Settings

    def __call__(self) -> ASGIApp:
        """The application, with connections of its own."""
        start_logging()
        _end_with_parent()
        database = Database(open_database(self.settings), is_shared=self.settings.workers > 1)
        return create_application(self.settings, database)


class Workers(Multiprocess):
    """The parent of all workers.

    Args:
        config: Uvicorn's, with a `Build` as its application.
        sockets: Bound; all workers listen on them.
        on_ready: Called when every worker answers.
    """

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], *, on_ready: Callable[[], None]) -> None:
        super().__init__(config, sockets)
        self._on_ready = on_ready

    def init_processes(self) -> None:
        """Start them, and wait for them.

        Raises:
            Misconfigured: One does not start; why is on standard error.
        """
        super().init_processes()
        for process in self.processes:
            while not process.wait_until_ready(1):
                self.handle_signals()
                if self.should_exit.is_set():
                    return
                if not process.process.is_alive():
                    self.terminate_all()
                    raise Misconfigured("A worker process did not start; standard error says why.")
        self._on_ready()


def _end_with_parent() -> None:
    """A worker whose parent was killed would keep the port: nobody could start the server again."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
