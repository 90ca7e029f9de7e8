# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The link over MQTT 5 (or 3.1.1); the only file that knows paho-mqtt.

paho is driven from the event loop, so it has no thread that could die unseen, and every connection gets a
client of its own, so that nothing queued or acknowledged on one connection can leak into the next.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import socket
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from bezet.errors import LinkDown
from bezet.link import RECEIVE_MAXIMUM, Delivery, Down, Event, Up, Will, matches
from bezet.link.address import Address, read_address
from bezet.link.pieces import Pieces

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from paho.mqtt.reasoncodes import ReasonCode

LOG = logging.getLogger("bezet.link")

#: A silent connection is over after one and a half of these, for the broker and for us.
KEEPALIVE_S = 20
CONNECT_TIMEOUT_S = 3.0
#: How long a broker may take to confirm connection and subscriptions.
ANSWER_TIMEOUT_S = 10.0
#: Messages that may wait for the broker's acknowledgement; more of them wait in paho, for this connection.
MAX_INFLIGHT = 1_000
SESSION_TAKEN_OVER = 0x8E


class Retry(NamedTuple):
    """How soon a lost connection is tried again: first and longest wait, with doubling and jitter.

    A connection that stood for less than `stable_s` does not begin at the first wait again, so that two
    clients of one name, who throw each other off the broker, do so less and less often.
    """

    first_s: float = 0.25
    last_s: float = 30.0
    stable_s: float = 5.0


