import NIOCore
import Testing

@testable import WebSocket

/// One line of a table: what the client writes, and what the session makes of it.
struct WireCase: CustomTestStringConvertible, Sendable {
    let name: String
    let wire: [UInt8]
    let expected: [String]
    var testDescription: String { self.name }

    init(_ name: String, _ wire: [[UInt8]], _ expected: [String]) {
        self.name = name
        self.wire = Array(wire.joined())
        self.expected = expected
    }
}

@Suite("Wire bytes to actions, without deflate")
struct StateMachineTableTests {
    typealias C = ClientFrames

    static let framing: [WireCase] = [
        WireCase("empty text", [C.text("")], ["text()"]),
        WireCase("text of 125", [C.text(String(repeating: "*", count: 125))], ["text(\(String(repeating: "*", count: 125)))"]),
        WireCase("text of 126", [C.text(String(repeating: "*", count: 126))], ["text(\(String(repeating: "*", count: 126)))"]),
        WireCase(
            "text of 65535",
            [C.text(String(repeating: "a", count: 65_535))],
            ["text(\(String(repeating: "a", count: 65_535)))"]
        ),
        WireCase(
            "text of 65536",
            [C.text(String(repeating: "b", count: 65_536))],
            ["text(\(String(repeating: "b", count: 65_536)))"]
        ),
        WireCase("binary", [C.frame(0x82, [0, 255, 1])], ["binary([0, 255, 1])"]),
        WireCase("two messages", [C.text("a"), C.text("b")], ["text(a)", "text(b)"]),
        WireCase(
            "the RFC's masked Hello",
            [[0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]],
            ["text(Hello)"]
        ),
        WireCase("unmasked", [[0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]], ["fail(1002)"]),
        WireCase("16-bit length of 125", [[0x81, 0xFE, 0x00, 0x7D, 0, 0, 0, 0]], ["fail(1002)"]),
        WireCase("64-bit length of 65535", [[0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0]], ["fail(1002)"]),
        WireCase("length with its top bit", [[0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]], ["fail(1002)"]),
        WireCase("length of 2^63-1", [[0x81, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7) + [0, 0, 0, 0]], ["fail(1009)"]),
    ]

    static let control: [WireCase] = [
        WireCase("ping", [C.ping()], ["pong()"]),
        WireCase("ping with payload", [C.ping("hello")], ["pong(hello)"]),
        WireCase("ping of 125", [C.ping(String(repeating: "p", count: 125))], ["pong(\(String(repeating: "p", count: 125)))"]),
        WireCase("ping of 126", [[0x89, 0xFE]], ["fail(1002)"]),
        WireCase("unsolicited pong", [C.pong("x"), C.ping("y")], ["pongReceived(x)", "pong(y)"]),
        WireCase("fragmented ping", [C.frame(0x09)], ["fail(1002)"]),
        WireCase("fragmented pong", [C.frame(0x0A)], ["fail(1002)"]),
        WireCase("fragmented close", [C.frame(0x08)], ["fail(1002)"]),
        WireCase("ten pings", (0..<10).map { C.ping("\($0)") }, (0..<10).map { "pong(\($0))" }),
    ]

