import NIOCore
import NIOHTTP1

/// An opening handshake as every client writes it, read straight from the bytes of its first segment.
///
/// This is no HTTP parser, and decides nothing: what it does not recognise at once as a whole, plain `GET` with an `Upgrade`
/// and without a body is left to NIO's, which has the last word about it. What it does read, it reads as NIO's parser does (a
/// test compares the two), without a parser's machinery for every socket that comes.
struct PlainRequest {
    /// Bounds of what is read here; a head beyond them is the general parser's.
    struct Limits: Sendable {
        /// Of the whole head, in bytes.
        var maximumBytes: Int
        /// How many lines it may have.
        var maximumFields: Int
    }

    /// The request.
    let head: HTTPRequestHead
    /// What its headers say of a handshake.
    let fields: HandshakeFields

    /// Reads a request from the front of `buffer` and moves behind it; nil, and nothing moved, if it is not a plain one.
    static func read(_ buffer: inout ByteBuffer, limits: Limits) -> PlainRequest? {
        var reader = PlainRequestReader(end: min(buffer.readableBytes, limits.maximumBytes))
        guard let request = reader.read(buffer.readableBytesUInt8Span, maximumFields: limits.maximumFields) else { return nil }
        buffer.moveReaderIndex(forwardBy: reader.index)
        return request
    }
}

/// A position in the bytes of a head.
private struct PlainRequestReader {
    private let end: Int
    private(set) var index = 0

    init(end: Int) {
        self.end = end
    }

    mutating func read(_ bytes: Span<UInt8>, maximumFields: Int) -> PlainRequest? {
        guard self.skip("GET ", bytes), let uri = self.target(bytes), self.skip(" HTTP/1.1\r\n", bytes) else { return nil }
        var fields: [(String, String)] = []
        fields.reserveCapacity(16)
        var (asksForUpgrade, handshake) = (false, HandshakeFields())
        while !self.skip("\r\n", bytes) {
            guard fields.count < maximumFields, let name = self.name(bytes), let value = self.value(bytes) else { return nil }
            switch name.utf8.count {
            case 6 where HandshakeFields.equal(name, "expect"),
                14 where HandshakeFields.equal(name, "content-length"),
                17 where HandshakeFields.equal(name, "transfer-encoding"):
                return nil
            case 7 where HandshakeFields.equal(name, "upgrade"):
                asksForUpgrade = true
            default:
                break
            }
            fields.append((name, value))
            handshake.add(name, value)
        }
        guard asksForUpgrade else { return nil }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: uri, headers: HTTPHeaders(fields))
        return PlainRequest(head: head, fields: handshake)
    }

    private mutating func skip(_ text: StaticString, _ bytes: Span<UInt8>) -> Bool {
        let (count, expected) = (text.utf8CodeUnitCount, unsafe text.utf8Start)
        guard self.index + count <= self.end else { return false }
        for offset in 0..<count where unsafe bytes[self.index + offset] != expected[offset] { return false }
        self.index += count
        return true
    }

    /// A path with its query, of visible ASCII.
    private mutating func target(_ bytes: Span<UInt8>) -> String? {
        guard self.index < self.end, bytes[self.index] == UInt8(ascii: "/") else { return nil }
        return self.text(bytes) { (0x21...0x7E).contains($0) }
    }

    /// A field's name with its colon, and the space behind it.
    private mutating func name(_ bytes: Span<UInt8>) -> String? {
        guard let name = self.text(bytes, HeaderTokens.isTokenCharacter), self.skip(":", bytes) else { return nil }
        while self.index < self.end, bytes[self.index] == 0x20 { self.index += 1 }
        return name
    }

    /// A field's value of printable ASCII with its end of line; nil for an empty one, and for one that ends with a space.
    private mutating func value(_ bytes: Span<UInt8>) -> String? {
        guard let value = self.text(bytes, { (0x20...0x7E).contains($0) }), self.skip("\r\n", bytes) else { return nil }
        return value.utf8.last == 0x20 ? nil : value
    }

    /// The bytes up to the first that is not part; nil if there are none.
    private mutating func text(_ bytes: Span<UInt8>, _ isPart: (UInt8) -> Bool) -> String? {
        let start = self.index
        var index = start
        while index < self.end, isPart(bytes[index]) { index += 1 }
        self.index = index
        guard self.index > start else { return nil }
        return unsafe bytes.extracting(start..<self.index).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
