/// One request that goes out.
///
/// Its URL, headers and body may hold secrets (a Telegram bot's token is part of the path), so none of them is in any description of
/// the value.
public struct CurlRequest: Sendable {
    /// How the server is asked.
    public enum Method: String, Sendable {
        /// Without a body.
        case get = "GET"
        /// With a body, which may be empty.
        case post = "POST"
    }

    /// `http://` or `https://`, printable ASCII.
    public var url: String
    /// How the server is asked.
    public var method: Method
    /// More headers, such as `("Content-Type", "application/json")`; no line breaks in them.
    public var headers: [(name: String, value: String)]
    /// Sent with ``Method/post`` alone.
    public var body: [UInt8]
    /// How long it may take until there is a connection, TLS included.
    public var connectTimeout: Duration
    /// How long all of it may take, from the look-up of the name to the answer's last byte.
    public var timeout: Duration
    /// How long the answer's body may be, and how long its headers together.
    public var maxAnswerBytes: Int

    /// A request; see the properties.
    public init(
        _ method: Method,
        _ url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        connectTimeout: Duration = .seconds(10),
        timeout: Duration = .seconds(30),
        maxAnswerBytes: Int = 1 << 20
    ) {
        self.url = url
        self.method = method
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.timeout = timeout
        self.maxAnswerBytes = maxAnswerBytes
    }

    /// - Throws: ``CurlError`` `.invalidRequest` for what could smuggle something in, or leads elsewhere than HTTP.
    func validate() throws(CurlError) {
        let scheme = self.url.prefix(8).lowercased()
        guard scheme.hasPrefix("http://") || scheme.hasPrefix("https://") else {
            throw CurlError(.invalidRequest, "The URL does not begin with http:// or https://")
        }
        guard self.url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw CurlError(.invalidRequest, "The URL has something other than printable ASCII in it")
        }
        for (name, value) in self.headers {
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte), !value.utf8.contains(where: Self.endsLine) else {
                throw CurlError(.invalidRequest, "A header's name or value cannot be sent")
            }
        }
    }

    /// Whether the server is this machine, which is never asked through a proxy.
    var isForLoopback: Bool {
        var authority = self.url.drop { $0 != "/" }.dropFirst(2).prefix { !"/?#".contains($0) }
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        return host.lowercased() == "localhost" || host.hasPrefix("127.") || host == "[::1]"
    }

    /// A `tchar` (RFC 9110 section 5.6.2).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func endsLine(_ byte: UInt8) -> Bool {
        byte == 0 || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n")
    }
}

extension CurlRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The method and the body's size: nothing that may be secret.
    public var description: String { "\(self.method.rawValue), \(self.body.count) bytes" }
    /// As ``description``.
    public var debugDescription: String { self.description }
    /// Shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
