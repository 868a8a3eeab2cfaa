/// The parts of a `redis://` or `rediss://` URL.
struct RedisURL {
    var isTLS: Bool
    var username: String?
    var password: String?
    var host: String
    var port = 6379
    var database = 0
    var certificateAuthorities: String?

    init(_ url: String) throws(RedisError) {
        var rest = url[...]
        if rest.lowercased().hasPrefix("redis://") {
            self.isTLS = false
            rest = rest.dropFirst("redis://".count)
        } else if rest.lowercased().hasPrefix("rediss://") {
            self.isTLS = true
            rest = rest.dropFirst("rediss://".count)
        } else {
            throw RedisError(.invalidURL, "The URL of Redis begins with redis:// or rediss://")
        }

        let query = Self.cut(&rest, at: "?")
        let path = Self.cut(&rest, at: "/")
        if let at = rest.lastIndex(of: "@") {
            var user = rest[..<at]
            rest = rest[rest.index(after: at)...]
            if let password = Self.cut(&user, at: ":"), !password.isEmpty {
                self.password = try Self.decode(password, "password")
            }
            if !user.isEmpty {
                self.username = try Self.decode(user, "user name")
            }
            guard self.username == nil || self.password != nil else {
                throw RedisError(.invalidURL, "The URL of Redis has a user name but no password")
            }
        }
        (self.host, self.port) = try Self.hostAndPort(rest)

        if let path, !path.isEmpty {
            guard let database = Int(path), (0...Int(Int32.max)).contains(database) else {
                throw RedisError(.invalidURL, "The path of the URL of Redis is a database number, as in /0")
            }
            self.database = database
        }
        for item in (query ?? "").split(separator: "&") {
            guard item.hasPrefix("ca="), self.isTLS else {
                throw RedisError(.invalidURL, "The only option of the URL of Redis is ca=PATH, with rediss://")
            }
            self.certificateAuthorities = try Self.decode(item.dropFirst("ca=".count), "path of ca")
        }
    }

    /// Shortens `text` to what stands before the separator and returns what stands behind it.
    private static func cut(_ text: inout Substring, at separator: Character) -> Substring? {
        guard let index = text.firstIndex(of: separator) else { return nil }
        defer { text = text[..<index] }
        return text[text.index(after: index)...]
    }

    private static func hostAndPort(_ text: Substring) throws(RedisError) -> (String, Int) {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw RedisError(.invalidURL, "The IPv6 address in the URL of Redis has no closing bracket")
            }
            host = text[text.index(after: text.startIndex)..<end]
            let tail = text[text.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else {
                throw RedisError(.invalidURL, "Only a port may follow the IPv6 address in the URL of Redis")
            }
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else {
            port = Self.cut(&host, at: ":")
        }
        guard !host.isEmpty else { throw RedisError(.invalidURL, "The URL of Redis names no host") }
        guard let port else { return (String(host), 6379) }
        guard let number = Int(port), (1...65535).contains(number) else {
            throw RedisError(.invalidURL, "The port in the URL of Redis is not a number from 1 to 65535")
        }
        return (String(host), number)
    }

    /// Percent-decoding (RFC 3986 section 2.1).
    private static func decode(_ text: Substring, _ what: String) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Self.hexDigit), let low = rest.popFirst().flatMap(Self.hexDigit) else {
                throw RedisError(.invalidURL, "The \(what) in the URL of Redis has a % without two hexadecimal digits")
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw RedisError(.invalidURL, "The \(what) in the URL of Redis is not UTF-8")
        }
        return decoded
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
