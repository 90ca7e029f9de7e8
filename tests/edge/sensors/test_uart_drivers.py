# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Drivers on a UART, each over a real terminal with a device at its far end, and decoders in any weather."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.errors import BadFrame, SensorGone
from edge.bus.conversation import Conversation, Played
from edge.bus.frames import MOST_GARBAGE_BYTES, Frames
from edge.bus.uart import ReplayLine, SerialLine
from edge.cases import in_words
from edge.sensors import ld2410, ld2450, load_driver, mhz19, senseair_s8
from tests.edge.bus.far_end import FarEnd, soon

if TYPE_CHECKING:
    from collections.abc import Callable


class Asked(NamedTuple):
    """A sensor that is asked: what it is told at first, the question, two answers, and their meaning."""

    name: str
    told: bytes
    question: bytes
    answers: tuple[bytes, bytes]
    turns: tuple[str, str]


class Radar(NamedTuple):
    """A sensor that speaks by itself: two of its reports, and their meaning."""

    name: str
    reports: tuple[bytes, bytes]
    turns: tuple[str, str]


# The examples of the makers' documents, see tests/edge/sensors/cases.
ASKED = [
    Asked(
        "mhz19",
        bytes.fromhex("ff0179a000000000e6"),
        bytes.fromhex("ff0186000000000079"),
        (bytes.fromhex("ff86022000000000 58"), bytes.fromhex("ff86028447000000 ad")),
        ("co2_ppm=544", "co2_ppm=644"),
    ),
    Asked(
        "senseair_s8",
        b"",
        bytes.fromhex("fe0400000004 e5c6"),
        (bytes.fromhex("fe0408000000000000 0190 16e6"), bytes.fromhex("fe0408000000000000 0388 178c")),
        ("co2_ppm=400", "co2_ppm=904"),
    ),
]
RADARS = [
    Radar(
        "ld2410",
        (
            bytes.fromhex("f4f3f2f1 0d00 02aa 02 5100 00 0000 3b 0000 5500 f8f7f6f5"),
            bytes.fromhex("f4f3f2f1 0d00 02aa 00 0000 00 0000 00 0000 5500 f8f7f6f5"),
        ),
        (
            "presence=1 moving_energy_pct=0 still_energy_pct=59",
            "presence=0 moving_energy_pct=0 still_energy_pct=0",
        ),
    ),
    Radar(
        "ld2450",
        (
            bytes.fromhex("aaff0300 0e03b18610004001") + bytes(16) + bytes.fromhex("55cc"),
            bytes.fromhex("aaff0300") + bytes(24) + bytes.fromhex("55cc"),
        ),
        ("presence=1 target_count=1", "presence=0 target_count=0"),
    ),
]
asked = pytest.mark.parametrize("sensor", ASKED, ids=lambda sensor: sensor.name)
radar = pytest.mark.parametrize("sensor", RADARS, ids=lambda sensor: sensor.name)
every = pytest.mark.parametrize("name", [*(one.name for one in ASKED), *(one.name for one in RADARS)])


async def read(driver: Any, device: FarEnd, sensor: Asked, *pieces: bytes) -> str:
    """What the driver makes of an answer that comes in these pieces, a millisecond apart."""
    reading = asyncio.create_task(driver.read())
    assert await device.hear(len(sensor.question)) == sensor.question
    for number, piece in enumerate(pieces):
        asyncio.get_running_loop().call_later(number / 1000, device.say, piece)
    return in_words(await soon(reading))


# --- sensors that are asked --------------------------------------------------------------------------------


@asked
async def test_asks_and_measures(sensor: Asked, device: FarEnd, line: SerialLine) -> None:
    """Each reading is one question and one answer, of the very bytes of the maker's document."""
    driver = load_driver(sensor.name)(line)
    await driver.open()
    assert await device.hear(len(sensor.told)) == sensor.told
    turns = [await read(driver, device, sensor, answer) for answer in sensor.answers]

    assert turns == list(sensor.turns)


