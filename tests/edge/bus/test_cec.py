# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The program behind the CEC bus: a real one that prints, fails, hangs or is not there."""

from __future__ import annotations

import asyncio
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from bezet.errors import SensorGone
from edge.bus.cec import CecClient, ReplayCec, TapCec
from edge.bus.conversation import Conversation, Strayed, Tape
from edge.sensors.cec import CEC

if TYPE_CHECKING:
    from pathlib import Path

#: Prints its arguments and what cec-ctl prints of a display in standby.
PRINTS = r"""#!/bin/sh
echo "$*" >> "$0.asked"
printf '\nTransmit from Playback Device 1 to TV (4 to 0):\nGIVE_DEVICE_POWER_STATUS (0x8f)\n'
printf '    Received from TV (0):\n    REPORT_POWER_STATUS (0x90):\n\tpwr-state: standby (0x01)\n'
printf '\tSequence: 36 Tx Timestamp: 6535.823s Rx Timestamp: 6535.914s\n'
"""
UNCONFIGURED = "#!/bin/sh\nprintf '\\nAdapter is unconfigured, please configure it first.\\n' >&2\n"
FAILS = "#!/bin/sh\necho 'Failed to open /dev/cec0: Permission denied' >&2\nexit 1\n"
FAILS_IN_SILENCE = "#!/bin/sh\nexit 3\n"
HANGS = '#!/bin/sh\necho $$ > "$0.pid"\nexec sleep 600\n'


def _program(folder: Path, text: str) -> str:
    path = folder / "cec-ctl"
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


async def test_a_program_that_prints(tmp_path: Path) -> None:
    """The driver asks the real program, which gets the device and the question as arguments of its own."""
    program = _program(tmp_path, PRINTS)
    driver = CEC(CecClient("/dev/cec1", program=program))

    await driver.open()
    assert [one.value for one in await driver.read()] == [1]
    asked = "--device /dev/cec1 --skip-info --to 0 --give-device-power-status"
    assert (tmp_path / "cec-ctl.asked").read_text().splitlines() == [asked] * 2


async def test_no_shell_reads_the_arguments(tmp_path: Path) -> None:
    """What would be a command to a shell is an argument like any other."""
    program = _program(tmp_path, PRINTS)

    await CecClient("/dev/cec0; touch here", program=program).run("$(touch here)")
    assert (tmp_path / "cec-ctl.asked").read_text() == "--device /dev/cec0; touch here $(touch here)\n"


async def test_errors_are_printed_too(tmp_path: Path) -> None:
    """What the program prints as an error is part of what it prints: cec-ctl says there what to do."""
    client = CecClient(program=_program(tmp_path, UNCONFIGURED))

    assert "Adapter is unconfigured" in await client.run("--skip-info")
    with pytest.raises(SensorGone, match="cec-ctl --playback"):
        await CEC(client).read()


async def test_a_program_that_fails(tmp_path: Path) -> None:
    """A program that ends with a code means that what it talks to is not there, in its own last words."""
    with pytest.raises(SensorGone, match=r"Failed to open /dev/cec0: Permission denied \(code 1\)"):
        await CecClient(program=_program(tmp_path, FAILS)).run()
    with pytest.raises(SensorGone, match=r"it printed nothing \(code 3\)"):
        await CecClient(program=_program(tmp_path, FAILS_IN_SILENCE)).run()


async def test_a_program_that_is_not_installed() -> None:
    """Where there is no such program, the words name the package that has it."""
    with pytest.raises(SensorGone, match="install v4l-utils"):
        await CecClient(program="cec-ctl-that-is-not-there").run()


async def test_the_program_of_the_package() -> None:
    """The real program says of a device that is not there what the recordings say."""
    if shutil.which("cec-ctl") is None:
        pytest.skip("v4l-utils is not installed")

    with pytest.raises(SensorGone, match="Failed to open /dev/cec-none: No such file or directory"):
        await CecClient("/dev/cec-none").run("--skip-info", "--to", "0", "--give-device-power-status")


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_program_that_hangs_is_killed(tmp_path: Path) -> None:
    """A program that takes too long is killed, and the next question finds nothing of it."""
    client = CecClient(program=_program(tmp_path, HANGS), timeout_s=0.2)

    with pytest.raises(TimeoutError):
        await client.run()
    assert not _is_running(int((tmp_path / "cec-ctl.pid").read_text()))


async def test_a_question_that_is_given_up_kills_the_program(tmp_path: Path) -> None:
    """When the agent gives up first, the program is killed all the same."""
    client = CecClient(program=_program(tmp_path, HANGS))

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await client.run()
    assert not _is_running(int((tmp_path / "cec-ctl.pid").read_text()))


# --- tap and replay ----------------------------------------------------------------------------------------


async def test_what_is_tapped_can_be_played(tmp_path: Path) -> None:
    """What a tap writes down replays to the same words."""
    lines: list[str] = []
    printed = await TapCec(CecClient(program=_program(tmp_path, PRINTS)), Tape(lines.append)).run("--to", "0")

    assert lines[:3] == ["> --to 0", "< ", "< Transmit from Playback Device 1 to TV (4 to 0):"]
    assert await ReplayCec(Conversation(lines)).run("--to", "0") == printed


@pytest.mark.parametrize(
    ("text", "error", "line"), [(FAILS, SensorGone, "! gone"), (HANGS, TimeoutError, "! timeout")]
)
async def test_what_went_wrong_is_tapped(
    tmp_path: Path, text: str, error: type[Exception], line: str
) -> None:
    """What went wrong is written down, and replays to the same error."""
    lines: list[str] = []
    tap = TapCec(CecClient(program=_program(tmp_path, text), timeout_s=0.2), Tape(lines.append))

    with pytest.raises(error):
        await tap.run("--to", "0")
    assert lines == ["> --to 0", line]
    with pytest.raises(error):
        await ReplayCec(Conversation(lines)).run("--to", "0")


async def test_a_code_is_played() -> None:
    """A recorded code is raised as the real program's would be."""
    with pytest.raises(SensorGone, match=r"Failed to open /dev/cec0 \(code 1\)"):
        await ReplayCec(Conversation(["> --to 0", "! 1 Failed to open /dev/cec0"])).run("--to", "0")


async def test_other_arguments_stray() -> None:
    """A driver that asks something else than was recorded strays."""
    with pytest.raises(Strayed):
        await ReplayCec(Conversation(["> --to 0"])).run("--to", "5")


@pytest.mark.parametrize("logical_address", [-1, 15])
def test_addresses_that_can_be_asked(logical_address: int) -> None:
    """There are devices at 0 to 14; 15 is everybody."""
    with pytest.raises(ValueError, match=f"logical_address = {logical_address}"):
        CEC(CecClient(), logical_address=logical_address)
