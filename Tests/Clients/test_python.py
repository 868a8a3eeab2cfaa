"""examples/python/adelante.py on real nodes: sixty lines that lose nothing."""

import ast
import asyncio
import io
import subprocess
import time
import tokenize

import pytest
from following import beside, follower, run
from harness.stack import BINARY, ROOT
from tokens import resigned
from websockets import ConnectionClosed


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_every_event_comes_once_and_in_order_while_nodes_end(end, nodes, owner, writer):
    made = follower(nodes)

    async def work():
        await made.until(lambda: made.snapshots)
        writer.start()
        for victim in (0, 1):
            await made.until(lambda: made.homes and made.homes[-1] == nodes[victim].url)
            await asyncio.to_thread(writer.await_more, 20)
            await asyncio.to_thread(getattr(nodes[victim], end))
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


def test_it_has_sixty_lines_beside_its_imports():
    text = (ROOT / "examples" / "python" / "adelante.py").read_text()
    empty = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    lines = {t.start[0] for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type not in empty}
    tree = ast.parse(text)
    others = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    others += [node.body[0] for node in ast.walk(tree) if isinstance(node, (ast.Module, ast.ClassDef)) and ast.get_docstring(node)]
    lines -= {line for node in others for line in range(node.lineno, node.end_lineno + 1)}
    assert len(lines) <= 60, len(lines)
