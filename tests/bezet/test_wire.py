# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The contract: by example both ways, for every message there can be, and under any bytes at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet import wire
from bezet.errors import BadMessage, Cause
from bezet.link import matches
from bezet.model import Because, Kind, Occupancy
from tests.bezet.strategies import batches, messages, unhurried
from tests.bezet.wire_table import BOOT, EXAMPLES, REFUSED, VARIANTS, Example, Refused, Variant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from enum import StrEnum

TOPICS_SEEN = sorted({one.topic for one in EXAMPLES})


def name_of(one: Example | Variant | Refused) -> str:
    """The name of a row."""
    return one.name


def example(name: str) -> Example:
    """The example of that name."""
    return next(one for one in EXAMPLES if one.name == name)


# --- by example -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", EXAMPLES, ids=name_of)
def test_reads_the_examples(one: Example) -> None:
    """The bytes of an example are its message."""
    assert wire.decode(one.topic, one.payload) == one.message


@pytest.mark.parametrize("one", EXAMPLES, ids=name_of)
def test_writes_the_examples(one: Example) -> None:
    """The message of an example is its topic and its bytes, to the last byte."""
    assert wire.encode(one.message) == (one.topic, one.payload)


@pytest.mark.parametrize("one", VARIANTS, ids=name_of)
def test_reads_what_means_the_same(one: Variant) -> None:
    """Spaces, the order of fields and the way a number is written mean nothing."""
    assert wire.decode(one.topic, one.payload) == example(one.example).message


@pytest.mark.parametrize("one", REFUSED, ids=name_of)
def test_refuses(one: Refused) -> None:
    """What is no message is refused with its cause, and with boot and seq where an answer can be sent."""
    with pytest.raises(BadMessage) as bad:
        wire.decode(one.topic, one.payload)

    assert (bad.value.cause, bad.value.boot, bad.value.seq) == (one.cause, one.boot, one.seq)
    assert bad.value.what.isprintable()
    assert len(bad.value.what) < 300


def _words(found: Any) -> Iterator[str]:
    """Every piece of text in a JSON value, and every key."""
    if isinstance(found, dict):
        for name, inner in found.items():
            yield name
            yield from _words(inner)
    elif isinstance(found, list):
        for inner in found:
            yield from _words(inner)
    elif isinstance(found, str):
        yield found


@pytest.mark.parametrize(
    "choices",
    [Kind, Occupancy, Because, wire.Clock, wire.SensorState, wire.Trouble, Cause],
    ids=lambda choices: str(choices.__name__),
)
def test_the_examples_show_every_word(choices: type[StrEnum]) -> None:
    """Every word of every closed list stands in an example."""
    shown = {word for one in EXAMPLES for word in _words(json.loads(one.payload))}

    assert {str(choice) for choice in choices} <= shown


@pytest.mark.parametrize("name", wire.TOPICS)
def test_the_examples_show_every_field(name: str) -> None:
    """Every topic has an example with every field, and a refusal of a missing and of an unknown one."""
    shown = [json.loads(one.payload) for one in EXAMPLES if one.topic.endswith(f"/{name}")]
    refused = [one.name for one in REFUSED if one.topic.endswith(f"/{name}")]

    assert shown
    assert all(list(one) == [field.name for field in wire.TOPICS[name].fields] for one in shown)
    assert any(row.startswith("an unknown field") for row in refused)
    assert any(row.startswith("a missing field") for row in refused)


def test_refusals_show_every_cause_of_the_contract() -> None:
    """Every cause that bytes alone can have has an example; the other two need a clock and a building."""
    assert {one.cause for one in REFUSED} == set(Cause) - {Cause.FUTURE, Cause.UNKNOWN_SPACE}


def test_names_tell_the_rows_apart() -> None:
    """No two rows have one name."""
    names = [one.name for one in (*EXAMPLES, *VARIANTS, *REFUSED)]

    assert len(names) == len(set(names))


def test_exactly_64_kib_is_not_too_large() -> None:
    """The limit itself is allowed."""
    one = EXAMPLES[0]

    assert wire.decode(one.topic, one.payload.ljust(65_536)) == one.message


def test_500_readings_are_not_too_many() -> None:
    """A full message of ordinary readings fits the limit of bytes too."""
    found = json.loads(EXAMPLES[0].payload)
    found["readings"] *= 500
    message = wire.decode(EXAMPLES[0].topic, json.dumps(found).encode())

    assert isinstance(message, wire.Batch)
    assert len(message.readings) == 500


