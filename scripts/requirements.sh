#!/bin/sh
# Compiles requirements/*.txt: every version pinned, every file hashed, no address of a registry.
# Keeps the pins that stand; `scripts/requirements.sh --upgrade` takes the newest of everything.
set -eu
cd "$(dirname "$0")/.."

compile() {
    target=$1
    shift
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --output-file "$target" "$@" >/dev/null
    echo "$target: $(grep -c '==' "$target") packages"
}

compile requirements/server.txt pyproject.toml --extra server requirements/build.in "$@"
# The tests run what the server runs: the same pins, and more.
compile requirements/dev.txt pyproject.toml --extra server requirements/build.in requirements/dev.in \
    --constraint requirements/server.txt "$@"
compile requirements/mutants.txt pyproject.toml --extra server requirements/build.in requirements/dev.in \
    requirements/mutants.in --constraint requirements/dev.txt "$@"
# Environments of the benchmarks: each with one peer and nothing else, and the same `cryptography` as ours.
for list in requirements/bench-*.in; do
    compile "${list%.in}.txt" "$list" --constraint requirements/dev.txt "$@"
done
