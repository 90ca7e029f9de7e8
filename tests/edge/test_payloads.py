# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The codecs of LoRaWAN payloads, by their makers' examples; what is made of one uplink after another."""

from __future__ import annotations

import base64
import importlib
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.errors import BadFrame
from bezet.model import KINDS, Kind
from edge.cases import in_words
from edge.payloads import CODECS, Total, load_codec
from edge.payloads.elsys import KEPT as ELSYS_KEPT
from edge.payloads.elsys import PASSED_OVER as ELSYS_PASSED_OVER
from edge.payloads.milesight import KEPT as MILESIGHT_KEPT
from edge.payloads.milesight import PASSED_OVER as MILESIGHT_PASSED_OVER
from edge.payloads.uplink import Uplink, Uplinks, read_uplink

if TYPE_CHECKING:
    from edge.sensors import Measured

#: Payloads and what they hold, from the makers' documents; `kind:counter=so far` is a total.
EXAMPLES = [
    # Milesight, VS121: what it says of itself; people and the most of them; by region; over the line; ways
    ("milesight", "FF0101 FF086600B0940976 FF090100 FF1F1F07004B", "nothing"),
    ("milesight", "04C9030800A1 06CD05", "people_count=3"),
    ("milesight", "07D50001000000000003 08D50100000000000000", "nothing"),
    ("milesight", "05CC02000100", "nothing"),
    (
        "milesight",
        "09DA0001000200000000 0ADA0000000000000000 0BDA0000000000000012 0CDA0000000000000000",
        "nothing",
    ),
    ("milesight", "0DCC05000201", "people_in:line 1=5 people_out:line 1=258"),
    # Milesight, VS133 and VS135: totals, periods, regions, how long people stayed
    (
        "milesight",
        "03D248000000 04D2C8000000 06D200000000 07D200000000",
        "people_in:line 1=72 people_out:line 1=200 people_in:line 2=0 people_out:line 2=0",
    ),
    (
        "milesight",
        "09D200000000 0AD200000000 0CD2B4140000 0DD28D1A0000",
        "people_in:line 3=0 people_out:line 3=0 people_in:line 4=5300 people_out:line 4=6797",
    ),
    ("milesight", "05CC00000000 08CC00000000 0BCC00000000 0ECC05000700", "nothing"),
    ("milesight", "0FE302100709", "people_count=34"),
    ("milesight", "10E40109101121 10E40275217533 10E40381212389 10E40476001387", "nothing"),
    # Milesight, AM102, AM103, AM107, AM307, AM319, AM304L and AM305L
    ("milesight", "017564 03671801 04686D", "battery_pct=100 temperature_c=28 humidity_pct=54.5"),
    (
        "milesight",
        "017564 03671801 04686D 077DC501",
        "battery_pct=100 temperature_c=28 humidity_pct=54.5 co2_ppm=453",
    ),
    (
        "milesight",
        "01755C 03673401 046865 056A4900 06651C0079001400 077DE704 087D0700 09733F27",
        "battery_pct=92 temperature_c=30.8 humidity_pct=50.5 motion=1 illuminance_lux=28 co2_ppm=1255",
    ),
    (
        "milesight",
        "0367EE00 04687C 050001 06CB02 077DA803 087D2500 09736627 0A7D0700 0B7D2000 0C7D3000",
        "temperature_c=23.8 humidity_pct=62 motion=1 co2_ppm=936",
    ),
    ("milesight", "03671001 046871", "temperature_c=27.2 humidity_pct=56.5"),
    ("milesight", "0367FDFF 050000 056A0000", "temperature_c=-0.3 motion=0 motion=0"),
    (
        "milesight",
        "059F0080 059F0300 059F0000 069D2C01 0694A0860100",
        "motion=1 motion=1 motion=0 illuminance_lux=300 illuminance_lux=100000",
    ),
    ("milesight", "ff0bff ff0101 ff166787d18008970013 ff090100 ff0a0101 ff0f00 017564", "battery_pct=100"),
    # Elsys, ERS CO2 and ERS Eye
    (
        "elsys",
        "0100E2 0229 040027 0506 060308",
        "temperature_c=22.6 humidity_pct=41 illuminance_lux=39 motion=1 co2_ppm=776",
    ),
    (
        "elsys",
        "0100E2 0229 040027 0506 1101",
        "temperature_c=22.6 humidity_pct=41 illuminance_lux=39 motion=1",
    ),
    ("elsys", "0500 1100", "motion=0 presence=0"),
    ("elsys", "1102", "presence=1"),
    ("elsys", "01FFF6 070E4D", "temperature_c=-1"),
    (
        "elsys",
        "0100E7 0221 040024 0502 0601B0 070E4D",
        "temperature_c=23.1 humidity_pct=33 illuminance_lux=36 motion=1 co2_ppm=432",
    ),
    # the past, answers and settings end what is read
    ("milesight", "03671801 20CE5C470C6118016D", "temperature_c=28"),
    ("milesight", "21CE", "nothing"),
    ("milesight", "FF03B004 03671801", "nothing"),
    ("milesight", "F9101100", "nothing"),
    ("elsys", "0229 3E61 0708", "humidity_pct=41"),
    ("milesight", "", "nothing"),
    ("elsys", "", "nothing"),
]


