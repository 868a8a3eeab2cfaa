"""The client's own framing."""

import zlib

import pytest

from harness.frames import CLOSE, PING, TEXT, BrokenFrame, FrameReader, masked


def frame(payload, first=0x81):
    size = len(payload)
    if size < 126:
        return bytes([first, size]) + payload
    if size < 65_536:
        return bytes([first, 126]) + size.to_bytes(2) + payload
    return bytes([first, 127]) + size.to_bytes(8) + payload


def compressed(text):
    machine = zlib.compressobj(wbits=-15)
    data = machine.compress(text) + machine.flush(zlib.Z_SYNC_FLUSH)
    assert data.endswith(b"\x00\x00\xff\xff")
    return data[:-4]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_a_message_of_any_length_is_read_in_any_pieces(size):
    payload = bytes(index % 251 for index in range(size))
    line = frame(payload) + frame(b"next")
    for step in (1, 7, len(line)) if size < 1_000 else (4_096, len(line)):
        reader, found = FrameReader(False), []
        for index in range(0, len(line), step):
            reader.feed(line[index : index + step])
            while message := reader.next():
                found.append(message)
        assert found == [(TEXT, payload), (TEXT, b"next")]


def test_each_message_is_inflated_by_itself():
    reader = FrameReader(True)
    for text in (b"one" * 100, b"two" * 100):
        reader.feed(frame(compressed(text), 0xC1))
        assert reader.next() == (TEXT, text)
    reader.feed(frame(b"plain"))
    assert reader.next() == (TEXT, b"plain")


def test_a_ping_between_two_fragments_is_read_at_once():
    reader = FrameReader(False)
    reader.feed(frame(b"ab", 0x01) + frame(b"?", 0x89) + frame(b"cd", 0x80))
    assert [reader.next(), reader.next()] == [(PING, b"?"), (TEXT, b"abcd")]


@pytest.mark.parametrize("line", [frame(b"x", 0xC1), b"\x81\x81\x00\x00\x00\x00x", frame(b"x", 0x80), frame(b"x", 0x08)])
def test_what_was_not_agreed_on_is_refused(line):
    reader = FrameReader(False)
    reader.feed(line)
    with pytest.raises(BrokenFrame):
        reader.next()


@pytest.mark.parametrize("size", [0, 3, 125, 126, 65_536])
def test_what_is_sent_is_masked(size):
    payload = b"m" * size
    line = masked(CLOSE, payload)
    head = 2 + (0 if size < 126 else 2 if size < 65_536 else 8)
    mask, body = line[head : head + 4], line[head + 4 :]
    assert line[0] == 0x88 and line[1] & 0x80
    assert bytes(byte ^ mask[index % 4] for index, byte in enumerate(body)) == payload
