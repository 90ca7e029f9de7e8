# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The stores that keep the protocol, and rows to put into them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
import pytest
from hypothesis import strategies as st

from bezet.messages import Batch, Clock, Health, SensorState
from bezet.model import Because, Kind, Occupancy, Reading, State, Zone
from bezet.usage.columns import ZoneFacts
from bezet.usage.facts import FACTS, QUARTER_MS
from store import Store
from store.memory import MemoryStore
from store.sqlite import SqliteStore
from tests.bezet import strategies
from tests.store.influx_server import influx_store

if TYPE_CHECKING:
    from store import Touched

SITE, SPACE, PI = "townhall", "1.04", "pi-1"
ZONE = Zone(SITE, SPACE, PI)
BOOT = "6f1a2b3c4d5e6f70"
#: The beginning of a UTC day in 2026; what happens here, happens in the eight weeks from it.
T_MS = 1_789_948_800_000
WEEKS_8_MS = 8 * 7 * 24 * 3_600_000


class Span(TypedDict):
    """From an instant to an instant."""

    start_ms: int
    end_ms: int


EVER = Span(start_ms=0, end_ms=2**53)

# --- stores -----------------------------------------------------------------------------------------------

Maker = Callable[[], AbstractContextManager[Store]]


@contextmanager
def memory_store() -> Iterator[Store]:
    """An empty store in memory."""
    with closing(MemoryStore()) as store:
        yield store


@contextmanager
def sqlite_store() -> Iterator[Store]:
    """An empty store in a file."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(SqliteStore(Path(folder) / "bezet.db")) as store,
    ):
        yield store


#: Stores of one machine, in which a write is seen as a whole or not at all.
WHOLE_MAKERS: dict[str, Maker] = {"memory": memory_store, "sqlite": sqlite_store}
#: A new kind of store is one line here.
MAKERS: dict[str, Maker] = {**WHOLE_MAKERS, "influx": influx_store}
#: Stores that hold more than fits into memory.
LASTING_MAKERS = {name: make for name, make in MAKERS.items() if make is not memory_store}
every_store = pytest.mark.parametrize("make", MAKERS.values(), ids=list(MAKERS))
lasting_stores = pytest.mark.parametrize("make", LASTING_MAKERS.values(), ids=list(LASTING_MAKERS))
whole_stores = pytest.mark.parametrize("make", WHOLE_MAKERS.values(), ids=list(WHOLE_MAKERS))


def examples(make: Maker, most: int) -> int:
    """So many examples; fewer where a server makes a database for each."""
    return most if make in WHOLE_MAKERS.values() else min(most, 15)


# --- rows -------------------------------------------------------------------------------------------------


def reading(seconds: float, sensor: str = "co2", kind: Kind = Kind.CO2_PPM, amount: float = 500.0) -> Reading:
    """A reading so many seconds after the beginning."""
    return Reading(T_MS + round(seconds * 1000), sensor, kind, amount)


def state(
    seconds: float, occupancy: Occupancy = Occupancy.FREE, rule: str = "first-1", people: float | None = None
) -> State:
    """A state so many seconds after the beginning."""
    t_ms = T_MS + round(seconds * 1000)
    return State(t_ms, occupancy, 0.25, t_ms, (Because.MOTION, Because.CO2_PPM), rule, people)


def batch(*rows: Reading | State, device: str = PI, space: str = SPACE, site: str = SITE) -> Batch:
    """A message with these readings and states."""
    return Batch(
        site,
        device,
        space,
        BOOT,
        1,
        Clock.TRUSTED,
        tuple(row for row in rows if isinstance(row, Reading)),
        tuple(row for row in rows if isinstance(row, State)),
    )


def health(seconds: float, *, device: str = PI, site: str = SITE, online: bool = True) -> Health:
    """What an agent said of itself so many seconds after the beginning."""
    sensors = {"co2": SensorState.OK, "motion": SensorState.SILENT}
    return Health(
        site=site,
        device=device,
        t_ms=T_MS + round(seconds * 1000),
        boot=BOOT,
        online=online,
        uptime_s=round(seconds),
        queued=3,
        refused=1,
        clock=Clock.TRUSTED,
        sensors=sensors,
        troubles=(),
        version="0.1.0",
    )


def zone_facts(amounts: dict[int, float], zone: Zone = ZONE, revision: int = 0) -> ZoneFacts:
    """Facts of quarter hours (numbers after the beginning); each row: the amount, raised by its place."""
    quarters = sorted(amounts)
    rows = np.arange(len(FACTS), dtype=np.float64)[:, None]
    return ZoneFacts(
        zone,
        T_MS + np.array(quarters, np.int64) * QUARTER_MS,
        rows + np.array([amounts[quarter] for quarter in quarters], np.float64)[None, :],
        np.full(len(quarters), revision, np.int32),
    )


def span(start: float, end: float) -> Span:
    """From a second to a second after the beginning."""
    return Span(start_ms=T_MS + round(start * 1000), end_ms=T_MS + round(end * 1000))


# --- what a store holds -----------------------------------------------------------------------------------


def content(store: Store, batches: Sequence[Batch]) -> list[Any]:
    """Everything that the store holds of the spaces of these batches."""
    return [
        (
            *(site, space),
            [*store.readings(site, space, **EVER).rows()],
            [*store.states(site, space, **EVER).rows()],
        )
        for site, space in sorted({(one.site, one.space) for one in batches})
    ]


def reading_seconds(store: Store, asked: Span = EVER, *, space: str = SPACE, site: str = SITE) -> list[int]:
    """When the readings of a space were taken, in seconds after the beginning."""
    return [(t_ms - T_MS) // 1000 for t_ms in store.readings(site, space, **asked).t_ms.tolist()]


def state_seconds(store: Store, asked: Span = EVER, *, space: str = SPACE, site: str = SITE) -> list[int]:
    """Of which instants the states of a space speak, in seconds after the beginning."""
    return [(t_ms - T_MS) // 1000 for t_ms in store.states(site, space, **asked).t_ms.tolist()]


def quarters(touched: Iterable[Touched], space: str = SPACE) -> list[int]:
    """The numbers after the beginning of the touched quarter hours of a space."""
    return [(one.quarter_ms - T_MS) // QUARTER_MS for one in touched if one.space == space]


def fact_rows(store: Store, site: str = SITE, space: str | None = None, asked: Span = EVER) -> dict[Any, Any]:
    """Every quarter hour: (zone, number after the beginning) → amounts and revision; NaN is "nan"."""
    return {
        (facts.zone, (quarter_ms - T_MS) // QUARTER_MS): (*map(_comparable, amounts), revision)
        for facts in store.facts(site, space, **asked)
        for quarter_ms, amounts, revision in zip(
            facts.quarter_ms.tolist(), facts.amounts.T.tolist(), facts.revision.tolist(), strict=True
        )
    }


def _comparable(amount: float) -> float | str:
    return "nan" if amount != amount else amount  # noqa: PLR0124  NaN is not itself


# --- whatever the contract can say, in the eight weeks ----------------------------------------------------

instants = st.integers(T_MS, T_MS + WEEKS_8_MS - 1)


any_batch = st.builds(
    Batch,
    site=strategies.ids,
    device=strategies.ids,
    space=strategies.ids,
    boot=strategies.boots,
    seq=strategies.seqs,
    clock=st.sampled_from(Clock),
    readings=strategies.some(strategies.readings(instants)),
    states=strategies.some(strategies.states(instants)),
)
