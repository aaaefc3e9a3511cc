"""Several processes of one server end together, however they are ended.

That one which dies is replaced is in `ops/test_metrics.py`.
"""

import signal
import socket
import time
from pathlib import Path

from live_server import PATIENCE, LiveServer


def workers_of(server):
    """The processes that answer requests; Python starts another one beside them, to clean up."""
    parent = server.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return {int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()}


def gone(processes):
    """Wait until none of them runs any more."""
    deadline = time.monotonic() + PATIENCE
    while any(Path(f"/proc/{process}/exe").exists() for process in processes):
        assert time.monotonic() < deadline, f"{processes} go on"
        time.sleep(0.05)
    return True


def test_workers_end_with_their_server(tmp_path):
    with LiveServer(tmp_path / "data", "--workers", "2") as server:
        first = workers_of(server)
        assert len(first) == 2

        # Asked to stop: each of them in order, and none is left.
        assert server.stop(signal.SIGTERM) == 0
        assert gone(first)
        assert "Traceback" not in server.log.read_text()

        # Killed: nobody could tell them, and nobody but they holds the port now.
        server.start(port=server.port)
        second = workers_of(server)
        server.kill()
        assert gone(second)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", server.port))
