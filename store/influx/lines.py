# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is stored as lines of InfluxDB's line protocol; time in ms. Pure.

Measurements have different names in each bucket, because `DELETE` of 1.x knows no buckets. Overwriting puts
fields together, so a row always writes all of its fields, or says which ones it leaves out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bezet.errors import Cause
from bezet.messages import Clock, Health, SensorState, Trouble
from bezet.model import KINDS, Level
from bezet.usage.facts import FACTS
from store import MAX_REJECT_BYTES, MAX_REJECTS, Month, Reject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bezet.messages import Batch
    from bezet.model import State
    from bezet.usage.columns import ZoneFacts

#: Buckets beside those of the levels: `months` never expires.
MONTHS = "months"
BUCKETS = (*(str(level) for level in Level), MONTHS)
#: The device of facts of all devices together: an empty tag is no tag, and no device can have this name.
JOINT_TAG = "+"
#: People where nothing counts; there are never fewer than none.
NOT_COUNTED = -1.0
#: The version of what is written here; a store of a newer one is refused.
SCHEMA = 1

_TAG = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ "})
_TEXT = str.maketrans({"\\": r"\\", '"': r"\""})


def series(measurement: str, **tags: str) -> str:
    """The part of a line before its fields; ids hold neither backslashes nor line ends."""
    words = [f"{name}={tag.translate(_TAG)}" for name, tag in sorted(tags.items())]
    return ",".join((measurement, *words))


def text(words: str) -> str:
    """A text as a field."""
    return f'"{words.translate(_TEXT)}"'


def line(series: str, fields: Mapping[str, str], t: int) -> str:
    """A whole line."""
    return f"{series} {','.join(f'{name}={field}' for name, field in fields.items())} {t}"


# --- what devices say -------------------------------------------------------------------------------------


@lru_cache(maxsize=1 << 16)
def _reading_series(level: str, site: str, space: str, device: str, sensor: str, kind: str) -> str:
    return series(level, site=site, space=space, device=device, sensor=sensor, kind=kind) + " amount="


def reading_lines(batches: Iterable[Batch]) -> dict[Level, list[str]]:
    """The readings of each level, one line for each identity: the last word."""
    found: dict[Level, dict[tuple[str, int], float]] = {Level.PRESENCE: {}, Level.ENVIRONMENT: {}}
    for one in batches:
        zone = one.site, one.space, one.device
        for row in one.readings:
            level = KINDS[row.kind].level
            found[level][_reading_series(level, *zone, row.sensor, row.kind), row.t_ms] = row.value
    return {
        level: [f"{start}{amount!r} {t_ms}" for (start, t_ms), amount in rows.items()]
        for level, rows in found.items()
    }


def state_lines(batches: Iterable[Batch]) -> list[str]:
    """States, one line for each identity: the last word."""
    found: dict[tuple[str, int], str] = {}
    for one in batches:
        for row in one.states:
            start = series("state", site=one.site, space=one.space, device=one.device, rule=row.rule)
            found[start, row.t_ms] = line(start, _state_fields(row), row.t_ms)
    return list(found.values())


def _state_fields(row: State) -> dict[str, str]:
    people = {"people": row.people, "people_low": row.people_low, "people_high": row.people_high}
    return {
        "occupancy": text(row.occupancy),
        "probability": repr(float(row.probability)),
        "since_ms": f"{row.since_ms}i",
        "because": text(" ".join(row.because)),
        **{name: repr(NOT_COUNTED if count is None else float(count)) for name, count in people.items()},
    }


HEALTH_FIELDS = (
    *("boot", "online", "uptime_s", "queued", "refused"),
    *("clock", "sensors", "troubles", "version"),
)


def health_lines(healths: Iterable[Health]) -> list[str]:
    """What agents say of themselves; sensors and troubles as JSON."""
    found = {}
    for one in healths:
        fields = (
            text(one.boot),
            str(one.online).lower(),
            f"{one.uptime_s}i",
            f"{one.queued}i",
            f"{one.refused}i",
            text(one.clock),
            text(json.dumps(one.sensors)),
            text(json.dumps(one.troubles)),
            text(one.version),
        )
        start = series("health", site=one.site, device=one.device)
        found[start, one.t_ms] = line(start, dict(zip(HEALTH_FIELDS, fields, strict=True)), one.t_ms)
    return list(found.values())


def health(site: str, device: str, row: Sequence[Any]) -> Health:
    """Health from a row of time and `HEALTH_FIELDS`."""
    t_ms, boot, online, uptime_s, queued, refused, clock, sensors, troubles, version = row
    doing = {name: SensorState(state) for name, state in json.loads(sensors).items()}
    wrong = tuple(Trouble(one) for one in json.loads(troubles))
    how = uptime_s, queued, refused, Clock(clock), doing, wrong, version
    return Health(site, device, t_ms, boot, online, *how)


