"""`make bench`: all rows, with all peers, to a table, a file and a plot; ``python -m bench postgres``: through SQL."""

from __future__ import annotations

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path

from bench import plot
from bench.contenders import contenders
from unlatch.cli.bench import report, run
from unlatch.cli.bench.ceremonies import ROWS

_RESULTS = Path(__file__).parent / "results"
_PEERS = {"py_webauthn": "webauthn", "python-fido2": "fido2"}


def main() -> None:
    """Measure and write down."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rounds", type=int, default=3000, help="how often each ceremony is finished (default 3000)")
    parser.add_argument("--row", action="append", help="only this row; may be given several times")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="folder of the results")
    arguments = parser.parse_args()
    rows = [row for row in ROWS if not arguments.row or row.name in arguments.row]
    results = run.measure(contenders, rounds=arguments.rounds, rows=rows)
    peers = {name: version(package) for name, package in _PEERS.items()}
    value = {"machine": report.machine(), "peers": peers, "rounds": arguments.rounds, "rows": results}
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "ceremonies.json").write_text(json.dumps(value, indent=2) + "\n", "utf-8")
    (arguments.results / "ceremonies.svg").write_text(plot.svg(value), "utf-8")
    print(report.table(results))
    for sentence in report.budgets(results):
        print(sentence)


if __name__ == "__main__":
    if sys.argv[1:2] == ["postgres"]:
        from bench import postgres

        postgres.main(sys.argv[2:])
    else:
        main()
