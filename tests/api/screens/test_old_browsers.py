# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a screen is made of works in the browser of a television or tablet of five years ago.

The floor is Chromium 76 and Safari 13.1: televisions of 2021 have 76 (Samsung) and 79 (LG), and are not given
newer ones. No such browser was at hand: this is a table of what came later, and looks for that.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import api

PAGES = Path(api.__file__).parent / "pages"
#: What is newer than the floor and fails with all around it: a pattern, the first Chromium, Safari.
SCRIPT = {
    "optional chaining": (r"\?\.(?!\d)", 80, "13.1"),
    "nullish coalescing": (r"\?\?", 80, "13.1"),
    "logical assignment": (r"(?:\|\||&&)=", 85, "14"),
    "replaceAll": (r"\.replaceAll\(", 85, "13.1"),
    "at": (r"\.at\(", 92, "15.4"),
    "private members": (r"\bthis\.#|^\s*#\w", 74, "14.1"),
    "class fields": (r"(?s)class \w+ \{(?:(?!\n\}).)*?\n  (?:static )?\w+ = ", 72, "14.1"),
    "top-level await": (r"^await |^const .* = await ", 89, "15"),
    "Object.hasOwn": (r"Object\.hasOwn\(", 93, "15.4"),
    "findLast": (r"\.findLast", 97, "15.4"),
    "structuredClone": (r"structuredClone\(", 98, "15.4"),
    "replaceChildren": (r"\.replaceChildren\(", 86, "14"),
    "checkVisibility": (r"checkVisibility\(", 105, "17.4"),
    "sorted copies": (r"\.to(?:Sorted|Reversed|Spliced)\(", 110, "16"),
    "numeric separators": (r"\b\d+_\d", 75, "13"),
}
#: The same of styles, where a rule or a declaration is dropped.
STYLE = {
    ":has()": (r":has\(", 105, "15.4"),
    ":is(), :where()": (r":(?:is|where)\(", 88, "14"),
    "layers": (r"@layer", 99, "15.4"),
    "containers": (r"@container", 105, "16"),
    "parts of a container": (r"\dcq[a-z]+\b", 105, "16"),
    "color-mix()": (r"color-mix\(", 111, "16.2"),
    "nesting": (r"^\s*&", 112, "16.5"),
    "inset": (r"\binset:", 87, "14.1"),
    "aspect-ratio": (r"aspect-ratio:", 88, "15"),
    "dynamic viewport": (r"\d[dsl]v[hw]\b", 108, "15.4"),
    "ranges in media": (r"@media[^{]*[<>]", 104, "16.4"),
    "light-dark()": (r"light-dark\(", 123, "17.5"),
    "logical shorthands": (r"\b(?:margin|padding)-(?:inline|block):", 87, "14.1"),
    "accent-color": (r"accent-color:", 93, "15.4"),
}
#: Values that came later than the floor (clamp and min: 79, anywhere: 80) stand after one that is older, in
#: these properties: without them nothing can be read.
SIZES = ("font-size", "height", "width", "padding", "gap", "column-gap")
AFTER_A_FALLBACK = {
    "clamp(": SIZES,
    "min(": ("grid-template-columns", *SIZES),
    "anywhere": ("overflow-wrap",),
    '" / "': ("content",),
}


def loaded() -> list[Path]:
    """The files that screens and door signs load: those that their pages name, and what scripts import."""
    text = "".join((PAGES / name).read_text() for name in ("lobby.html", "door.html"))
    names = {"theme.css", *re.findall(r'(?:href|src)="/([\w.-]+\.(?:css|js))"', text)}
    while True:
        texts = "".join((PAGES / name).read_text() for name in names)
        more = names | set(re.findall(r'from "\./([\w.-]+)"', texts))
        if more == names:
            return [PAGES / name for name in sorted(names)]
        names = more


LOADED = loaded()


def bare(file: Path) -> str:
    """The text of a file without comments, which may name what they like."""
    return re.sub(r"/\*.*?\*/|^\s*//.*?$", "", file.read_text(), flags=re.DOTALL | re.MULTILINE)


def unguarded(file: Path) -> str:
    """Of a style, what stands alone: without the declarations that stand after one of the same property."""
    return re.sub(r"(?m)(^ *([\w-]+): [^\n]*\n) *\2: [^\n]*\n", r"\1", bare(file))


@pytest.mark.parametrize("file", LOADED, ids=lambda one: one.name)
def test_nothing_is_newer_than_the_oldest_browser(file: Path) -> None:
    """A single `?.` and the whole script is none; a single `:has` and the whole rule is none."""
    table, text = (SCRIPT, bare(file)) if file.suffix == ".js" else (STYLE, unguarded(file))
    found = [
        f"{what}: Chromium {chromium}, Safari {safari}"
        for what, (pattern, chromium, safari) in table.items()
        if (chromium > 76 or float(safari) > 13.1) and re.search(pattern, text, re.MULTILINE)
    ]

    assert found == []


@pytest.mark.parametrize("file", [one for one in LOADED if one.suffix == ".css"], ids=lambda one: one.name)
def test_what_is_newer_has_a_fallback_before_it(file: Path) -> None:
    """A value that an old browser does not know stands after one of the same property that it does."""
    lines = [line.strip() for line in bare(file).splitlines()]
    for before, line in zip(["", *lines], lines, strict=False):
        name = line.partition(":")[0]
        for value, names in AFTER_A_FALLBACK.items():
            if value in line and name in names:
                assert before.startswith(f"{name}:"), line
        if re.match(
            r"(?:flex-)?gap:|column-gap:|row-gap:", line
        ):  # 84 and 14.1 in flex boxes; in grids 66 and 12
            assert _is_grid(lines, line), line
        assert not (":focus-visible" in line and ":not(:focus-visible)" not in line), line


def _is_grid(lines: list[str], gap: str) -> bool:
    text = "\n".join(lines)
    rules = [rule for rule in re.findall(r"\{([^{}]*)\}", text) if gap in rule]
    return all("display: flex" not in rule for rule in rules)


def test_what_is_looked_for_would_be_found() -> None:
    """Each pattern finds what it is for."""
    samples = {
        "optional chaining": "one?.two",
        "nullish coalescing": "one ?? two",
        "logical assignment": "one ||= two",
        "private members": "this.#one",
        "class fields": "class One {\n  one = 1;",
        "nesting": ".one {\n  & .two {}",
        ":has()": ".one:has(.two) {}",
        "ranges in media": "@media (width >= 10px) {",
        "dynamic viewport": "height: 100dvh",
        "layers": "@layer one {",
        "parts of a container": "width: 17cqi",
    }
    for what, sample in samples.items():
        assert re.search({**SCRIPT, **STYLE}[what][0], sample, re.MULTILINE), what


def test_the_files_of_a_screen_are_looked_at() -> None:
    """The styles and scripts of both pages, and what they import, are all among them."""
    named = {"theme.css", "lobby.css", "wall.css", "door.css", "lobby.js", "door.js"}
    assert named | {"head.js", "stream.js", "page.js"} <= {file.name for file in LOADED}
