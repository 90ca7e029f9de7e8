# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What this collector did since it started, as figures; docs/metrics.md has the table."""

from __future__ import annotations

import math
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    start_http_server,
)

from bezet.errors import CannotStart, Cause, StoreUnusable
from bezet.model import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bezet.errors import StoreError

BATCH_MESSAGES = (1, 2, 5, 10, 20, 50, 100, 200, 500)
COMMIT_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
#: What comes from a recording or after a day offline lands beyond the last.
LAG_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600, 86_400)


class Meters:
    """All of them, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        counter = partial(Counter, registry=self.registry)
        gauge = partial(Gauge, registry=self.registry)
        histogram = partial(Histogram, registry=self.registry)

        self.messages = counter("bezet_collector_messages", "good messages with readings or states")
        self.readings = counter("bezet_collector_readings", "readings committed")
        self.states = counter("bezet_collector_states", "states committed")
        self.healths = counter(
            "bezet_collector_healths", "health messages committed; one that says nothing new is not"
        )
        self.rejects = counter("bezet_collector_rejects", "messages refused", ["cause"])
        self.not_recorded = counter("bezet_collector_not_recorded", "messages of spaces in privacy mode")
        self.receipts = counter("bezet_collector_receipts", "receipts handed to the broker")
        self.batch_messages = histogram(
            "bezet_collector_batch_messages", "messages in one write", buckets=BATCH_MESSAGES
        )
        self.commit_seconds = histogram(
            "bezet_collector_commit_seconds", "how long a write took that succeeded", buckets=COMMIT_S
        )
        self.lag_seconds = histogram(
            "bezet_collector_lag_seconds", "from a message's newest instant to its commit", buckets=LAG_S
        )
        self.link_up = gauge("bezet_collector_link_up", "1 while there is a broker")
        self.names_taken = counter(
            "bezet_collector_names_taken", "times that another client came with the name of this one"
        )
        self.touched_quarters = gauge(
            "bezet_collector_touched_quarters",
            "quarter hours written to whose facts are not made yet; NaN until this collector looked",
        )
        self.facts_made = counter(
            "bezet_collector_facts_made", "quarter hours of zones whose facts were written"
        )
        self.facts_revised = counter("bezet_collector_facts_revised", "those of them that late data changed")
        self.upkeep_failures = counter(
            "bezet_collector_upkeep_failures", "turns of upkeep that failed by a mistake of ours", ["task"]
        )
        self.removed_rows = counter("bezet_retention_removed_rows", "rows that retention removed", ["level"])
        self.store_errors = counter(
            "bezet_store_errors", "writes, reads and removals that the store could not do", ["kind"]
        )
        self.parked_points = gauge(
            "bezet_store_parked_points",
            "lines that an InfluxDB refused for good, which stand with the rejects now",
        )
        self.expired_points = gauge(
            "bezet_store_expired_points", "lines that were older than what the InfluxDB keeps"
        )
        self._begin_at_zero()

    def _begin_at_zero(self) -> None:
        """Every label that there can be is there from the start, so that its first increase is seen."""
        for cause in Cause:
            self.rejects.labels(cause)
        for level in Level:
            self.removed_rows.labels(level)
        for kind in ("busy", "unusable"):
            self.store_errors.labels(kind)
        for task in ("facts", "retention"):
            self.upkeep_failures.labels(task)
        self.touched_quarters.set(math.nan)

    def watch(self, store: object) -> None:
        """Read from the store what it counts itself, where it does."""
        for name, gauge in (("parked", self.parked_points), ("expired", self.expired_points)):
            if hasattr(store, name):
                gauge.set_function(partial(getattr, store, name))

    def removed(self, rows: Mapping[Level, int]) -> None:
        """Retention removed so many rows of each level."""
        for level, count in rows.items():
            self.removed_rows.labels(level).inc(count)

    def store_failed(self, error: StoreError) -> None:
        """The store is busy, or can not be used at all."""
        self.store_errors.labels("unusable" if isinstance(error, StoreUnusable) else "busy").inc()


@contextmanager
def serving(meters: Meters, address: str) -> Iterator[int]:
    """Serve the meters over HTTP from a thread; gives the port. `CannotStart` where that cannot be."""
    try:
        parts = urlsplit(f"//{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or port is None or parts.netloc != address or "@" in address:
        raise CannotStart(f"--metrics {address!r}: needs the form HOST:PORT, as 127.0.0.1:9464")
    try:
        server, thread = start_http_server(port, host, meters.registry)
    except OSError as error:
        raise CannotStart(f"--metrics {address}: cannot listen there: {error.strerror or error}") from None
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
