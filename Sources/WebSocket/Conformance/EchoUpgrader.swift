public import NIOCore
public import NIOHTTP1

/// `/echo`: sends every message back as it came. For conformance suites alone; it is the same engine that all other
/// endpoints have, with limits wide enough for their largest cases.
public struct EchoUpgrader: WebSocketUpgrader {
    /// Where it is.
    public static let path = "/echo"

    private let configuration: WebSocketConfiguration

    /// Text and binary to 16 MiB, in any number of fragments.
    public init() {
        var configuration = WebSocketConfiguration()
        configuration.maxMessageBytes = 16 * 1_024 * 1_024
        configuration.maxFragments = .max
        configuration.messageTimeout = .seconds(120)
        configuration.acceptsBinary = true
        configuration.receiveBufferBytes = 65_536
        configuration.sendBufferBytes = nil
        self.configuration = configuration
    }

    /// The path alone counts: conformance suites add queries of their own.
    public func claims(_ head: HTTPRequestHead) -> Bool {
        head.uri.prefix { $0 != "?" } == Self.path
    }

    /// Takes everybody.
    public func upgrade(
        _ request: WebSocketHandshake.Request,
        channel: any Channel
    ) -> EventLoopFuture<WebSocketUpgradeDecision> {
        let decision = WebSocketUpgradeDecision.accept(
            subprotocol: nil,
            headers: [:],
            configuration: self.configuration,
            ready: { _ in Echo() }
        )
        return channel.eventLoop.makeSucceededFuture(decision)
    }
}

/// The owner of an echoing connection. It holds nothing: while the peer does not read, the connection does not either.
private final class Echo: WebSocketDelegate {
    func connection(_ connection: WebSocketConnection, received text: ByteBuffer) {
        connection.send(text: text)
    }

    func connection(_ connection: WebSocketConnection, receivedBinary binary: ByteBuffer) {
        connection.send(binary: binary)
    }

    func connectionBecameWritable(_ connection: WebSocketConnection) {}

    func connectionClosed(_ connection: WebSocketConnection, code: UInt16) {}
}
