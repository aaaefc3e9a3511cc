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
stage "checks" scripts/check.sh
stage "all tests on Python $main" measured_tests
stage "branch coverage of floors 0 to 5" coverage_report
if grep -rqs "mark\.speed" tests; then
    stage "speed on Python $main" .venv/bin/python -m pytest -m speed
fi
for version in 3.12 3.13; do
    if [ "$version" != "$main" ] && scripts/find-python.sh "$version" >/dev/null; then
        stage "setup for Python $version" scripts/setup.sh dev ".venv-$version" "$version"
        stage "library tests on Python $version" \
            ".venv-$version/bin/python" -m pytest -q -n 2 --dist loadgroup -m "not browser and not wheel and not speed"
    fi
done

if [ -n "$failed" ]; then
    printf '\nmake test: FAILED%s\n' "$failed"
    exit 1
fi
printf '\nmake test: all stages passed\n'
