"""A small WebSocket client (RFC 6455) on Python's standard library: what scripts/transcripts talks with."""

import base64
import hashlib
import json
import os
import socket
import struct

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


class Closed(Exception):
    """The server closed the socket."""

    def __init__(self, code, reason):
        super().__init__(f"closed with {code} {reason!r}")
        self.code, self.reason = code, reason


class Socket:
    """One connection; every wait ends after `timeout` seconds."""

    def __init__(self, host, port, path="/ws", subprotocols=(), timeout=10):
        self.received = b""
        self.stream = socket.create_connection((host, port), timeout)
        key = base64.b64encode(os.urandom(16))
        offer = f"Sec-WebSocket-Protocol: {', '.join(subprotocols)}\r\n" if subprotocols else ""
        self.stream.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key.decode()}\r\n{offer}\r\n".encode()
        )
        while b"\r\n\r\n" not in self.received:
            self._read_more()
        head, self.received = self.received.split(b"\r\n\r\n", 1)
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        if not head.startswith(b"HTTP/1.1 101 ") or accept not in head:
            raise ConnectionError(f"no upgrade: {head.decode(errors='replace')}")

    def send(self, text):
        """Sends a text message."""
        self._send_frame(TEXT, text.encode())

    def receive(self):
        """The next text message, as text. Pings are answered meanwhile."""
        while True:
            opcode, payload = self._receive_frame()
            if opcode == TEXT:
                return payload.decode()
            if opcode == PING:
                self._send_frame(PONG, payload)
            if opcode == CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if payload else None
                raise Closed(code, payload[2:].decode())

    def receive_json(self):
        """The next text message, parsed."""
        return json.loads(self.receive())

    def close(self, code=1000):
        """Says goodbye and waits for the answer."""
        self._send_frame(CLOSE, struct.pack("!H", code))
        try:
            while True:
                self.receive()
        except (Closed, ConnectionError, TimeoutError):
            self.stream.close()

    def _send_frame(self, opcode, payload):
        # Short messages alone: 125 bytes in the header's first length, or 65,535 in the second.
        size = struct.pack("!B", 0x80 | len(payload)) if len(payload) < 126 else struct.pack("!BH", 0x80 | 126, len(payload))
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self.stream.sendall(bytes([0x80 | opcode]) + size + mask + masked)

    def _receive_frame(self):
        first, second = self._take(2)
        if not first & 0x80 or first & 0x70:
            raise ConnectionError("fragments and extensions are not spoken here")
        size = second & 0x7F
        if size == 126:
            size = struct.unpack("!H", self._take(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", self._take(8))[0]
        return first & 0x0F, self._take(size)

    def _take(self, count):
        while len(self.received) < count:
            self._read_more()
        taken, self.received = self.received[:count], self.received[count:]
        return taken

    def _read_more(self):
        more = self.stream.recv(65536)
        if not more:
            raise ConnectionError("the server hung up")
        self.received += more
