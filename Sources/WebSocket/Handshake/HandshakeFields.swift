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
    /// The last `Sec-WebSocket-Version`, and how many there are.
    private(set) var version: (value: String, count: Int) = ("", 0)
    /// The last `Sec-WebSocket-Key`, and how many there are.
    private(set) var key: (value: String, count: Int) = ("", 0)
    /// `Sec-WebSocket-Protocol`, its lines joined.
    private(set) var subprotocols = ""
    /// `Sec-WebSocket-Extensions`, its lines joined.
    private(set) var extensions = ""

    /// None yet.
    init() {}

    /// Those of a request.
    init(_ headers: HTTPHeaders) {
        for (name, value) in headers { self.add(name, value) }
    }

    /// One more.
    mutating func add(_ name: String, _ value: String) {
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
            self.key = (value, self.key.count + 1)
        case 21 where Self.equal(name, "sec-websocket-version"):
            self.version = (value, self.version.count + 1)
        case 22 where Self.equal(name, "sec-websocket-protocol"):
            self.subprotocols = Self.joined(self.subprotocols, value)
        case 24 where Self.equal(name, "sec-websocket-extensions"):
            self.extensions = Self.joined(self.extensions, value)
        default:
            break
        }
    }

    private static func joined(_ lines: String, _ line: String) -> String {
        lines.isEmpty ? line : lines + "," + line
    }

    /// Whether two names or tokens are the same but for the case of ASCII letters.
    static func equal(_ left: String, _ lowercased: StaticString) -> Bool {
        self.equal(left.utf8.span, lowercased)
    }

    private static func equal(_ left: Span<UInt8>, _ lowercased: StaticString) -> Bool {
        let expected = unsafe lowercased.utf8Start
        guard left.count == lowercased.utf8CodeUnitCount else { return false }
        for index in left.indices {
            let byte = left[index]
            let lower = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
            guard unsafe lower == expected[index] else { return false }
        }
        return true
    }

    /// Whether a comma-separated list has an element.
    static func list(_ value: String, contains element: StaticString) -> Bool {
        let bytes = value.utf8.span
        var start = 0
        while start <= bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: ",") { end += 1 }
            var (first, last) = (start, end)
            while first < last, self.isSpace(bytes[first]) { first += 1 }
            while first < last, self.isSpace(bytes[last - 1]) { last -= 1 }
            if self.equal(bytes.extracting(first..<last), element) { return true }
            start = end + 1
        }
        return false
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
