# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""PJLink against a projector that follows the specification, and against ones that do not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bezet.errors import BadFrame, SensorError, SensorGone, SensorNotReady
from edge.bus.tcp import RemotePort
from edge.sensors.pjlink import PJLink
from tests.conftest import free_port
from tests.edge.sensors.pjlink_server import Projector, serving

if TYPE_CHECKING:
    from pathlib import Path

#: The password of the example in the specification.
PASSWORD = "JBMIAProjectorLink"


def _driver(projector: Projector, password: str = "") -> PJLink:
    return PJLink(RemotePort("127.0.0.1", projector.port), password=password)


async def _read(projector: Projector, password: str = "") -> float:
    async with serving(projector):
        driver = _driver(projector, password)
        await driver.open()
        (measured,) = await driver.read()
    return measured.value


@pytest.mark.parametrize(
    ("power", "resolution", "av_state"),
    [
        ("0", "-", 1),
        ("1", "-", 2),
        ("1", "1920x1080", 3),
        ("1", "*", 3),
        ("2", "1920x1080", 1),
        ("3", "-", 2),
    ],
)
async def test_states(power: str, resolution: str, av_state: float) -> None:
    """It is in use while it is on and a signal comes in; cooling it is off already, warming up it is on."""
    assert await _read(Projector(power=power, resolution=resolution)) == av_state


async def test_right_password() -> None:
    """Whoever has the password is let in, by its digest only."""
    projector = Projector(power="1", password=PASSWORD)

    assert await _read(projector, PASSWORD) == 2
    assert PASSWORD not in "".join(projector.heard)


@pytest.mark.parametrize("password", ["", "wrong"])
async def test_wrong_password(password: str) -> None:
    """Whoever has not is told which setting to look at, and no password is printed."""
    with pytest.raises(SensorError, match="settings password and password_file") as caught:
        await _read(Projector(password=PASSWORD), password)

    assert not isinstance(caught.value, SensorGone)
    assert PASSWORD not in str(caught.value)
    assert "wrong" not in str(caught.value)


async def test_password_that_nobody_asks_for() -> None:
    """A device without a password does not mind that one is set."""
    assert await _read(Projector(power="1"), PASSWORD) == 2


async def test_password_from_a_file(tmp_path: Path) -> None:
    """The password may stand in a file of its own, with a line end behind it."""
    path = tmp_path / "projector-password"
    path.write_text(f"{PASSWORD}\n")
    async with serving(Projector(power="1", password=PASSWORD)) as projector:
        driver = PJLink(RemotePort("127.0.0.1", projector.port), password_file=str(path))

        assert [one.value for one in await driver.read()] == [2]


def test_password_file_that_is_not_there(tmp_path: Path) -> None:
    """A password file that cannot be read, or is empty, is a mistake in the configuration."""
    empty = tmp_path / "empty"
    empty.touch()

    for path in (tmp_path / "absent", empty):
        with pytest.raises(ValueError, match="password_file = "):
            PJLink(RemotePort("127.0.0.1"), password_file=str(path))


def test_two_passwords(tmp_path: Path) -> None:
    """One password is enough."""
    with pytest.raises(ValueError, match="password_file: either this or password"):
        PJLink(RemotePort("127.0.0.1"), password="x", password_file=str(tmp_path))


async def test_class_1() -> None:
    """A device of class 1 does not know what comes in, and is not asked."""
    projector = Projector(pjlink_class=1, power="1", resolution="1920x1080")

    assert await _read(projector) == 2
    assert projector.heard == ["%1POWR ?", "%1CLSS ?"]


async def test_standby_is_asked_nothing_more() -> None:
    """In standby one question is enough: many answer ERR3 to any other."""
    projector = Projector(power="0")

    assert await _read(projector) == 1
    assert projector.heard == ["%1POWR ?"]


