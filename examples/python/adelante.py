"""A realtime client in 60 lines, written from Protocol/realtime.md alone; needs Python 3.11 and `websockets`. Follows the visits:
python adelante.py reception@demo.adelante adelante-demo http://localhost:8000 http://localhost:8001"""
import asyncio, base64, datetime, http.client, itertools, json, random, sys, time, urllib.error, urllib.request
from websockets import ConnectionClosed, InvalidHandshake, connect

class Follower:
    """`async for kind, value in Follower(…)`: ("snapshot", rows), then ("event", frame), each once and in order."""
    def __init__(self, nodes, login, topic="appointments", list="/appointments"):
        self.nodes, self.login, self.topic, self.list = nodes, login, topic, list
        self.tokens, self.refused, self.seq, self.epoch = {}, None, None, None
    async def __aiter__(self):
        attempt = 0
        for self.node in itertools.cycle(self.nodes):
            began, delay = time.monotonic(), 0
            try:
                if self.tokens.get("access_token") == self.refused: await self.refresh()
                if self.seq is None: yield "snapshot", await self.snapshot()
                protocols = ["adelante.v1", "bearer." + self.tokens["access_token"]]
                async with connect(self.node.replace("http", "ws", 1) + "/ws", subprotocols=protocols) as socket:
                    async for item in self.received(socket): yield item
            except ConnectionClosed as closed:
                code, reason = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
                if code >= 4500: raise  # 45xx: do not come back
                if code == 4401: self.refused = self.tokens["access_token"]
                delay = int(reason) / 1000 if code == 1012 and reason.isdigit() else {1013: 1, 4429: 5}.get(code, 0)
            except urllib.error.HTTPError as answer:
                if "/auth/" in answer.url and answer.code in (401, 403, 404): raise  # the session is over
                if answer.code == 401: self.refused = self.tokens["access_token"]
            except (OSError, http.client.HTTPException, InvalidHandshake): pass
            attempt = 0 if time.monotonic() - began > 5 else attempt + 1
            await asyncio.sleep(delay + random.uniform(0, min(30, 0.5 * 2**attempt)))
    async def received(self, socket):
        asking, ping_at = await self.subscribe(socket), 0
        while True:
            if time.monotonic() >= ping_at: ping_at = time.monotonic() + 20; await socket.send('{"type":"ping"}')
            try: frame = json.loads(await asyncio.wait_for(socket.recv(), ping_at - time.monotonic()))
            except TimeoutError: continue
            match frame:
                case {"seq": seq, "data": _} if seq == self.seq + 1: self.seq = seq; yield "event", frame
                case {"seq": seq, "data": _} if seq > self.seq and not asking: asking = await self.subscribe(socket)
                case {"type": "subscribed", "recovered": True}: asking = False
                case {"type": "subscribed"}: yield "snapshot", await self.snapshot(); asking = await self.subscribe(socket)
                case {"type": "unsubscribed"} | {"type": "error", "code": "forbidden" | "unknown_topic"}: raise RuntimeError(frame)
                case {"type": "error", "retryAfter": ms}: await asyncio.sleep(ms / 1000); asking = await self.subscribe(socket)
                case {"type": "pong", "at": at, "heads": heads}:
                    if heads.get(self.topic, 0) > self.seq and not asking: asking = await self.subscribe(socket)
                    claims = json.loads(base64.urlsafe_b64decode(self.tokens["access_token"].split(".")[1] + "=="))
                    if claims["exp"] - datetime.datetime.fromisoformat(at).timestamp() < 60: await self.refresh(socket)
    async def subscribe(self, socket):
        await socket.send(json.dumps({"type": "subscribe", "topic": self.topic, "since": self.seq, "epoch": self.epoch}))
        return True
    async def snapshot(self):
        rows, headers = await asyncio.to_thread(self.rest, self.list)
        self.seq, self.epoch = int(headers["X-Topic-Seq"]), headers["X-Topic-Epoch"]
        return rows
    async def refresh(self, socket=None):
        body = {"refresh_token": self.tokens["refresh_token"]} if self.tokens else self.login
        self.tokens |= (await asyncio.to_thread(self.rest, "/auth/refresh" if self.tokens else "/auth/login", body))[0]
        if socket: await socket.send(json.dumps({"type": "auth", "token": self.tokens["access_token"]}))
    def rest(self, path, body=None):
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.tokens.get('access_token')}"}
        request = urllib.request.Request(self.node + "/api/v1" + path, body and json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=10) as answer: return json.load(answer), answer.headers

async def main(email, password, *nodes):
    async for kind, value in Follower(nodes, {"email": email, "password": password}): print(kind, json.dumps(value)[:200])
if __name__ == "__main__": asyncio.run(main(*sys.argv[1:]))
