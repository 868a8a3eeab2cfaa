import NIOCore
import NIOHTTP1

/// A handshake that the upgrader has accepted: what was negotiated, the 101, and who will own the connection.
struct AcceptedHandshake {
    private let configuration: WebSocketConfiguration
    private let deflate: PermessageDeflate?
    private let preface: ByteBuffer
    private let ready: (WebSocketConnection) -> any WebSocketDelegate

    /// - Parameters:
    ///   - request: What the client asked for.
    ///   - subprotocol: As ``WebSocketUpgradeDecision`` has it, like the others.
    init(
        _ request: WebSocketHandshake.Request,
        subprotocol: String?,
        headers: HTTPHeaders,
        configuration: WebSocketConfiguration,
        ready: @escaping (WebSocketConnection) -> any WebSocketDelegate
    ) {
        self.configuration = configuration
        self.deflate = configuration.deflate ? PermessageDeflate.negotiate(request.extensions) : nil
        self.preface = SwitchingProtocols.encode(request, subprotocol: subprotocol, deflate: self.deflate, headers: headers)
        self.ready = ready
    }

    /// The connection, which is to be put into the channel's pipeline before it is opened.
    func connection(
        on channel: any Channel,
        loop: WebSocketLoop,
        sendsDirectly: Bool,
        isLater: Bool
    ) -> WebSocketConnection {
        WebSocketConnection(
            channel: channel,
            loop: loop,
            configuration: self.configuration,
            deflate: self.deflate,
            sendsDirectly: sendsDirectly,
            isLater: isLater
        )
    }

    /// Sends the 101, and hands the connection to its owner.
    ///
    /// - Parameter receiveBufferBytes: The size of the receive buffers that the channel has; nil if that is not known.
    func open(_ connection: WebSocketConnection, receiveBufferBytes: Int? = nil) {
        self.configuration.limitBuffers(of: connection, receiveBufferBytes: receiveBufferBytes)
        connection.open(preface: self.preface, ready: self.ready)
    }
}
