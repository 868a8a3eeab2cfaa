"""The servers that are measured beside each other: how each is started, connected to and published to."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import backing as seeds
from .backing import Backing
from .payload import Payload
from .processes import Program, free_ports

PEERS = Path(__file__).resolve().parents[1] / "peers"


class Unavailable(Exception):
    """This server is not installed here."""


@dataclass
class Context:
    """What a run has."""

    work: Path
    tools: Path  # the compiled load generator and floor, and the peers' Python environment
    binary: Path
    backing: Backing
    payloads: dict[int, Payload] = field(default_factory=dict)  # by padding
    year: Any = None  # what the REST scenario has of its own: a database with a year in it
    rates: dict[str, float] = field(default_factory=dict)  # and the equal load of each of its requests

    def file(self, name: str, text: str) -> str:
        """A file for the load generator."""
        path = self.work / name
        path.write_text(text)
        return str(path)


@dataclass
class Running:
    """A server that runs: `measured` is charged with the deliveries, the rest is shown beside it."""

    measured: Program
    beside: dict[str, int]  # process numbers by name
    connect: list[str]  # the load generator's arguments for sockets
    greet: list[str]  # those for what a socket says after the 101 and waits for
    publish: Callable[[int], list[str]]  # those for publishing events with so much padding
    others: list[Program] = field(default_factory=list)
    handshake_needs_greeting: bool = False  # without it the server does not count the connection as accepted

    def stop(self) -> None:
        for program in (*self.others, self.measured):
            program.stop()


def node(context: Context, name: str, backing: Backing | None = None, **settings: str) -> tuple[Program, int]:
    """A node of adelante, with all that it does switched on and only the limits of rates and counts lifted."""
    port, _ = free_ports()
    environment = {
        **(backing or context.backing).environment(), "HOST": "127.0.0.1", "PORT": str(port), "RATE_LIMITS": "off", "DRAIN_SECONDS": "1",
        "WS_MAX_SOCKETS_PER_USER": "1000000", "WS_MAX_SOCKETS_PER_ADDRESS": "1000000", **settings,
    }  # fmt: skip
    program = Program([str(context.binary), "serve"], context.work, name, environment)
    program.await_port(port, 60)
    return program, port


def subscriptions(context: Context, *topics: str) -> list[str]:
    lines = [json.dumps({"type": "subscribe", "topic": topic}, separators=(",", ":")) for topic in topics]
    hello = context.file(f"hello-{len(topics)}", "\n".join(lines))
    return ["--hello", hello, "--ready", '"subscribed"', "--ready-count", str(len(topics))]


def authenticated(context: Context, port: int, name: str, tokens: list[str]) -> list[str]:
    header = "Sec-WebSocket-Protocol: adelante.v1, bearer.%s"
    return ["--port", str(port), "--path", "/ws", "--header", header, "--tokens", context.file(name, "\n".join(tokens))]


def publish_commits(context: Context, port: int) -> Callable[[int], list[str]]:
    """Publishing by writes at a node of adelante."""

    def publish(padding: int) -> list[str]:
        body = json.dumps({"notes": "{marker}" + "x" * padding}, separators=(",", ":"))
        paths = [f"/api/v1/appointments/{number}" for number in range(1, seeds.WRITERS + 1)]
        return [
            "--publisher", "put", "--publish-port", str(port), "--message", context.file("put.json", body),
            "--publish-token", context.backing.token(1), *(part for path in paths for part in ("--publish-to", path)),
        ]  # fmt: skip

    return publish


def start_adelante(context: Context, **settings: str) -> Running:
    """Fed by commits on node A, through PostgreSQL and Redis; node B holds the sockets, with these settings."""
    writer, write_port = node(context, "node-a")
    try:
        holder, socket_port = node(context, "node-b", **settings)
    except BaseException:
        writer.stop()
        raise
    return Running(
        holder,
        {"node A": writer.pid, **context.backing.pids},
        [*authenticated(context, socket_port, "tokens-1", context.backing.tokens(1)), "--by-seq"],
        subscriptions(context, "appointments", "notifications"),
        publish_commits(context, write_port),
        [writer],
    )


def start_floor_commits(context: Context) -> Running:
    """The floor in node B's place: what node A commits and publishes at Redis, sent on by the C program."""
    writer, write_port = node(context, "node-a")
    port, publish_port = free_ports()
    channel = f"adelante:{context.backing.instance}:salon/1/appointments"
    redis = ["--redis", str(context.backing.redis_port), "--channel", channel]
    try:
        program = Program([str(context.tools / "floor"), str(port), str(publish_port), *redis], context.work, "floor-commits")
        program.await_port(publish_port)
    except BaseException:
        writer.stop()
        raise
    beside = {"node A": writer.pid, **context.backing.pids}
    head = context.backing.sql("SELECT seq FROM topic_heads WHERE topic = 'salon/1/appointments'")
    connect = ["--port", str(port), "--by-seq", "--head", head]
    return Running(program, beside, connect, [], publish_commits(context, write_port), [writer])


