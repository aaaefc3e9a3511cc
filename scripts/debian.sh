#!/bin/sh
# Installs Debian packages where that is possible without asking: the named ones, or those of requirements/debian.txt.
# Exit code 1, with one line that says why: something is missing and may not be installed.
set -eu
cd "$(dirname "$0")/.."

if [ $# -eq 0 ]; then
    # shellcheck disable=SC2046 # one word a package is what is wanted
    set -- $(sed 's/#.*//' requirements/debian.txt)
fi
command -v dpkg-query >/dev/null 2>&1 || { echo "not installed (this is no Debian): $*" >&2; exit 1; }

missing=""
for package in "$@"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=""
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    sudo=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    sudo="sudo -n"
else
    echo "not installed (no right to): to get them, as root: apt-get install$missing" >&2
    exit 1
fi

echo "Installing Debian packages:$missing"
# shellcheck disable=SC2086 # words on purpose
if $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $missing >/dev/null; then
    exit 0
fi
echo "not installed (apt-get failed):$missing" >&2
exit 1
