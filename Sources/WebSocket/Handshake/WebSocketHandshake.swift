public import NIOHTTP1

/// The opening handshake (RFC 6455 4.2) as pure values.
public enum WebSocketHandshake {
    /// An HTTP answer instead of an upgrade.
    public struct Refusal: Equatable, Sendable {
        /// 400, 405 or 426.
        public var status: HTTPResponseStatus
        /// Headers that the status demands.
        public var headers: HTTPHeaders
        /// One sentence for people.
        public var reason: String
    }

    /// What a request for an upgrade amounts to.
    public enum Validation: Sendable {
        /// A proper opening handshake.
        case accept(Request)
        /// Not one; answer this.
        case refuse(Refusal)
    }

    /// A valid opening handshake.
    public struct Request: Sendable {
        /// The whole request.
        public let head: HTTPRequestHead
        /// The subprotocols offered, in the client's order of preference.
        public let subprotocols: [String]
        /// The extensions offered, in the client's order of preference.
        public let extensions: [ExtensionOffer]
        /// The value of `Sec-WebSocket-Accept`.
        public let accept: String

        /// Checks a request against RFC 6455 4.2.1.
        public static func validate(_ head: HTTPRequestHead) -> Validation {
            self.validate(head, HandshakeFields(head.headers))
        }

        /// The same, with the fields of its headers.
        static func validate(_ head: HTTPRequestHead, _ fields: HandshakeFields) -> Validation {
            guard head.method == .GET else {
                return .refuse(.init(status: .methodNotAllowed, headers: ["allow": "GET"], reason: "A WebSocket opens with GET"))
            }
            guard head.version.major == 1 && head.version.minor >= 1 else { return .badRequest("HTTP/1.1 is needed") }
            guard fields.asksForUpgrade else { return .upgradeRequired("This is a WebSocket") }
            guard fields.hasConnectionUpgrade else { return .badRequest("Connection: Upgrade is missing") }
            guard fields.version.count > 0 else { return .badRequest("Sec-WebSocket-Version is missing") }
            guard fields.version == ("13", 1) else { return .upgradeRequired("Version 13 is spoken") }
            guard fields.hosts == 1 else { return .badRequest("Host must be there once") }
            guard !fields.hasBody else { return .badRequest("An opening handshake has no body") }
            guard fields.key.count == 1, SecWebSocketKey.isValid(fields.key.value) else {
                return .badRequest("Sec-WebSocket-Key must be 16 bytes in base64")
            }
            guard let subprotocols = HeaderTokens.list(fields.subprotocols) else {
                return .badRequest("Sec-WebSocket-Protocol is malformed")
            }
            guard let extensions = try? ExtensionOffer.parse(fields.extensions) else {
                return .badRequest("Sec-WebSocket-Extensions is malformed")
            }
            let request = Request(
                head: head,
                subprotocols: subprotocols,
                extensions: extensions,
                accept: SecWebSocketKey.accept(for: fields.key.value)
            )
            return .accept(request)
        }
    }

    /// Whether the request names `websocket` as a protocol to upgrade to, rightly or wrongly.
    public static func asksForUpgrade(_ head: HTTPRequestHead) -> Bool {
        head.headers.contains { name, value in
            HandshakeFields.equal(name, "upgrade") && HandshakeFields.list(value, contains: "websocket")
        }
    }
}

extension WebSocketHandshake.Validation {
    static func badRequest(_ reason: String) -> Self {
        .refuse(.init(status: .badRequest, headers: [:], reason: reason))
    }

    /// RFC 6455 4.4: tells the version that is spoken.
    static func upgradeRequired(_ reason: String) -> Self {
        let headers: HTTPHeaders = ["upgrade": "websocket", "sec-websocket-version": "13"]
        return .refuse(.init(status: .upgradeRequired, headers: headers, reason: reason))
    }
}