def tags_of(line: str) -> dict[str, str]:
    """The tags of a line, or of the key of a series."""
    return {tag: re.sub(r"\\([,= ])", r"\1", word) for tag, word in _TAGS.findall(line)}


def topic(line: str) -> str:
    """The topic on which what became this line travelled, as far as its tags tell."""
    tags = tags_of(line)
    return "/".join(("bezet/v1", *(tags.get(tag, "-") for tag in ("site", "device", "space")), "readings"))


_TAGS = re.compile(r",(\w+)=((?:\\.|[^, ])*)")


# --- facts ------------------------------------------------------------------------------------------------


def fact_lines(facts: Iterable[ZoneFacts]) -> Iterator[str]:
    """One line for each quarter hour of each zone."""
    for one in facts:
        site, space, device = one.zone
        start = series("fact", site=site, space=space, device=device or JOINT_TAG)
        rows = zip(one.quarter_ms.tolist(), one.amounts.T.tolist(), one.revision.tolist(), strict=True)
        for quarter_ms, amounts, revision in rows:
            yield line(start, _amount_fields(amounts, revision), quarter_ms)


def month_lines(months: Iterable[Month], first_ms: Mapping[str, int]) -> list[str]:
    """One line for each month, at its first instant in UTC."""
    return [
        line(
            series("month", site=one.site),
            _amount_fields(one.amounts.tolist(), one.revision),
            first_ms[one.month],
        )
        for one in months
    ]


def _amount_fields(amounts: Iterable[float], revision: int) -> dict[str, str]:
    """A number that is not there is left out, and named: what an earlier row wrote there stays stored."""
    pairs = list(zip(FACTS, amounts, strict=True))
    unsaid = " ".join(fact for fact, amount in pairs if amount != amount)  # noqa: PLR0124  NaN is not itself
    said = {fact: repr(amount) for fact, amount in pairs if amount == amount}  # noqa: PLR0124  the same
    return {"revision": f"{revision}i", "unsaid": text(unsaid), **said}


# --- touches ----------------------------------------------------------------------------------------------


def touch_line(site: str, space: str, quarter_ms: int, token: int) -> str:
    """That a quarter hour was written to; `token` tells this touch from every other."""
    return line(series("mark", site=site, space=space), {"touched": f"{token}i", "done": "0i"}, quarter_ms)


def done_line(site: str, space: str, quarter_ms: int, token: int) -> str:
    """That facts were made of everything up to this touch; a later one has another token, and stays."""
    return line(series("mark", site=site, space=space), {"done": f"{token}i"}, quarter_ms)


def schema_line() -> bytes:
    """The version of what is written here."""
    return line("schema", {"version": f"{SCHEMA}i"}, 0).encode()


# --- what was refused -------------------------------------------------------------------------------------

REJECT_FIELDS = ("topic", "what", "payload")


def reject_lines(rejects: Sequence[Reject]) -> tuple[list[str], list[str]]:
    """Whole messages for people to see, and how many there were by cause; times in ns.

    The same rejects give the same lines, so that a repeat counts nobody twice.
    """
    kept: list[str] = []
    counted: list[str] = []
    start_ns = int.from_bytes(hashlib.blake2b(repr(rejects).encode(), digest_size=4).digest()) % 1_000 * 1_000
    for place, one in enumerate(rejects[-MAX_REJECTS:]):
        payload = base64.b64encode(one.payload[:MAX_REJECT_BYTES]).decode()
        fields = {"topic": _ascii(one.topic), "what": _ascii(one.what), "payload": text(payload)}
        t_ns = one.t_ms * 1_000_000 + start_ns + place
        kept.append(line(series("reject", cause=one.cause), fields, t_ns))
    for cause in {one.cause for one in rejects}:
        same = [one.t_ms for one in rejects if one.cause is cause]
        fields = {"messages": f"{len(same)}i"}
        counted.append(line(series("reject_count", cause=cause), fields, max(same) * 1_000_000 + start_ns))
    return kept, counted


def reject(row: Sequence[Any]) -> Reject:
    """A refused message from a row of time, `REJECT_FIELDS` and cause."""
    t_ms, topic, what, payload, cause = row
    return Reject(
        t_ms, json.loads(f'"{topic}"'), Cause(cause), json.loads(f'"{what}"'), base64.b64decode(payload)
    )


def _ascii(words: str) -> str:
    """Any text: 3 takes no line ends in fields, so they and the like are written as JSON does."""
    return text(json.dumps(words)[1:-1])
