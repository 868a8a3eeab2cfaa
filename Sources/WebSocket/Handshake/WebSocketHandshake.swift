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
            guard head.method == .GET else {
                return .refuse(.init(status: .methodNotAllowed, headers: ["allow": "GET"], reason: "A WebSocket opens with GET"))
            }
            guard head.version.major == 1 && head.version.minor >= 1 else { return .badRequest("HTTP/1.1 is needed") }
            guard WebSocketHandshake.asksForUpgrade(head) else { return .upgradeRequired("This is a WebSocket") }
            guard head.headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" }) else {
                return .badRequest("Connection: Upgrade is missing")
            }
            let versions = head.headers["sec-websocket-version"]
            guard versions.count == 1 else {
                return versions.isEmpty
                    ? .badRequest("Sec-WebSocket-Version is missing") : .upgradeRequired("Version 13 is spoken")
            }
            guard versions[0] == "13" else { return .upgradeRequired("Version 13 is spoken") }
            guard head.headers["host"].count == 1 else { return .badRequest("Host must be there once") }
            guard !head.headers.contains(name: "transfer-encoding"),
                head.headers["content-length"].allSatisfy({ $0 == "0" })
            else { return .badRequest("An opening handshake has no body") }
            let keys = head.headers["sec-websocket-key"]
            guard keys.count == 1, SecWebSocketKey.isValid(keys[0]) else {
                return .badRequest("Sec-WebSocket-Key must be 16 bytes in base64")
            }
            guard let subprotocols = HeaderTokens.list(head.headers["sec-websocket-protocol"].joined(separator: ",")) else {
                return .badRequest("Sec-WebSocket-Protocol is malformed")
            }
            let offered = head.headers["sec-websocket-extensions"].joined(separator: ",")
            guard let extensions = try? ExtensionOffer.parse(offered) else {
                return .badRequest("Sec-WebSocket-Extensions is malformed")
            }
            let request = Request(
                head: head,
                subprotocols: subprotocols,
                extensions: extensions,
                accept: SecWebSocketKey.accept(for: keys[0])
            )
            return .accept(request)
        }
    }

    /// Whether the request names `websocket` as a protocol to upgrade to, rightly or wrongly.
    public static func asksForUpgrade(_ head: HTTPRequestHead) -> Bool {
        head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
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