@pytest.mark.parametrize(
    ("name", "device", "wanted"),
    [
        ("readings", "+", "bezet/v1/townhall/+/+/readings"),
        ("state", "pi-1", "bezet/v1/townhall/pi-1/+/state"),
        ("health", "+", "bezet/v1/townhall/+/health"),
        ("receipt", "pi-1", "bezet/v1/townhall/pi-1/receipt"),
        ("demand", "+", "bezet/v1/townhall/+/demand"),
    ],
)
def test_filters(name: str, device: str, wanted: str) -> None:
    """A topic's filter covers that topic of that site and device, every space of it, and nothing else."""
    made = wire.topic_filter(name, "townhall", device)

    assert made == wanted
    assert [one for one in TOPICS_SEEN if matches(made, one)] == [
        one for one in TOPICS_SEEN if one.endswith(f"/{name}") and "/townhall/" in one
    ]


# --- whatever there is ------------------------------------------------------------------------------------


@unhurried
@given(messages)
def test_reads_what_it_writes(message: wire.Message) -> None:
    """Whatever message is written is read again as the same message, and its bytes are ASCII on one line."""
    topic, payload = wire.encode(message)

    assert wire.decode(topic, payload) == message
    assert payload.isascii()
    assert b"\n" not in payload


@unhurried
@given(messages)
def test_writes_what_it_reads(message: wire.Message) -> None:
    """Written, read and written again, the bytes are the same."""
    topic, payload = wire.encode(message)

    assert wire.encode(wire.decode(topic, payload)) == (topic, payload)


def decode_or_refuse(topic: str, payload: bytes) -> wire.Message | BadMessage:
    """Whatever comes of it, without an exception of any other kind."""
    try:
        return wire.decode(topic, payload)
    except BadMessage as bad:
        return bad


topics = st.text() | st.sampled_from(TOPICS_SEEN) | st.lists(st.text()).map("/".join)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10
)


@unhurried
@given(topics, st.binary())
def test_survives_any_bytes(topic: str, payload: bytes) -> None:
    """No topic and no bytes raise anything but `BadMessage`."""
    decode_or_refuse(topic, payload)


@unhurried
@given(st.sampled_from(TOPICS_SEEN), values)
def test_survives_any_json(topic: str, found: Any) -> None:
    """No JSON of any shape is a message by chance, and none raises anything but `BadMessage`."""
    assert isinstance(decode_or_refuse(topic, json.dumps(found).encode()), BadMessage)


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[str, bytes]:
    """The bytes of a message, cut, flipped, put in or taken out somewhere."""
    topic, payload = wire.encode(draw(messages))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(payload)))
        length = draw(st.integers(0, 8))
        payload = draw(
            st.sampled_from(
                [
                    payload[:place],
                    payload[:place] + payload[place + length :],
                    payload[:place] + draw(st.binary(min_size=1, max_size=8)) + payload[place:],
                    payload[:place] + payload[place : place + length] * 2 + payload[place + length :],
                    bytes(
                        one ^ (index == place) << draw(st.integers(0, 7)) for index, one in enumerate(payload)
                    ),
                ]
            )
        )
    return topic, payload


@unhurried
@given(spoiled())
def test_survives_spoiled_messages(found: tuple[str, bytes]) -> None:
    """A message damaged on its way is refused, or is another message of the contract."""
    message = decode_or_refuse(*found)

    if not isinstance(message, BadMessage):
        assert wire.decode(*wire.encode(message)) == message


@st.composite
def replaced(draw: st.DrawFn) -> tuple[str, bytes, str | None, int | None]:
    """A batch with one field, anywhere in it, replaced by anything; its boot and seq, if they stand."""
    batch = draw(batches)
    topic, payload = wire.encode(batch)
    root = found = json.loads(payload)
    while True:
        key = draw(st.sampled_from(list(found) if isinstance(found, dict) else range(len(found))))
        inner = found[key]
        if not isinstance(inner, dict | list) or not inner or draw(st.booleans()):
            break
        found = inner
    found[key] = draw(values)
    is_whole = (root["boot"], root["seq"]) == (batch.boot, batch.seq) and type(root["seq"]) is int
    return topic, json.dumps(root).encode(), *((batch.boot, batch.seq) if is_whole else (None, None))


@unhurried
@given(replaced())
def test_a_refused_batch_says_which_it_is(
    found: tuple[str, bytes, str | None, int | None],
) -> None:
    """A batch that is refused for anything but its boot and seq carries them, so that it can be answered."""
    topic, payload, boot, seq = found
    message = decode_or_refuse(topic, payload)

    if isinstance(message, BadMessage) and message.cause in {Cause.BAD_SHAPE, Cause.BAD_VALUE} and boot:
        assert (message.boot, message.seq) == (boot, seq)


@pytest.mark.parametrize("cause", [Cause.BAD_SHAPE, Cause.BAD_VALUE])
def test_boot_and_seq_come_together(cause: Cause) -> None:
    """A refusal carries both, or neither: one alone is no address."""
    refused = [decode_or_refuse(one.topic, one.payload) for one in REFUSED if one.cause is cause]
    carried = {(bad.boot, bad.seq) for bad in refused if isinstance(bad, BadMessage)}

    assert carried == {(None, None), (BOOT, 41)}
