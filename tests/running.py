"""Waiting for programs that tests start."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import httpx


def wait_for_answer(url: str, *, process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    """Return as soon as a server answers at `url`, whatever it says.

    Args:
        url: Where to ask.
        process: The server; when it ends before it answers, waiting is over.
        log: What it wrote, for the error.
        seconds: How long to wait. Generous: the machine may be busy.

    Raises:
        RuntimeError: The process ended, or did not answer in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"ended with exit code {process.returncode}:\n{log.read_text(errors='replace')}")
        try:
            httpx.get(url, timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"no answer from {url} in {seconds} s:\n{log.read_text(errors='replace')}")
