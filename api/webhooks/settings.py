# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`[[webhook]]` of window.toml: who is told what, and by which secrets they know that it is us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from api.addresses import ADDRESS, ADDRESS_WORDS
from bezet.wire import ID

if TYPE_CHECKING:
    from pathlib import Path

    from bezet.sections import Section

_FILE = re.compile(r"\S(?:.*\S)?")


class EventKind(StrEnum):
    """What can be told; the words after `nl.bezet.` and before `.v1` in the type of an event."""

    SPACE_CHANGED = "space.changed"
    ALARM_OPENED = "alarm.opened"
    ALARM_ENDED = "alarm.ended"


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """One receiver; `secret_files` are two while the secret is changed, the new one first."""

    name: str
    url: str
    secret_files: tuple[Path, ...]
    events: tuple[EventKind, ...]


def read_webhook(section: Section, folder: Path) -> WebhookSettings:
    """The receiver that a section describes, its files in `folder`; mistakes are noted in the section."""
    files, events = section.items("secret_files", least=1), section.items("events", least=1)
    return WebhookSettings(
        name=section.text("name", ID, wanted="an id such as ventilation"),
        url=section.text("url", ADDRESS, wanted=ADDRESS_WORDS),
        secret_files=tuple(folder / files.text(n, _FILE, wanted="a file") for n in files),
        events=tuple(events.choice(n, EventKind) for n in events),
    )
