#!/bin/sh
# Installs what the tests run on node: tests/interop/node, exactly the locked versions. When nothing changed, it returns
# at once. Exit code 1, with one line that says why: there is no node (20 or newer), or no npm.
set -eu
cd "$(dirname "$0")/../tests/interop/node"

major=$(node --version 2>/dev/null | sed 's/^v//; s/\..*//')
if [ "${major:-0}" -lt 20 ] || ! command -v npm >/dev/null 2>&1; then
    echo "not installed (needs node 20 or newer, and npm): what tests/interop runs on node" >&2
    exit 1
fi

fingerprint=$(cat package.json package-lock.json .npmrc | cksum)
if [ "$(cat node_modules/.installed 2>/dev/null)" = "$fingerprint" ]; then
    exit 0
fi
echo "Installing node packages for tests/interop (once)"
npm ci --silent --ignore-scripts
echo "$fingerprint" >node_modules/.installed