def words(found: list[Measured | Total]) -> str:
    """Numbers and totals, as the examples have them."""
    shown = [
        f"{one.kind}:{one.counter}={one.so_far}" if isinstance(one, Total) else in_words([one])
        for one in found
    ]
    return " ".join(shown) or "nothing"


@pytest.mark.parametrize(("codec", "payload", "numbers"), EXAMPLES)
def test_reads_the_makers_examples(codec: str, payload: str, numbers: str) -> None:
    """A payload of a maker's document gives the numbers that stand beside it there, and no others."""
    assert words(load_codec(codec)(bytes.fromhex(payload))) == numbers


@pytest.mark.parametrize(
    ("codec", "payload", "why"),
    [
        ("milesight", "03671801 9967 0001", "99 67 at byte 4 is not known"),
        ("milesight", "0399", "03 99 at byte 0 is not known"),
        ("milesight", "03", "03 at byte 0 is not known"),
        ("milesight", "017564 FF", "ff at byte 3 is not known"),
        ("milesight", "017564 036718", "03 67 at byte 3 is cut short"),
        ("milesight", "0175", "01 75 at byte 0 is cut short"),
        ("milesight", "0973", "09 73 at byte 0 is cut short"),
        ("elsys", "0229 FF00", "ff at byte 2 is not known"),
        ("elsys", "0229 01", "01 at byte 2 is cut short"),
        ("elsys", "13 1500", "13 at byte 0 is cut short"),
        ("elsys", "1103", "11 03 is no occupancy"),
    ],
)
def test_names_the_byte(codec: str, payload: str, why: str) -> None:
    """What is not known or cut short makes the whole payload bad, and is named."""
    with pytest.raises(BadFrame, match=why):
        load_codec(codec)(bytes.fromhex(payload))


@pytest.mark.parametrize("codec", CODECS)
@given(payload=st.binary(max_size=60))
def test_any_bytes_give_numbers_or_are_bad(codec: str, payload: bytes) -> None:
    """Any bytes give numbers and totals, or are bad; nothing else happens."""
    try:
        found = load_codec(codec)(payload)
    except BadFrame:
        return
    for one in found:
        assert one.so_far >= 0 if isinstance(one, Total) else math.isfinite(one.value)


@st.composite
def _payloads(draw: st.DrawFn, codec: str) -> bytes:
    """Heads that a codec knows, with as many bytes behind each as it should have, or less at the end."""
    lengths: dict[bytes, int]
    if codec == "elsys":
        lengths = {head: value.length for head, value in ELSYS_KEPT.items()}
        lengths |= {head: length for head, (length, _) in ELSYS_PASSED_OVER.items()}
    else:
        lengths = {head: value.length for head, value in MILESIGHT_KEPT.items()}
        lengths |= {
            bytes([one, kind]): length for heads, kind, length, _ in MILESIGHT_PASSED_OVER for one in heads
        }
    heads = draw(st.lists(st.sampled_from(sorted(lengths)), max_size=8))
    whole = b"".join(head + draw(st.binary(min_size=lengths[head], max_size=lengths[head])) for head in heads)
    return whole[: len(whole) - draw(st.integers(0, 2))] if whole else whole


@pytest.mark.parametrize("codec", CODECS)
@given(data=st.data())
def test_known_heads_give_numbers_of_their_kinds(codec: str, data: st.DataObject) -> None:
    """Values behind heads that are known give kinds that a LoRaWAN sensor has, however they are cut."""
    payload = data.draw(_payloads(codec))
    try:
        found = load_codec(codec)(payload)
    except BadFrame:
        return
    assert {one.kind for one in found} <= set(KINDS)


def test_no_head_is_kept_and_passed_over() -> None:
    """Each head stands once in its codec's tables."""
    passed_over = [bytes([one, kind]) for heads, kind, *_ in MILESIGHT_PASSED_OVER for one in heads]

    assert len(passed_over) == len(set(passed_over))
    assert not MILESIGHT_KEPT.keys() & set(passed_over)
    assert not ELSYS_KEPT.keys() & ELSYS_PASSED_OVER.keys()


@pytest.mark.parametrize("codec", CODECS)
def test_the_list_names_files(codec: str) -> None:
    """Each codec of the list is a file of that name; another name is refused with the list."""
    assert load_codec(codec) is importlib.import_module(f"edge.payloads.{codec}").decode
    with pytest.raises(ValueError, match="codec = morse: one of elsys, milesight"):
        load_codec("morse")


# --- one uplink after another -----------------------------------------------------------------------------


def line(people_in: int, people_out: int, *, number: int = 1) -> bytes:
    """A payload of a VS133 with the totals of one line."""
    channel = 3 * number
    return b"".join(
        bytes([channel + place, 0xD2]) + so_far.to_bytes(4, "little")
        for place, so_far in enumerate((people_in, people_out))
    )


