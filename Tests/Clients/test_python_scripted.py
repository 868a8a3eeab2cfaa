"""examples/python/adelante.py against a server that a test plays."""

import asyncio
import base64
import json
import time

import pytest
from following import Follower, beside, run
from websockets import serve


class Scripted(Follower):
    """Its snapshot is at 4."""

    async def snapshot(self):
        self.seq, self.epoch = 4, "e"
        return []


def play(script, until):
    """`script(number, ask, say, socket)` plays the server of each line; the follower that heard it."""

    async def work():
        lines = 0

        async def line(socket):
            nonlocal lines
            lines += 1

            async def ask(kind):
                async for text in socket:
                    if (frame := json.loads(text))["type"] == kind:
                        return frame

            async def say(*frames):
                for frame in frames:
                    await socket.send(json.dumps(frame))

            await script(lines, ask, say, socket)
            await socket.wait_closed()

        async with serve(line, "127.0.0.1", 0, subprotocols=["adelante.v1"]) as server:
            made = Scripted([f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"], {}, "clients", "/clients")
            made.tokens = {"access_token": token_of_nobody(), "refresh_token": "r"}
            await beside(made, made.until(lambda: until(made)))
            return made

    return run(work())


def token_of_nobody():
    claims = base64.urlsafe_b64encode(json.dumps({"exp": 4_000_000_000}).encode()).decode().rstrip("=")
    return f"h.{claims}.s"


def event(seq):
    return {"type": "client:created", "topic": "clients", "seq": seq, "at": "2026-05-17T09:30:00.123Z", "data": {"id": seq}}


SUBSCRIBED = {"type": "subscribed", "topic": "clients", "seq": 4, "epoch": "e", "recovered": True}
PONG = {"type": "pong", "at": "2026-05-17T09:30:00.123Z", "heads": {"clients": 7}}


def seqs(made):
    return [frame["seq"] for frame in made.heard]


def test_a_hole_is_asked_for_again_and_what_comes_twice_is_dropped():
    asked = []

    async def script(_, ask, say, socket):
        asked.append((await ask("subscribe"))["since"])
        await say(SUBSCRIBED, event(5), event(5), event(8), event(9))
        asked.append((await ask("subscribe"))["since"])
        await say(event(10), SUBSCRIBED, *map(event, range(6, 11)))
        await say({**PONG, "heads": {"clients": 11}})
        asked.append((await ask("subscribe"))["since"])
        await say(SUBSCRIBED, event(11))

    made = play(script, lambda made: 11 in seqs(made))
    assert seqs(made) == [5, 6, 7, 8, 9, 10, 11]
    assert asked == [4, 5, 10], "once for each hole"


def test_a_last_event_that_was_lost_is_missed_by_the_heads():
    async def script(_, ask, say, socket):
        await ask("subscribe")
        await say(SUBSCRIBED, event(5), event(6))
        await say(PONG)
        assert (await ask("subscribe"))["since"] == 6
        await say(SUBSCRIBED, event(7))

    assert seqs(play(script, lambda made: 7 in seqs(made))) == [5, 6, 7]


def test_the_delay_of_1012_is_kept():
    times = []

    async def script(number, ask, say, socket):
        times.append(time.monotonic())
        await ask("subscribe")
        await say(SUBSCRIBED, *([event(5)] if number == 2 else []))
        if number == 1:
            await socket.close(1012, "1500")

    play(script, lambda made: made.heard)
    assert times[1] - times[0] >= 1.5


def test_a_refusal_for_the_moment_is_waited_out():
    async def script(_, ask, say, socket):
        await ask("subscribe")
        await say({"type": "error", "code": "unavailable", "message": "", "retryAfter": 50})
        await ask("subscribe")
        await say(SUBSCRIBED, event(5))

    assert seqs(play(script, lambda made: made.heard)) == [5]


def test_a_node_that_dies_in_the_middle_of_an_answer_is_left_for_another():
    asked = []

    async def serve_half(reader, writer):
        asked.append((await reader.readuntil(b"\r\n\r\n")).split(b" ")[1])
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nX-Topic-Seq: 4\r\nX-Topic-Epoch: e\r\n\r\n"
        body = b'[{"id":1}]'
        writer.write(head + (body[:4] if len(asked) == 1 else body))
        writer.close()

    async def work():
        async with await asyncio.start_server(serve_half, "127.0.0.1", 0) as server:
            made = Follower([f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"], {}, "clients", "/clients")
            made.tokens = {"access_token": token_of_nobody(), "refresh_token": "r"}
            await beside(made, made.until(lambda: made.snapshots))
            return made

    assert run(work()).snapshots == [[{"id": 1}]]
    assert asked[:2] == [b"/api/v1/clients"] * 2


def test_a_topic_that_may_not_be_read_is_told():
    async def script(_, ask, say, socket):
        await ask("subscribe")
        await say({"type": "error", "code": "forbidden", "message": ""})

    with pytest.raises(RuntimeError, match="forbidden"):
        play(script, lambda made: made.heard)
