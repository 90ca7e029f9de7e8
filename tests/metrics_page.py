# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What docs/metrics.md says there is, and what a server really shows, in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


class Row(NamedTuple):
    """A metric: its name as it is asked for, what sort it is, its labels, and what it means."""

    name: str
    sort: str
    labels: str
    meaning: str


def written(heading: str) -> set[Row]:
    """The rows of the table under a heading of the page."""
    _, _, rest = (ROOT / "docs" / "metrics.md").read_text().partition(f"## {heading}\n")
    table = [line for line in rest.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    cells = ([cell.strip() for cell in line.strip("|").split(" | ")] for line in table)
    return {Row(name.strip("` "), *more) for name, *more in cells}


def shown(exposed: str) -> set[Row]:
    """The metrics of ours in an answer from `/metrics`."""
    return set(_rows(exposed))


def _rows(exposed: str) -> Iterator[Row]:
    for family in text_string_to_metric_families(exposed):  # type: ignore[no-untyped-call]
        if family.name.startswith("bezet_"):
            name = family.name + ("_total" if family.type == "counter" else "")
            labels = dict.fromkeys(label for one in family.samples for label in one.labels if label != "le")
            yield Row(name, family.type, ", ".join(f"`{label}`" for label in labels), family.documentation)
