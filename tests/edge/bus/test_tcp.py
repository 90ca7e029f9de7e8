# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A port, its replay and its tap, by real connections on this computer."""

from __future__ import annotations

import asyncio
import errno
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.errors import SensorGone
from edge.bus.conversation import Conversation, Played, Strayed, Tape
from edge.bus.tcp import RemotePort, ReplayPort, TapPort, became, escape, unescape
from edge.cases import Case, play
from tests.conftest import free_port
from tests.edge.bus.full_port import full_port
from tests.edge.sensors.pjlink_server import Projector, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from edge.bus import TCP

ASKED = [r"= open", r"< hello\r", r"> who\r", r"< me\r"]


@asynccontextmanager
async def connected(bus: TCP) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to where the bus leads."""
    reader, writer = await asyncio.open_connection(*await bus.place())
    try:
        yield reader, writer
    finally:
        writer.close()


async def ask(bus: TCP, *questions: bytes) -> list[bytes]:
    """What is said first, and after each question; nothing after the device hung up."""
    heard = []
    async with connected(bus) as (reader, writer):
        for question in (b"", *questions):
            writer.write(question)
            try:
                heard.append(await reader.readuntil(b"\r"))
            except asyncio.IncompleteReadError:
                heard.append(b"")
    return heard


@pytest.mark.parametrize("host", ["", " ", "host "])
def test_host_is_wanted(host: str) -> None:
    """A port without a host is a mistake in the configuration."""
    with pytest.raises(ValueError, match="host = "):
        RemotePort(host)


@pytest.mark.parametrize("tcp_port", [-1, 65_536])
def test_ports_there_are(tcp_port: int) -> None:
    """There are ports 1 to 65535, and 0 is the driver's usual one."""
    with pytest.raises(ValueError, match=f"tcp_port = {tcp_port}"):
        RemotePort("host", tcp_port)


async def test_a_port_leads_where_it_was_told() -> None:
    """The real bus says where to connect to, and needs no closing."""
    bus = RemotePort("projector", 4352)

    assert await bus.place() == ("projector", 4352)
    await bus.close()


@given(st.binary())
def test_bytes_are_written_and_read_again(said: bytes) -> None:
    """Any bytes are one line of text that can be printed, and come back the same."""
    line = escape(said)

    assert line.isascii()
    assert line.isprintable()
    assert unescape(line) == said


# --- replay ------------------------------------------------------------------------------------------------


async def test_a_conversation_is_played() -> None:
    """What was recorded is heard after what was recorded is said, connection by connection."""
    conversation = Conversation([*ASKED, *ASKED])
    bus = ReplayPort(conversation)

    assert await ask(bus, b"who\r") == [b"hello\r", b"me\r"]
    assert await ask(bus, b"who\r") == [b"hello\r", b"me\r"]
    await bus.close()
    assert conversation.left == []
    with pytest.raises(Played):
        await bus.place()


async def test_a_refusal_is_played() -> None:
    """A device that was gone refuses a real connection, each time."""
    bus = ReplayPort(Conversation(["= refused", "= refused", *ASKED]))

    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            await ask(bus)
    assert await ask(bus, b"who\r") == [b"hello\r", b"me\r"]
    await bus.close()


async def test_faults_in_place_of_a_connection() -> None:
    """No answer and no network are what the driver meets when it connects."""
    bus = ReplayPort(Conversation(["= timeout", "= no-network"]))

    with pytest.raises(TimeoutError):
        await bus.place()
    with pytest.raises(OSError, match="unreachable"):
        await bus.place()


async def test_a_device_hangs_up() -> None:
    """In the middle of a conversation the other end may hang up."""
    bus = ReplayPort(Conversation([*ASKED[:3], "! gone"]))

    assert await ask(bus, b"who\r") == [b"hello\r", b""]
    await bus.close()


async def test_silence_uses_up_the_time() -> None:
    """A recorded silence ends the time that the driver has, without waiting for it."""
    bus = ReplayPort(Conversation([*ASKED[:3], "! timeout"]))

    async def turn() -> None:
        async with asyncio.timeout(None) as limit:
            bus.allow(limit)
            await ask(bus, b"who\r")

    with pytest.raises(TimeoutError):
        await turn()
    await bus.close()


@pytest.mark.parametrize("said", [b"where\r", b"wha", b"whoever\r", b"WHO\r"])
async def test_other_words_stray(said: bytes) -> None:
    """A driver that says something else is hung up on, and what strayed is raised when the bus is closed."""
    bus = ReplayPort(Conversation(ASKED))

    assert await ask(bus, said) == [b"hello\r", b""]
    with pytest.raises(Strayed, match="recorded '> who"):
        await bus.close()
    await bus.close()


async def test_what_strayed_is_told_at_the_next_connection() -> None:
    """A driver that goes on after it strayed is stopped."""
    bus = ReplayPort(Conversation([*ASKED, *ASKED]))

    await ask(bus, b"where\r")
    with pytest.raises(Strayed, match="but the driver said '> wher"):
        await bus.place()
    await bus.close()


async def test_hanging_up_early_strays() -> None:
    """A driver that hangs up before it has said all that was recorded strays."""
    bus = ReplayPort(Conversation(ASKED))

    assert await ask(bus) == [b"hello\r"]
    with pytest.raises(Strayed, match="recorded '> who"):
        await bus.close()


