public import NIOCore
public import NIOHTTP1
public import WebSocket

/// Decides on handshakes for `/ws` and `/api/v1/ws`: from where, who, and with which subscriptions.
public struct SocketUpgrader: WebSocketUpgrader {
    /// The same socket under both names.
    public static let paths = ["/ws", "/api/v1/ws"]
    private static let subprotocol = "adelante.v1"
    private static let bearerPrefix = "bearer."

    private let hub: RealtimeHub
    private let countsAs: @Sendable (HTTPRequestHead, any Channel) -> String
    private let host: @Sendable (HTTPRequestHead, any Channel) -> String?

    /// - Parameters:
    ///   - hub: where the sockets go
    ///   - countsAs: whom limits by address count as one: the client's address, behind trusted proxies if there are any, or the
    ///     network that is all its own
    ///   - host: the host and port that the client asked, behind trusted proxies likewise
    public init(
        hub: RealtimeHub,
        countsAs: @escaping @Sendable (HTTPRequestHead, any Channel) -> String,
        host: @escaping @Sendable (HTTPRequestHead, any Channel) -> String? = { head, _ in head.headers.first(name: "host") }
    ) {
        self.hub = hub
        self.countsAs = countsAs
        self.host = host
    }

    /// Whether a request is for the socket.
    public func claims(_ head: HTTPRequestHead) -> Bool {
        let path = head.uri[..<(head.uri.utf8.firstIndex(of: UInt8(ascii: "?")) ?? head.uri.endIndex)]
        return Self.paths.contains { $0 == path }
    }

    /// Accepts or refuses; accepts only once who it is and the default subscriptions are known.
    public func upgrade(
        _ request: WebSocketHandshake.Request,
        channel: any Channel
    ) -> EventLoopFuture<WebSocketUpgradeDecision> {
        let head = request.head
        let address = self.countsAs(head, channel)
        if self.hub.isDraining {
            return channel.eventLoop.makeSucceededFuture(
                .refuse(status: .serviceUnavailable, headers: ["retry-after": "1"], reason: "The server is restarting")
            )
        }
        guard self.isAllowed(origin: head.headers.first(name: "origin"), host: { self.host(head, channel) }) else {
            return channel.eventLoop.makeSucceededFuture(
                .refuse(status: .forbidden, headers: [:], reason: "This origin may not open a socket")
            )
        }
        guard self.hub.counts.mayShakeHands(address) else {
            return channel.eventLoop.makeSucceededFuture(
                .refuse(status: .tooManyRequests, headers: ["retry-after": "1"], reason: "Too many handshakes")
            )
        }
        let shard = self.hub.shard(of: channel.eventLoop)
        let session = SocketSession(shard: shard, address: address)
        let offered = request.subprotocols
        let speaksVersion1 = offered.contains(Self.subprotocol)
        let subprotocol = speaksVersion1 ? Self.subprotocol : nil
        let promise = channel.eventLoop.makePromise(of: WebSocketUpgradeDecision.self)
        let bound = NIOLoopBound(session, eventLoop: channel.eventLoop)
        let accept = {
            promise.succeed(
                .accept(
                    subprotocol: subprotocol,
                    headers: [:],
                    configuration: self.hub.settings.webSocket,
                    ready: { connection in
                        bound.value.attach(connection)
                        return bound.value
                    }
                )
            )
        }
        if self.hub.counts.addSocket(from: address) {
            session.admit(token: Self.token(head, offered), withDefaults: !speaksVersion1, accept)
        } else {
            session.turnAway()
            accept()
        }
        channel.closeFuture.assumeIsolated().whenComplete { _ in session.abandon() }
        return promise.futureResult
    }

    /// The first present of: the header, the subprotocol entry, the query; none of them, but other credentials, is as good as a bad
    /// token. It is never logged.
    private static func token(_ head: HTTPRequestHead, _ subprotocols: [String]) -> String? {
        guard let header = head.headers.first(name: "authorization") else { return self.token(ofURI: head.uri, subprotocols) }
        let scheme = "bearer "
        let isBearer = header.utf8.prefix(scheme.utf8.count).elementsEqual(scheme.utf8) { $0 | 0x20 == $1 }
        // Browsers send a password of the site's with every request, also with one that brings its token otherwise.
        guard isBearer else { return self.token(ofURI: head.uri, subprotocols) ?? "" }
        return String(Substring(header.utf8.dropFirst(scheme.utf8.count)))
    }

    private static func token(ofURI uri: String, _ subprotocols: [String]) -> String? {
        if let entry = subprotocols.first(where: { $0.hasPrefix(Self.bearerPrefix) }) {
            return String(Substring(entry.utf8.dropFirst(Self.bearerPrefix.utf8.count)))
        }
        guard let query = uri.split(separator: "?", maxSplits: 1).dropFirst().first else { return nil }
        for pair in query.split(separator: "&") where pair.hasPrefix("token=") {
            // A JWT has no character that a query would escape.
            return String(pair.dropFirst("token=".count))
        }
        return nil
    }

    /// A page of another origin may open a socket only if it is listed, or came from this very host and port.
    private func isAllowed(origin: String?, host: () -> String?) -> Bool {
        guard let origin else { return true }
        let allowed = self.hub.settings.allowedOrigins
        if allowed.contains(origin) || allowed.contains("*") { return true }
        guard let host = host(), let separator = origin.firstRange(of: "://") else { return false }
        let scheme = origin[..<separator.lowerBound]
        func withPort(_ authority: some StringProtocol) -> String {
            let defaultPort = scheme == "https" ? ":443" : ":80"
            let hasPort = authority.last != "]" && authority.split(separator: "]").last?.contains(":") == true
            return hasPort ? authority.lowercased() : authority.lowercased() + defaultPort
        }
        return withPort(origin[separator.upperBound...]) == withPort(host)
    }
}
