import NIOCore
import WebSocket

/// Reads an input as instructions and writes them as frames of a client. Random bytes are hardly ever masked frames that
/// make sense together; random instructions are.
///
/// An instruction's first byte, from its lowest bit: 3 bits what (``What``), 1 no FIN, 1 RSV1, 2 how the payload comes
/// (``Payload``), 1 not masked. A length byte and the payload's bytes follow.
struct FrameScript {
    /// What is sent; `raw` is bytes without a frame around them, `closing` is the moment when our side starts to close.
    private enum What: UInt8 { case continuation, text, binary, close, ping, pong, raw, closing }

    /// The bytes themselves; four bytes, repeated; the bytes, compressed; the bytes, with their length in its longest form.
    private enum Payload: UInt8 { case literal, repeated, deflated, longLength }

    private static let longest = 70_000

    private(set) var wire: [UInt8] = []
    /// Behind how many bytes of the wire our side starts to close.
    private(set) var closesAt: Int?

    init(_ input: inout FuzzInput) {
        while !input.isEmpty, self.wire.count < Self.longest { self.instruction(&input) }
    }

    private mutating func instruction(_ input: inout FuzzInput) {
        let head = input.byte()
        guard let what = What(rawValue: head & 7), let kind = Payload(rawValue: head >> 5 & 3) else { return }
        guard what != .closing else {
            if self.closesAt == nil { self.closesAt = self.wire.count }
            return
        }
        let payload = Self.payload(kind, length: Self.length(input.byte()), &input)
        guard let opcode = Self.opcode(what) else {
            self.wire += payload
            return
        }
        self.wire.append(opcode.rawValue | (head & 0x08 == 0 ? 0x80 : 0) | (head & 0x10 == 0 ? 0 : 0x40))
        // A key of zeros for long payloads: going through them byte by byte would be most of a run's time.
        let key: [UInt8] = kind == .repeated ? [0, 0, 0, 0] : [0x37, 0xFA, 0x21, 0x3D]
        self.append(payload, key: head & 0x80 == 0 ? key : nil, inLongForm: kind == .longLength)
    }

    private static func opcode(_ what: What) -> Opcode? {
        switch what {
        case .continuation: .continuation
        case .text: .text
        case .binary: .binary
        case .close: .close
        case .ping: .ping
        case .pong: .pong
        case .raw, .closing: nil
        }
    }

    /// The lengths at which something changes, besides all short ones.
    private static func length(_ byte: UInt8) -> Int {
        byte < 248 ? Int(byte) : [248, 255, 256, 299, 300, 301, 65_535, 65_536][Int(byte) - 248]
    }

    private static func payload(_ kind: Payload, length: Int, _ input: inout FuzzInput) -> [UInt8] {
        switch kind {
        case .literal, .longLength:
            return Array(input.bytes(length))
        case .repeated:
            var payload = Array(input.bytes(min(length, 4)))
            guard !payload.isEmpty else { return [] }
            while payload.count < length { payload += payload.prefix(length - payload.count) }
            return payload
        case .deflated:
            var deflater = Deflater(windowBits: 15)
            guard let deflated = try? deflater.deflate(ByteBuffer(bytes: input.bytes(length))) else { return [] }
            return Array(deflated.readableBytesView)
        }
    }

    private mutating func append(_ payload: [UInt8], key: [UInt8]?, inLongForm: Bool) {
        let mask: UInt8 = key == nil ? 0 : 0x80
        switch payload.count {
        case _ where inLongForm, 65_536...:
            self.wire.append(mask | 127)
            self.wire += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        case 126...:
            self.wire += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            self.wire.append(mask | UInt8(payload.count))
        }
        self.wire += key ?? []
        if let key, key[0] != 0 {
            self.wire += payload.indices.map { payload[$0] ^ key[$0 & 3] }
        } else {
            self.wire += payload
        }
    }
}
