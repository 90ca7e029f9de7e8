# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`[contact]` of window.toml: whom people may ask about what is measured, and tell of what is broken."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bezet.sections import Section

_EMAIL = re.compile(r"[^\s@<>\"?&]+@[^\s@<>\"?&]+\.[^\s@<>\"?&]+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{2,23}")


@dataclass(frozen=True, slots=True)
class Contact:
    """A team, and how it is reached: by e-mail, by phone ("" where not), or both."""

    name: str
    email: str = ""
    phone: str = ""


def read_contact(section: Section) -> Contact:
    """The contact that a section describes; mistakes are noted in the section."""
    found = Contact(
        name=section.text("name"),
        email=section.text("email", _EMAIL, "", "an e-mail address") if "email" in section else "",
        phone=section.text("phone", _PHONE, "", "a phone number") if "phone" in section else "",
    )
    if "email" not in section and "phone" not in section:
        section.problem("name", "needs an email or a phone beside it: a name alone cannot be reached")
    return found
