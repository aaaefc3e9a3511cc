#!/bin/sh
# Everything that must hold, one stage after another; a stage that fails does not hide what the next would say.
set -u
cd "$(dirname "$0")/.."

failed=""
stage() {
    name=$1
    shift
    printf '\n== %s\n' "$name"
    "$@" || failed="$failed
  $name"
}

# `coverage run`, not a pytest plugin: our own pytest plugin is imported before any other could start to measure.
measured_tests() {
    rm -f .coverage .coverage.*
    .venv/bin/coverage run -m pytest -n 2 --dist loadgroup -m "not speed"
}

coverage_report() {
    .venv/bin/coverage combine --quiet && .venv/bin/coverage report
}

scripts/setup.sh dev .venv || exit 1
# What is missing after this, the tests name: they skip, or fail where CI=true.
scripts/debian.sh
scripts/node.sh

main=$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
others=""
for version in 3.12 3.13; do
    if [ "$version" != "$main" ] && scripts/find-python.sh "$version" >/dev/null; then
        others="$others $version"
    fi
done
set_up_others() {
    for version in $others; do
        scripts/setup.sh dev ".venv-$version" "$version" || return 1
    done
}
# Beside the tests: it is mostly waiting for a network.
set_up_others &
setting_up=$!

stage "checks" scripts/check.sh
stage "all tests on Python $main" measured_tests
stage "branch coverage of floors 0 to 5" coverage_report
if grep -rqs "mark\.speed" tests; then
    stage "speed on Python $main" .venv/bin/python -m pytest -m speed
fi
# What another Python could break: how values are made and read, the steps, the flows, and one journey through the
# server. The rest (signatures, other people's libraries, database servers, attacks on routes) does not depend on it,
# but for Django, whose newest release is only installed there.
library="tests/test_values.py tests/wire/test_responses.py tests/wire/test_cbor.py tests/wire/test_strict_json.py
    tests/wire/test_cose.py tests/wire/test_options_json.py tests/steps tests/ceremonies tests/test_w3c_vectors.py
    tests/test_faults.py tests/test_record.py tests/test_flows.py tests/test_passkeys.py
    tests/stores/test_contract.py tests/server/test_journeys.py tests/adapters/test_django_door.py
    tests/adapters/test_django_attacks.py"
stage "setup for other Pythons:${others:- none is installed}" wait "$setting_up"
for version in $others; do
    # shellcheck disable=SC2086 # words on purpose
    stage "library tests on Python $version" \
        ".venv-$version/bin/python" -m pytest -q -n 2 --dist loadgroup -m "not browser and not wheel and not speed" \
        $library
done

if [ -n "$failed" ]; then
    printf '\nmake test: FAILED%s\n' "$failed"
    exit 1
fi
printf '\nmake test: all stages passed\n'
