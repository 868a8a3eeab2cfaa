"""examples/python/adelante.py: sixty lines that lose nothing."""

import ast
import asyncio
import base64
import io
import json
import subprocess
import time
import tokenize

import adelante
import pytest
from conftest import ROOT
from harness.salon import ACCOUNTS, PASSWORD
from harness.stack import BINARY
from tokens import resigned
from websockets import ConnectionClosed, serve

LIMIT = 60


class Follower(adelante.Follower):
    """It notes what it heard and where."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.snapshots, self.heard, self.homes, self.changed = [], [], [], asyncio.Event()

    async def follow(self):
        async for kind, value in self:
            if kind == "snapshot":
                self.snapshots.append(value)
            else:
                self.heard.append(value)
            self.changed.set()

    async def received(self, socket):
        self.homes.append(self.node)
        self.changed.set()
        async for item in super().received(socket):
            yield item

    async def until(self, condition):
        while not condition():
            self.changed.clear()
            await self.changed.wait()


def follower(nodes, tokens=None, **more):
    made = Follower([node.url for node in nodes], {"email": ACCOUNTS["owner"], "password": PASSWORD}, "clients", "/clients", **more)
    made.tokens |= tokens or {}
    return made


def run(work):
    """The coroutine to its end, with a limit."""

    async def limited():
        async with asyncio.timeout(LIMIT):
            return await work

    return asyncio.run(limited())


async def beside(made, work):
    """Does the work while it follows; what ends the following ends both."""
    following, working = asyncio.ensure_future(made.follow()), asyncio.ensure_future(work)
    try:
        await asyncio.wait({following, working}, return_when=asyncio.FIRST_COMPLETED)
        return await (working if working.done() else following)
    finally:
        following.cancel()
        working.cancel()


def test_every_event_comes_once_and_in_order_while_nodes_die(nodes, owner, writer):
    made = follower(nodes)

    async def work():
        await made.until(lambda: made.snapshots)
        writer.start()
        for victim in (0, 1):
            await made.until(lambda: made.homes and made.homes[-1] == nodes[victim].url)
            await asyncio.to_thread(writer.await_more, 20)
            nodes[victim].kill()
            await asyncio.to_thread(writer.await_more, 20)
            # Back before the other one dies.
            await made.until(lambda: made.homes[-1] == nodes[1 - victim].url)
            nodes[victim].start()
            await asyncio.to_thread(nodes[victim].await_ready)
        await asyncio.to_thread(writer.await_more, 20)
        await asyncio.to_thread(writer.stop)
        await made.until(lambda: {event["data"]["id"] for event in made.heard} >= set(writer.ids))

    run(beside(made, work()))
    first = made.heard[0]["seq"]
    assert [event["seq"] for event in made.heard] == list(range(first, first + len(made.heard)))
    assert [event["data"]["id"] for event in made.heard if event["type"] == "client:created"] == writer.ids
    assert len(made.snapshots) == 1
    assert len(made.homes) >= 3
    rows = {row["id"]: row for row in made.snapshots[0]} | {event["data"]["id"]: event["data"] for event in made.heard}
    assert rows == {row["id"]: row for row in owner.call("GET", "/clients")}


def test_a_token_is_refreshed_on_the_live_line_before_its_end(stack, nodes, owner, writer):
    end = int(time.time()) + 8
    short = resigned(stack, owner.session["access_token"], exp=end)
    made = follower(nodes[:1], {**owner.session, "access_token": short})

    async def work():
        await made.until(lambda: made.snapshots)
        while made.tokens["access_token"] == short:
            await asyncio.sleep(0.05)
        await asyncio.sleep(end + 11 - time.time())  # ten seconds past its end the server would have cut the line
        written = await asyncio.to_thread(writer.write)
        await made.until(lambda: made.heard)
        assert made.heard[-1]["data"]["id"] == written

    run(beside(made, work()))
    assert len(made.homes) == 1


def test_4401_refreshes_and_comes_back(stack, nodes, owner, writer):
    made = follower(nodes, owner.session)

    async def work():
        made.node = nodes[0].url
        await made.snapshot()
        made.tokens["access_token"] = resigned(stack, owner.session["access_token"], exp=int(time.time()) - 60)
        following = asyncio.ensure_future(made.follow())
        written = await asyncio.to_thread(writer.write)
        await made.until(lambda: made.heard)
        following.cancel()
        assert made.heard[-1]["data"]["id"] == written

    run(work())
    assert made.homes == [nodes[0].url, nodes[1].url]


def test_a_login_that_ends_ends_it(nodes, owner):
    made = follower(nodes, owner.session)

    async def work():
        await made.until(lambda: made.homes)
        await asyncio.to_thread(owner.call, "POST", "/auth/logout")
        await asyncio.Event().wait()

    with pytest.raises(ConnectionClosed) as ended:
        run(beside(made, work()))
    assert ended.value.rcvd.code == 4500


def test_another_history_brings_another_snapshot(stack, nodes, writer):
    made = follower(nodes)

    async def work():
        await made.until(lambda: made.snapshots and made.homes)
        await asyncio.to_thread(subprocess.run, [BINARY, "epoch", "renew"], env=stack.environment, check=True, capture_output=True)
        await made.until(lambda: len(made.snapshots) == 2)
        written = await asyncio.to_thread(writer.write)
        await made.until(lambda: made.heard)
        assert made.heard[-1]["data"]["id"] == written

    run(beside(made, work()))
    assert len(made.homes) == 1


# ---- against a server that a test plays


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

    made = play(script, lambda made: 10 in seqs(made))
    assert seqs(made) == [5, 6, 7, 8, 9, 10]
    assert asked == [4, 5]


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


def test_a_topic_that_may_not_be_read_is_told():
    async def script(_, ask, say, socket):
        await ask("subscribe")
        await say({"type": "error", "code": "forbidden", "message": ""})

    with pytest.raises(RuntimeError, match="forbidden"):
        play(script, lambda made: made.heard)


def test_it_has_sixty_lines_beside_its_imports():
    text = (ROOT / "examples" / "python" / "adelante.py").read_text()
    empty = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    lines = {t.start[0] for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type not in empty}
    tree = ast.parse(text)
    others = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    others += [node.body[0] for node in ast.walk(tree) if isinstance(node, (ast.Module, ast.ClassDef)) and ast.get_docstring(node)]
    lines -= {line for node in others for line in range(node.lineno, node.end_lineno + 1)}
    assert len(lines) <= 60, len(lines)
