import NIOCore

/// Frames as a client writes them: masked.
enum ClientFrames {
    static let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]

    static func frame(_ first: UInt8, _ payload: [UInt8] = [], key: [UInt8] = key) -> [UInt8] {
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
        bytes += key
        bytes += payload.enumerated().map { $0.element ^ key[$0.offset % 4] }
        return bytes
    }

    static func text(_ string: String, final: Bool = true) -> [UInt8] {
        self.frame(final ? 0x81 : 0x01, Array(string.utf8))
    }

    static func more(_ string: String, final: Bool) -> [UInt8] {
        self.frame(final ? 0x80 : 0x00, Array(string.utf8))
    }

    static func ping(_ string: String = "") -> [UInt8] { self.frame(0x89, Array(string.utf8)) }
    static func pong(_ string: String = "") -> [UInt8] { self.frame(0x8A, Array(string.utf8)) }

    static func close(_ code: UInt16? = nil, _ reason: [UInt8] = []) -> [UInt8] {
        self.frame(0x88, (code.map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } ?? []) + reason)
    }
}
