import NIOHTTP1

/// The header fields of an opening handshake (RFC 6455 4.2.1), gathered in one pass.
struct HandshakeFields {
    /// `Upgrade` names `websocket`.
    private(set) var asksForUpgrade = false
    /// `Connection` names `upgrade`.
    private(set) var hasConnectionUpgrade = false
    /// How many `Host` there are.
    private(set) var hosts = 0
    /// A `Transfer-Encoding`, or a `Content-Length` other than 0.
    private(set) var hasBody = false
    /// The values of `Sec-WebSocket-Version`, one a line.
    private(set) var versions: [String] = []
    /// The values of `Sec-WebSocket-Key`, one a line.
    private(set) var keys: [String] = []
    /// `Sec-WebSocket-Protocol`, its lines joined.
    private(set) var subprotocols = ""
    /// `Sec-WebSocket-Extensions`, its lines joined.
    private(set) var extensions = ""

    init(_ headers: HTTPHeaders) {
        for (name, value) in headers {
            // The length alone tells most of them apart.
            switch name.utf8.count {
            case 4 where Self.equal(name, "host"):
                self.hosts += 1
            case 7 where Self.equal(name, "upgrade"):
                self.asksForUpgrade = self.asksForUpgrade || Self.list(value, contains: "websocket")
            case 10 where Self.equal(name, "connection"):
                self.hasConnectionUpgrade = self.hasConnectionUpgrade || Self.list(value, contains: "upgrade")
            case 14 where Self.equal(name, "content-length"):
                self.hasBody = self.hasBody || value != "0"
            case 17 where Self.equal(name, "transfer-encoding"):
                self.hasBody = true
            case 17 where Self.equal(name, "sec-websocket-key"):
                self.keys.append(value)
            case 21 where Self.equal(name, "sec-websocket-version"):
                self.versions.append(value)
            case 22 where Self.equal(name, "sec-websocket-protocol"):
                self.subprotocols = Self.joined(self.subprotocols, value)
            case 24 where Self.equal(name, "sec-websocket-extensions"):
                self.extensions = Self.joined(self.extensions, value)
            default:
                break
            }
        }
    }

    private static func joined(_ lines: String, _ line: String) -> String {
        lines.isEmpty ? line : lines + "," + line
    }

    /// Whether two names or tokens are the same but for the case of ASCII letters.
    static func equal(_ left: some StringProtocol, _ lowercased: StaticString) -> Bool {
        lowercased.withUTF8Buffer { expected in
            guard left.utf8.count == expected.count else { return false }
            var index = 0
            for byte in left.utf8 {
                let lower = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
                guard unsafe lower == expected[index] else { return false }
                index += 1
            }
            return true
        }
    }

    /// Whether a comma-separated list has an element.
    static func list(_ value: String, contains element: StaticString) -> Bool {
        if self.equal(value, element) { return true }
        return value.utf8.split(separator: UInt8(ascii: ",")).contains { part in
            let start = part.firstIndex { $0 != 0x20 && $0 != 0x09 } ?? part.endIndex
            let end = part.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { part.index(after: $0) } ?? start
            return self.equal(Substring(part[start..<end]), element)
        }
    }
}