async def test_saying_more_strays() -> None:
    """A driver that says more than was recorded strays."""
    bus = ReplayPort(Conversation(ASKED))

    assert await ask(bus, b"who\r", b"why\r") == [b"hello\r", b"me\r", b""]
    with pytest.raises(Strayed, match="more than recorded"):
        await bus.close()


async def test_a_connection_that_was_not_recorded_strays() -> None:
    """A driver that connects once more, where a question was recorded, strays."""
    bus = ReplayPort(Conversation(ASKED))

    async with connected(bus) as (reader, _):
        await reader.readuntil(b"\r")
        with pytest.raises(Strayed, match="waited for '='"):
            await bus.place()
    with pytest.raises(Strayed):
        await bus.close()


@pytest.mark.parametrize(
    "lines",
    [
        [r"= open", r"< PJLINK 0\r", r"> %1POWR ?\r", r"< %1POWR=0\r", r"> %1CLSS ?\r", r"< %1CLSS=1\r"],
        [r"= open", r"< PJLINK 0\r", r"> %1INPT ?\r", r"< %1INPT=11\r"],
        [r"= open", r"< PJLINK 0\r", r"> %1POWR ?\r", r"< %1POWR=0\r", r"= open"],
    ],
    ids=["says less", "says something else", "connects less often"],
)
async def test_a_case_of_another_driver_strays(lines: Sequence[str]) -> None:
    """Whatever a driver does with what strays: the case is not taken for played."""
    with pytest.raises(Strayed):
        await play(Case("pjlink", "strays", "It strays.", lines, ["av_state=1"]))


# --- tap ---------------------------------------------------------------------------------------------------


def test_what_becomes_of_a_connection() -> None:
    """A driver that gives up has waited in vain; of other errors one is this computer's own."""
    found: dict[str, list[BaseException]] = {
        "timeout": [TimeoutError(), asyncio.CancelledError(), OSError(errno.ETIMEDOUT, "timed out")],
        "no-network": [OSError(errno.ENETUNREACH, "unreachable")],
        "refused": [ConnectionRefusedError(), OSError(errno.EHOSTUNREACH, "no route")],
    }

    assert {word: {became(error) for error in errors} for word, errors in found.items()} == {
        word: {word} for word in found
    }


async def test_what_is_tapped_can_be_played() -> None:
    """What a tap writes down replays to the same answers."""
    lines: list[str] = []
    questions = (b"%1POWR ?\r", b"%2IRES ?\r")
    async with serving(Projector(power="1")) as projector:
        tap = TapPort(RemotePort("127.0.0.1", projector.port), Tape(lines.append))
        heard = [await ask(tap, *questions) for _ in range(2)]
        await tap.close()
    bus = ReplayPort(Conversation(lines))

    assert heard[0] == [b"PJLINK 0\r", b"%1POWR=1\r", b"%2IRES=-\r"]
    assert lines[:3] == ["= open", r"< PJLINK 0\r", r"> %1POWR ?\r"]
    assert [await ask(bus, *questions) for _ in range(2)] == heard
    await bus.close()


async def test_a_tap_refuses_as_the_device_does() -> None:
    """A device that refuses does so through the tap too, and it is written down."""
    lines: list[str] = []

    with pytest.raises(ConnectionRefusedError):
        await ask(TapPort(RemotePort("127.0.0.1", free_port()), Tape(lines.append)))
    assert lines == ["= refused"]


async def test_a_tap_writes_down_that_nobody_answered() -> None:
    """A driver that gives up before it is connected had no answer."""
    lines: list[str] = []
    with full_port() as port:
        tap = TapPort(RemotePort("127.0.0.1", port), Tape(lines.append))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await tap.place()

    assert lines == ["= timeout"]


async def test_a_tap_writes_down_that_the_device_hung_up() -> None:
    """A device that hangs up does so through the tap too, and it is written down."""
    lines: list[str] = []
    async with serving(Projector(hangs_up_after=0)) as projector:
        tap = TapPort(RemotePort("127.0.0.1", projector.port), Tape(lines.append))
        assert await ask(tap, b"%1POWR ?\r") == [b"PJLINK 0\r", b""]
        await tap.close()

    assert lines[:2] == ["= open", r"< PJLINK 0\r"]
    assert lines[-1] == "! gone"


async def test_a_tap_writes_down_a_silence() -> None:
    """A driver that hung up without an answer had none."""
    lines: list[str] = []
    async with serving(Projector(answers={"POWR": ""})) as projector:
        tap = TapPort(RemotePort("127.0.0.1", projector.port), Tape(lines.append))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await ask(tap, b"%1POWR ?\r")
        await asyncio.gather(*projector.clients)
        await tap.close()

    assert lines == ["= open", r"< PJLINK 0\r", r"> %1POWR ?\r", "! timeout"]


async def test_a_tap_needs_a_port() -> None:
    """What a driver's usual port is no bus knows: to record, it must be named."""
    with pytest.raises(SensorGone, match="tcp_port = 0"):
        await TapPort(RemotePort("127.0.0.1"), Tape(print)).place()
