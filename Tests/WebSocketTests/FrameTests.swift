import NIOCore
import Testing

@testable import WebSocket

@Suite("Frames from the server")
struct FrameTests {
    @Test(
        "the length is in its shortest form",
        arguments: [
            (0, [0x81, 0x00]), (125, [0x81, 125]), (126, [0x81, 126, 0x00, 0x7E]), (65_535, [0x81, 126, 0xFF, 0xFF]),
            (65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] as [(Int, [UInt8])]
    )
    func lengths(_ length: Int, _ header: [UInt8]) {
        let payload = [UInt8](repeating: 0x61, count: length)
        let frame = WebSocketFrame.text(ByteBuffer(bytes: payload))
        #expect(Array(frame.readableBytesView) == header + payload)
    }

    @Test("the RFC's examples")
    func examples() {
        #expect(Array(WebSocketFrame.text("Hello").readableBytesView) == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        #expect(
            Array(WebSocketFrame.ping(ByteBuffer(string: "Hello")).readableBytesView) == [
                0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F,
            ]
        )
        #expect(Array(WebSocketFrame.pong().readableBytesView) == [0x8A, 0x00])
        #expect(Array(WebSocketFrame.binary(ByteBuffer(bytes: [1])).readableBytesView) == [0x82, 0x01, 0x01])
        #expect(Array(WebSocketFrame.text(ByteBuffer(bytes: [0]), compressed: true).readableBytesView) == [0xC1, 0x01, 0x00])
    }

    @Test("Close frames")
    func close() {
        #expect(Array(WebSocketFrame.close(code: nil).readableBytesView) == [0x88, 0x00])
        #expect(Array(WebSocketFrame.close(code: 1005).readableBytesView) == [0x88, 0x00])
        #expect(Array(WebSocketFrame.close(code: 1012, reason: "40").readableBytesView) == [0x88, 0x04, 0x03, 0xF4, 0x34, 0x30])
    }

    @Test("a long reason is cut between characters at 123 bytes")
    func longReason() {
        var frame = WebSocketFrame.close(code: 4000, reason: String(repeating: "ї", count: 100))
        frame.moveReaderIndex(forwardBy: 4)
        #expect(String(buffer: frame) == String(repeating: "ї", count: 61))
    }
}
