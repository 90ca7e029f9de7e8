# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is put onto a Raspberry Pi fits together, and fits the program that it starts."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from edge.config import DEFAULT_STATE_FOLDER
from tests.conftest import bezet

pytestmark = pytest.mark.slow  # it starts programs

ROOT = Path(__file__).parents[2]
PI = ROOT / "firmware-config" / "pi"
SCRIPTS = ("install.sh", "prepare.sh")
CLOUD_INIT = ("user-data", "meta-data", "network-config")
#: Where Raspberry Pi OS has the first partition of the card.
BOOT = "/boot/firmware"
CONFIG = "/etc/bezet/agent.toml"


def _text(name: str) -> str:
    return (PI / name).read_text(encoding="utf-8")


def _unit() -> dict[str, list[str]]:
    """The settings of the service, each as often as it is there."""
    found: dict[str, list[str]] = {}
    for line in _text("bezet-edge.service").splitlines():
        key, equals, setting = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(setting)
    return found


def _variable(name: str) -> str:
    """What a variable of install.sh is set to."""
    (found,) = re.findall(rf'^{name}="?([^"\n]*)"?$', _text("install.sh"), re.MULTILINE)
    assert isinstance(found, str)
    return found


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True)


# --- the first start ---------------------------------------------------------------------------------------


def test_cloud_init_takes_user_data() -> None:
    """cloud-init itself finds nothing wrong with user-data."""
    if shutil.which("cloud-init") is None:
        pytest.skip("cloud-init is not installed")
    told = _run("cloud-init", "schema", "--config-file", PI / "user-data")

    assert told.returncode == 0, told.stdout + told.stderr


def test_the_first_start_leads_to_the_installation() -> None:
    """cloud-init runs install.sh where prepare.sh puts it, and starts again only where that worked."""
    assert _text("user-data").startswith("#cloud-config\n")
    found = yaml.safe_load(_text("user-data"))

    assert ["sh", f"{BOOT}/bezet/install.sh"] in found["runcmd"]
    assert found["power_state"]["condition"] == f"test -x {_variable('APP')}/bin/bezet"
    assert sorted(found["packages"]) == _variable("PACKAGES").split()


def test_nobody_comes_in_with_a_password() -> None:
    """Nobody has a password on the device, and the key is left to whoever installs it."""
    found = yaml.safe_load(_text("user-data"))

    assert found["ssh_pwauth"] is False
    assert all(user["lock_passwd"] and "passwd" not in user for user in found["users"])
    assert [user["ssh_authorized_keys"] for user in found["users"]] == [["ssh-ed25519 CHANGE-ME"]]


def test_meta_data_names_the_instance() -> None:
    """cloud-init does its work once for each name."""
    assert set(yaml.safe_load(_text("meta-data"))) == {"instance-id"}


def test_the_network_is_netplan() -> None:
    """The network is as netplan has it, with a cable, and with the wireless network that is commented out."""
    wired, _, wireless = _text("network-config").partition("# wifis:")
    both = wired + "wifis:" + wireless.replace("\n# ", "\n")

    assert yaml.safe_load(_text("network-config")) == {
        "version": 2,
        "ethernets": {"eth0": {"dhcp4": True, "optional": True}},
    }
    assert set(yaml.safe_load(both)) == {"version", "ethernets", "wifis"}


# --- the service -------------------------------------------------------------------------------------------


def test_systemd_takes_the_service(tmp_path: Path) -> None:
    """To systemd there is nothing wrong with the service, once its program is there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    unit = tmp_path / "bezet-edge.service"
    unit.write_text(_text(unit.name).replace(f"{_variable('APP')}/bin/bezet", sys.executable))
    told = _run("systemd-analyze", "verify", unit)

    assert told.stdout + told.stderr == ""
    assert told.returncode == 0


def test_the_service_runs_what_is_installed() -> None:
    """The service starts the program that install.sh makes, as its user, with the file that it puts there."""
    unit, script = _unit(), _text("install.sh")
    (command,) = unit["ExecStart"]
    program, *words, config = shlex.split(command)

    assert program == f"{_variable('APP')}/bin/bezet"
    assert config == CONFIG
    assert f'"$here/agent.toml" {CONFIG}' in script
    assert f"--shell /usr/sbin/nologin {unit['User'][0]}" in script
    told = _run(*bezet(*words, "--help"))
    assert told.returncode == 0
    assert "config" in told.stdout


def test_the_service_writes_where_the_agent_does() -> None:
    """The folder that the agent keeps its outbox in is the one that the service may write, and starts in."""
    unit = _unit()

    assert [f"/var/lib/{name}" for name in unit["StateDirectory"]] == [DEFAULT_STATE_FOLDER]
    assert unit["WorkingDirectory"] == [DEFAULT_STATE_FOLDER]
    assert unit["ProtectSystem"] == ["strict"]


def test_the_service_is_watched() -> None:
    """The agent says that it is ready and alive; systemd restarts it, and the Pi restarts systemd."""
    unit = _unit()

    assert (unit["Type"], unit["NotifyAccess"], unit["Restart"]) == (["notify"], ["main"], ["always"])
    assert float(unit["WatchdogSec"][0]) > 0
    (seconds,) = re.findall(r"^RuntimeWatchdogSec=(\d+)$", _text("watchdog.conf"), re.MULTILINE)
    assert 0 < int(seconds) <= 15  # what the timer of the Pi can wait


@pytest.mark.parametrize("device", ["gpiochip", "i2c", "ttyAMA", "ttyS", "ttyUSB", "ttyACM", "cec"])
def test_the_service_reaches_the_sensors(device: str) -> None:
    """What sensors hang on is let through; all other devices are not."""
    unit = _unit()

    assert f"char-{device} rw" in unit["DeviceAllow"]
    assert unit["DevicePolicy"] == ["closed"]
    assert "PrivateDevices" not in unit


def test_the_user_of_the_service_may_use_the_sensors() -> None:
    """Devices belong to groups, and the agent's user is in them."""
    assert _variable("DEVICE_GROUPS").split() == ["gpio", "i2c", "dialout", "video"]


