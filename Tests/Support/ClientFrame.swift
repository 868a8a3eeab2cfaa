/// Frames as a client writes them: masked (RFC 6455 section 5.2).
public enum ClientFrame {
    private static let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]

    /// A frame.
    ///
    /// - Parameters:
    ///   - first: FIN, the reserved bits and the opcode
    ///   - payload: as it is before masking
    public static func bytes(_ first: UInt8, _ payload: [UInt8] = []) -> [UInt8] {
        var bytes = [first]
        switch payload.count {
        case ...125:
            bytes.append(0x80 | UInt8(payload.count))
        case ...0xFFFF:
            bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            bytes.append(0x80 | 127)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        bytes += self.key
        bytes += payload.enumerated().map { $0.element ^ self.key[$0.offset % 4] }
        return bytes
    }

    /// A whole text message.
    public static func text(_ text: String) -> [UInt8] { self.bytes(0x81, Array(text.utf8)) }

    /// A whole binary message.
    public static func binary(_ payload: [UInt8]) -> [UInt8] { self.bytes(0x82, payload) }

    /// The answer to a ping.
    public static func pong(_ payload: [UInt8]) -> [UInt8] { self.bytes(0x8A, payload) }

    /// The closing handshake.
    public static func close(_ code: UInt16? = nil) -> [UInt8] {
        self.bytes(0x88, code.map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } ?? [])
    }
}

/// Frames as a server writes them, read off a stream of bytes: unmasked.
struct ServerFrames {
    /// One frame.
    struct Frame {
        var first: UInt8
        var payload: [UInt8]

        var opcode: UInt8 { self.first & 0x0F }
    }

    private var bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func append(_ more: [UInt8]) {
        if self.position > 0 {
            self.bytes.removeFirst(self.position)
            self.position = 0
        }
        self.bytes += more
    }

    /// The next complete frame, if all of it is there.
    mutating func next() throws -> Frame? {
        let left = self.bytes[self.position...]
        guard left.count >= 2 else { return nil }
        let start = left.startIndex
        guard left[start + 1] & 0x80 == 0 else { throw Unexpected("a server's frame is masked") }
        var length = Int(left[start + 1])
        var header = 2
        if length == 126 || length == 127 {
            let size = length == 126 ? 2 : 8
            guard left.count >= 2 + size else { return nil }
            length = left[(start + 2)..<(start + 2 + size)].reduce(0) { $0 << 8 | Int($1) }
            header += size
        }
        guard left.count >= header + length else { return nil }
        let payload = Array(left[(start + header)..<(start + header + length)])
        self.position = start + header + length
        return Frame(first: left[start], payload: payload)
    }
}
