# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Line protocol and InfluxQL: what is written is what is read, whatever stands in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.errors import CannotStart, Cause
from bezet.model import Kind, Level, Occupancy
from store import Reject
from store.influx import lines, queries
from store.influx.address import TOKEN, TOKEN_FILE, Access, access
from store.influx.queries import BadAnswer, parsed
from tests.bezet.strategies import unhurried
from tests.store.influx_server import influx_store
from tests.store.stage import T_MS, batch, reading, state

if TYPE_CHECKING:
    from pathlib import Path

# --- lines ------------------------------------------------------------------------------------------------


def test_a_reading_is_one_line() -> None:
    """The measurement is the level, the tags are in order, and the number is exact."""
    found = lines.reading_lines([batch(reading(1, amount=0.1), reading(2, "m", Kind.MOTION, 1.0))])

    assert found == {
        Level.ENVIRONMENT: [
            f"environment,device=pi-1,kind=co2_ppm,sensor=co2,site=townhall,space=1.04 amount=0.1 {T_MS + 1000}"  # noqa: E501  a line is a line
        ],
        Level.PRESENCE: [
            f"presence,device=pi-1,kind=motion,sensor=m,site=townhall,space=1.04 amount=1.0 {T_MS + 2000}"
        ],
    }


def test_of_one_identity_the_last_word_is_written() -> None:
    """A server does not say in which order it takes the lines of one write, so it gets each identity once."""
    rows = [batch(reading(1, amount=1.0), reading(2), state(1)), batch(reading(1, amount=2.0))]
    rows.append(batch(state(1, Occupancy.UNKNOWN)))
    (first, second) = lines.reading_lines(rows)[Level.ENVIRONMENT]
    (only,) = lines.state_lines(rows)

    assert "amount=2.0" in first
    assert "amount=500.0" in second
    assert 'occupancy="unknown"' in only


def test_a_state_writes_all_of_its_fields() -> None:
    """Overwriting mixes the fields of two rows that do not have the same ones, so every row has them all."""
    (counted,) = lines.state_lines([batch(state(1, people=2.5))])
    (not_counted,) = lines.state_lines([batch(state(1))])

    assert counted.split(" ")[1].replace("2.5", "-1.0", 1) == not_counted.split(" ")[1]


awkward = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@settings(unhurried, max_examples=15)
@given(
    st.lists(
        st.builds(
            Reject, st.integers(0, 2**41), awkward, st.sampled_from(Cause), awkward, st.binary(max_size=99)
        ),
        min_size=1,
        max_size=20,
    )
)
def test_any_text_comes_back(rejects: list[Reject]) -> None:
    """Topics and words of refused messages may hold quotes, backslashes, line ends and any script."""
    ordered = sorted(rejects, key=lambda one: one.t_ms)
    with influx_store() as store:
        store.reject(ordered)

        assert store.rejects(99) == ordered[::-1]


awkward_id = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\\"),
    min_size=1,
    max_size=12,
)


@settings(unhurried, max_examples=15)
@given(st.lists(awkward_id, min_size=5, max_size=5))
def test_any_id_comes_back(words: list[str]) -> None:
    """Ids hold no comma, blank, equals sign or quote; were it otherwise, they would come back too."""
    site, space, device, sensor, rule = words
    rows = replace(batch(reading(1, sensor), state(1, rule=rule)), site=site, space=space, device=device)
    with influx_store() as store:
        store.write([rows])

        assert [
            (one.device, one.reading) for one in store.readings(site, space, start_ms=0, end_ms=2**53).rows()
        ] == [(device, rows.readings[0])]
        assert [state for _, state in store.latest(site)] == [*rows.states]
        assert [tuple(zone) for zone in store.zones()] == [(site, space, device)]


def test_the_topic_of_a_line() -> None:
    """A line that is set aside stands under the topic that it came by."""
    (line,) = lines.state_lines([batch(state(1), device="pi 1", space="a,b=c")])

    assert lines.topic(line) == "bezet/v1/townhall/pi 1/a,b=c/readings"


# --- answers ----------------------------------------------------------------------------------------------

