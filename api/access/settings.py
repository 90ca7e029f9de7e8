# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`[access]` of window.toml: who looks in without a name, who signs people in, how often one may ask."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.access.caller import Role
from api.addresses import ADDRESS_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bezet.sections import Section

#: How often somebody may ask in a minute; a page asks once and then listens.
REQUESTS_PER_MINUTE, MOST_REQUESTS = 300, 1_000_000
_WHO, _CLAIM = re.compile("public|nobody"), re.compile(r"\S{1,64}")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?")
_ORIGIN_WORDS = "an origin such as https://intranet.example.nl, without a path"
_URL = re.compile(r"(?:https://[A-Za-z0-9.-]+|http://(?:localhost|127\.0\.0\.1))(?::[0-9]+)?(?:/\S*)?")


@dataclass(frozen=True, slots=True)
class Oidc:
    """Who signs people in (OpenID Connect), and what their groups may do here.

    `roles` are ours by the words in the claim `roles_claim`; `everyone` is what each signed-in person is.
    """

    issuer: str
    client_id: str
    client_secret_file: Path
    public_url: str
    roles_claim: str
    roles: Mapping[str, Role]
    everyone: Role = Role.EMPLOYEE


@dataclass(frozen=True, slots=True)
class Access:
    """What is asked of whoever comes; `is_public` tells whether nobody in particular sees the public view."""

    is_public: bool = True
    cors: tuple[str, ...] = ()
    requests_per_minute: int = REQUESTS_PER_MINUTE
    oidc: Oidc | None = None


def read_access(section: Section, folder: Path) -> Access:
    """The access that a section describes, its files in `folder`; mistakes are noted in the section."""
    origins = section.items("cors")
    return Access(
        is_public=section.text("anonymous", _WHO, "public", '"public" or "nobody"') == "public",
        cors=tuple(origins.text(n, _ORIGIN, wanted=_ORIGIN_WORDS) for n in origins),
        requests_per_minute=section.integer("requests_per_minute", 10, MOST_REQUESTS, REQUESTS_PER_MINUTE),
        oidc=_oidc(section.section("oidc"), folder) if "oidc" in section else None,
    )


def _oidc(section: Section, folder: Path) -> Oidc:
    everyone = section.choice("everyone", Role, Role.EMPLOYEE)
    found = section.section("roles") if "roles" in section else None
    roles = {} if found is None else {str(key): found.choice(key, Role) for key in found}
    return Oidc(
        issuer=section.text("issuer", _URL, wanted=ADDRESS_WORDS).rstrip("/"),
        client_id=section.text("client_id"),
        client_secret_file=folder / section.text("client_secret_file"),
        public_url=section.text("public_url", _URL, wanted=ADDRESS_WORDS).rstrip("/"),
        roles_claim=section.text("roles_claim", _CLAIM, "roles", "the name of a claim"),
        roles=roles,
        everyone=everyone,
    )
