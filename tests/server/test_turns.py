"""Processes that write to one SQLite file take turns, and nobody waits for ever."""

import asyncio
import subprocess
import sys
from contextlib import contextmanager

import pytest

from unlatch.errors import Unavailable
from unlatch.server.database import Database
from unlatch.server.engines import open_database
from unlatch.server.settings import Settings
from unlatch.server.turns import Turns

PATIENCE = 60
HOLD = "turns.take(60) and print('mine', flush=True); sys.stdin.read()"
# Takes turn after turn, and counts them by the length of a file.
GREEDY = """
def more():
    for count in range(1, 1_000_000):
        turns.take(60)
        with open(sys.argv[2], "ab") as counted:
            counted.write(b".")
        if count == 50:
            print("mine", flush=True)
        time.sleep(0.002)
        turns.leave()
threading.Thread(target=more, daemon=True).start()
sys.stdin.read()
"""


@contextmanager
def another_process(code, *arguments):
    """It has the turn, or has had it; ends with the block, by kill."""
    start = "import sys, threading, time; from unlatch.server.turns import Turns; turns = Turns(sys.argv[1])\n"
    command = [sys.executable, "-c", start + code, *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "mine\n"
            yield process
        finally:
            process.kill()


def test_who_waits_comes_next_however_often_another_one_comes_back(tmp_path):
    turns, count = Turns(tmp_path / "file"), tmp_path / "count"
    with another_process(GREEDY, tmp_path / "file", count):
        for _ in range(10):
            before = count.stat().st_size
            assert turns.take(PATIENCE)
            after = count.stat().st_size
            turns.leave()
            assert after - before <= 3


def test_a_turn_that_never_comes_is_a_503_and_one_whose_holder_dies_is_free(tmp_path, monkeypatch):
    engine = open_database(Settings(data=tmp_path))
    database = Database(engine, is_shared=True)
    file = engine.url.database
    with another_process(HOLD, file):
        monkeypatch.setattr("unlatch.server.writers.TURN_SECONDS", 0.2)
        for _ in range(2):
            with pytest.raises(Unavailable):
                asyncio.run(database.write(lambda connection: 1))
        monkeypatch.setattr("unlatch.server.writers.TURN_SECONDS", PATIENCE)
    # It was still queueing for what it had given up: that does not keep the turn from others.
    with another_process(HOLD, file):
        pass
    assert asyncio.run(database.write(lambda connection: 1)) == 1
    database.close()