@asked
async def test_finds_an_answer_in_pieces_behind_garbage(
    sensor: Asked, device: FarEnd, line: SerialLine
) -> None:
    """A byte at a time and behind noise, the answer is the same."""
    driver = load_driver(sensor.name)(line)
    await driver.open()
    await device.hear(len(sensor.told))
    pieces = [b"\x00\x55", b"\xff", *(bytes([byte]) for byte in sensor.answers[0])]

    assert await read(driver, device, sensor, *pieces) == sensor.turns[0]


@asked
async def test_a_wrong_answer_does_not_spoil_the_next(
    sensor: Asked, device: FarEnd, line: SerialLine
) -> None:
    """A flipped bit is told with the bytes of the answer, and the next question is answered."""
    driver = load_driver(sensor.name)(line)
    await driver.open()
    await device.hear(len(sensor.told))
    wrong = sensor.answers[0][:-1] + bytes([sensor.answers[0][-1] ^ 1])
    with pytest.raises(BadFrame, match=wrong.hex(" ")):
        await read(driver, device, sensor, wrong)

    assert await read(driver, device, sensor, sensor.answers[1]) == sensor.turns[1]


@asked
async def test_an_answer_too_late_is_not_taken_for_the_next(
    sensor: Asked, device: FarEnd, line: SerialLine
) -> None:
    """What comes after the patience of whoever asked is dropped when the line is opened again."""
    driver = load_driver(sensor.name)(line)
    await driver.open()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await driver.read()
    device.say(sensor.answers[0])
    await driver.open()
    await device.hear(2 * len(sensor.told) + len(sensor.question))

    assert await read(driver, device, sensor, sensor.answers[1]) == sensor.turns[1]


@asked
async def test_unplugged_while_it_is_asked(sensor: Asked, device: FarEnd, line: SerialLine) -> None:
    """Gone while the answer is waited for, absent while it is gone, and measuring again when it is back."""
    driver = load_driver(sensor.name)(line)
    await driver.open()
    reading = asyncio.create_task(driver.read())
    await device.hear(len(sensor.told) + len(sensor.question))
    device.say(sensor.answers[0][:4])
    device.unplug()
    with pytest.raises(SensorGone, match=device.port):
        await soon(reading)
    with pytest.raises(SensorGone, match=device.port):
        await driver.open()
    device.plug_in()
    await driver.open()
    assert await device.hear(len(sensor.told)) == sensor.told

    assert await read(driver, device, sensor, sensor.answers[0]) == sensor.turns[0]


# --- sensors that speak by themselves ----------------------------------------------------------------------


@radar
async def test_speaks_ten_times_a_second(sensor: Radar, device: FarEnd, line: SerialLine) -> None:
    """Every report of a stream of ten a second is a word, in order."""
    driver = load_driver(sensor.name)(line)
    await driver.open()
    loop = asyncio.get_running_loop()
    for tenth in range(6):
        loop.call_later(tenth / 10, device.say, sensor.reports[tenth % 2])
    async with contextlib.aclosing(driver.listen()) as words:
        turns = [in_words(await soon(anext(words))) for _ in range(6)]

    assert turns == 3 * list(sensor.turns)


@radar
async def test_says_it_at_once(sensor: Radar, device: FarEnd, line: SerialLine) -> None:
    """A report is a word without the next one, also behind garbage and half a report."""
    driver = load_driver(sensor.name)(line)
    await driver.open()
    first, second = sensor.reports
    async with contextlib.aclosing(driver.listen()) as words:
        device.say(b"\x00\xff\x55" + first[-9:] + first[:-3] + first)
        assert in_words(await soon(anext(words))) == sensor.turns[0]
        device.say(second)
        assert in_words(await soon(anext(words))) == sensor.turns[1]


@radar
async def test_unplugged_while_it_speaks(sensor: Radar, device: FarEnd, line: SerialLine) -> None:
    """Gone in the middle of a report, absent while it is gone, and speaking again when it is back."""
    driver = load_driver(sensor.name)(line)
    await driver.open()
    device.say(sensor.reports[0] + sensor.reports[1][:9])
    async with contextlib.aclosing(driver.listen()) as words:
        assert in_words(await soon(anext(words))) == sensor.turns[0]
        waiting = asyncio.create_task(anext(words))
        asyncio.get_running_loop().call_soon(device.unplug)
        with pytest.raises(SensorGone, match=f"{device.port}: unplugged"):
            await soon(waiting)
    with pytest.raises(SensorGone, match=device.port):
        await driver.open()
    device.plug_in()
    await driver.open()
    device.say(sensor.reports[1])
    async with contextlib.aclosing(driver.listen()) as words:
        assert in_words(await soon(anext(words))) == sensor.turns[1]


