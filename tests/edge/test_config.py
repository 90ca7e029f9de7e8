# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The agent's configuration: what loads, and how every mistake is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bezet.errors import CannotStart
from bezet.model import SpaceKind
from bezet.occupancy.room import HEIGHT_M, Room
from edge.config import read_config
from edge.outbox import DEFAULT_MAX_BYTES
from edge.sensors import Polled
from edge.voice import Device

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
[agent]
site = "townhall"
device = "pi-1"
broker = "mqtt://10.0.0.2:1883"
state_folder = "/tmp/bezet"

[[sensor]]
id = "air"
space = "1.04"
driver = "scd4x"
every_s = 2
altitude_m = 3
"""

AGENT = '[agent]\nsite = "a"\ndevice = "b"\n'


def sensor(driver: str, *settings: str, name: str = "x") -> str:
    """A sensor in a configuration."""
    return "\n".join(("[[sensor]]", f'id = "{name}"', 'space = "1"', f'driver = "{driver}"', *settings, ""))


MISTAKES = {
    "no sensor": ('[agent]\nsite = "a"\ndevice = "b"\n', ["agent.toml:1: sensor: is missing"]),
    "a driver that is not there": (
        '[agent]\nsite = "a"\ndevice = "b"\n[[sensor]]\nid = "x"\nspace = "1"\ndriver = "magic"\n',
        ["agent.toml:7: sensor \"x\", driver: 'magic' is not a driver; there are: "],
    ),
    "three at once": (
        '[agent]\nsite = "A b"\ndevise = "b"\n[[sensor]]\nid = "x"\nspace = "1"\ndriver = "magic"\n',
        ["agent.toml:2: agent, site:", "agent.toml:1: agent, device: is missing", "agent.toml:7: "],
    ),
    "a setting the driver has not": (
        '[agent]\nsite = "a"\ndevice = "b"\n[[sensor]]\nid = "x"\nspace = "1"\ndriver = "recorded"\nwarp=9\n',
        ['agent.toml:8: sensor "x", warp: driver recorded has no such setting; it has: bus, columns'],
    ),
    "a driver with a slip of the pen": (
        AGENT + sensor("pirr"),
        ["agent.toml:7: sensor \"x\", driver: 'pirr' is not a driver (did you mean pir?); there are: "],
    ),
    "a key with a slip of the pen": (
        AGENT + sensor("scd4x", "evry_s = 9"),
        ['agent.toml:8: sensor "x", evry_s: driver scd4x has no such setting (did you mean every_s?)'],
    ),
    "settings of another type": (
        AGENT
        + sensor("pir", 'pin = "17"')
        + sensor("scd4x", 'altitude_m = "high"', "self_calibration = 1", name="y")
        + sensor("amg8833", "height_m = true", "address = { hex = 69 }", name="z"),
        [
            'agent.toml:8: sensor "x", pin: needs a whole number, not "17"',
            'agent.toml:13: sensor "y", altitude_m: needs a whole number, not "high"',
            'agent.toml:14: sensor "y", self_calibration: needs true or false, not 1',
            'agent.toml:19: sensor "z", height_m: needs a number, not true',
            'agent.toml:20: sensor "z", address: needs a whole number, not a table',
        ],
    ),
    "numbers that are none": (
        AGENT + sensor("ina219", "shunt_ohm = nan", "current_max_a = 1" + 400 * "0", "on_above_w = inf"),
        ["8: sensor", "shunt_ohm: needs a number, not nan", "current_max_a: needs", "on_above_w: needs"],
    ),
    "a password that is a number": (
        AGENT + sensor("pjlink", 'host = "10.20.0.31"', "password = 1234"),
        ['agent.toml:9: sensor "x", password: needs text, not what stands there'],
    ),
    "what the driver itself does not like, all of it": (
        AGENT + sensor("ld2450", 'port = "/dev/ttyS0"', "baud = 9", "x_min_mm = 5", "x_max_mm = 1"),
        [
            'agent.toml:9: sensor "x", baud: 9: the radar knows',
            'agent.toml:10: sensor "x", x_min_mm: 5: less than x_max_mm = 1 is wanted',
        ],
    ),
    "bus and driver both": (
        AGENT + sensor("scd4x", "i2c = -1", "altitude_m = -5"),
        ["agent.toml:8: ", "altitude_m: -5: the chip knows", "i2c: needs a whole number from 0"],
    ),
    "a bus as a setting": (
        AGENT + sensor("scd4x", 'bus = "i2c"'),
        ['agent.toml:8: sensor "x", bus: driver scd4x has no such setting; it has: altitude_m'],
    ),
    "a pin that another has": (
        AGENT + sensor("pir", "pin = 5") + sensor("door", "pin = 5", name="y"),
        ['agent.toml:13: sensor "y", pin: sensor "x" has pin 5 already'],
    ),
    "a port that another has": (
        AGENT + sensor("ld2410", 'port = "/dev/a"') + sensor("mhz19", 'port = "/dev/a"', name="y"),
        ['agent.toml:13: sensor "y", port: /dev/a: another sensor is on it already'],
    ),
    "a chip that another reads": (
        AGENT + sensor("scd4x") + sensor("scd4x", name="y") + sensor("ina219", name="a") + sensor("ina260"),
        [
            'agent.toml:11: sensor "y", driver: sensor "x" has the scd4x of this bus already',
            'agent.toml:16: sensor "x", address: sensor "a" has address 0x40 already',
        ],
    ),
    "a setting that would do nothing": (
        AGENT + sensor("scd4x", "stands_s = 60") + sensor("pir", "pin = 5", "every_s = 2", name="y"),
        ['sensor "x", stands_s: driver scd4x answers', 'sensor "y", every_s: driver pir speaks by itself'],
    ),
    "brokers that are none": (
        AGENT + 'broker = "http://a"\n' + sensor("shelly", 'topic_prefix = "a"', 'broker = "b"'),
        [
            "agent.toml:4: agent, broker: 'http://a': needs the form mqtt://",
            "sensor \"x\", broker: 'b': needs",
        ],
    ),
    "spaces": (
        AGENT
        + sensor("pir", "pin = 5")
        + '[[space]]\nid = "1"\nkind = "hall"\ncapacity = 0\n'
        + '[[space]]\nid = "1"\nvolume_m3 = 9\narea_m2 = 3\n'
        + '[[space]]\nid = "2"\nchairs = 4\n',
        [
            'agent.toml:11: space "1", kind: needs one of focus, meeting',
            'agent.toml:12: space "1", capacity: needs a whole number from 1 to 1000, not 0',
            'agent.toml:14: space "1", id: "1" stands on line 10 already',
            'agent.toml:16: space "1", area_m2: stands beside volume_m3',
            'agent.toml:18: space "2", id: no sensor here measures space "2"',
            'agent.toml:19: space "2", chairs: is not a key here',
        ],
    ),
    "no TOML": ("[agent\n", ["agent.toml:1: TOML:"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_is_told(tmp_path: Path, mistake: str) -> None:
    """Each mistake is named with file, line and key, all of them in one go."""
    text, expected = MISTAKES[mistake]
    path = tmp_path / "agent.toml"
    path.write_text(text)
    with pytest.raises(CannotStart) as caught:
        read_config(path)

    assert [words for words in expected if words not in str(caught.value)] == []


def test_a_good_file_loads(tmp_path: Path) -> None:
    """What is written is what the agent is told, and what is not written has its default."""
    path = tmp_path / "agent.toml"
    path.write_text(GOOD)
    config = read_config(path)

    assert (config.device, config.broker) == (Device("townhall", "pi-1"), "mqtt://10.0.0.2:1883")
    assert config.outbox_max_bytes == DEFAULT_MAX_BYTES
    assert [(one.id, one.space, one.every_s, one.timeout_s) for one in config.sensors] == [
        ("air", "1.04", 2, 5)
    ]
    assert isinstance(config.sensors[0].driver, Polled)


def test_what_is_said_of_spaces(tmp_path: Path) -> None:
    """A space has what is said of it: its air by its volume, or by its floor; of another nothing is known."""
    path = tmp_path / "agent.toml"
    path.write_text(
        AGENT
        + "".join(sensor("pir", f"pin = {n}", name=f"s{n}").replace('"1"', f'"{n}"') for n in (4, 5, 6))
        + '[[space]]\nid = "4"\nkind = "phone"\ncapacity = 1\narea_m2 = 2.5\n'
        + '[[space]]\nid = "5"\nvolume_m3 = 75\n'
    )

    assert read_config(path).rooms == {
        "4": Room(SpaceKind.PHONE, 1, 2.5 * HEIGHT_M),
        "5": Room(None, None, 75.0),
    }


def test_a_password_is_not_repeated(tmp_path: Path) -> None:
    """What is wrong with a password is told without the password, for logs are read by many."""
    path = tmp_path / "agent.toml"
    path.write_text(AGENT + sensor("pjlink", 'host = "10.20.0.31"', "password = 19283746"))
    with pytest.raises(CannotStart) as caught:
        read_config(path)

    assert "19283746" not in str(caught.value)


def test_two_of_a_kind_share_a_bus(tmp_path: Path) -> None:
    """Other pins, other addresses and other buses are no mistake."""
    path = tmp_path / "agent.toml"
    path.write_text(
        AGENT
        + sensor("pir", "pin = 5")
        + sensor("pir", "pin = 6", name="y")
        + sensor("ina219", "address = 0x41", name="a")
        + sensor("ina219", "address = 0x42", name="b")
        + sensor("scd4x", name="c")
        + sensor("scd4x", "i2c = 3", name="d")
    )

    assert len(read_config(path).sensors) == 6


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file is one clear line."""
    with pytest.raises(CannotStart, match=r"nowhere\.toml: No such file"):
        read_config(tmp_path / "nowhere.toml")


def test_a_name_that_looks_like_a_part_is_refused(tmp_path: Path) -> None:
    """Where `plug` has parts, `plug.1` would be one of them, and its readings could be mixed up."""
    rows = [
        f'[[sensor]]\nid = "{name}"\nspace = "1"\ndriver = "pir"\npin = {pin}\n'
        for name, pin in (("plug", 5), ("plug.1", 6))
    ]
    path = tmp_path / "agent.toml"
    path.write_text('[agent]\nsite = "a"\ndevice = "b"\n' + "".join(rows))
    with pytest.raises(CannotStart, match=r"'plug\.1' would be taken for a part of sensor 'plug'"):
        read_config(path)
