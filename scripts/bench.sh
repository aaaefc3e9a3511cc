#!/bin/sh
# Makes the environments of the benchmarks: `.venv-bench-NAME` for each requirements/bench-NAME.txt, with nothing else
# in it, and what runs on node. When nothing changed, it returns at once. What node would run is left out without node.
set -eu
cd "$(dirname "$0")/.."

python=$(scripts/find-python.sh)
for list in requirements/bench-*.txt; do
    venv=.venv-$(basename "$list" .txt)
    fingerprint=$({ pwd; cat "$list"; } | cksum)
    if [ "$(cat "$venv/.installed" 2>/dev/null)" = "$fingerprint" ] && "$venv/bin/python" -c "" 2>/dev/null; then
        continue
    fi
    echo "Setting up $venv with $list (once)"
    "$python" -m venv --clear "$venv"
    "$venv/bin/python" -m pip --disable-pip-version-check -qq install --no-deps --require-hashes -r "$list"
    echo "$fingerprint" >"$venv/.installed"
done
scripts/node.sh || true
