#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
#
# Installs the agent on Raspberry Pi OS (64 bit, Bookworm or Trixie), or brings it up to date. It needs beside it
# what prepare.sh puts there, and may be run as often as one likes. A configuration that is there already stays.
#
#     sudo sh /boot/firmware/bezet/install.sh
set -eu

PACKAGES="i2c-tools python3-lgpio python3-venv v4l-utils"
# Who may use pins, I2C, serial ports and CEC, each where this system has such a group.
DEVICE_GROUPS="gpio i2c dialout video"
APP=/opt/bezet

fail() {
    echo "bezet: $1" >&2
    exit 1
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
for part in agent.toml bezet-edge.service edge.lock ping.conf watchdog.conf; do
    [ -e "$here/$part" ] || fail "$here has no $part; make this folder with prepare.sh"
done
set -- "$here"/bezet-*.whl
wheel=$1
if [ $# -ne 1 ] || [ ! -e "$wheel" ]; then
    fail "$here needs one bezet-*.whl; make this folder with prepare.sh"
fi
[ "$(id -u)" -eq 0 ] || fail "run it as root: sudo sh $0"
[ "$(getconf LONG_BIT)" -eq 64 ] || fail "this needs the 64-bit Raspberry Pi OS"

echo "Packages"
missing=""
for package in $PACKAGES; do
    dpkg-query --show --showformat='${db:Status-Status}' "$package" 2> /dev/null | grep -qx installed \
        || missing="$missing $package"
done
if [ -n "$missing" ]; then
    apt-get update -q
    # shellcheck disable=SC2086  # several words are meant
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
fi

echo "The user bezet"
getent passwd bezet > /dev/null \
    || useradd --system --user-group --home-dir /var/lib/bezet --no-create-home --shell /usr/sbin/nologin bezet
for group in $DEVICE_GROUPS; do
    if getent group "$group" > /dev/null; then
        usermod --append --groups "$group" bezet
    fi
done

echo "I2C and the serial port"
if command -v raspi-config > /dev/null; then
    raspi-config nonint do_i2c 0         # 0 switches on
    raspi-config nonint do_serial_hw 0
    raspi-config nonint do_serial_cons 1 # the console would talk to the sensor
else
    echo "There is no raspi-config here: switch I2C and the serial port on by hand." >&2
fi

echo "The program, in $APP"
# Another Python than it was made with, after an upgrade of the system: make it anew.
"$APP/bin/python" -c 'import pip' 2> /dev/null || rm -rf "$APP"
[ -d "$APP" ] || python3 -m venv --system-site-packages "$APP"
# Exactly the versions of the lock, and nothing that would have to be compiled here.
"$APP/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
    --require-hashes --requirement "$here/edge.lock"
"$APP/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall "$wheel"
ln -sf "$APP/bin/bezet" /usr/local/bin/bezet

echo "The configuration, in /etc/bezet"
install -d -m 750 -g bezet /etc/bezet
[ -e /etc/bezet/agent.toml ] || install -m 640 -g bezet "$here/agent.toml" /etc/bezet/agent.toml

echo "The service bezet-edge"
install -D -m 644 "$here/bezet-edge.service" /etc/systemd/system/bezet-edge.service
install -D -m 644 "$here/watchdog.conf" /etc/systemd/system.conf.d/bezet.conf
install -D -m 644 "$here/ping.conf" /etc/sysctl.d/60-bezet.conf
systemctl enable --quiet bezet-edge.service
if [ -d /run/systemd/system ]; then
    sysctl --quiet --load /etc/sysctl.d/60-bezet.conf
    systemctl daemon-reload
    systemctl restart --no-block bezet-edge.service
fi

echo "Done. After a first installation start the device again: sudo reboot"
