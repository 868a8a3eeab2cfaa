/// permessage-deflate as agreed for one connection (RFC 7692 7).
///
/// The server always answers `server_no_context_takeover` and `client_no_context_takeover`: so a compressed frame can be shared
/// by all connections, and no zlib state outlives a message. It never answers `client_max_window_bits`, whether offered or
/// not: it inflates with the largest window, which reads what any smaller one wrote.
public struct PermessageDeflate: Hashable, Sendable {
    /// The extension's name.
    public static let name = "permessage-deflate"

    /// Largest window the server may compress with, 8-15 bits; nil: the client did not limit it, so 15.
    public let serverMaxWindowBits: Int?

    /// The first offer that can be accepted (RFC 7692 5.1), or nil.
    ///
    /// Not acceptable are unknown parameters, repeated ones, values where none belong, missing values and values that are no
    /// number of 8-15 without leading zeros (RFC 7692 7.1).
    public static func negotiate(_ offers: [ExtensionOffer]) -> PermessageDeflate? {
        for offer in offers where offer.name.lowercased() == self.name {
            if let accepted = PermessageDeflate(offer) { return accepted }
        }
        return nil
    }

    /// The value of the response's `Sec-WebSocket-Extensions`.
    public var response: String {
        let base = "\(Self.name); server_no_context_takeover; client_no_context_takeover"
        guard let bits = self.serverMaxWindowBits else { return base }
        return "\(base); server_max_window_bits=\(bits)"
    }

    /// Whether frames that were compressed with a window of 15 bits can be sent.
    public var acceptsFullWindow: Bool { (self.serverMaxWindowBits ?? 15) == 15 }

    private init?(_ offer: ExtensionOffer) {
        var seen: Set<String> = []
        var serverBits: Int?
        for parameter in offer.parameters {
            guard seen.insert(parameter.name).inserted else { return nil }
            switch parameter.name {
            case "server_no_context_takeover", "client_no_context_takeover":
                guard parameter.value == nil else { return nil }
            case "server_max_window_bits":
                guard let value = parameter.value, let bits = Self.windowBits(value) else { return nil }
                serverBits = bits
            case "client_max_window_bits":
                if let value = parameter.value, Self.windowBits(value) == nil { return nil }
            default:
                return nil
            }
        }
        self.serverMaxWindowBits = serverBits
    }

    private static func windowBits(_ value: String) -> Int? {
        switch value {
        case "8": 8
        case "9": 9
        case "10": 10
        case "11": 11
        case "12": 12
        case "13": 13
        case "14": 14
        case "15": 15
        default: nil
        }
    }
}
