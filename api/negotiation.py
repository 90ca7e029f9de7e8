# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What form of answer somebody takes (Accept, RFC 9110 section 12.5.1), and what comes in. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

JSON, EVENTS, CSV, PNG = "application/json", "text/event-stream", "text/csv", "image/png"
#: What operations answer with that do not answer with JSON, by their ids; the first is what is usual.
OFFERED: Mapping[str, Sequence[str]] = {
    "followLiveEvents": (EVENTS,),
    "listReadings": (JSON, CSV),
    "readScreenImage": (PNG,),
}


def chosen(accepted: str, offered: Sequence[str]) -> str | None:
    """The form that is liked best of what is offered, the first of equals; None where none is taken."""
    wanted = [_range(part) for part in accepted.split(",") if part.strip()] or [("*/*", 1.0)]
    liked = [(_weight(form, wanted), -place, form) for place, form in enumerate(offered)]
    weight, _, form = max(liked)
    return form if weight > 0 else None


def _range(part: str) -> tuple[str, float]:
    name, *parameters = (one.strip().lower() for one in part.split(";"))
    weights = [one[2:] for one in parameters if one.startswith("q=")]
    try:
        return name, float(weights[0]) if weights else 1.0
    except ValueError:
        return name, 0.0


def _weight(form: str, wanted: Sequence[tuple[str, float]]) -> float:
    """How much a form is liked: by the range that names it most exactly."""
    ranks = {form: 2, f"{form.partition('/')[0]}/*": 1, "*/*": 0}
    fitting = [(ranks[name], weight) for name, weight in wanted if name in ranks]
    return max(fitting)[1] if fitting else 0.0


def is_json(content_type: str) -> bool:
    """Whether what came in says that it is JSON."""
    return content_type.partition(";")[0].strip().lower() == JSON