def test_a_person_does_as_the_agent_does() -> None:
    """What is typed before one leaves are commands that there are, as the agent's user and in its folder."""
    unit = _unit()
    lines = re.findall(r"^(sudo .*) bezet edge ([a-z-]+)", _text("README.md"), re.MULTILINE)

    assert [command for _, command in lines] == ["check", "watch", "walk-test"]
    assert {sudo for sudo, _ in lines} == {
        f"sudo -u {unit['User'][0]} env -C {unit['WorkingDirectory'][0]}",
    }
    assert [command for _, command in lines if _run(*bezet("edge", command, "--help")).returncode] == []


# --- the scripts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_scripts(name: str) -> None:
    """Any shell can read the scripts."""
    told = _run("sh", "-n", PI / name)

    assert told.stderr == ""


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_clean(name: str) -> None:
    """To shellcheck there is nothing wrong with the scripts."""
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed")
    told = _run("shellcheck", PI / name)

    assert told.stdout == ""


def test_nothing_is_fetched_from_elsewhere() -> None:
    """No file names a place in the internet: packages come from where the system has them from."""
    names = [path.name for path in PI.iterdir() if "://" in path.read_text(encoding="utf-8")]

    assert [name for name in names if name != "agent.toml"] == []  # which has the broker's


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that prepare.sh makes."""
    folder = tmp_path_factory.mktemp("bootfs")
    told = subprocess.run(
        ["sh", PI / "prepare.sh", folder],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHON": sys.executable},
    )
    assert told.returncode == 0, told.stderr
    return folder / "bezet"


def test_the_card_has_what_the_installation_needs(card: Path) -> None:
    """prepare.sh puts there all that install.sh asks for, and everything in this folder that it should."""
    (asked,) = re.findall(r"^for part in (.*); do$", _text("install.sh"), re.MULTILINE)
    (wheel,) = card.glob("bezet-*.whl")

    assert {path.name for path in card.iterdir()} == {*asked.split(), "install.sh", wheel.name}
    ours = {path.name for path in PI.iterdir()} - {"README.md", "prepare.sh", *CLOUD_INIT}
    assert ours <= {path.name for path in card.iterdir()}


def test_the_card_has_the_program(card: Path) -> None:
    """The wheel on the card has the command that the service starts, and the agent's every driver."""
    (wheel,) = card.glob("bezet-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        (points,) = (name for name in names if name.endswith("entry_points.txt"))
        announced = packed.read(points).decode()

    assert "bezet = bezet.cli:main" in announced
    assert "edge = edge.commands:edge" in announced
    assert {f"edge/sensors/{path.name}" for path in (ROOT / "edge" / "sensors").glob("*.py")} <= names


def test_a_configuration_on_the_card_stays(card: Path) -> None:
    """Whoever prepares a card again keeps what was written there, and has one program on it."""
    mine = "# mine\n"
    before = (card / "agent.toml").read_text()
    (card / "agent.toml").write_text(mine)
    told = subprocess.run(
        ["sh", PI / "prepare.sh", card.parent],
        check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHON": sys.executable},
    )
    kept = (card / "agent.toml").read_text()
    (card / "agent.toml").write_text(before)

    assert told.returncode == 0
    assert kept == mine
    assert len(list(card.glob("bezet-*.whl"))) == 1


def test_an_unfinished_card_is_refused(tmp_path: Path) -> None:
    """install.sh touches nothing where a part of it is missing, and says which."""
    shutil.copy(PI / "install.sh", tmp_path)
    told = _run("sh", tmp_path / "install.sh")

    assert told.returncode == 1
    assert told.stdout == ""
    assert "has no agent.toml; make this folder with prepare.sh" in told.stderr


def test_the_program_is_not_prepared_over() -> None:
    """prepare.sh writes nothing into the program's own folder, though it makes one of that name."""
    told = _run("sh", PI / "prepare.sh", ROOT)

    assert told.returncode == 2
    assert "is the program itself" in told.stderr
    assert not list((ROOT / "bezet").glob("*.whl"))


def test_a_place_for_the_card_is_wanted(tmp_path: Path) -> None:
    """prepare.sh makes no card where there is none."""
    told = _run("sh", PI / "prepare.sh", tmp_path / "not-there")

    assert told.returncode == 2
    assert "usage: " in told.stderr
    assert not (tmp_path / "not-there").exists()
