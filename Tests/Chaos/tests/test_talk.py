"""What a subscriber holds against the server, message by message."""

import asyncio
import json

import pytest

from harness import findings
from harness.manners import DEFAULTS, Manner
from harness.subscriber import Subscriber
from harness.talk import Talk
from harness.world import World


class Line:
    """Keeps what is sent."""

    def __init__(self):
        self.sent = []

    def send(self, text):
        self.sent.append(json.loads(text))


def talking(test, **habits):
    async def main():
        world = World(1, None, None, [], None)
        subscriber = Subscriber(world, Manner("somebody", "desk1@chaos.test", **{"topics": ("appointments",), **habits}))
        await test(Conversation(subscriber))

    asyncio.run(main())


class Conversation:
    def __init__(self, subscriber):
        self.subscriber, self.found = subscriber, subscriber.world.findings
        self.connect()

    def connect(self):
        self.talk = Talk(self.subscriber, Line())

    def hear(self, **frame):
        self.talk.take(self.subscriber.world.frames.read(json.dumps(frame).encode()))

    def event(self, seq):
        self.hear(type="appointment:updated", topic="appointments", seq=seq, version=1, at="", data={"id": seq, "version": 1})

    def subscribed(self, seq, recovered=True, **more):
        self.hear(type="subscribed", topic="appointments", seq=seq, epoch="e", recovered=recovered, **more)

    @property
    def history(self):
        return self.subscriber.histories["appointments"]


def test_it_resumes_from_the_last_event_and_finds_nothing_wrong():
    async def test(one):
        one.talk.subscribe("appointments")
        one.subscribed(4, id=1)
        one.event(5)
        one.event(6)
        one.connect()
        one.talk.subscribe("appointments")
        assert one.talk.socket.sent == [{"type": "subscribe", "topic": "appointments", "since": 6, "epoch": "e", "id": 1}]
        one.subscribed(8, id=1)
        one.event(7)
        one.event(8)
        one.hear(type="pong", at="", heads={"appointments": 8})
        assert one.found.is_clean and list(one.history.segments[0].seqs) == [5, 6, 7, 8]

    talking(test)


@pytest.mark.parametrize("asked", [True, False])
def test_a_refused_resume_counts_whether_it_was_asked_for_or_not(asked):
    async def test(one):
        one.talk.subscribe("appointments")
        one.subscribed(4, id=1)
        if asked:
            one.connect()
            one.talk.subscribe("appointments")
        one.subscribed(9, recovered=False, **({"id": 1} if asked else {}))
        assert one.found.counts[findings.RESUME] == 1

    talking(test)


def test_a_pong_that_counts_more_than_was_sent_is_wrong():
    async def test(one):
        one.talk.subscribe("appointments")
        one.subscribed(4, id=1)
        one.hear(type="pong", at="", heads={"appointments": 5})
        assert one.found.counts[findings.POSITION] == 1

    talking(test)


def test_an_event_before_the_answer_and_a_head_below_the_position_are_wrong():
    async def test(one):
        one.talk.subscribe("appointments")
        one.event(5)
        one.subscribed(5, id=1)
        one.event(6)
        one.connect()
        one.talk.subscribe("appointments")
        one.subscribed(5, id=1)
        assert one.found.counts[findings.POSITION] == 2

    talking(test)


def test_a_default_subscription_is_resumed_and_has_no_gap_of_its_own():
    async def test(one):
        one.subscribed(4)
        one.event(5)
        one.connect()
        one.subscribed(7)
        assert one.talk.socket.sent[0]["since"] == 5
        one.event(8)
        one.subscribed(8, id=1)
        for seq in (6, 7, 8, 9):
            one.event(seq)
        assert one.found.is_clean and list(one.history.segments[0].seqs) == [5, 6, 7, 8, 9]
        one.connect()
        one.subscribed(9)
        one.event(11)
        assert one.found.counts[findings.LOST] == 1

    talking(test, is_default=True, topics=DEFAULTS)


def test_an_error_that_no_good_client_gets_is_wrong_and_unavailable_is_not():
    async def test(one):
        one.talk.subscribe("appointments")
        one.hear(type="error", id=1, code="unavailable", message="", retryAfter=1)
        assert one.found.is_clean
        async with asyncio.timeout(20):
            while len(one.talk.socket.sent) < 2:
                await asyncio.sleep(0.001)
        assert [command["type"] for command in one.talk.socket.sent] == ["subscribe", "subscribe"]
        one.hear(type="error", id=2, code="forbidden", message="")
        assert one.found.counts[findings.ANSWER] == 1

    talking(test)


def test_the_same_event_with_other_data_has_another_digest():
    async def test(one):
        read = one.subscriber.world.frames.read
        first = read(b'{"type":"a","topic":"t","seq":1,"version":2,"data":{"x":1,"version":2}}')
        assert first.digest == read(b'{"topic":"t","type":"a","version":2,"seq":1,"data":{"version":2,"x":1}}').digest
        assert first.digest != read(b'{"type":"a","topic":"t","seq":1,"version":2,"data":{"x":2,"version":2}}').digest
        assert first.digest != read(b'{"type":"a","topic":"t","seq":1,"version":3,"data":{"x":1,"version":2}}').digest

    talking(test)
