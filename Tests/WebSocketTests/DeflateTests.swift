import NIOCore
import Testing

@testable import WebSocket

@Suite("DEFLATE of messages")
struct DeflateTests {
    typealias C = ClientFrames

    static let sentence = "Запис о 10:30 до Олени, стрижка та фарбування. "

    static func inflate(_ bytes: [UInt8], limit: Int = 65_536) throws(WebSocketError) -> String {
        var inflater = Inflater()
        return String(buffer: try inflater.inflate(ByteBuffer(bytes: bytes), limit: limit))
    }

    @Test(
        "the examples of RFC 7692 7.2.3",
        arguments: [
            [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00],  // 7.2.3.1, one block
            [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00],  // 7.2.3.3, a stored block
            [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00],  // 7.2.3.4, BFINAL set
            [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00],  // 7.2.3.5, two blocks
        ] as [[UInt8]]
    )
    func rfcExamples(_ bytes: [UInt8]) throws {
        #expect(try Self.inflate(bytes) == "Hello")
    }

    @Test("a message that ends with a final block and nothing behind it")
    func finalBlockAtTheEnd() throws {
        #expect(try Self.inflate([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]) == "Hello")
    }

    @Test("several final blocks in one message are read one after the other")
    func severalFinalBlocks() throws {
        let hello: [UInt8] = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        #expect(try Self.inflate(hello + hello + [0x00]) == "HelloHello")
    }

    @Test("a block behind a final block may refer to the bytes before it")
    func windowSurvivesFinalBlock() throws {
        // A fixed-Huffman block of one match, length 5 at distance 5, then the end-of-block code.
        var bits: [UInt8] = [0, 1, 0]  // BFINAL 0, BTYPE 01 (its low bit first is 1, 0)
        bits = [0] + [1, 0]
        bits += [0, 0, 0, 0, 0, 1, 1]  // length code 259: length 5
        bits += [0, 0, 1, 0, 0] + [0]  // distance code 4 (5-6), extra bit 0: distance 5
        bits += [0, 0, 0, 0, 0, 0, 0]  // end of block
        bits += [0, 0, 0]  // header of the stored block whose 00 00 ff ff was left out
        var block: [UInt8] = []
        for (index, bit) in bits.enumerated() {
            if index % 8 == 0 { block.append(0) }
            block[block.count - 1] |= bit << UInt8(index % 8)
        }
        let hello: [UInt8] = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        #expect(try Self.inflate(hello + block) == "HelloHello")
    }

    @Test("an empty message is one zero byte")
    func emptyMessage() throws {
        #expect(try Self.inflate([0x00]) == "")
    }

    @Test(
        "what is no DEFLATE is refused",
        arguments: [
            [0xFF], [0x07], [0x06, 0x00], [0x00, 0x05, 0x00, 0x00, 0x00, 0x48], [0xF2, 0x48, 0xCD],
            [0x00, 0xFF, 0x00, 0x00, 0xFF, 0x61],
        ] as [[UInt8]]
    )
    func malformed(_ bytes: [UInt8]) {
        let error = #expect(throws: WebSocketError.self) { try Self.inflate(bytes) }
        #expect(error?.code == .malformedDeflate)
    }

    @Test("round trips of all sizes and windows", arguments: 9...15)
    func roundTrips(_ windowBits: Int) throws {
        var deflater = Deflater(windowBits: windowBits)
        var inflater = Inflater()
        var random = SeededRandom(seed: UInt64(windowBits))
        for size in [0, 1, 2, 100, 255, 256, 257, 4_000, 40_000, 65_536] {
            for alphabet in [1, 4, 256] as [UInt16] {
                let message = ByteBuffer(bytes: (0..<size).map { _ in UInt8(UInt16.random(in: 0..<alphabet, using: &random)) })
                let compressed = try deflater.deflate(message)
                let back = try inflater.inflate(compressed, limit: 65_536)
                #expect(back == message)
            }
        }
    }

    @Test("the limit is met to the byte")
    func limit() throws {
        var deflater = Deflater(windowBits: 15)
        var inflater = Inflater()
        let message = ByteBuffer(repeating: 0x61, count: 10_000)
        let compressed = try deflater.deflate(message)
        let fits = try inflater.inflate(compressed, limit: 10_000)
        #expect(fits == message)
        do {
            _ = try inflater.inflate(compressed, limit: 9_999)
            Issue.record("one byte too many passed")
        } catch {
            #expect(error.code == .messageTooBig)
        }
    }