@pytest.mark.parametrize("command", ["CLSS", "IRES"])
@pytest.mark.parametrize("error", ["ERR1", "ERR2", "ERR3"])
async def test_a_signal_that_cannot_be_told(command: str, error: str) -> None:
    """Where it is not known whether a signal comes in, the device is on."""
    assert await _read(Projector(power="1", answers={command: error})) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("ERR1", BadFrame),
        ("ERR2", BadFrame),
        ("ERR3", SensorNotReady),
        ("ERR4", SensorError),
        ("err4", SensorError),
        ("7", BadFrame),
        ("", TimeoutError),
    ],
)
async def test_errors_of_the_device(answer: str, error: type[Exception]) -> None:
    """An unavailable time is no fault, a failure is one; what is not specified is a bad frame."""
    async with serving(Projector(answers={"POWR": answer})) as projector:
        with pytest.raises(error):
            async with asyncio.timeout(0.2):
                await _driver(projector).read()


async def test_connection_refused() -> None:
    """A device that refuses the connection is gone, and the message names its address."""
    with pytest.raises(SensorGone, match=r"127\.0\.0\.1"):
        await PJLink(RemotePort("127.0.0.1", free_port())).read()


async def test_name_that_is_not_known() -> None:
    """A name that leads nowhere is a device that is gone."""
    with pytest.raises(SensorGone):
        await PJLink(RemotePort("projector.invalid")).read()


@pytest.mark.parametrize(
    "greeting",
    [
        b"SSH-2.0-OpenSSH_9.2p1\r\n",
        b"\r",
        b"PJLINK\r",
        b"\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\r",
        b"x" * 70_000,
    ],
    ids=["another service", "nothing", "too short", "not text", "endless"],
)
async def test_garbage(greeting: bytes) -> None:
    """Whoever greets otherwise does not speak PJLink."""
    with pytest.raises(BadFrame):
        await _read(Projector(greeting=greeting))


@pytest.mark.parametrize("answer", ["", "1", "1POWR", "%1POWR", "%1POWR 1", "%2POWR=1", "%1INPT=11"])
async def test_half_answers(answer: str) -> None:
    """An answer that is cut short, or to something else, is a bad frame."""
    with pytest.raises(BadFrame):
        await _read(Projector(greeting=b"PJLINK 0\r" + answer.encode() + b"\r"))


async def test_greeting_without_an_end() -> None:
    """A device that hangs up in the middle of its greeting is gone."""
    with pytest.raises(SensorGone):
        await _read(Projector(greeting=b"PJLINK 0", hangs_up_after=0))


async def test_hangs_up_in_the_middle() -> None:
    """A device that hangs up between two questions is gone."""
    with pytest.raises(SensorGone):
        await _read(Projector(power="1", hangs_up_after=1))


async def test_someone_else_is_connected() -> None:
    """A device with room for one client hangs up on the next, and answers again when that one is gone."""
    async with serving(Projector(power="1")) as projector:
        reader, other = await asyncio.open_connection("127.0.0.1", projector.port)
        try:
            await reader.readuntil(b"\r")
            with pytest.raises(SensorGone, match="somebody else may hold it"):
                await _driver(projector).read()
        finally:
            other.close()
        await asyncio.gather(*projector.clients)
        assert [one.value for one in await _driver(projector).read()] == [2]


async def test_connection_is_let_go() -> None:
    """Between two questions the connection is free for others."""
    async with serving(Projector(power="1")) as projector:
        driver = _driver(projector)
        for _ in range(5):
            assert [one.value for one in await driver.read()] == [2]
            await asyncio.gather(*projector.clients)
            assert not projector.clients


async def test_never_answers() -> None:
    """The agent's time-out ends a question that is never answered, and the next one is answered again."""
    async with serving(Projector(power="1", answers={"POWR": ""})) as projector:
        driver = _driver(projector)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await driver.read()
        projector.answers.clear()
        await asyncio.gather(*projector.clients)
        assert [one.value for one in await driver.read()] == [2]


async def test_switched_off_and_on_at_the_mains() -> None:
    """A device that is gone and back is read again without more ado."""
    projector = Projector(power="1")
    async with serving(projector):
        driver = _driver(projector)
        await driver.read()
    with pytest.raises(SensorGone):
        await driver.read()
    async with serving(projector):
        assert [one.value for one in await driver.read()] == [2]
