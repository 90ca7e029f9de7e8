# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Recorded cases of a driver: what was said on its bus, and what came of it turn by turn.

    driver = "scd4x"

    [[case]]
    name = "measures"
    rule = "One sentence: what this case shows."
    settings = { altitude_m = 5 }
    lines = ["62 > 21 b1", …]
    turns = ["co2_ppm=500 temperature_c=25 humidity_pct=37", "SensorNotReady", "SensorGone", …]

A turn is one answer of a polled sensor, or one word of one that speaks by itself: its numbers, `nothing`, or
the name of the error. As in the agent, an error other than `SensorNotReady` and `BadFrame` is followed by
`open`.
"""

from __future__ import annotations

import asyncio
import json
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bezet.errors import BadFrame, SensorNotReady
from edge.bus import load_replay
from edge.bus.conversation import Conversation, Played, Strayed
from edge.sensors import Polled, load_driver, row_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence
    from pathlib import Path

    from edge.sensors import Measured


@dataclass(frozen=True, slots=True)
class Case:
    """One recorded conversation of the driver of that name."""

    driver: str
    name: str
    rule: str
    lines: Sequence[str]
    turns: Sequence[str]
    settings: Mapping[str, Any] = field(default_factory=dict)


def read_cases(path: Path) -> list[Case]:
    """The cases in a file."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    return [Case(driver=found["driver"], **row) for row in found["case"]]


def write_case(case: Case) -> str:
    """A case as text of such a file."""
    rows = [
        f"driver = {_toml(case.driver)}",
        "",
        "[[case]]",
        f"name = {_toml(case.name)}",
        f"rule = {_toml(case.rule)}",
        f"settings = {{ {', '.join(f'{key} = {_toml(one)}' for key, one in case.settings.items())} }}",
        f"lines = [\n{''.join(f'  {_toml(line)},{chr(10)}' for line in case.lines)}]",
        f"turns = [\n{''.join(f'  {_toml(turn)},{chr(10)}' for turn in case.turns)}]",
    ]
    return "\n".join(rows) + "\n"


def _toml(found: Any) -> str:
    return json.dumps(found, ensure_ascii=False)


async def play(case: Case) -> list[str]:
    """What comes of a case; `Strayed` if the driver says something else than was recorded, or says less."""
    conversation = Conversation(case.lines)
    bus = load_replay(row_of(case.driver).on)(conversation)
    driver = load_driver(case.driver)(bus=bus, **case.settings)
    try:
        turns = [turn async for turn in take_turns(driver, len(case.turns), bus)]
    finally:
        if hasattr(bus, "close"):
            await bus.close()
    if conversation.left:
        raise Strayed(f"{len(conversation.left)} lines were not said, the first is {conversation.left[0]!r}")
    return turns


async def take_turns(
    driver: Any, count: int, bus: Any = None, *, timeout_s: float | None = None
) -> AsyncGenerator[str, None]:
    """So many turns of a driver in words, opened first, and again where the agent would; fewer at the end.

    A turn takes at most `timeout_s`. A replay bus that can `allow` is given the time-out of each turn, so
    that it can let it run out.
    """
    done, listening = 0, False
    words: Any = None
    while done < count:
        try:
            async with asyncio.timeout(timeout_s) as limit:
                if hasattr(bus, "allow"):
                    bus.allow(limit)
                if not listening:
                    await driver.open()
                    words = None if isinstance(driver, Polled) else driver.listen()
                    listening = True
                turn = in_words(await driver.read() if words is None else await anext(words))
        except (Played, StopAsyncIteration):
            return
        except Strayed:
            raise
        except Exception as error:  # noqa: BLE001  the error is what came of it
            turn = type(error).__name__
            listening = words is None and listening and isinstance(error, (SensorNotReady, BadFrame))
        done += 1
        yield turn


def in_words(measured: Sequence[Measured]) -> str:
    """Numbers as a case has them."""
    return " ".join(_word(one) for one in measured) or "nothing"


def _word(one: Measured) -> str:
    part = f"@{one.part}" if one.part else ""
    return f"{one.kind}{part}={round(one.value, 4):g}"
