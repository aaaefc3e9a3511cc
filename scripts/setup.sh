#!/bin/sh
# Makes a virtual environment with one set of hashed requirements and this package (editable) in it.
# Usage: scripts/setup.sh server|dev FOLDER [PYTHON VERSION]. When nothing changed, it returns at once.
set -eu
cd "$(dirname "$0")/.."
set_name=$1
venv=$2
version=${3:-}

# The place counts: a virtual environment that was moved has scripts that point to nowhere.
fingerprint() {
    { pwd; cat "requirements/$1.txt" pyproject.toml; } | cksum
}

installed() {
    [ "$(cat "$venv/.installed-$1" 2>/dev/null)" = "$(fingerprint "$1")" ] && "$venv/bin/python" -c "" 2>/dev/null
}

# The dev set holds all of the server set.
if installed "$set_name" || installed dev; then
    exit 0
fi

python=$(scripts/find-python.sh "$version")
if ! "$python" -c "import ensurepip, venv" 2>/dev/null; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if ! scripts/debian.sh "$package"; then
        echo "$python cannot make virtual environments. Install Debian's $package, then try again." >&2
        exit 1
    fi
fi

echo "Setting up $venv with $("$python" -V) and requirements/$set_name.txt (once; a minute or so)"
rm -f "$venv"/.installed-*
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --clear "$venv"
fi
pip="$venv/bin/python -m pip --disable-pip-version-check -qq"
list=requirements/$set_name.txt

with_uv() { # ten times as fast as pip, where the list pins it and the network lets it
    only_uv=$(sed -n '/^uv==/,/[^\\]$/p' "$list")
    [ -n "$only_uv" ] || return 1
    echo "$only_uv" >"$venv/uv.txt"
    $pip install --no-deps --require-hashes -r "$venv/uv.txt" &&
        "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --no-deps --require-hashes -r "$list"
}

# Everything is pinned: there is nothing to resolve, only hashes to check.
with_uv || $pip install --no-deps --require-hashes -r "$list"
$pip install --no-deps --no-build-isolation --editable .
fingerprint "$set_name" >"$venv/.installed-$set_name"