class MqttLink:
    """A `Link` to a broker at `url`, known there as `name`.

    The broker holds back what goes beyond `receive_maximum` unacknowledged deliveries (MQTT 5 only). It keeps
    no session: what was on its way to a link that is gone is forgotten, and comes from its sender again.
    """

    def __init__(
        self,
        url: str,
        name: str,
        *,
        subscriptions: tuple[str, ...] = (),
        will: Will | None = None,
        receive_maximum: int = RECEIVE_MAXIMUM,
        keepalive_s: int = KEEPALIVE_S,
        retry: Retry | None = None,
    ) -> None:
        self._address = read_address(url)
        self._name = name
        self._subscriptions = subscriptions
        self._will = will
        self._receive_maximum = receive_maximum
        self._keepalive_s = keepalive_s
        self._retry = retry or Retry()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._number = 0
        self._connection: _Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._said: set[str] = set()

    async def __aenter__(self) -> Self:
        """Start connecting in the background."""
        self._task = asyncio.create_task(self._keep_connected(), name=f"link[{self._name}]")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye and close."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def receive(self) -> Event:
        """The next thing that happened, in order."""
        return await self._events.get()

    async def subscribe(self, *topic_filters: str) -> None:
        """Hear more until this connection ends, or raise `LinkDown`."""
        await self._present().subscribe(topic_filters)

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Hand a message to the broker at QoS 1, or raise `LinkDown`."""
        self._present().publish(topic, payload, retain=retain)

    def acknowledge(self, delivery: Delivery) -> None:
        """Acknowledge a delivery of the present connection."""
        if self._connection is not None and delivery.connection == self._connection.number:
            self._connection.acknowledge(delivery.ticket)

    def _present(self) -> _Connection:
        if self._connection is None:
            raise LinkDown(f"no broker at {self._address.host}:{self._address.port}")
        return self._connection

    async def _keep_connected(self) -> None:
        loop = asyncio.get_running_loop()
        wait_s = self._retry.first_s
        while True:
            began_s = loop.time()
            down = await self._one_connection()
            if loop.time() - began_s > self._retry.stable_s:
                wait_s = self._retry.first_s
            self._say(down)
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.5))  # noqa: S311  jitter, not cryptography
            wait_s = min(wait_s * 2, self._retry.last_s)

    def _say(self, down: Down) -> None:
        """Down is said once per outage; what else keeps the same outage going is logged, each reason once."""
        if not self._said:
            self._events.put_nowait(down)
        elif down.why not in self._said:
            LOG.warning("still not connected: %s", down.why)
        self._said.add(down.why)

    async def _one_connection(self) -> Down:
        """Connect, stay connected for as long as it lasts, and say why it ended."""
        self._number += 1
        connection = self._connection = _Connection(
            self._number,
            self._address,
            self._name,
            self._subscriptions,
            self._events,
            receive_maximum=self._receive_maximum,
            keepalive_s=self._keepalive_s,
        )
        place = f"{self._address.host}:{self._address.port}"
        try:
            await connection.open(self._will)
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                await connection.up
            self._said.clear()
            return await connection.ended
        except _NotUp as not_up:
            return not_up.down
        except TimeoutError:
            return Down(f"no broker at {place}: it does not answer")
        except Exception as error:  # noqa: BLE001  whatever ends a connection, the link itself lives on
            return Down(f"no broker at {place}: {error}")
        finally:
            self._connection = None
            connection.close()


class _NotUp(Exception):
    """The connection ended before it stood."""

    def __init__(self, down: Down) -> None:
        self.down = down


class _Connection:
    """One paho client for one connection, driven by the event loop."""

    def __init__(
        self,
        number: int,
        address: Address,
        name: str,
        subscriptions: tuple[str, ...],
        events: asyncio.Queue[Event],
        *,
        receive_maximum: int,
        keepalive_s: int,
    ) -> None:
        self.number = number
        self._address = address
        self._subscriptions = [*subscriptions]
        self._events = events
        self._receive_maximum = receive_maximum
        self._keepalive_s = keepalive_s
        self._early: list[Delivery] = []
        self._asked: dict[int | None, tuple[tuple[str, ...], Callable[[str], None]]] = {}
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._timer: asyncio.TimerHandle | None = None
        self._descriptor: int | None = None
        self.up: asyncio.Future[None] = self._loop.create_future()
        self.ended: asyncio.Future[Down] = self._loop.create_future()
        self._client = self._make_client(name)

    def _make_client(self, name: str) -> paho.Client:
        is_5 = self._address.is_version_5
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            protocol=MQTTProtocolVersion.MQTTv5 if is_5 else MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
            reconnect_on_failure=False,
            clean_session=None if is_5 else True,
        )
        client.max_inflight_messages_set(MAX_INFLIGHT)
        client.connect_timeout = CONNECT_TIMEOUT_S
        if self._address.username is not None:
            client.username_pw_set(self._address.username, self._address.password)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_socket_register_write = self._on_want_write
        client.on_socket_unregister_write = self._on_wrote
        return client

    async def open(self, will: Will | None) -> None:
        """Open the socket and send CONNECT; `OSError` where nobody listens."""
        if will is not None:
            self._client.will_set(will.topic, will.payload, qos=1, retain=True)
        await asyncio.to_thread(self._connect)
        sock = self._client.socket()
        if sock is None:
            raise OSError("the connection closed at once")
        assert isinstance(sock, socket.socket)
        # Small packets at once: with Nagle's algorithm a change waits up to 40 ms for the one before it.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._descriptor = sock.fileno()
        self._pieces = self._client._sock = Pieces(sock)  # noqa: SLF001  paho has no other way in
        self._loop.add_reader(self._descriptor, self._guarded, self._read)
        self._loop.add_writer(self._descriptor, self._guarded, self._client.loop_write)
        self._tick()

    def _connect(self) -> None:
        more: dict[str, Any] = {}
        if self._address.is_version_5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.ReceiveMaximum = self._receive_maximum
            # Said aloud, though it is the default: a broker that kept the session of a dead member of a group
            # would go on giving it its share (Mosquitto 2.0.11 does).
            properties.SessionExpiryInterval = 0
            more = {"clean_start": True, "properties": properties}
        self._client.connect(self._address.host, self._address.port, keepalive=self._keepalive_s, **more)
        sock = self._client.socket()
        if self.ended.done() and sock is not None:  # closed while this thread was connecting
            sock.close()

    def close(self) -> None:
        """Say goodbye if there is still somebody to say it to, and let go of the socket."""
        self._end(Down("closed"))
        if self._client.socket() is not None:
            with contextlib.suppress(Exception):
                self._client.disconnect()
                self._client.loop_write()
        sock = self._client.socket()
        if sock is not None:
            sock.close()

    async def subscribe(self, topic_filters: tuple[str, ...]) -> None:
        """Ask for more topics; `LinkDown` when the broker refuses, or is gone before it answers."""
        answer: asyncio.Future[str] = self._loop.create_future()
        self._subscriptions += [topic for topic in topic_filters if topic not in self._subscriptions]
        self._ask(topic_filters, answer.set_result)
        await asyncio.wait((answer, self.ended), timeout=ANSWER_TIMEOUT_S, return_when="FIRST_COMPLETED")
        if refused := answer.result() if answer.done() else "the broker did not answer a subscription":
            raise LinkDown(refused)

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Hand over to paho while it is connected; otherwise raise `LinkDown` before paho could queue it."""
        if not self.up.done() or self.ended.done() or not self._client.is_connected():
            raise LinkDown("the connection to the broker is lost")
        sent = self._client.publish(topic, payload, qos=1, retain=retain)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            why = f"the broker takes nothing: {paho.error_string(sent.rc)}"
            self._end(Down(why))  # whoever hears LinkDown may count on an Up to come
            raise LinkDown(why)

    def acknowledge(self, ticket: int) -> None:
        """Send PUBACK; ticket 0 is a delivery at QoS 0, for which a PUBACK would be a protocol error."""
        if ticket and not self.ended.done():
            self._client.ack(ticket, 1)

    # --- paho's side ---

    def _guarded(self, step: Any) -> None:
        """Run one step of paho; whatever it raises ends this connection, and never goes by unseen."""
        try:
            step()
        except Exception as error:  # noqa: BLE001  paho's steps run our callbacks; nothing may escape unseen
            self._end(Down(f"broken connection: {error!r}"))

    def _read(self) -> None:
        """Let paho handle what has come; what it leaves of a piece nobody would wake it for."""
        self._pieces.fill()
        while self._pieces.left and self._client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS:
            pass

    def _tick(self) -> None:
        self._guarded(self._client.loop_misc)
        if not self.ended.done():
            self._timer = self._loop.call_later(1.0, self._tick)

    def _end(self, down: Down) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
            self._loop.remove_writer(self._descriptor)
            self._descriptor = None
        if not self.ended.done():
            self.ended.set_result(down)
        if not self.up.done():
            self.up.set_exception(_NotUp(down))
            self.up.exception()  # it may never be awaited, and that is fine

    def _on_connect(
        self, _client: Any, _userdata: Any, _flags: Any, code: ReasonCode, properties: Any
    ) -> None:
        if code.is_failure:
            self._end(Down(f"the broker refused this client: {code}"))
            return
        # A broker may close on a client that has more unconfirmed than it can take (MQTT 5, 3.2.2.3.3). paho
        # keeps to a limit but does not read the broker's, nor lets it be set once connected.
        limit = getattr(properties, "ReceiveMaximum", MAX_INFLIGHT)
        self._client._max_inflight_messages = min(limit, MAX_INFLIGHT)  # noqa: SLF001
        if self._subscriptions:
            self._ask(tuple(self._subscriptions), self._stand)
        else:
            self._stand()

    def _ask(self, topic_filters: tuple[str, ...], answered: Callable[[str], None]) -> None:
        """Subscribe; `answered` will hear why the broker refuses, or an empty word."""
        options: Any = SubscribeOptions(qos=1) if self._address.is_version_5 else 1
        _, number = self._client.subscribe([(topic, options) for topic in topic_filters])
        self._asked[number] = (topic_filters, answered)

    def _on_subscribe(self, _client: Any, _userdata: Any, number: int, codes: Any, _properties: Any) -> None:
        topic_filters, answered = self._asked.pop(number)
        refused = [pair for pair in zip(topic_filters, codes, strict=True) if pair[1].is_failure]
        answered("the broker refused the subscription to {}: {}".format(*refused[0]) if refused else "")

    def _stand(self, refused: str = "") -> None:
        """The subscriptions stand: say so, and then hand on what the broker delivered before it said so."""
        if refused:
            self._end(Down(refused))
        elif not self.up.done():
            self.up.set_result(None)
            self._events.put_nowait(Up(self.number))
            for delivery in self._early:
                self._events.put_nowait(delivery)

    def _on_disconnect(
        self, _client: Any, _userdata: Any, _flags: Any, code: ReasonCode, _properties: Any
    ) -> None:
        taken = code.value == SESSION_TAKEN_OVER
        why = "another client took the name" if taken else f"the broker is gone: {code}"
        self._end(Down(why, name_taken=taken))

    def _on_message(self, _client: Any, _userdata: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "�"  # no topic of the contract, so it is refused where refusals are counted
        # Some brokers deliver retained messages of other people's subscriptions (amqtt 0.12).
        if topic == "�" or any(matches(wanted, topic) for wanted in self._subscriptions):
            delivery = Delivery(topic, bytes(message.payload), message.retain, self.number, message.mid)
            if self.up.done():
                self._events.put_nowait(delivery)
            else:
                self._early.append(delivery)
        else:
            self.acknowledge(message.mid)

    def _on_want_write(self, _client: Any, _userdata: Any, sock: Any) -> None:
        # While connecting, paho calls this from the connecting thread; `open` adds the writer after it.
        if self._descriptor is not None and threading.get_ident() == self._thread:
            self._loop.add_writer(sock.fileno(), self._guarded, self._client.loop_write)

    def _on_wrote(self, _client: Any, _userdata: Any, sock: Any) -> None:
        if self._descriptor is not None and threading.get_ident() == self._thread:
            self._loop.remove_writer(sock.fileno())
