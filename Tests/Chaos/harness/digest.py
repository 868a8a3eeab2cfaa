"""Contents as numbers, so that millions of deliveries can be kept and compared."""

import hashlib
import json
from typing import Any


def digest(value: Any) -> int:
    """64 bits that stand for a JSON value, whatever the order of its members."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def masked(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """What a master is shown of an event: no client's phone."""
    if kind.startswith("appointment:"):
        return {name: value for name, value in data.items() if name != "clientPhone"}
    if kind.startswith("client:") and "phone" in data:
        return {**data, "phone": ""}
    return data