def heard(uplinks: Uplinks, counter: int, payload: bytes) -> str:
    """What comes of an uplink, in words."""
    return in_words(uplinks.take(Uplink(counter, 85, payload)))


def test_totals_give_what_was_added() -> None:
    """The first total gives nothing, each later one what was added since, whatever was lost in between."""
    uplinks = Uplinks("milesight")

    assert heard(uplinks, 1, line(70, 60)) == "nothing"
    assert heard(uplinks, 2, line(70, 60)) == "people_in=0 people_out=0"
    assert heard(uplinks, 3, line(73, 61)) == "people_in=3 people_out=1"
    assert heard(uplinks, 9, line(90, 90)) == "people_in=17 people_out=29"


def test_lines_are_added_up() -> None:
    """What came over several lines is one number; lines in uplinks of their own are remembered apart."""
    uplinks = Uplinks("milesight")
    heard(uplinks, 1, line(10, 0) + line(20, 0, number=2))

    assert heard(uplinks, 2, line(11, 0) + line(25, 2, number=2)) == "people_in=6 people_out=2"
    assert heard(uplinks, 3, line(12, 0)) == "people_in=1 people_out=0"
    assert heard(uplinks, 4, line(26, 2, number=2)) == "people_in=1 people_out=0"


def test_a_reset_adds_nothing() -> None:
    """A counter that begins again, or comes back to 0 at its end, adds nothing once and then counts on."""
    uplinks = Uplinks("milesight")
    for counter, (totals, added) in enumerate(
        [
            ((500, 400), "nothing"),
            ((3, 401), "people_out=1"),
            ((4, 401), "people_in=1 people_out=0"),
            ((0, 0), "nothing"),
            ((2, 1), "people_in=2 people_out=1"),
        ]
    ):
        assert heard(uplinks, counter, line(*totals)) == added


def test_an_uplink_counts_once() -> None:
    """The same uplink again is nothing new; one with the same numbers under another frame counter is."""
    uplinks = Uplinks("milesight")
    heard(uplinks, 1, line(1, 1))

    assert heard(uplinks, 2, line(2, 1)) == "people_in=1 people_out=0"
    assert heard(uplinks, 2, line(2, 1)) == "nothing"
    assert heard(uplinks, 3, line(2, 1)) == "people_in=0 people_out=0"


def test_a_bad_uplink_changes_nothing() -> None:
    """An uplink that cannot be read is bad each time, and the totals before it stand."""
    uplinks = Uplinks("milesight")
    heard(uplinks, 1, line(1, 1))
    for _ in range(2):
        with pytest.raises(BadFrame):
            heard(uplinks, 2, line(500, 1) + b"\x99")

    assert heard(uplinks, 3, line(2, 1)) == "people_in=1 people_out=0"


@given(totals=st.lists(st.integers(0, 2**32 - 1), min_size=1), repeats=st.integers(1, 3))
def test_nobody_is_counted_twice(totals: list[int], repeats: int) -> None:
    """Of a counter that only rises, what was added is its rise in all, however often uplinks are repeated."""
    uplinks = Uplinks("milesight")
    added = 0.0
    for counter, so_far in enumerate(sorted(totals)):
        for _ in range(repeats):
            found = uplinks.take(Uplink(counter, 85, line(so_far, 0)))
            added += sum(one.value for one in found if one.kind is Kind.PEOPLE_IN)

    assert added == max(totals) - min(totals)


@pytest.mark.parametrize(
    ("counter", "port", "packed", "uplink"),
    [
        (7, 85, "AXVk", Uplink(7, 85, b"\x01\x75\x64")),
        (None, 1, "AXVk", Uplink(0, 1, b"\x01\x75\x64")),
        (7, 223, "AA==", Uplink(7, 223, b"\0")),
        (7, 0, "AA==", None),
        (7, None, "AA==", None),
        (7, 224, "AA==", None),
        (7, 85, None, None),
        (7, 85, "", None),
    ],
)
def test_reads_an_uplink(counter: Any, port: Any, packed: Any, uplink: Uplink | None) -> None:
    """Servers leave out a 0; what has no payload, or not on a port of the application, is not for us."""
    assert read_uplink(counter, port, packed) == uplink


@pytest.mark.parametrize(
    ("counter", "port", "packed"),
    [
        ("7", 85, "AA=="),
        (7, 8.5, "AA=="),
        (True, 85, "AA=="),
        (7, 85, "A"),
        (7, 85, "é"),
        (7, 85, ["AA=="]),
        (7, 85, 1),
    ],
)
def test_refuses_an_uplink(counter: Any, port: Any, packed: Any) -> None:
    """What is not of the right form is bad, and short in the message."""
    with pytest.raises(BadFrame) as bad:
        read_uplink(counter, port, packed)

    assert len(str(bad.value)) < 100


@given(payload=st.binary(min_size=1, max_size=242))
def test_unpacks_any_payload(payload: bytes) -> None:
    """Every payload comes out of base64 as it went in."""
    assert read_uplink(1, 85, base64.b64encode(payload).decode()) == Uplink(1, 85, payload)
