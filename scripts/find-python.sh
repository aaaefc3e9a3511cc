#!/bin/sh
# Prints the path of a Python that is new enough, the oldest supported one first.
# With a version (3.12) as argument: exactly that one. Exit code 1: there is none.
set -eu

check='import sys
wanted = sys.argv[1]
if sys.version_info < (3, 11) or (wanted and "%d.%d" % sys.version_info[:2] != wanted):
    sys.exit(1)
print(sys.executable)'

wanted=${1:-}
pyenv=${PYENV_ROOT:-${HOME:-}/.pyenv}/versions
for version in ${wanted:-3.11 3.12 3.13}; do
    # A pyenv shim may stand on PATH for a version that is not switched on; the version itself stands in its folder.
    for candidate in "python$version" "$pyenv/$version".*/bin/"python$version"; do
        "$candidate" -c "$check" "$wanted" 2>/dev/null && exit 0
    done
done
for candidate in python3 python; do
    "$candidate" -c "$check" "$wanted" 2>/dev/null && exit 0
done
if [ -z "$wanted" ]; then
    echo "unlatch needs Python 3.11 or newer, and none is installed here (looked for python3.11 to 3.13, python3)." >&2
fi
exit 1