def start_engine(context: Context) -> Running:
    """The engine alone: messages as a node would publish them, injected at Redis, about events that were never committed.

    Node B has read the head of salon 2 from PostgreSQL when its sockets subscribed, and the injected numbers go on from
    there. PostgreSQL is asked about a topic again only when a number is missing or a transaction has touched the topic;
    none ever touches this one, so nothing contradicts. Each round has a new node, which begins at the same head again.
    """
    holder, port = node(context, "node-b")
    epoch = context.backing.sql("SELECT epoch FROM topic_heads WHERE topic = 'salon/2/appointments'")

    def publish(padding: int) -> list[str]:
        message = f"1 {epoch} {{seq}} {{seq}} {{at}} appointment:updated\n{context.payloads[padding].data}"
        return [
            "--publisher", "redis", "--publish-port", str(context.backing.redis_port),
            "--publish-to", f"adelante:{context.backing.instance}:salon/2/appointments",
            "--message", context.file("engine.txt", message),
        ]  # fmt: skip

    return Running(
        holder,
        context.backing.pids,
        [*authenticated(context, port, "tokens-2", context.backing.tokens(2)), "--by-seq"],
        subscriptions(context, "appointments", "notifications"),
        publish,
    )


def publish_event(context: Context, *arguments: str) -> Callable[[int], list[str]]:
    """Publishing of the event's text as it is."""

    def publish(padding: int) -> list[str]:
        return [*arguments, "--message", context.file("event.json", context.payloads[padding].event)]

    return publish


def start_floor(context: Context) -> Running:
    port, publish_port = free_ports()
    program = Program([str(context.tools / "floor"), str(port), str(publish_port)], context.work, "floor")
    program.await_port(publish_port)
    publish = publish_event(context, "--publisher", "lines", "--publish-port", str(publish_port))
    return Running(program, {}, ["--port", str(port)], [], publish)


def filled(context: Context, template: str, name: str, **values: object) -> str:
    """A peer's configuration with its @…@ filled in."""
    text = (PEERS / template).read_text()
    for key, value in values.items():
        text = text.replace(f"@{key.upper()}@", str(value))
    return context.file(name, text)


def required(path: Path | str | None) -> str:
    if not path or not Path(path).exists():
        raise Unavailable(str(path or "not found"))
    return str(path)


def start_nats(context: Context) -> Running:
    program_file = required(context.tools / "venv/bin/nats-server")
    port, socket_port = free_ports()
    config = filled(context, "nats.conf", "nats.conf", port=port, socket_port=socket_port)
    program = Program([program_file, "-c", config], context.work, "nats")
    program.await_port(socket_port)
    hello = context.file("hello-nats", r'CONNECT {"verbose":false,"protocol":1}\r\nSUB bench 1\r\nPING\r\n')
    publish = publish_event(context, "--publisher", "nats", "--publish-port", str(port), "--publish-to", "bench")
    greet = ["--nats", "--hello", hello, "--ready", "PONG", "--ready-count", "1"]
    return Running(program, {}, ["--port", str(socket_port)], greet, publish, handshake_needs_greeting=True)


