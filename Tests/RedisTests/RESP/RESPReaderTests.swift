import NIOCore
import Testing

@testable import Redis

@Suite struct RESPReaderTests {
    static let whole: [(String, RESPValue)] = [
        ("+OK\r\n", .simple("OK")),
        ("+\r\n", .simple("")),
        ("-ERR no\r\n", .error("ERR no")),
        (":-42\r\n", .integer(-42)),
        (":9223372036854775807\r\n", .integer(.max)),
        ("$5\r\nолa\r\n", .bulk(ByteBuffer(string: "олa"))),
        ("$2\r\n\r\n\r\n", .bulk(ByteBuffer(string: "\r\n"))),
        ("$0\r\n\r\n", .bulk(ByteBuffer())),
        ("$-1\r\n", .null),
        ("*-1\r\n", .null),
        ("*0\r\n", .array([])),
        (
            "*3\r\n$7\r\nmessage\r\n:1\r\n*2\r\n*0\r\n$-1\r\n",
            .array([.bulk(ByteBuffer(string: "message")), .integer(1), .array([.array([]), .null])])
        ),
        ("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:7\r\n", .array([.array([.array([.array([.array([.integer(7)])])])])])),
    ]

    @Test(arguments: whole) func `a reply is read whatever way the network cuts it`(wire: String, value: RESPValue) throws {
        for cut in 1...wire.utf8.count {
            var reader = RESPReader(limits: RESPLimits())
            var values: [RESPValue] = []
            // twice, so that what follows a reply is read too
            var rest = ByteBuffer(string: wire + wire)
            while rest.readableBytes > 0, let part = rest.readSlice(length: min(cut, rest.readableBytes)) {
                try reader.feed(part)
                while let next = try reader.next() {
                    values.append(next)
                }
            }
            #expect(values == [value, value], "cut into \(cut) bytes each")
        }
    }

    @Test(arguments: [
        "%1\r\n+a\r\n+b\r\n", "HTTP/1.1 400 Bad Request\r\n", ":x\r\n", ":\r\n", ":99999999999999999999\r\n", "$-5\r\nabc",
        "$99999999999999999999\r\n", "*-5\r\n", "*4294967297\r\n", "*99999999999999999999\r\n", "\u{0}", "\r\n",
        String(repeating: "*1\r\n", count: 64) + ":1\r\n",
    ])
    func `what is not RESP2 is an error`(wire: String) {
        var reader = RESPReader(limits: RESPLimits())
        let error = reader.firstError(ByteBuffer(string: wire))
        #expect(error?.code == .protocolError)
    }

    @Test func `a reply of more bytes than allowed is refused before it is complete`() throws {
        var reader = RESPReader(limits: RESPLimits(replyBytes: 1000))
        try reader.feed(ByteBuffer(string: "$9223372036854775800\r\n"))
        var value = try reader.next()
        #expect(value == nil)
        try reader.feed(ByteBuffer(repeating: 0x61, count: 900))
        value = try reader.next()
        #expect(value == nil)
        let error = reader.firstError(ByteBuffer(repeating: 0x61, count: 200))
        #expect(error?.code == .protocolError)
    }

    @Test func `many small strings count together`() {
        var reader = RESPReader(limits: RESPLimits(replyBytes: 1000))
        let wire = "*1000\r\n" + String(repeating: "$3\r\nabc\r\n", count: 500)
        let error = reader.firstError(ByteBuffer(string: wire))
        #expect(error?.code == .protocolError)
    }

    @Test func `the limit is for each reply, not for the connection`() throws {
        var reader = RESPReader(limits: RESPLimits(replyBytes: 1000))
        for _ in 0..<100 {
            try reader.feed(ByteBuffer(string: "$100\r\n\(String(repeating: "a", count: 100))\r\n"))
            let value = try reader.next()
            #expect(value?.buffer?.readableBytes == 100)
        }
    }

    @Test(arguments: ["*2147483647\r\n", "*101\r\n", "*60\r\n*60\r\n"])
    func `an array of more elements than allowed is refused when it is announced`(wire: String) {
        var reader = RESPReader(limits: RESPLimits(elements: 100))
        let error = reader.firstError(ByteBuffer(string: wire))
        #expect(error?.code == .protocolError)
        #expect(error?.message == "A reply of more than 100 elements")
    }

    @Test func `random bytes never crash the reader`() {
        var random = SplitMix64(seed: 20_251_122)
        let alphabet = Array("+-:$*%\r\n0123456789-9999abc\u{0}".utf8)
        for _ in 0..<20_000 {
            var reader = RESPReader(limits: RESPLimits(replyBytes: 4096, elements: 64))
            let bytes = (0..<Int.random(in: 1...80, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? alphabet[Int.random(in: 0..<alphabet.count, using: &random)] : UInt8.random(in: 0...255, using: &random)
            }
            let error = reader.firstError(ByteBuffer(bytes: bytes))
            #expect(error == nil || error?.code == .protocolError)
        }
    }
}

extension RESPReader {
    mutating func firstError(_ bytes: ByteBuffer) -> RedisError? {
        do throws(RedisError) {
            try self.feed(bytes)
            while try self.next() != nil {}
            return nil
        } catch {
            return error
        }
    }
}

/// Random, and the same at each run.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
