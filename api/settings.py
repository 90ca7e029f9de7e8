# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""window.toml text → `Settings`, or every mistake in it at once: who sees what, where, and what is told.

Everything in the file is optional, and so is the file. docs/how-to/set-up-the-window.md shows one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from api.access.settings import read_access
from api.calendars.settings import CalendarSettings, read_calendars
from api.contact import read_contact
from api.demand.settings import DemandSettings, read_demand
from api.screens.settings import Screen, read_directions, read_screens
from api.webhooks.settings import WebhookSettings, read_webhook
from bezet.program import read_text
from bezet.sections import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.access.settings import Access
    from api.contact import Contact
    from api.words.language import Words
    from bezet.model import Building


@dataclass(frozen=True, slots=True)
class Settings:
    """What a site sets of its window; each part is read by the file of the part.

    Without `access` everything is open, which is for one's own machine alone.
    """

    access: Access | None = None
    calendars: CalendarSettings = field(default_factory=CalendarSettings)
    demand: DemandSettings = field(default_factory=DemandSettings)
    webhooks: tuple[WebhookSettings, ...] = ()
    screens: Mapping[str, Screen] = field(default_factory=dict)
    directions: Mapping[str, Words] = field(default_factory=dict)
    contact: Contact | None = None


def read_settings(text: str, file: str, building: Building) -> Settings:
    """The settings that the TOML `text` holds; raises `ConfigError` with every mistake when there is one."""
    root = parse(text, file)
    folder = Path(file).parent
    settings = Settings(
        access=read_access(root.section("access"), folder) if "access" in root else None,
        calendars=read_calendars(root.section("calendars"), folder, building)
        if "calendars" in root
        else CalendarSettings(),
        demand=read_demand(root),
        webhooks=tuple(read_webhook(one, folder) for one in root.sections("webhook", unique="name")),
        screens=read_screens(root, building),
        directions=read_directions(root, building),
        contact=read_contact(root.section("contact")) if "contact" in root else None,
    )
    root.done()
    return settings


def load_settings(path: Path | None, building: Building) -> Settings:
    """The settings in a file, or those of a window without one."""
    return Settings() if path is None else read_settings(read_text(path), str(path), building)
