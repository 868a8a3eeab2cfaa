"""What is said on one socket of a subscriber, from the upgrade to its end."""

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

from . import findings
from .frame_cache import Frame
from .websocket import Socket

if TYPE_CHECKING:
    from .subscriber import Subscriber

PING_EVERY = 4.0
SILENCE = 12.0  # without a byte although pings were sent: the line is dead
AWAKE = (5.0, 15.0)  # seconds that a sleeper listens
ASLEEP = (8.0, 25.0)  # … and stays away
READS = (4.0, 10.0)  # seconds that a slow reader reads
RESTS = (8.0, 18.0)  # … and does not; a few times longer than the server puts up with
LONG_REST = 26.0
TOKEN_MARGIN = 15.0


class Talk:
    """Positions are the subscriber's; this knows what was asked for on this socket and what is still to be answered."""

    def __init__(self, subscriber: "Subscriber", socket: Socket) -> None:
        self.subscriber, self.socket, self.world = subscriber, socket, subscriber.world
        self.dice, self.name = subscriber.dice, subscriber.name
        self.numbers = 0
        self.asked: dict[int, tuple[str, int | None]] = {}  # command id: topic, since
        # Of a default subscription: its own last position, until our `since` has been answered.
        self.lead: dict[str, int] = {}
        self.live: set[str] = set()
        self.heard_at = time.monotonic()
        self.is_resting = False

    # Commands

    def command(self, **fields: Any) -> str:
        """A command with an id of its own."""
        self.numbers += 1
        return json.dumps({**fields, "id": self.numbers})

    def subscribe(self, topic: str) -> None:
        """From where the subscriber is, if it has been anywhere."""
        history = self.subscriber.histories[topic]
        fields: dict[str, Any] = {"type": "subscribe", "topic": topic}
        since = history.position if history.has_begun else None
        if since is not None:
            fields |= {"since": since, "epoch": history.epoch}
        self.socket.send(self.command(**fields))
        self.asked[self.numbers] = (topic, since)

    async def keep_alive(self) -> None:
        """Pings, notices a dead line, and hands over a fresh token before the old one ends."""
        while True:
            await asyncio.sleep(self.dice.uniform(0.8, 1.2) * PING_EVERY)
            if not self.is_resting and time.monotonic() - self.heard_at > SILENCE:
                self.socket.abort()
                return
            if self.socket.is_gone:
                return  # the reader notices by itself, if it reads
            self.socket.send(self.command(type="ping"))
            session = self.subscriber.session
            if session.seconds_left() < TOKEN_MARGIN:
                before = session.access
                token = await session.fresh()
                if token != before:
                    self.socket.send(self.command(type="auth", token=token))

    # Listening

    async def listen(self) -> None:
        """Until the socket ends, or a sleeper falls asleep."""
        manner, is_over = self.subscriber.manner, self.world.is_over
        until = time.monotonic() + self.dice.uniform(*(AWAKE if manner.sleeps else READS))
        while True:
            text = await self.socket.receive()
            self.heard_at = time.monotonic()
            self.take(self.world.frames.read(text))
            if (manner.sleeps or manner.is_slow) and time.monotonic() > until and not is_over.is_set():
                if manner.sleeps and self.subscriber.is_up_to_date:
                    self.socket.abort()
                    return await self._rest(self.dice.uniform(*ASLEEP))
                if manner.is_slow:
                    await self._rest(LONG_REST if self.dice.random() < 0.1 else self.dice.uniform(*RESTS))
                    until = time.monotonic() + self.dice.uniform(*READS)

    async def _rest(self, seconds: float) -> None:
        self.is_resting = True
        try:
            async with asyncio.timeout(seconds):
                await self.world.is_over.wait()
        except TimeoutError:
            pass
        self.is_resting = False
        self.heard_at = time.monotonic()

    def take(self, frame: Frame) -> None:
        """One message."""
        if frame.seq is not None:
            self._event(frame)
        elif frame.type == "subscribed":
            self._subscribed(frame.fields)
        elif frame.type == "pong":
            self._pong(frame.fields["heads"])
        elif frame.type == "error":
            self._error(frame.fields)
        elif frame.type != "authenticated":
            self.wrong(findings.ANSWER, f"was sent {frame.type} {frame.fields.get('code', '')}")

    def _event(self, frame: Frame) -> None:
        topic, seq = frame.fields["topic"], frame.seq or 0
        if topic in self.lead:
            # The default subscription's own stream: from the upgrade on, without a gap.
            if seq != self.lead[topic] + 1:
                self.wrong(findings.LOST, f"by default, {topic}: {seq} behind {self.lead[topic]}")
            self.lead[topic] = seq
            return
        if topic not in self.live:
            return self.wrong(findings.POSITION, f"{topic} {seq} came before its subscription was answered")
        self.subscriber.histories[topic].add(seq, frame.digest)
        if self.subscriber.snapshot is not None:
            self.subscriber.snapshot.apply(frame)

    def _subscribed(self, fields: dict[str, Any]) -> None:
        topic, seq, epoch = fields["topic"], fields["seq"], fields["epoch"]
        history = self.subscriber.histories[topic]
        if history.has_begun and history.epoch != epoch:
            self.wrong(findings.RESUME, f"{topic}: the epoch changed")
        _, since = self.asked.pop(fields.get("id", 0), (topic, None))
        if not fields["recovered"]:
            at = history.position if history.has_begun else None
            self.wrong(findings.RESUME, f"{topic}: recovered:false at {seq}, asked since {since}, we are at {at}")
        if "id" not in fields and history.has_begun and fields["recovered"]:
            if not self.subscriber.manner.is_default or topic in self.live:
                return self.wrong(findings.POSITION, f"{topic}: a second answer to nothing asked")
            self.lead[topic] = seq
            return self.subscribe(topic)
        if not history.has_begun:
            history.begin(seq, epoch)
        elif since is not None and (seq < since or since != history.position):
            self.wrong(findings.POSITION, f"{topic}: answered {seq} to since {since} at {history.position}")
        self.lead.pop(topic, None)
        self.live.add(topic)
        if len(self.live) == len(self.subscriber.histories):
            self.subscriber.failures = 0
            self.subscriber.has_started.set()

    def _pong(self, heads: dict[str, int]) -> None:
        """It comes behind every event that it counts."""
        for topic, head in heads.items():
            if topic in self.live and self.subscriber.histories[topic].position < head:
                at = self.subscriber.histories[topic].position
                self.wrong(findings.POSITION, f"{topic}: a pong counts {head}, and we were sent {at}")

    def _error(self, fields: dict[str, Any]) -> None:
        topic, _ = self.asked.pop(fields.get("id", 0), ("", None))
        if fields["code"] == "unavailable":
            if topic:
                again = self.subscribe if topic in self.lead or topic not in self.live else None
                if again:
                    asyncio.get_running_loop().call_later(fields.get("retryAfter", 1_000) / 1_000, again, topic)
            else:
                self.socket.abort()  # the answer to `auth` or `ping`: begin anew
        elif fields["code"] != "unauthorized":
            self.wrong(findings.ANSWER, f"was answered {fields['code']} {fields.get('message', '')}")

    def wrong(self, sort: str, text: str) -> None:
        self.world.findings.add(sort, f"{self.name}: {text}")