ONE = b'{"results":[{"statement_id":0,"series":[{"name":"x","columns":["time","a"],"values":[[1,2]]}]}]}'
PART = ONE[:-3] + b',"partial":true}]}'


def test_an_answer_in_portions() -> None:
    """Portions come one after the other, and the last one says that it is."""
    assert [one.rows for one in parsed([PART, b"", PART, ONE, b"\n"])] == [[[1, 2]]] * 3


def test_a_row_that_is_half_written_is_not_there_yet() -> None:
    """A state that a server shows without its reasons yet is passed over, and the others come back."""
    whole = [T_MS, "free", 0.1, T_MS, "motion", -1.0, -1.0, -1.0]
    half = [T_MS + 1, "free", 0.1, T_MS, None, -1.0, -1.0, -1.0]
    tags = {"device": "pi-1", "rule": "first-1"}
    columns = queries.state_columns([queries.Series(tags, [*queries.STATE_FIELDS], [whole, half])])

    assert columns.t_ms.tolist() == [T_MS]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ([PART], "cut short"),
        ([ONE[:-9]], "no whole JSON"),
        ([b'{"error":"timeout"}'], "timeout"),
        ([ONE, b'{"results":[{"error":"engine is closed"}]}'], "engine is closed"),
        ([b"<html>"], "no whole JSON"),
        ([b'"sorry"'], "sorry"),
    ],
)
def test_a_bad_answer_is_not_a_short_one(said: list[bytes], words: str) -> None:
    """Errors in the middle, and ends that are none, are said."""
    with pytest.raises(BadAnswer, match=words):
        list(parsed(said))


def test_conditions_are_quoted() -> None:
    """Nothing in a name ends a text or adds a condition."""
    assert queries.where({"site": "x' OR 'a'='a", "space": None}) == r""" WHERE "site" = 'x\' OR \'a\'=\'a'"""
    assert queries.where({}) == ""
    assert queries.select(['a"b'], "m", "", "LIMIT 1") == r'SELECT "a\"b" FROM "m" LIMIT 1'


# --- addresses --------------------------------------------------------------------------------------------


def test_an_address() -> None:
    """Server, database and organisation are in the address, the token beside it."""
    found = access("influx:http://history.example:8086/bezet?org=town%20hall", {TOKEN: " secret\n"})

    assert found == Access("http://history.example:8086", "bezet", "town hall", "secret")
    assert "secret" not in repr(found)
    assert access("influx:https://h/bezet/", {}) == Access("https://h", "bezet")


@pytest.mark.parametrize(
    "address",
    [
        "influx:",
        "influx:bezet",
        "influx:http://localhost:8086",
        "influx:http://localhost:8086/",
        "influx:http://localhost:many/bezet",
        "influx:http:///bezet",
        "influx:ftp://localhost/bezet",
        "influx:http://localhost/bezet/states",
        "influx:http://localhost/bezet?organisation=x",
        "influx:http://localhost/bezet?org",
        "influx:http://localhost/bezet#x",
        'influx:http://localhost/be"zet',
        "sqlite:http://localhost/bezet",
    ],
)
def test_an_address_of_another_form(address: str) -> None:
    """Whatever is not an address ends with one line that says what one looks like."""
    with pytest.raises(CannotStart, match="needs the form influx:http://HOST:8086/DATABASE"):
        access(address, {})


def test_a_token_in_an_address_is_not_repeated() -> None:
    """Whoever puts the token where logs see it is told where it goes, without it."""
    with pytest.raises(CannotStart, match=TOKEN) as caught:
        access("influx:http://bezet:secret@localhost:8086/bezet", {})

    assert "secret" not in str(caught.value)


def test_a_token_in_a_file(tmp_path: Path) -> None:
    """A file, as Docker's secrets are, comes before the variable; one that cannot be read is said."""
    (tmp_path / "token").write_text("from-file\n")
    environ = {TOKEN_FILE: str(tmp_path / "token"), TOKEN: "from-variable"}

    assert access("influx:http://h/bezet", environ).token == "from-file"
    with pytest.raises(CannotStart, match=f"{TOKEN_FILE}: cannot read .*nothing"):
        access("influx:http://h/bezet", {TOKEN_FILE: str(tmp_path / "nothing")})