@radar
async def test_a_stream_of_garbage_is_told(sensor: Radar, device: FarEnd, line: SerialLine) -> None:
    """At the wrong baud rate nothing is a report: that is said, with some of the bytes."""
    driver = load_driver(sensor.name)(line)
    await driver.open()
    device.say(b"\xe6\x9e" * MOST_GARBAGE_BYTES)
    with pytest.raises(BadFrame, match=r"e6 9e .* wrong baud rate\?"):
        async with contextlib.aclosing(driver.listen()) as words:
            await soon(anext(words))


# --- each of them ------------------------------------------------------------------------------------------


@every
async def test_the_port_is_for_one_driver(name: str, device: FarEnd, line: SerialLine) -> None:
    """A second sensor that was given the same port by mistake is told so."""
    await load_driver(name)(line).open()
    with pytest.raises(SensorGone, match=f"{device.port}: in use by another program"):
        await load_driver(name)(SerialLine(device.port)).open()


@pytest.mark.parametrize(
    ("made", "settings", "words"),
    [
        (ld2410.LD2410, {"baud": 250_000}, "baud = 250000: the radar knows 9600, "),
        (ld2450.LD2450, {"baud": 0}, "baud = 0: the radar knows 9600, "),
        (ld2450.LD2450, {"x_min_mm": 500, "x_max_mm": 500}, "x_min_mm = 500: less than x_max_mm = 500"),
        (ld2450.LD2450, {"y_max_mm": -40_000}, "y_min_mm = -32767: less than y_max_mm = -40000"),
        (mhz19.MHZ19, {"range_ppm": 1_000}, "range_ppm = 1000: the sensor knows 2000, 5000, 10000"),
    ],
)
def test_a_wrong_setting_is_named(made: Callable[..., Any], settings: dict[str, int], words: str) -> None:
    """Key, value and what is wanted are said before anything is opened."""
    with pytest.raises(ValueError, match=words):
        made(ReplayLine(Conversation([])), **settings)


# --- the decoders ------------------------------------------------------------------------------------------

pct = st.integers(0, 100)
millimetres = st.integers(-0x7FFF, 0x7FFF)


@st.composite
def ld2410_reports(draw: st.DrawFn) -> tuple[bytes, str]:
    """A report of the LD2410, in basic or in engineering mode, and its meaning."""
    state, moving_pct, still_pct = draw(st.integers(0, 3)), draw(pct), draw(pct)
    distances = [draw(st.binary(min_size=2, max_size=2)) for _ in range(3)]
    gates = draw(st.one_of(st.just(b""), st.binary(min_size=22, max_size=24)))
    target = (
        bytes([state]) + distances[0] + bytes([moving_pct]) + distances[1] + bytes([still_pct]) + distances[2]
    )
    inside = (b"\x01\xaa" if gates else b"\x02\xaa") + target + gates + b"\x55\x00"
    report = ld2410.HEADER + len(inside).to_bytes(2, "little") + inside + ld2410.END
    meaning = f"presence={int(state > 0)} moving_energy_pct={moving_pct} still_energy_pct={still_pct}"
    return report, meaning


@st.composite
def ld2450_reports(draw: st.DrawFn) -> tuple[bytes, str]:
    """A report of the LD2450 with up to three targets, and its meaning."""
    places = draw(st.lists(st.tuples(millimetres, millimetres).filter(any), max_size=3))
    targets = b"".join(signed(x) + signed(y) + b"\x10\x00\x40\x01" for x, y in places)
    report = ld2450.HEADER + targets.ljust(24, b"\0") + ld2450.END
    return report, f"presence={int(bool(places))} target_count={len(places)}"


def signed(number: int) -> bytes:
    """A number as Hi-Link writes it: the top bit means positive."""
    return (abs(number) | (0x8000 if number >= 0 else 0)).to_bytes(2, "little")


