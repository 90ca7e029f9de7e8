# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Which topics an MQTT filter covers (MQTT 5, section 4.7)."""

from __future__ import annotations

import pytest

from bezet.link import matches

CASES = [
    # filter, topic, covered
    ("a/b/c", "a/b/c", True),
    ("a/b/c", "a/b", False),
    ("a/b", "a/b/c", False),
    ("a/b", "A/b", False),
    ("a", "a", True),
    ("a", "ab", False),
    ("a", "/a", False),
    ("a", "a/", False),
    ("+", "a", True),
    ("+", "", True),
    ("+", "a/b", False),
    ("+", "/a", False),
    ("+/+", "/a", True),
    ("/+", "/a", True),
    ("a/+/c", "a/b/c", True),
    ("a/+/c", "a//c", True),
    ("a/+/c", "a/b/d/c", False),
    ("a/+", "a", False),
    ("a/+", "a/", True),
    ("#", "a", True),
    ("#", "a/b/c", True),
    ("#", "/", True),
    ("a/#", "a/b/c", True),
    ("a/#", "a/", True),
    ("a/#", "a", True),  # the level above too
    ("a/#", "ab", False),
    ("a/b/#", "a", False),
    ("a/+/#", "a/b", True),
    ("a/+/#", "a", False),
    ("+/b/#", "a/b/c", True),
    ("#", "$SYS/broker/load", False),  # the broker's own topics want to be named
    ("+/broker/load", "$SYS/broker/load", False),
    ("$SYS/#", "$SYS/broker/load", True),
    ("$SYS/+/load", "$SYS/broker/load", True),
    ("a/$b", "a/$b", True),
    ("a/+", "a/$b", True),
    ("$share/group/a/+", "a/b", True),
    ("$share/group/a/+", "b/b", False),
    ("$share/group/#", "a/b", True),
    ("$share/group/#", "$SYS/broker/load", False),
    ("bezet/+/townhall/+/+/readings", "bezet/v1/townhall/pi-1/1.04/readings", True),
    ("bezet/+/townhall/+/+/readings", "bezet/v1/townhall/pi-1/1.04/state", False),
    ("bezet/+/townhall/+/+/readings", "bezet/v1/townhall/pi-1/readings", False),
    ("bezet/v1/townhall/+/health", "bezet/v1/townhall/pi-1/health", True),
    ("bezet/v1/townhall/+/health", "bezet/v1/library/pi-1/health", False),
]


@pytest.mark.parametrize(("topic_filter", "topic", "covered"), CASES)
def test_filter_and_topic(topic_filter: str, topic: str, covered: bool) -> None:
    """A filter covers exactly the topics that MQTT says."""
    assert matches(topic_filter, topic) is covered
