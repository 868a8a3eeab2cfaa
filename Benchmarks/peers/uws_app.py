"""uWebSockets through socketify: sockets subscribe to one topic, and what is POSTed to /publish is published to it.

uWebSockets itself does the fan-out, in C++; taking the request and calling `publish` is Python, once a message. It waits
for the kernel in libuv, as native uWebSockets does. With SPIN=1 it runs as socketify starts it, which asks libuv again and
again without waiting while there is traffic: that takes a whole core, and no wake-up is ever waited for.
"""

import os
from collections import deque

from socketify import App, AppListenOptions, CompressOptions, OpCode

app = App()


def opened(socket) -> None:
    socket.subscribe("bench")


# socketify loses a response that nobody holds, and crashes when the rest of its request comes.
held: deque[object] = deque(maxlen=64)


def publish(response, _) -> None:
    held.append(response)
    parts: list[bytes] = []

    def received(response, part: bytes | None, is_last: bool) -> None:
        parts.append(part or b"")
        if is_last:
            app.publish("bench", b"".join(parts), OpCode.TEXT)
            response.end("")

    response.on_data(received)


app.ws(
    "/ws",
    {
        "compression": CompressOptions.DISABLED,
        "max_payload_length": 64 * 1024,
        "max_backpressure": 64 * 1024 * 1024,
        "idle_timeout": 120,
        "open": opened,
    },
)
app.post("/publish", publish)
app.listen(AppListenOptions(port=int(os.environ["PORT"]), host="127.0.0.1"))
if os.environ.get("SPIN"):
    app.run()
else:
    app.loop.uv_loop.run()