    @Test("a bomb is refused without being inflated further than the limit")
    func bomb() throws {
        var deflater = Deflater(windowBits: 15)
        var inflater = Inflater()
        let compressed = try deflater.deflate(ByteBuffer(repeating: 0, count: 40 << 20))
        #expect(compressed.readableBytes < 60_000)
        do {
            _ = try inflater.inflate(compressed, limit: 65_536)
            Issue.record("the bomb passed")
        } catch {
            #expect(error.code == .messageTooBig)
        }
        // and the inflater is as good as new
        #expect(
            String(buffer: try inflater.inflate(ByteBuffer(bytes: [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]), limit: 5))
                == "Hello"
        )
    }

    @Test("nothing of a message, whole or broken, reaches the next one")
    func noContext() throws {
        var inflater = Inflater()
        _ = try? inflater.inflate(ByteBuffer(bytes: [0xF2, 0x48, 0xCD]), limit: 100)
        for _ in 0..<3 {
            let text = String(
                buffer: try inflater.inflate(ByteBuffer(bytes: [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]), limit: 100)
            )
            #expect(text == "Hello")
        }
        // A match that would need an earlier message's bytes.
        #expect(throws: WebSocketError.self) { try Self.inflate([0x02, 0x13, 0x00]) }
    }

    @Test("a compressed session: whole, fragmented, mixed with plain messages and pings")
    func session() throws {
        let wire: [[UInt8]] = [
            C.frame(0xC1, [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]),
            C.text("plain"),
            C.frame(0x41, [0xF2, 0x48, 0xCD]), C.ping("p"), C.frame(0x80, [0xC9, 0xC9, 0x07, 0x00]),
            C.frame(0xC2, [0x00]),
        ]
        let expected = ["text(Hello)", "text(plain)", "pong(p)", "text(Hello)", "binary([])"]
        #expect(Session(deflate: true).feed(wire.joined()) == expected)
        let bytewise = Session(deflate: true)
        for byte in wire.joined() { bytewise.feed([byte]) }
        #expect(bytewise.log == expected)
    }

    @Test("RSV1 belongs on a message's first frame alone")
    func rsv1() {
        #expect(Session(deflate: true).feed(C.frame(0x41, [0xF2]) + C.frame(0xC0, [0x00])) == ["fail(1002)"])
        #expect(Session(deflate: true).feed(C.frame(0xC9)) == ["fail(1002)"])
        #expect(Session(deflate: true).feed(C.frame(0xC8)) == ["fail(1002)"])
        #expect(Session(deflate: false).feed(C.frame(0xC1, [0x00])) == ["fail(1002)"])
    }

    @Test("compressed nonsense, text that is none, and bombs have their close codes")
    func failures() throws {
        #expect(Session(deflate: true).feed(C.frame(0xC1, [0xFF])) == ["fail(1007)"])
        var deflater = Deflater(windowBits: 15)
        let notText = try deflater.deflate(ByteBuffer(bytes: [0x61, 0xFF, 0x61]))
        #expect(Session(deflate: true).feed(C.frame(0xC1, Array(notText.readableBytesView))) == ["fail(1007)"])
        #expect(Session(deflate: true).feed(C.frame(0xC2, Array(notText.readableBytesView))) == ["binary([97, 255, 97])"])
        let bomb = try deflater.deflate(ByteBuffer(repeating: 0x61, count: 65_537))
        #expect(Session(deflate: true).feed(C.frame(0xC1, Array(bomb.readableBytesView))) == ["fail(1009)"])
    }

    @Test("a message at the limit that does not compress is accepted, an endless one is not")
    func incompressible() throws {
        var random = SeededRandom(seed: 7)
        let bytes = (0..<65_536).map { _ in UInt8.random(in: 0...255, using: &random) }
        var deflater = Deflater(windowBits: 15)
        let compressed = Array(try deflater.deflate(ByteBuffer(bytes: bytes)).readableBytesView)
        #expect(compressed.count > 65_536)
        #expect(Session(deflate: true).feed(C.frame(0xC2, compressed)) == ["binary(\(bytes))"])
        let emptyBlocks = [UInt8]([UInt8](repeating: 0, count: 70_000))
        #expect(Session(deflate: true).feed(C.frame(0xC2, emptyBlocks)) == ["fail(1009)"])
    }

    @Test("a shared frame is made only where it is smaller, and any client can read it")
    func shared() throws {
        #expect(WebSocketFrame.deflatedText(ByteBuffer(string: "x")) == nil)
        let message = String(repeating: Self.sentence, count: 20)
        var frame = try #require(WebSocketFrame.deflatedText(ByteBuffer(string: message)))
        #expect(frame.readableBytes < message.utf8.count / 4)
        #expect(frame.readInteger(as: UInt8.self) == 0xC1)
        let length = frame.readInteger(as: UInt8.self)
        if length == 126 { frame.moveReaderIndex(forwardBy: 2) }
        #expect(try Self.inflate(Array(frame.readableBytesView)) == message)
    }
}
