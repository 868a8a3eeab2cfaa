import NIOCore
import Testing

@testable import WebSocket

@Suite("Session rules that need more than a table")
struct StateMachineTests {
    typealias C = ClientFrames

    @Test("a message at the limit passes, one byte more is refused by its header alone")
    func messageLimit() {
        let fits = String(repeating: "x", count: 1_000)
        #expect(Session(maxMessageBytes: 1_000).feed(C.text(fits)) == ["text(\(fits))"])
        let header = C.text(fits + "x").prefix(8)
        #expect(Session(maxMessageBytes: 1_000).feed(header) == ["fail(1009)"])
    }

    @Test("fragments count together")
    func fragmentsTogether() {
        let session = Session(maxMessageBytes: 10)
        session.feed(C.text("123456", final: false))
        #expect(session.feed(C.more("78901", final: true)) == ["fail(1009)"])
    }

    @Test("too many fragments close with 1009, empty ones too")
    func fragmentLimit() {
        let session = Session(maxFragments: 3)
        session.feed(C.text("", final: false))
        session.feed(C.more("", final: false))
        session.feed(C.more("", final: false))
        #expect(session.log.isEmpty)
        #expect(session.feed(C.more("", final: true)) == ["fail(1009)"])
    }

    @Test("the fragment limit is per message")
    func fragmentLimitPerMessage() {
        let session = Session(maxFragments: 2)
        for _ in 0..<5 {
            session.feed(C.text("a", final: false))
            session.feed(C.more("b", final: true))
        }
        #expect(session.log == [String](repeating: "text(ab)", count: 5))
    }

    @Test("binary is refused with 1003 where it is not accepted")
    func binaryRefused() {
        #expect(Session(acceptsBinary: false).feed(C.frame(0x82, [1])) == ["fail(1003)"])
        #expect(Session(acceptsBinary: false).feed(C.frame(0x02, [1])) == ["fail(1003)"])
    }

    @Test("a promised length costs no memory until bytes come")
    func noPreallocation() {
        let session = Session(maxMessageBytes: 1 << 40)
        let header: [UInt8] = [0x82, 0xFF, 0, 0, 0, 0x40, 0, 0, 0, 0, 1, 2, 3, 4]
        #expect(session.feed(header + [5, 6, 7]) == [])
        #expect(session.isMidMessage)
    }

    @Test("invalid UTF-8 fails inside a fragment, before the frame is complete")
    func failsInsideFragment() {
        let bytes = Array("κόσμε".utf8) + [0xF4, 0x90] + [UInt8](repeating: 0x20, count: 50)
        let frame = C.frame(0x01, bytes)
        let session = Session()
        #expect(session.feed(frame.prefix(6 + 11)) == [])
        #expect(session.feed(frame.dropFirst(6 + 11).prefix(1)) == ["fail(1007)"])
    }

    @Test("a character may be split between fragments, but not at the message's end")
    func splitCharacter() {
        let bytes = Array("Ї".utf8)
        let good = Session()
        good.feed(C.frame(0x01, [bytes[0]]))
        #expect(good.feed(C.frame(0x80, [bytes[1]])) == ["text(Ї)"])
        #expect(Session().feed(C.frame(0x81, [bytes[0]])) == ["fail(1007)"])
    }

    @Test("binary may hold anything")
    func binaryIsNotText() {
        #expect(Session().feed(C.frame(0x82, [0xFF, 0xFE])) == ["binary([255, 254])"])
    }

    @Test("after our Close frame messages and pings are thrown away until the peer's Close frame")
    func closeSent() {
        let session = Session()
        session.feed(C.text("half", final: false))
        #expect(session.startClose() == .sendClose)
        #expect(session.startClose() == .doNothing)
        #expect(!session.isOpen)
        session.feed(C.more("rest", final: true))
        session.feed(C.text("another"))
        session.feed(C.ping("x"))
        #expect(session.log == [])
        #expect(session.feed(C.close(4000)) == ["closed(4000)"])
        #expect(session.feed(C.text("late")) == ["closed(4000)"])
    }

    @Test("our Close frame in the middle of the peer's frame does not lose the framing")
    func closeSentInsideFrame() {
        let session = Session()
        let frame = C.text("something long enough")
        session.feed(frame.prefix(12))
        #expect(session.startClose() == .sendClose)
        session.feed(frame.dropFirst(12))
        #expect(session.feed(C.close()) == ["closed(1005)"])
    }

    @Test("a peer that breaks the rules after our Close frame is dropped without a second one")
    func violationAfterClose() {
        let session = Session()
        #expect(session.startClose() == .sendClose)
        #expect(session.feed([0xF0]) == ["drop"])
        #expect(session.startClose() == .doNothing)
    }

    @Test("it tells when a message is under way and when it is another one")
    func midMessage() {
        let session = Session()
        #expect(!session.isMidMessage)
        session.feed([0x81])
        #expect(session.isMidMessage)
        session.feed(C.text("a").dropFirst())
        #expect(!session.isMidMessage)
        #expect(session.completedMessages == 1)
        session.feed(C.text("a", final: false))
        #expect(session.isMidMessage)
        session.feed(C.ping())
        #expect(session.isMidMessage)
        session.feed(C.more("b", final: true) + [0x81])
        #expect(session.isMidMessage)
        #expect(session.completedMessages == 2)
    }

    @Test("a masked payload is unmasked whatever its length and whatever the pieces", arguments: 0..<40)
    func unmasking(_ length: Int) {
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        let wire = ClientFrames.frame(0x82, payload, key: [0x01, 0x80, 0xFF, 0x3C])
        let pieceSizes = [1, 2, 3, 5, 8, 13, 64]
        for size in pieceSizes {
            let session = Session()
            var rest = wire[...]
            while !rest.isEmpty {
                session.feed(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(session.log == ["binary(\(payload))"])
        }
    }
}
