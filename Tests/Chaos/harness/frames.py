"""RFC 6455 frames and RFC 7692 messages as bytes: what a client sends and reads. Nothing is shared with the server's side."""

import os
import struct
import zlib

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
TAIL = b"\x00\x00\xff\xff"  # RFC 7692 7.2.2


class BrokenFrame(Exception):
    """The server sent something that is no frame."""


def masked(opcode: int, payload: bytes) -> bytes:
    """A client's whole message in one frame."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 65_536:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    mask = os.urandom(4)
    key = int.from_bytes((mask * (size // 4 + 1))[:size])
    return head + mask + (int.from_bytes(payload) ^ key).to_bytes(size)


def inflated(payload: bytes) -> bytes:
    """A message that was compressed on its own (server_no_context_takeover)."""
    machine = zlib.decompressobj(-15)
    return machine.decompress(payload + TAIL) + machine.flush()


class FrameReader:
    """Bytes in, messages out: `(opcode, payload)`, fragments joined, compressed ones inflated."""

    def __init__(self, deflate: bool) -> None:
        self.deflate = deflate
        self.buffer = bytearray()
        self.parts: list[bytes] = []
        self.opcode = 0
        self.is_compressed = False

    def feed(self, data: bytes) -> None:
        """More bytes of the line."""
        self.buffer += data

    def next(self) -> tuple[int, bytes] | None:
        """The next message that is there as a whole."""
        while (frame := self._frame()) is not None:
            first, payload = frame
            opcode, is_last = first & 0x0F, bool(first & 0x80)
            if opcode >= CLOSE:
                if not is_last or first & 0x70:
                    raise BrokenFrame("a control frame in parts, or compressed")
                return opcode, payload
            if (opcode == CONTINUATION) != bool(self.parts):
                raise BrokenFrame("a fragment out of place")
            if not self.parts:
                self.opcode, self.is_compressed = opcode, bool(first & 0x40)
            if first & 0x30 or (self.is_compressed and not self.deflate):
                raise BrokenFrame("reserved bits that were not agreed on")
            self.parts.append(payload)
            if is_last:
                message = b"".join(self.parts)
                self.parts = []
                return self.opcode, inflated(message) if self.is_compressed else message
        return None

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self.buffer
        if len(buffer) < 2:
            return None
        first, size, start = buffer[0], buffer[1], 2
        if size & 0x80:
            raise BrokenFrame("a masked frame from a server")
        if size == 126:
            if len(buffer) < 4:
                return None
            (size,), start = struct.unpack_from("!H", buffer, 2), 4
        elif size == 127:
            if len(buffer) < 10:
                return None
            (size,), start = struct.unpack_from("!Q", buffer, 2), 10
        if len(buffer) < start + size:
            return None
        payload = bytes(buffer[start : start + size])
        del buffer[: start + size]
        return first, payload
