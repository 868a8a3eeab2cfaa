"""Servers and people, made before the first fault and taken away after the last."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from .nodes import Node
from .processes import allow_many_files, free_ports
from .salon import make
from .services import Postgres, Redis
from .world import World


def settings(postgres: Postgres, redis: Redis) -> dict[str, str]:
    """Of every node: nothing of the caller's; sizes and rates that fifty clients of one address do not meet; short tokens."""
    return {
        "PATH": os.environ["PATH"], "DATABASE_URL": postgres.url, "REDIS_URL": redis.url,
        "SECRET_KEY": secrets.token_urlsafe(48), "BCRYPT_COST": "4", "RATE_LIMITS": "off", "REGISTRATION": "open",
        "ACCESS_TOKEN_EXPIRE_MINUTES": "1", "WS_MAX_SOCKETS_PER_USER": "1000", "WS_MAX_SOCKETS_PER_ADDRESS": "4000",
        "WS_PING_SECONDS": "10", "WS_PONG_SECONDS": "5", "LOG_LEVEL": "notice",
    }  # fmt: skip


@asynccontextmanager
async def stage(seed: int, binary: Path, folder: Path, count: int) -> AsyncIterator[World]:
    """A world with `count` nodes behind their proxies, and a salon."""
    allow_many_files()
    postgres, redis = Postgres(folder / "postgres"), Redis(folder / "redis")
    nodes: list[Node] = []
    try:
        await asyncio.gather(postgres.start(), redis.start())
        shared, ports = settings(postgres, redis), free_ports(2 * count)
        nodes += [
            Node(f"node-{index + 1}", binary, folder, ports[2 * index], ports[2 * index + 1], shared) for index in range(count)
        ]
        await asyncio.gather(*(node.start() for node in nodes))
        await asyncio.gather(*(node.proxy.start() for node in nodes))
        yield World(seed, postgres, redis, nodes, await make(postgres, nodes[0].port))
    finally:
        # Not interrupted again: a second Ctrl-C would leave servers behind, for a while.
        await asyncio.shield(_strike(postgres, redis, nodes))


async def _strike(postgres: Postgres, redis: Redis, nodes: list[Node]) -> None:
    await asyncio.gather(*(node.proxy.stop() for node in nodes), *(node.kill() for node in nodes), return_exceptions=True)
    await asyncio.gather(redis.stop(), postgres.stop(), return_exceptions=True)
