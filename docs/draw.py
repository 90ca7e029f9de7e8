# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Draws the tables in pages of docs/ from the code; the prose between them is written.

`python docs/draw.py` writes them, `python docs/draw.py --check` says whether that would change anything.
"""

from __future__ import annotations

import argparse
import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from api.alarms.rules import RULES, Severity
from bezet import wire
from bezet.av import AV_DEVICES
from bezet.errors import Cause
from bezet.model import KINDS, Kind, Level, Reading
from bezet.occupancy import air, evidence
from bezet.occupancy.air import CO2_EMPTY, CO2_PRESENT, Air
from bezet.occupancy.belief import Belief
from bezet.occupancy.course import Course
from bezet.occupancy.evidence import (
    CO2_VALID_S,
    DOOR_INSIDE,
    DOOR_INSIDE_S,
    DOOR_LEFT,
    DOOR_VALID_S,
    DOORWAY_EMPTY,
    DOORWAY_LIKELY,
    DOORWAY_SURE,
    DOORWAY_VALID_S,
    EVIDENCE,
    FREE_UP_TO,
    LAMP_OFF,
    LAMP_ON,
    LAMP_ON_S,
    LAMP_VALID_S,
    OCCUPIED_FROM,
    PATIENCE,
    PROVEN_EMPTY_S,
    RULE,
    SAY_AGAIN_S,
)
from bezet.occupancy.filter import grounds
from bezet.occupancy.learned import learned
from bezet.occupancy.room import HEIGHT_M
from bezet.occupancy.suspicion import HABITS
from bezet.window import Pace
from edge.accuracy.tables import meanings, shapes
from edge.report import MANNERS
from edge.sensors import DRIVERS, Row
from tests.bezet.wire_table import EXAMPLES, REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bezet.checks import Field
    from bezet.occupancy.suspicion import Habit

FOLDER = Path(__file__).parent

#: What each cause means to whoever sent the message.
CAUSES: Mapping[Cause, str] = {
    Cause.TOO_LARGE: "the payload is larger than the contract allows; it was not even read",
    Cause.BAD_TOPIC: "the topic is not one of the table above, or an id in it is no id",
    Cause.UNKNOWN_VERSION: "the second level of the topic names a version that this collector does not know",
    Cause.NOT_JSON: "the payload is not JSON in UTF-8, or a field stands in it twice",
    Cause.BAD_SHAPE: "a field is missing, unknown, or of another type",
    Cause.BAD_VALUE: "a field has the right type and a value outside its bounds",
    Cause.FUTURE: "a reading or state is more than 5 minutes ahead of the collector's clock",
    Cause.UNKNOWN_SPACE: "the site or space is not in the building file",
}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def day(t_ms: int) -> str:
    """An instant as a date."""
    return datetime.fromtimestamp(t_ms / 1000, UTC).strftime("%Y-%m-%d")


# --- the contract -----------------------------------------------------------------------------------------


def draw_topics() -> str:
    """Every topic of the contract."""
    return table(
        ("topic", "retained", "what it carries"),
        (
            (_topic(name, row.levels), "yes" if row.retained else "no", row.meaning)
            for name, row in wire.TOPICS.items()
        ),
    )


def _topic(name: str, levels: Sequence[str]) -> str:
    return f"`bezet/{wire.VERSION}/{'/'.join(f'{{{level}}}' for level in levels)}/{name}`"


def draw_fields(fields: Sequence[Field]) -> str:
    """The fields of a message or of a part of one."""
    return table(
        ("field", "holds", "meaning"), ((f"`{one.name}`", _words(one), one.meaning) for one in fields)
    )


def _words(field: Field) -> str:
    return field.check.words.replace(str(2**53), "2⁵³").replace("1e+09", "10⁹")


def draw_kinds() -> str:
    """Every kind of reading."""
    return table(
        ("kind", "from", "to", "what the number is"),
        ((f"`{kind}`", f"{row.low:,.0f}", f"{row.high:,.0f}", row.meaning) for kind, row in KINDS.items()),
    )


def draw_limits() -> str:
    """How much and how far."""
    return table(
        ("what", "limit"),
        (
            ("payload", f"{wire.MAX_PAYLOAD_BYTES:,} bytes"),
            ("readings in a batch", f"{wire.MAX_READINGS}"),
            ("states in a batch", f"{wire.MAX_STATES}"),
            ("ranges, and refusals, in a receipt", f"{wire.MAX_RANGES:,} each"),
            ("instants", f"{day(wire.T_MIN_MS)} to {day(wire.T_MAX_MS)}"),
            ("ahead of the collector's clock", f"{duration(wire.FUTURE_MS // 1000)}"),
            ("ids (site, device, space, sensor, rule)", f"`{wire.ID.pattern}`"),
        ),
    )


def draw_pace() -> str:
    """How the agent repeats."""
    pace = Pace()
    first, last = _about(pace.first_probe_ms), _about(pace.last_probe_ms)
    return table(
        ("when", "what the agent does"),
        (
            ("receipts come", f"up to {pace.size} messages out, each again after {_about(pace.repeat_ms)}"),
            (
                f"no receipt for {_about(pace.silence_ms)} while something is out",
                f"one message at a time, in turn: after {first}, then twice that, and so on up to {last}",
            ),
            ("the broker is back", "one message at once, then as above"),
            ("a receipt after a silence", "everything that is out again, and on as usual"),
        ),
    )


def _about(wait_ms: int) -> str:
    return duration(wait_ms // 1000)


def draw_causes() -> str:
    """Why messages are refused, and whether their sender is told."""
    answered = {one.cause: "if `boot` and `seq` can be read" for one in REFUSED if one.seq is not None}
    answered |= dict.fromkeys((Cause.FUTURE, Cause.UNKNOWN_SPACE), "yes")
    return table(
        ("cause", "what was wrong", "answered"),
        ((f"`{cause}`", CAUSES[cause], answered.get(cause, "no")) for cause in Cause),
    )


def draw_examples(name: str) -> str:
    """The examples of one topic."""
    return "\n\n".join(
        f"{one.name[0].upper()}{one.name[1:]}, on `{one.topic}`:\n\n```json\n{one.payload.decode()}\n```"
        for one in EXAMPLES
        if one.topic.endswith(f"/{name}")
    )


def draw_refused() -> str:
    """What is refused, by cause."""
    return "\n".join(
        f"- `{cause}`: {'; '.join(one.name for one in REFUSED if one.cause is cause)}."
        for cause in Cause
        if any(one.cause is cause for one in REFUSED)
    )


# --- evidence ---------------------------------------------------------------------------------------------


def duration(seconds: int) -> str:
    """A time in words."""
    sizes = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
    size, unit = next((size, unit) for size, unit in sizes if seconds % size == 0 and seconds >= size)
    amount = seconds // size
    return f"{amount} {unit}{'s' if amount != 1 else ''}"


def percent(share: float) -> str:
    """A share in per cent."""
    return f"{100 * share:.3g} %"


def likely(log_odds: float) -> str:
    """Log-odds in words."""
    times = math.exp(abs(log_odds))
    return f"{times:.0f} times as likely that {'somebody' if log_odds > 0 else 'nobody'} is there"


def draw_evidence() -> str:
    """What looks into a space: how strongly it speaks, and for how long."""
    return table(
        ("reading", "presence is", "says", "for, after that", "fades within to", "silent after"),
        (
            (
                f"`{kind}`",
                f"{row.high:g} or more",
                likely(row.present),
                duration(row.hold_s),
                f"{duration(row.fade_s)}: {likely(row.empty)}",
                duration(row.valid_s),
            )
            for kind, row in EVIDENCE.items()
        ),
    )


def draw_patience() -> str:
    """For how much longer or shorter a kind of space is believed to be used."""
    kinds = [f"`{kind}` {PATIENCE[kind]:g} times as long" for kind in PATIENCE if kind is not None]
    return f"{', '.join(kinds)}; every other kind as the table says."


def draw_others() -> str:
    """What does not look into a space, and says something all the same."""
    door, lamp = duration(DOOR_VALID_S), duration(LAMP_VALID_S)
    return table(
        ("what", "says", "until", "silent after"),
        (
            ("somebody was seen inside after the door was shut", likely(DOOR_INSIDE), _inside(), door),
            (
                "nobody was seen inside since the door was shut",
                likely(DOOR_LEFT),
                "it opens, or somebody is seen",
                door,
            ),
            (
                "the lamps were switched on",
                likely(LAMP_ON),
                f"switched off, at most {duration(LAMP_ON_S)}",
                lamp,
            ),
            ("the lamps were switched off, or it is dark", likely(LAMP_OFF), "switched on", lamp),
            (
                "CO2, by how many people breathe",
                f"from {likely(CO2_EMPTY)} to {likely(CO2_PRESENT)}",
                "its next reading",
                duration(CO2_VALID_S),
            ),
        ),
    )


def _inside() -> str:
    return f"it opens, at most {duration(DOOR_INSIDE_S)} after somebody was seen"


def draw_proven() -> str:
    """When a space is proven empty, whatever its tally says."""
    kinds = [f"`{kind}` {duration(proven_s)}" for kind, proven_s in PROVEN_EMPTY_S.items()]
    return f"Nobody seen, and nobody come in, for: {', '.join(kinds)}."


#: What air is judged by: what, how much (with its unit), and where that comes from.
AIR: Sequence[tuple[str, str, str]] = (
    (
        "CO2 of one person, in a room of 1 m³",
        f"{air.ONE_PERSON_PPM_M3_H:,.0f} ppm an hour",
        "Persily & de Jonge 2017, table 4",
    ),
    ("that differs between people by", percent(air.PERSON_OFF), "sex, age, what they do; the same source"),
    ("volume, of a space in the building file", f"its area times {HEIGHT_M:g} m", "ours"),
    (
        "volume, where it is not known",
        (
            f"{air.M3_PER_PLACE:g} m³ for each place, {air.LEAST_M3:g} m³ at least; "
            f"{air.USUAL_M3:g} m³ without places"
        ),
        "ours",
    ),
    ("a reading is off by", f"{air.NOISE_PPM:g} ppm", "SCD41 datasheet, news of the reporter, mixing"),
    (
        "people come and go by",
        f"{air.WALK_PEOPLE:g} people in an hour, times the root of its places",
        "tuned",
    ),
    ("outdoor air is off by", f"{air.OUTDOOR_OFF_PPM:g} ppm", "ours"),
    ("learned air changes are off by", percent(air.AIR_OFF), "ours"),
    (
        "air changes in use, where they are not known",
        f"{air.IN_USE:g} times those after people left, off by {percent(air.IN_USE_OFF)}",
        "a guess, from four recorded rooms",
    ),
    ("air changes in use that are known are off by", percent(air.KNOWN_OFF), "ours"),
    ("beside sensors that look into the space it counts", percent(evidence.BESIDE), "tuned"),
    ("begun anew after a silence of", duration(air.LOST_MS // 1000), "ours"),
)


def draw_air() -> str:
    """What air is judged by."""
    return table(("what", "number", "where it comes from"), AIR)


def draw_learning() -> str:
    """How fast a space teaches."""
    kinds = ", ".join(f"`{kind}`" for kind in sorted(evidence.LEARNS_PATIENCE))
    return table(
        ("what is learned", "from", "by"),
        (
            ("outdoor air", "the lowest that was heard", f"forgets {air.FORGET_PPM_H:g} ppm an hour"),
            (
                "air changes",
                (
                    f"CO2 more than {air.TEACHES_FROM_PPM:g} ppm above outdoors, which falls by "
                    f"{percent(air.TEACHES_FALL)} of that or more in an hour"
                ),
                (
                    f"what {percent(air.QUANTILE)} of the falling time stays below, "
                    f"rising by {percent(math.expm1(air.LEARN_PER_H * air.QUANTILE))} an hour at most"
                ),
            ),
            (
                f"patience ({kinds}, where only motion looks)",
                f"called free, and used again within {duration(evidence.RETURN_WITHIN_S)}",
                f"{evidence.MORE_PATIENCE:g} times as long",
            ),
            (
                "the same",
                f"called free, and not used for {duration(evidence.LEFT_AFTER_S)}",
                f"{evidence.LESS_PATIENCE:g} times as long",
            ),
        ),
    )


def draw_lessons() -> str:
    """What a space teaches."""
    belief = replace(Belief(), air={"air": Air(0, 420.0, 0.0, 1.0, 0.0, 1.0)})
    return table(
        ("what", "begins at", "never leaves"),
        (
            (
                one.what,
                f"{one.begins:g} {one.unit}".strip(),
                f"{one.low:g} to {one.high:g} {one.unit}".strip(),
            )
            for one in learned(belief)
        ),
    )


def draw_silent_kinds() -> str:
    """Which kinds say nothing about presence."""
    speaks = {*EVIDENCE, Kind.CO2_PPM, Kind.DOOR_OPEN, Kind.ILLUMINANCE_LUX, Kind.PEOPLE_IN, Kind.PEOPLE_OUT}
    kinds = [f"`{kind}`" for kind in Kind if kind not in speaks]
    return f"{', '.join(kinds[:-1])} and {kinds[-1]} are recorded, and say nothing about presence."


def draw_doorway() -> str:
    """What the tally of a doorway says."""
    return table(
        ("the tally", "says", "silent after"),
        (
            ("surely at least one", likely(DOORWAY_SURE), duration(DOORWAY_VALID_S)),
            ("somebody, not surely", likely(DOORWAY_LIKELY), duration(DOORWAY_VALID_S)),
            ("surely nobody", likely(DOORWAY_EMPTY), duration(DOORWAY_VALID_S)),
        ),
    )


def draw_thresholds() -> str:
    """From what probability a space is what."""
    return table(
        ("rule", "occupied from", "free up to", "in between", "said again after"),
        (
            (
                f"`{RULE}`",
                percent(OCCUPIED_FROM),
                percent(FREE_UP_TO),
                "what it was before",
                duration(SAY_AGAIN_S),
            ),
        ),
    )


#: What sensors say, for the worked examples: minutes, kind and number, and the minute that is looked at.
WORKED: Sequence[tuple[str, Sequence[tuple[float, Kind, float]], float]] = (
    ("motion", [(0, Kind.MOTION, 1)], 0),
    ("no motion, after some 4 minutes ago", [(0, Kind.MOTION, 1), (2, Kind.MOTION, 0)], 4),
    ("no motion, after some 6 minutes ago", [(0, Kind.MOTION, 1), (2, Kind.MOTION, 0)], 6),
    ("no motion for long", [(0, Kind.MOTION, 0)], 1),
    ("a radar sees somebody, where nothing moved", [(0, Kind.MOTION, 0), (1, Kind.PRESENCE, 1)], 1),
    (
        "a radar sees somebody, who moved 10 minutes ago",
        [(0, Kind.MOTION, 1), (2, Kind.MOTION, 0), *((n, Kind.PRESENCE, 1) for n in range(1, 11))],
        10,
    ),
    ("air as it is outdoors", [(0, Kind.CO2_PPM, 420)], 0),
    ("air that rises by 20 ppm a minute", [(n, Kind.CO2_PPM, 450 + 20 * n) for n in range(11)], 10),
    (
        "no motion for long, and that air",
        [*((n, Kind.CO2_PPM, 450 + 20 * n) for n in range(11)), (10, Kind.MOTION, 0)],
        10,
    ),
    ("two people are counted, nothing moves", [(0, Kind.MOTION, 0), (0, Kind.PEOPLE_COUNT, 2)], 0),
    ("nobody is counted, something moves", [(0, Kind.PEOPLE_COUNT, 0), (0, Kind.MOTION, 1)], 0),
)


def draw_worked() -> str:
    """What comes of it, by the rules themselves, in a space of which nothing else is known."""
    rows = []
    for words, said, minute in WORKED:
        course = Course()
        for now, kind, number in sorted(said):
            course.take([Reading(round(60_000 * now), str(kind), kind, number)])
        course.pass_time(round(60_000 * minute))
        total = sum(one.log_odds for one in grounds(course.belief, course.room, round(60_000 * minute)))
        state = course.belief.said
        outcome = "" if state is None else str(state.occupancy)
        rows.append((words, f"{total:+.1f}", percent(1 / (1 + math.exp(-total))), outcome))
    return table(("the sensors say", "log-odds", "probability", "so the zone is"), rows)


# --- devices ----------------------------------------------------------------------------------------------


def draw_habits() -> str:
    """When a sensor is not believed."""
    return table(
        ("reading", "stuck on after", "stuck off after", "never triggered after", "implausible"),
        (
            (
                f"`{kind}`",
                duration(row.stuck_on_s) if row.stuck_on_s else "",
                f"{duration(row.missed_s)} in which others saw somebody" if row.missed_s else "",
                duration(row.never_s) if row.never_s else "",
                "; ".join(_impossible(row)),
            )
            for kind, row in HABITS.items()
        ),
    )


def _impossible(row: Habit) -> Iterable[str]:
    if row.low is not None and row.high is not None:
        yield f"below {row.low:g} or above {row.high:,.0f}"
    if row.flat_s:
        above = f" above {row.flat_above:g}" if math.isfinite(row.flat_above) else ""
        yield f"the same number{above} for {duration(row.flat_s)}"
    if row.jump:
        yield f"a jump of more than {row.jump:,.0f}"
    if row.tells_from is not None:
        yield f"but from {row.tells_from:g} up it is listened to, because it rises and falls with the truth"


def draw_manners() -> str:
    """What of each kind is worth a message."""
    return table(
        ("reading", "news is a change of", "at most every", "while above 0 again every", "else again every"),
        (
            (
                f"`{kind}`",
                _change(kind),
                duration(round(row.least_s)) if row.least_s else "",
                duration(round(row.present_s)) if row.present_s else "",
                "" if kind is Kind.FEEDBACK else duration(round(row.beat_s)),
            )
            for kind, row in MANNERS.items()
        ),
    )


def _change(kind: Kind) -> str:
    row = MANNERS[kind]
    if KINDS[kind].is_event:
        return "each by itself" if kind is Kind.FEEDBACK else "anybody"
    words = [
        f"{row.change:g}" if row.change else "",
        f"{percent(row.share)} of the last" if row.share else "",
    ]
    return " and ".join(filter(None, words)) or "any"


def draw_av() -> str:
    """What an AV device does, by its power."""
    return table(
        ("`device`", "standby above", "on above", "in use above", "where the numbers come from"),
        (
            (
                f"`{name}`",
                f"{row.standby_above_w:g} W",
                f"{row.on_above_w:g} W",
                "watts cannot tell" if row.in_use_above_w is None else f"{row.in_use_above_w:g} W",
                row.because,
            )
            for name, row in AV_DEVICES.items()
        ),
    )


def draw_drivers() -> str:
    """Every driver."""
    return table(
        ("driver", "is", "on", "gives", "privacy class"),
        (
            (f"[`{name}`]({name}.md)", row.what, row.on, _kinds(row), " and ".join(_levels(row)))
            for name, row in DRIVERS.items()
            if row.on
        ),
    )


def _kinds(row: Row) -> str:
    return ", ".join(f"`{kind}`" for kind in dict.fromkeys(row.measures))


def _levels(row: Row) -> list[Level]:
    return sorted({KINDS[kind].level for kind in row.measures}, reverse=True)


# --- pages ------------------------------------------------------------------------------------------------


def draw_alarms() -> str:
    """When each alarm is raised, how soon somebody should look, and what to do."""
    soon = {Severity.NOW: "now", Severity.TODAY: "today", Severity.WEEK: "this week"}
    return table(
        ("alarm", "when", "look", "rests while closed", "what to do"),
        (
            (
                *(f"`{kind}`", rule.when.en, soon[rule.severity]),
                *("yes" if rule.rests_closed else "", rule.what_to_do.en),
            )
            for kind, rule in RULES.items()
        ),
    )


#: What is drawn where: the name of the place in the page, and who draws it.
PAGES: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "contract.md": {
        "topics": draw_topics,
        "batch": lambda: draw_fields(wire.BATCH),
        "reading": lambda: draw_fields(wire.READING),
        "state": lambda: draw_fields(wire.STATE),
        "health": lambda: draw_fields(wire.HEALTH),
        "receipt": lambda: draw_fields(wire.RECEIPT),
        "demand": lambda: draw_fields(wire.DEMAND),
        "kinds": draw_kinds,
        "limits": draw_limits,
        "pace": draw_pace,
        "causes": draw_causes,
        "readings examples": lambda: draw_examples("readings"),
        "state examples": lambda: draw_examples("state"),
        "health examples": lambda: draw_examples("health"),
        "receipt examples": lambda: draw_examples("receipt"),
        "demand examples": lambda: draw_examples("demand"),
        "refused": draw_refused,
    },
    "alarms.md": {"alarms": draw_alarms},
    "devices.md": {"manners": draw_manners, "habits": draw_habits, "av": draw_av},
    "accuracy.md": {"shapes": shapes, "meanings": meanings},
    "sensors/README.md": {"drivers": draw_drivers},
    "evidence.md": {
        "evidence": draw_evidence,
        "patience": draw_patience,
        "others": draw_others,
        "proven": draw_proven,
        "air": draw_air,
        "lessons": draw_lessons,
        "learning": draw_learning,
        "silent kinds": draw_silent_kinds,
        "doorway": draw_doorway,
        "thresholds": draw_thresholds,
        "worked": draw_worked,
    },
}

_PLACE = re.compile(r"<!-- drawn: ([a-z ]+) -->\n.*?<!-- end -->", re.DOTALL)


def draw(page: str) -> str:
    """The page with its drawn parts as they should be; every part has one place, and every place a part."""
    parts = PAGES[page]
    text = (FOLDER / page).read_text(encoding="utf-8")
    places = [place[1] for place in _PLACE.finditer(text)]
    if sorted(places) != sorted(parts):
        raise SystemExit(f"docs/{page}: needs a place for each of {sorted(parts)}, and has {sorted(places)}")
    return _PLACE.sub(
        lambda place: f"<!-- drawn: {place[1]} -->\n\n{parts[place[1]]()}\n\n<!-- end -->", text
    )


def main() -> int:
    """Draw, or check; returns 1 when a page is out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, and fail if it would")
    is_check = parser.parse_args().check
    stale = [page for page in PAGES if draw(page) != (FOLDER / page).read_text(encoding="utf-8")]
    for page in stale:
        if is_check:
            print(f"docs/{page} is out of date: run python docs/draw.py")
        else:
            (FOLDER / page).write_text(draw(page), encoding="utf-8")
            print(f"docs/{page} drawn")
    return 1 if is_check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