def start_nginx(context: Context, name: str, port: int) -> Program:
    module = required("/usr/lib/nginx/modules/ngx_nchan_module.so")
    program_file = required(shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin"))
    folder = context.work / name
    folder.mkdir(exist_ok=True)
    user = "www-data" if context.work.owner() == "root" else context.work.owner()
    config = filled(
        context, "nchan.conf", f"{name}.conf",
        module=module, user=user, folder=folder, port=port, redis=context.backing.redis_url,
    )  # fmt: skip
    program = Program([program_file, "-e", str(folder / "start.log"), "-c", config], context.work, name)
    program.await_port(port)
    return program


def start_nchan(context: Context) -> Running:
    write_port, socket_port = free_ports()
    writer = start_nginx(context, "nchan-a", write_port)
    try:
        holder = start_nginx(context, "nchan-b", socket_port)
    except BaseException:
        writer.stop()
        raise
    publish = publish_event(context, "--publisher", "post", "--publish-port", str(write_port), "--publish-to", "/publish")
    beside = {"publishing nginx": writer.pid, "redis": context.backing.pids["redis"]}
    return Running(holder, beside, ["--port", str(socket_port), "--path", "/subscribe"], [], publish, [writer])


def start_uws(context: Context, **environment: str) -> Running:
    python = required(context.tools / "venv/bin/python")
    port, _ = free_ports()
    program = Program([python, str(PEERS / "uws_app.py")], context.work, "uws", {"PORT": str(port), **environment})
    program.await_port(port)
    publish = publish_event(context, "--publisher", "post", "--publish-port", str(port), "--publish-to", "/publish")
    return Running(program, {}, ["--port", str(port), "--path", "/ws"], [], publish)


def start_uvicorn(context: Context, app: str) -> tuple[Program, int]:
    python = required(context.tools / "venv/bin/python")
    port, _ = free_ports()
    command = [
        python, "-m", "uvicorn", f"{app}:app", "--app-dir", str(PEERS), "--port", str(port), "--loop", "uvloop", "--http", "httptools",
        "--no-access-log", "--log-level", "warning", "--backlog", "4096", "--ws-per-message-deflate", "false",
    ]  # fmt: skip
    program = Program(command, context.work, app, {"REDIS_URL": context.backing.redis_url, "PYTHONDONTWRITEBYTECODE": "1"})
    program.await_port(port)
    return program, port


def start_fastapi(context: Context) -> Running:
    program, port = start_uvicorn(context, "fastapi_app")
    redis = ["--publisher", "redis", "--publish-port", str(context.backing.redis_port), "--publish-to", "bench"]
    beside = {"redis": context.backing.pids["redis"]}
    return Running(program, beside, ["--port", str(port), "--path", "/ws"], [], publish_event(context, *redis))


def start_socketio(context: Context) -> Running:
    program, port = start_uvicorn(context, "socketio_app")

    def publish(padding: int) -> list[str]:
        call = {"method": "emit", "event": "event", "namespace": "/", "room": None, "skip_sid": None, "callback": None, "host_id": "-"}
        message = json.dumps(call)[:-1] + f', "data": {context.payloads[padding].event}}}'
        return [
            "--publisher", "redis", "--publish-port", str(context.backing.redis_port), "--publish-to", "socketio-bench",
            "--message", context.file("socketio.json", message),
        ]  # fmt: skip

    connect = ["--port", str(port), "--path", "/socket.io/?EIO=4&transport=websocket", "--engine-io"]
    greet = ["--hello", context.file("hello-socketio", "40"), "--ready", "40{", "--ready-count", "1"]
    beside = {"redis": context.backing.pids["redis"]}
    return Running(program, beside, connect, greet, publish, handshake_needs_greeting=True)


SERVERS: dict[str, Callable[[Context], Running]] = {
    "floor": start_floor,
    "floor-commits": start_floor_commits,
    "adelante": start_adelante,
    "adelante-one-loop": lambda context: start_adelante(context, EVENT_LOOPS="1"),
    "adelante-engine": start_engine,
    "uws": start_uws,
    "uws-spins": lambda context: start_uws(context, SPIN="1"),
    "nats": start_nats,
    "nchan": start_nchan,
    "fastapi": start_fastapi,
    "socketio": start_socketio,
}