    static let reserved: [WireCase] =
        [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70].flatMap { bits in
            [0x81, 0x82, 0x88, 0x89, 0x8A, 0x80].map { (first: UInt8) in
                WireCase("reserved bits \(bits) on \(first)", [C.text("ok"), C.frame(first | bits)], ["text(ok)", "fail(1002)"])
            }
        }
        + [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map { (opcode: UInt8) in
            WireCase("reserved opcode \(opcode)", [C.text("ok"), C.frame(0x80 | opcode)], ["text(ok)", "fail(1002)"])
        }

    static let fragmentation: [WireCase] = [
        WireCase("two fragments", [C.text("ab", final: false), C.more("cd", final: true)], ["text(abcd)"]),
        WireCase("empty fragments", [C.text("", final: false), C.more("", final: false), C.more("", final: true)], ["text()"]),
        WireCase(
            "pings between fragments",
            [C.text("a", final: false), C.ping("1"), C.more("b", final: false), C.ping("2"), C.more("c", final: true)],
            ["pong(1)", "pong(2)", "text(abc)"]
        ),
        WireCase(
            "close between fragments",
            [C.text("a", final: false), C.close(1000), C.more("b", final: true)],
            ["close(1000, reply 1000)"]
        ),
        WireCase("nothing to continue", [C.more("a", final: true)], ["fail(1002)"]),
        WireCase("nothing to continue, not final", [C.more("a", final: false)], ["fail(1002)"]),
        WireCase("continuation after a whole message", [C.text("a"), C.more("b", final: true)], ["text(a)", "fail(1002)"]),
        WireCase("text inside a message", [C.text("a", final: false), C.text("b")], ["fail(1002)"]),
        WireCase("binary inside a message", [C.text("a", final: false), C.frame(0x82, [1])], ["fail(1002)"]),
        WireCase("fragmented binary", [C.frame(0x02, [1]), C.frame(0x80, [2])], ["binary([1, 2])"]),
    ]

    static let closing: [WireCase] = [
        WireCase("close without code", [C.close()], ["close(1005, reply empty)"]),
        WireCase("close with half a code", [C.frame(0x88, [0x03])], ["fail(1002)"]),
        WireCase("close with reason", [C.close(1000, Array("bye".utf8))], ["close(1000, reply 1000)"]),
        WireCase(
            "close with a reason of 123",
            [C.close(1001, [UInt8](repeating: 0x7A, count: 123))],
            ["close(1001, reply 1001)"]
        ),
        WireCase("close with 126 bytes", [[0x88, 0xFE]], ["fail(1002)"]),
        WireCase(
            "close with an invalid reason",
            [C.close(1000, [0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xCF, 0x83, 0xED, 0xA0, 0x80])],
            ["fail(1007)"]
        ),
        WireCase("close with a reason cut inside a character", [C.close(1000, [0xCE])], ["fail(1007)"]),
        WireCase("close twice", [C.close(1000), C.close(1000)], ["close(1000, reply 1000)"]),
        WireCase("ping after close", [C.close(1000), C.ping()], ["close(1000, reply 1000)"]),
        WireCase("text after close", [C.close(1000), C.text("late")], ["close(1000, reply 1000)"]),
        WireCase("1010 is the client's: answered with 1000", [C.close(1010)], ["close(1010, reply 1000)"]),
    ]

    static let all = framing + control + reserved + fragmentation + closing

    @Test("the whole at once gives the expected actions", arguments: all)
    func whole(_ wire: WireCase) {
        #expect(Session().feed(wire.wire) == wire.expected)
    }

    @Test("byte by byte gives the same", arguments: all)
    func byteByByte(_ wire: WireCase) {
        let session = Session()
        for byte in wire.wire { session.feed([byte]) }
        #expect(session.log == wire.expected)
    }

    @Test("in pieces of seven bytes gives the same", arguments: all)
    func pieces(_ wire: WireCase) {
        let session = Session()
        var rest = wire.wire[...]
        while !rest.isEmpty {
            session.feed(rest.prefix(7))
            rest = rest.dropFirst(7)
        }
        #expect(session.log == wire.expected)
    }

    @Test("a wrong first byte is refused without waiting for more", arguments: [0x83, 0xA1, 0x09, 0x0F, 0x91] as [UInt8])
    func failsEarly(_ first: UInt8) {
        #expect(Session().feed([first]) == ["fail(1002)"])
    }

    @Test("a missing mask is refused with the second byte")
    func failsAtMask() {
        #expect(Session().feed([0x81, 0x01]) == ["fail(1002)"])
    }

    @Test("every close code that may be on the wire is echoed, every other one is a protocol error")
    func closeCodes() {
        for code in UInt16.min...UInt16.max {
            let valid = (1000...1003).contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code)
            let reply = code == 1010 ? 1000 : code
            let expected = [valid ? "close(\(code), reply \(reply))" : "fail(1002)"]
            if CloseCode.isSendable(code) != (valid && code != 1010) { Issue.record("\(code)") }
            // The wire for all that are near an edge, and for a sample of the rest.
            guard code < 1200 || (2900..<5100).contains(code) || code % 257 == 0 else { continue }
            if Session().feed(C.close(code)) != expected { Issue.record("\(code)") }
        }
    }
}
