# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What every link promises, in memory and over MQTT on a real Mosquitto."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bezet.errors import LinkDown
from bezet.link import Delivery, Link, Will
from tests.bezet.link.stages import (
    MemoryStage,
    MqttStage,
    Stage,
    linked,
    next_delivery,
    next_down,
    next_event,
    next_up,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WILL = Will("box/last", b"gone")


@pytest.fixture(params=["memory", pytest.param("mqtt", marks=pytest.mark.broker)])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """A running broker."""
    if request.param == "memory":
        made: Stage = MemoryStage()
    else:
        made = MqttStage(request.getfixturevalue("mosquitto"))
    yield made
    await made.close()


async def say(link: Link, topic: str, payload: bytes, *, retain: bool = False) -> None:
    """Publish on a topic that the link itself is subscribed to, and wait until the broker has it."""
    await link.publish(topic, payload, retain=retain)
    while (await next_delivery(link)).payload != payload:
        pass


async def test_delivers_in_order(stage: Stage) -> None:
    """What one link publishes reaches a subscriber whole and in order."""
    sent = [str(number).encode() for number in range(300)]
    async with linked(stage, "ear", "box/#") as ear, linked(stage, "mouth") as mouth:
        for payload in sent:
            await mouth.publish("box/a", payload)
        heard = [await next_delivery(ear) for _ in sent]

    assert [one.payload for one in heard] == sent
    assert {one.topic for one in heard} == {"box/a"}
    assert not any(one.retained for one in heard)


async def test_carries_any_bytes(stage: Stage) -> None:
    """A payload is bytes; none are changed, and none is too many for the contract."""
    payloads = [b"", bytes(range(256)), b"\xff\xfe", bytes(1_000_000)]
    async with linked(stage, "ear", "box/#") as ear:
        for payload in payloads:
            await ear.publish("box/a", payload)

        assert [(await next_delivery(ear)).payload for _ in payloads] == payloads


async def test_hears_what_it_subscribed_to(stage: Stage) -> None:
    """A link hears its own filters' topics and no others, each once."""
    async with linked(stage, "one", "box/+/a", "other") as one, linked(stage, "two", "box/b/#") as two:
        for topic in ("box/a/a", "box/b/b", "box/b/a", "nobody", "other"):
            await one.publish(topic, b"")
        await one.publish("box/b/end", b"")

        assert [(await next_delivery(one)).topic for _ in range(3)] == ["box/a/a", "box/b/a", "other"]
        assert [(await next_delivery(two)).topic for _ in range(3)] == ["box/b/b", "box/b/a", "box/b/end"]


async def test_retained_message_waits_for_a_late_subscriber(stage: Stage) -> None:
    """The last retained message of a topic reaches whoever subscribes later, and is marked as retained."""
    async with linked(stage, "mouth", "box/#") as mouth:
        await say(mouth, "box/a", b"old", retain=True)
        await say(mouth, "box/a", b"new", retain=True)
        async with linked(stage, "late", "box/#") as late:
            kept = await next_delivery(late)
            await mouth.publish("box/a", b"live", retain=True)
            live = await next_delivery(late)

    assert (kept.payload, kept.retained) == (b"new", True)
    assert (live.payload, live.retained) == (b"live", False)


async def test_message_without_retain_is_not_kept(stage: Stage) -> None:
    """Whoever comes later hears only what was retained."""
    async with linked(stage, "mouth", "box/#") as mouth:
        await say(mouth, "box/a", b"passing")
        await say(mouth, "box/b", b"kept", retain=True)
        async with linked(stage, "late", "box/#") as late:
            assert (await next_delivery(late)).payload == b"kept"


async def test_empty_payload_clears_a_retained_message(stage: Stage) -> None:
    """A retained message is forgotten when an empty one is retained in its place."""
    async with linked(stage, "mouth", "box/#") as mouth:
        await say(mouth, "box/a", b"kept", retain=True)
        await say(mouth, "box/a", b"", retain=True)
        await say(mouth, "box/b", b"other", retain=True)
        async with linked(stage, "late", "box/#") as late:
            assert (await next_delivery(late)).topic == "box/b"


async def test_subscribes_to_more_later(stage: Stage) -> None:
    """A link that is connected can ask for more: it hears the new topics beside the old, and no others."""
    async with linked(stage, "ear", "box/a") as ear, linked(stage, "mouth") as mouth:
        await ear.subscribe("box/b", "box/c/+")
        for topic in ("box/a", "box/b", "box/c/d", "box/e", "box/a"):
            await mouth.publish(topic, b"")

        heard = [(await next_delivery(ear)).topic for _ in range(4)]
        assert heard == ["box/a", "box/b", "box/c/d", "box/a"]


async def test_a_later_subscription_brings_what_is_retained(stage: Stage) -> None:
    """Whoever subscribes later is told what is retained there, and told again when it subscribes again."""
    async with linked(stage, "ear") as ear, linked(stage, "mouth", "box/#") as mouth:
        await say(mouth, "box/a", b"kept", retain=True)
        for _ in range(2):
            await ear.subscribe("box/a")
            kept = await next_delivery(ear)

            assert (kept.payload, kept.retained) == (b"kept", True)
        await mouth.publish("box/a", b"live")

        assert (await next_delivery(ear)).payload == b"live"


async def test_a_later_subscription_ends_with_its_connection(stage: Stage) -> None:
    """After a break the link hears its own topics again, and what it asked for later once it asks again."""
    async with linked(stage, "ear", "box/a") as ear, linked(stage, "mouth") as mouth:
        await ear.subscribe("box/b")
        stage.cut("ear")
        await next_down(ear)
        await next_up(ear)
        for topic in ("box/b", "box/a"):
            await mouth.publish(topic, b"before")
        assert (await next_delivery(ear)).topic == "box/a"

        await ear.subscribe("box/b")
        await mouth.publish("box/b", b"after")
        assert (await next_delivery(ear)).payload == b"after"


async def test_subscribing_while_down_is_refused(stage: Stage) -> None:
    """There is nothing to subscribe at while there is no broker, and nothing of it is done later."""
    async with linked(stage, "ear", "box/a") as ear:
        await stage.stop()
        await next_down(ear)
        with pytest.raises(LinkDown):
            await ear.subscribe("box/b")
        await stage.start()
        await next_up(ear)
        for topic in ("box/b", "box/a"):
            await ear.publish(topic, b"")

        assert (await next_delivery(ear)).topic == "box/a"


async def test_last_will_of_a_lost_link(stage: Stage) -> None:
    """When a link is lost without a goodbye its last will is published, and retained."""
    async with linked(stage, "ear", WILL.topic) as ear, linked(stage, "mortal", will=WILL) as mortal:
        stage.cut("mortal")
        heard = await next_delivery(ear)
        await next_down(mortal)
        async with linked(stage, "late", WILL.topic) as late:
            kept = await next_delivery(late)

    assert (heard.payload, kept.payload, kept.retained) == (WILL.payload, WILL.payload, True)


async def test_no_last_will_after_a_goodbye(stage: Stage) -> None:
    """A link that is closed on purpose leaves no last will."""
    async with linked(stage, "ear", "box/#") as ear:
        async with linked(stage, "polite", will=WILL) as polite:
            await polite.publish("box/a", b"its last word")
        await stage.gone("polite")
        await ear.publish("box/a", b"afterwards")

        assert (await next_delivery(ear)).payload == b"its last word"
        assert (await next_delivery(ear)).payload == b"afterwards"


async def test_publishing_while_down_is_refused_and_forgotten(stage: Stage) -> None:
    """What is published while there is no broker raises, and is not sent later (paho would queue it too)."""
    async with linked(stage, "mouth") as mouth, linked(stage, "ear", "box/#") as ear:
        await stage.stop()
        await next_down(mouth)
        for number in range(3):
            with pytest.raises(LinkDown):
                await mouth.publish("box/a", b"too early %d" % number, retain=True)
        await stage.start()
        await next_up(mouth)
        await next_down(ear)
        await next_up(ear)
        await mouth.publish("box/a", b"in time")

        assert (await next_delivery(ear)).payload == b"in time"


async def test_opened_while_there_is_no_broker(stage: Stage) -> None:
    """A link may be opened before there is a broker: it says so once, and connects when it can."""
    await stage.stop()
    async with await stage.link("early", subscriptions=("box/#",)) as early:
        await next_down(early)
        with pytest.raises(LinkDown):
            await early.publish("box/a", b"too early")
        await stage.start()
        await next_up(early)
        await early.publish("box/a", b"in time")

        assert (await next_delivery(early)).payload == b"in time"


async def test_mends_itself(stage: Stage) -> None:
    """However often the broker goes, the link says Down once, then Up with a higher number, and hears."""
    async with await stage.link("link", subscriptions=("box/#",)) as link:
        numbers = [(await next_up(link)).connection]
        for _ in range(3):
            await stage.stop()
            await next_down(link)
            await stage.start()
            numbers.append((await next_up(link)).connection)
            await link.publish("box/a", b"alive")
            delivery = await next_delivery(link)

            assert (delivery.payload, delivery.connection) == (b"alive", numbers[-1])

    assert numbers == sorted(set(numbers))


async def test_mends_itself_after_a_cut(stage: Stage) -> None:
    """A broken connection is Down and then Up, while the others notice nothing."""
    async with linked(stage, "link", "box/#") as link, linked(stage, "other", "box/#") as other:
        stage.cut("link")
        await next_down(link)
        await next_up(link)
        await link.publish("box/a", b"back")

        assert (await next_delivery(link)).payload == b"back"
        assert (await next_delivery(other)).payload == b"back"


async def test_a_name_is_taken_over(stage: Stage) -> None:
    """When another link comes with the same name it gets the broker, and the first one loses it."""
    async with linked(stage, "name") as first, linked(stage, "name"):
        await next_down(first)


async def test_down_for_another_reason_takes_no_name(stage: Stage) -> None:
    """A broker that goes has taken nobody's name."""
    async with linked(stage, "name") as link:
        await stage.stop()

        assert not (await next_down(link)).name_taken


async def fill(mouth: Link, ear: Link, *payloads: bytes) -> list[Delivery]:
    """Publish, and take what the broker hands out before it holds back; two, where two are allowed."""
    for payload in payloads:
        await mouth.publish("box/a", payload)
    return [await next_delivery(ear) for _ in range(2)]


async def test_what_is_not_acknowledged_holds_back_the_rest(stage: Stage) -> None:
    """The broker hands out `receive_maximum` messages, and each acknowledgement lets the next one come."""
    async with linked(stage, "ear", "box/#", receive_maximum=2) as ear, linked(stage, "mouth") as mouth:
        waiting = await fill(mouth, ear, *(b"%d" % number for number in range(20)))
        for number in range(20):
            delivery = waiting.pop(0)

            assert delivery.payload == b"%d" % number
            ear.acknowledge(delivery)
            if number < 18:
                waiting.append(await next_delivery(ear))


async def test_a_late_acknowledgement_has_no_effect(stage: Stage) -> None:
    """Acknowledging a delivery of an earlier connection leaves a new one with the same ticket unacknowledged.

    The proof is what the broker still holds back when it is stopped: a stopped broker has sent, before the
    end, all that it was free to send.
    """
    async with (
        linked(stage, "ear", "box/#", receive_maximum=2) as ear,
        linked(stage, "mouth", "done") as mouth,
    ):
        old = await fill(mouth, ear, b"old 1", b"old 2")
        await stage.stop()
        for link in (ear, mouth):
            await next_down(link)
        await stage.start()
        for link in (ear, mouth):
            await next_up(link)
        new = await fill(mouth, ear, b"new 1", b"new 2", b"new 3")
        assert [one.ticket for one in new] == [one.ticket for one in old]

        for late in old:
            ear.acknowledge(late)
        await ear.publish("done", b"")
        await next_delivery(mouth)  # so the broker has everything that `ear` sent before
        await stage.stop()
        await next_down(ear)


async def test_acknowledging_while_down_has_no_effect(stage: Stage) -> None:
    """An acknowledgement that comes while there is no broker is neither an error nor kept for later."""
    async with linked(stage, "ear", "box/#", receive_maximum=2) as ear, linked(stage, "mouth") as mouth:
        old = await fill(mouth, ear, b"old 1", b"old 2", b"old 3")
        await stage.stop()
        await next_down(ear)
        for late in old:
            ear.acknowledge(late)
        await stage.start()
        up = await next_up(ear)
        await ear.publish("box/a", b"new")

        assert (await next_event(ear)) == Delivery("box/a", b"new", False, up.connection, 1)


# --- a group that shares a subscription -------------------------------------------------------------------

GROUP = "$share/group/box/+"


def numbers(first: int, last: int) -> list[bytes]:
    """Payloads that tell themselves apart."""
    return [b"%d" % number for number in range(first, last + 1)]


async def heard(link: Link, until: bytes) -> list[bytes]:
    """What the link hears, all of it acknowledged, up to this payload."""
    found: list[bytes] = []
    while not found or found[-1] != until:
        delivery = await next_delivery(link)
        link.acknowledge(delivery)
        found.append(delivery.payload)
    return found[:-1]


async def settle(mouth: Link, *members: Link) -> list[list[bytes]]:
    """What each member heard; each is told on a topic of its own (its place) where to stop."""
    for place in range(len(members)):
        await mouth.publish(f"end/{place}", b"end")
    return [await heard(member, b"end") for member in members]


async def test_a_group_hears_each_message_once(stage: Stage) -> None:
    """Each message reaches one member of each group, every member has its share, and others hear it too."""
    sent = numbers(1, 300)
    async with (
        linked(stage, "a", GROUP, "end/0") as a,
        linked(stage, "b", GROUP, "end/1") as b,
        linked(stage, "c", "$share/other/box/+", "end/2") as other,
        linked(stage, "ear", "box/#", "end/3") as ear,
        linked(stage, "mouth") as mouth,
    ):
        for payload in sent:
            await mouth.publish("box/a", payload)
        by_a, by_b, by_other, by_ear = await settle(mouth, a, b, other, ear)

    assert sorted(by_a + by_b, key=int) == sent
    assert by_a
    assert by_b
    assert by_other == by_ear == sent


async def test_a_group_is_not_told_twice_what_was_retained(stage: Stage) -> None:
    """What was retained comes to a new member marked as such, or not at all (Mosquitto 2.0.11 tells it)."""
    async with linked(stage, "mouth", "box/#") as mouth:
        await say(mouth, "box/a", b"kept", retain=True)
        async with linked(stage, "a", GROUP) as a:
            await mouth.publish("box/a", b"new", retain=True)
            found = [await next_delivery(a)]
            if found[0].retained:
                found.append(await next_delivery(a))

    *before, new = [(one.payload, one.retained) for one in found]
    assert before in ([], [(b"kept", True)])
    assert new == (b"new", False)


@pytest.mark.parametrize("how", ["goodbye", "cut"])
async def test_a_member_that_leaves_leaves_the_work_to_the_others(stage: Stage, how: str) -> None:
    """What comes after a member left reaches the others, whole; what it had in hand, at most one of them."""
    async with linked(stage, "b", GROUP, "end/0") as b, linked(stage, "mouth") as mouth:
        async with linked(stage, "a", GROUP, "end/1", receive_maximum=3) as a:
            for payload in numbers(1, 40):
                await mouth.publish("box/a", payload)
            in_hand = [(await next_delivery(a)).payload for _ in range(3)]
            if how == "cut":
                stage.cut("a")
                await next_down(a)
                await next_up(a)
                for payload in numbers(41, 80):
                    await mouth.publish("box/a", payload)
                by_b, by_a = await settle(mouth, b, a)
        if how == "goodbye":
            await stage.gone("a")
            for payload in numbers(41, 80):
                await mouth.publish("box/a", payload)
            by_a, by_b = [], (await settle(mouth, b))[0]

    after = [payload for payload in by_a + by_b if int(payload) > 40]
    before = [payload for payload in by_b if int(payload) <= 40]
    assert sorted(after, key=int) == numbers(41, 80)
    assert len(before) == len(set(before))
    assert set(before) | set(in_hand) <= set(numbers(1, 40))
    assert not {*in_hand, *before} & set(by_a)


async def test_a_member_that_takes_nothing_stops_nobody(stage: Stage) -> None:
    """A member that acknowledges nothing holds up its own share: what is repeated reaches the others."""
    async with (
        linked(stage, "stuck", GROUP, receive_maximum=2),
        linked(stage, "b", GROUP, "end/0") as b,
        linked(stage, "mouth") as mouth,
    ):
        missing, rounds = set(numbers(1, 50)), 0
        while missing and rounds < 50:
            rounds += 1
            for payload in sorted(missing, key=int):
                await mouth.publish("box/a", payload)
            missing -= set((await settle(mouth, b))[0])

    assert not missing
    assert rounds > 1
