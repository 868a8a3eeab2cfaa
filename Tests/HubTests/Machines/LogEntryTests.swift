import JSON
import NIOCore
import Testing
import WebSocket

@testable import Hub

@Suite("An event is one frame for each way to see it")
struct LogEntryTests {
    private func entry(version: Int64? = 3, type: String = "appointment:updated", data: String = #"{"id":5}"#) -> LogEntry {
        let event = CommittedEvent(
            topic: "salon/7/appointments",
            seq: 42,
            epoch: "E",
            type: type,
            version: version,
            at: 1_779_010_200_123_456,
            data: ByteBuffer(string: data)
        )
        return LogEntry(event, access: MemoryAccess())
    }

    private func payload(_ frame: ByteBuffer) throws -> (first: UInt8, payload: ByteBuffer) {
        var frame = frame
        let (first, short) = (frame.readInteger(as: UInt8.self), frame.readInteger(as: UInt8.self))
        let length = short == 126 ? frame.readInteger(as: UInt16.self).map(Int.init) : short.map(Int.init)
        #expect(frame.readableBytes == length)
        return (try #require(first), frame)
    }

    @Test("the message is as the protocol says, byte for byte")
    func text() {
        #expect(
            String(buffer: self.entry().text(.full))
                == #"{"type":"appointment:updated","topic":"appointments","seq":42,"version":3,"at":"2026-05-17T09:30:00.123Z","data":{"id":5}}"#
        )
    }

    @Test("without a version there is none")
    func noVersion() {
        #expect(
            String(buffer: self.entry(version: nil).text(.full))
                == #"{"type":"appointment:updated","topic":"appointments","seq":42,"at":"2026-05-17T09:30:00.123Z","data":{"id":5}}"#
        )
    }

    @Test("a type is quoted as JSON asks")
    func quoted() throws {
        let message = try JSONValue(parsing: String(buffer: self.entry(type: "a\"b\\c\nd").text(.full)))
        #expect(message["type"] == "a\"b\\c\nd")
    }

    @Test("a role that may not see everything gets its own shape")
    func shapes() throws {
        let entry = self.entry()
        let masked = try self.payload(entry.frame(FrameVariant(shape: MemoryAccess.masked, deflated: false)))
        #expect(try JSONValue(parsing: String(buffer: masked.payload))["data"] == ["shape": 1])
        let full = try self.payload(entry.frame(FrameVariant(shape: .full, deflated: false)))
        #expect(try JSONValue(parsing: String(buffer: full.payload))["data"] == ["id": 5])
        #expect(full.first == 0x81)
    }

    @Test("compressed it says the same, in fewer bytes")
    func deflated() throws {
        let entry = self.entry(data: #"{"text":"\#(String(repeating: "all the same ", count: 50))"}"#)
        let plain = try self.payload(entry.frame(FrameVariant(shape: .full, deflated: false)))
        let small = try self.payload(entry.frame(FrameVariant(shape: .full, deflated: true)))
        #expect(small.first == 0xC1)
        #expect(small.payload.readableBytes < plain.payload.readableBytes / 2)
        var inflater = Inflater()
        let inflated = try inflater.inflate(small.payload, limit: 10_000)
        #expect(inflated == plain.payload)
    }

    @Test("what does not get smaller goes as it is")
    func incompressible() throws {
        let noise = (1...64).map { String(UInt64($0) &* 0x9E37_79B9_7F4A_7C15, radix: 36) }.joined()
        let entry = self.entry(type: "x", data: "\"\(String(noise.prefix(20)))\"")
        let frame = try self.payload(entry.frame(FrameVariant(shape: .full, deflated: true)))
        let plain = entry.text(.full)
        #expect(frame.first == 0x81 ? frame.payload == plain : frame.payload.readableBytes < plain.readableBytes)
    }

    @Test("a frame is encoded once, and its bytes are shared")
    func shared() throws {
        let entry = self.entry()
        let variant = FrameVariant(shape: .full, deflated: false)
        func address(_ buffer: ByteBuffer) -> UInt { buffer.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) } }
        let (first, second) = (entry.frame(variant), entry.frame(variant))
        #expect(address(first) == address(second))
    }

    @Test("a topic's last part is its name", arguments: [("salon/7/clients", "clients"), ("clients", "clients"), ("a/", "")])
    func clientTopic(name: String, expected: String) {
        #expect(ClientTopic.name(of: name) == expected)
    }
}
