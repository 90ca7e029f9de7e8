#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
#
# Puts what a Raspberry Pi needs into the folder `bezet` at the given place, such as the boot partition of a card.
# Run it on your own computer, after `make check` has made the environment. What is there is replaced, but for
# agent.toml.
#
#     sh firmware-config/pi/prepare.sh /media/you/bootfs
set -eu

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
    echo "usage: sh $0 FOLDER-THAT-IS-THERE" >&2
    exit 2
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$here/../..
to=$1/bezet
if [ -e "$to/__init__.py" ]; then
    echo "$to is the program itself: name a folder outside of it" >&2
    exit 2
fi

mkdir -p "$to"
rm -f "$to"/bezet-*.whl
"${PYTHON:-$root/.venv/bin/python}" -m pip wheel --quiet --disable-pip-version-check --no-deps \
    --no-build-isolation --wheel-dir "$to" "$root"
cp "$root/requirements/edge.lock" "$here/install.sh" "$here/bezet-edge.service" "$here/watchdog.conf" \
    "$here/ping.conf" "$to"
[ -e "$to/agent.toml" ] || cp "$here/agent.toml" "$to"
echo "$to is ready; write agent.toml there as this device is."
