"""A client of the socket, written from Protocol/realtime.md alone; nothing of it is the reference client's."""

import asyncio
from collections import Counter

from . import findings
from .history import History
from .manners import COMMAND, HEADER, PROTOCOL, QUERY, Manner
from .rest import Lines, NoAnswer
from .rows import Snapshot, Window
from .salon import DAYS, PASSWORD
from .session import Session
from .talk import Talk
from .visits import day
from .websocket import Closed, Refused, Socket
from .frames import BrokenFrame
from .world import World

LONGEST_BACKOFF = 3.0
ENDINGS = {1000, 1001, 1006, 1012, 1013, 4401, 4408}  # the others say that the client did something wrong, and none does
REFUSALS = {503}  # of an upgrade: the node drains


class Subscriber:
    """Connects, resumes, and keeps everything that it was sent."""

    def __init__(self, world: World, manner: Manner) -> None:
        self.world, self.manner, self.name = world, manner, manner.name
        self.dice = world.dice(manner.name)
        self.histories = {topic: History() for topic in manner.topics}
        self.lines = Lines()
        self.session = Session(manner.email, PASSWORD, Lines(), lambda: world.port(self.dice, 0))
        self.snapshot: Snapshot | None = None
        self.snapshots_loaded = 0
        self.closes: Counter[int] = Counter()
        self.failures = 0
        self.has_started = asyncio.Event()
        self.talk: Talk | None = None

    async def run(self) -> None:
        """Until it is cancelled."""
        is_refused = False
        while True:
            try:
                await self._connection(is_refused)
                is_refused = False
            except Closed as closed:
                self.closes[closed.code] += 1
                is_refused = closed.code == 4401
                if closed.code not in ENDINGS:
                    self.world.findings.add(findings.ANSWER, f"{self.name} was closed with {closed.code} {closed.reason}")
            except Refused as refused:
                if refused.status not in REFUSALS:
                    self.world.findings.add(findings.ANSWER, f"{self.name}: the upgrade was answered with {refused.status}")
            except BrokenFrame as broken:
                self.world.findings.add(findings.ANSWER, f"{self.name}: {broken}")
            except (OSError, EOFError, TimeoutError, NoAnswer):
                pass
            self.talk = None
            self.failures += 1
            await asyncio.sleep(self.dice.uniform(0, min(LONGEST_BACKOFF, 0.2 * 2 ** min(self.failures, 8))))

    async def _connection(self, is_refused: bool) -> None:
        token = await self.session.fresh(is_refused)
        if self.manner.snapshots and (self.snapshot is None or self.dice.random() < 0.5):
            await self._load(token)
        socket = await self._open(token)
        self.talk = Talk(self, socket)
        helper = asyncio.create_task(self.talk.keep_alive())
        try:
            if self.manner.sign_in == COMMAND:
                socket.send(self.talk.command(type="auth", token=token))
            if not self.manner.is_default:
                for topic in self.histories:
                    self.talk.subscribe(topic)
            await self.talk.listen()
        finally:
            helper.cancel()
            socket.abort()

    async def _open(self, token: str) -> Socket:
        manner = self.manner
        protocols = [] if manner.is_default else ["adelante.v1"]
        headers, path = {}, self.dice.choice(("/ws", "/api/v1/ws"))
        if manner.sign_in == HEADER:
            headers["Authorization"] = f"Bearer {token}"
        elif manner.sign_in == PROTOCOL:
            protocols.append(f"bearer.{token}")
        elif manner.sign_in == QUERY:
            path += f"?token={token}"
        port = self.world.port(self.dice, manner.proxied)
        return await Socket.open(port, path, headers, protocols, manner.deflate, small=manner.is_slow)

    async def _load(self, token: str) -> None:
        """Rows and their position, from any node; the stream may come from another."""
        begin = self.dice.randrange(DAYS - 6)
        window = Window(day(begin), day(begin + 6))
        port = self.world.port(self.dice, self.manner.proxied)
        answer = await self.lines.to(port).ask("GET", window.path, headers={"Authorization": f"Bearer {token}"})
        if answer.status != 200:
            raise NoAnswer(f"the snapshot was answered with {answer.status}")
        self.snapshot = Snapshot.of(self.name, window, answer)
        self.snapshots_loaded += 1
        self.histories["appointments"].begin(self.snapshot.seq, self.snapshot.epoch)

    @property
    def is_up_to_date(self) -> bool:
        """Whether it has begun on every topic."""
        return all(history.has_begun for history in self.histories.values())