@st.composite
def streams(
    draw: st.DrawFn, header: bytes, reports: st.SearchStrategy[tuple[bytes, str]]
) -> tuple[list[bytes], list[str]]:
    """Reports with garbage between them, all of it cut anywhere, and what the reports mean."""
    garbage = st.binary(max_size=40).filter(lambda found: header not in found)
    parts = draw(st.lists(st.tuples(garbage, reports), min_size=1, max_size=6))
    stream = b"".join(noise + report for noise, (report, _) in parts) + draw(garbage)
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    return [piece for piece in pieces if piece], [meaning for _, (_, meaning) in parts]


async def listen(driver: Any) -> list[str]:
    """All that a driver says until the recording ends."""
    turns: list[str] = []
    await driver.open()
    with contextlib.suppress(Played):
        async for measured in driver.listen():
            turns.append(in_words(measured))  # noqa: PERF401
    return turns


@given(streams(ld2410.HEADER, ld2410_reports()))
def test_ld2410_finds_exactly_its_reports(stream: tuple[list[bytes], list[str]]) -> None:
    """However a stream is cut, and whatever is between reports, each report is found once and in order."""
    pieces, turns = stream
    lines = ["= 256000", *(f"< {piece.hex()}" for piece in pieces)]

    assert asyncio.run(listen(ld2410.LD2410(ReplayLine(Conversation(lines))))) == turns


@given(streams(ld2450.HEADER, ld2450_reports()))
def test_ld2450_finds_exactly_its_reports(stream: tuple[list[bytes], list[str]]) -> None:
    """However a stream is cut, and whatever is between reports, each report is found once and in order."""
    pieces, turns = stream
    lines = ["= 256000", *(f"< {piece.hex()}" for piece in pieces)]

    assert asyncio.run(listen(ld2450.LD2450(ReplayLine(Conversation(lines))))) == turns


@given(
    st.sampled_from(
        [
            (ld2410.HEADER, ld2410.size_of, ld2410.decode),
            (ld2450.HEADER, lambda _: ld2450.REPORT_BYTES, ld2450.decode),
            (mhz19.HEADER, lambda _: mhz19.FRAME_BYTES, mhz19.decode),
            (senseair_s8.ADDRESS, senseair_s8.size_of, senseair_s8.decode),
        ]
    ),
    st.lists(st.lists(st.sampled_from(list(b"\xf4\xf3\xf2\xf1\x0d\x00\xaa\xff\x03\x86\xfe\x04\x08\x84")))),
)
def test_no_bytes_are_kept_for_long(parts: tuple[bytes, Any, Any], heard: list[list[int]]) -> None:
    """Whatever arrives, no more than the longest frame is kept, and nothing is raised but `BadFrame`."""
    header, size_of, decode = parts
    frames: Frames[Any] = Frames(header, size_of, decode, most_bad=10)
    for piece in heard:
        with contextlib.suppress(BadFrame):
            list(frames.feed(bytes(piece)))
            assert len(frames._kept) < ld2410.OUTSIDE_BYTES + ld2410.MOST_BYTES


@asked
def test_a_flipped_bit_is_never_believed(sensor: Asked) -> None:
    """Whichever single bit of an answer is wrong, its checksum shows it."""
    decode = {"mhz19": mhz19.decode, "senseair_s8": senseair_s8.decode}[sensor.name]
    answer = int.from_bytes(sensor.answers[0], "big")
    size = len(sensor.answers[0])
    for bit in range(8 * size):
        with pytest.raises(BadFrame):
            decode((answer ^ 1 << bit).to_bytes(size, "big"))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("fe 04 08 00 01 00 00 00 00 01 90 06 26", "the sensor reports fatal error: fe 04 08 00 01"),
        ("fe 04 08 00 60 00 00 00 00 01 90 76 e0", "the sensor reports out of range, memory error"),
        ("fe 84 02 f2 f1", "it does not know the register: fe 84 02 f2 f1"),
        ("fe 84 06 f3 32", "it is busy"),
        ("fe 84 0b 32 f7", "it does not answer"),
    ],
)
def test_senseair_says_what_is_wrong(answer: str, words: str) -> None:
    """A status and an exception are told in words, with the bytes."""
    with pytest.raises(BadFrame, match=words):
        senseair_s8.decode(bytes.fromhex(answer))
