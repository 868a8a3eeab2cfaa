public import Hummingbird
public import Logging
public import NIOCore

/// What belongs to one request on its way through the router.
public struct APIContext: RequestContext {
    /// What the router itself keeps.
    public var coreContext: CoreRequestContextStorage
    /// The connection's other end, without its port.
    let peer: String?
    /// The connection, to tell a client that left from a fault of ours.
    let channel: any Channel
    /// The client's address, behind trusted proxies if there are any.
    var address = "unknown"
    /// Of the request, without its query.
    var path = ""
    /// Ties log lines and answers together.
    var requestID = ""
    /// What `Accept-Language` asks for.
    var acceptedLanguage: Language?
    /// The request's body, if all of it has come.
    let arrived: ByteBuffer?
    /// What came of the request's body.
    var body = IncomingBody.whole(ByteBuffer())

    /// - Parameters:
    ///   - channel: the request's connection
    ///   - peer: its other end's address, without its port
    ///   - arrived: the request's body, if all of it has come
    ///   - logger: for what handlers have to tell
    public init(channel: any Channel, peer: String?, arrived: ByteBuffer?, logger: Logger) {
        self.coreContext = .init(source: ApplicationRequestContextSource(channel: channel, logger: logger))
        self.channel = channel
        self.peer = peer
        self.arrived = arrived
    }

    /// As Hummingbird makes it.
    public init(source: ApplicationRequestContextSource) {
        let peer = source.channel.remoteAddress?.ipAddress
        self.init(channel: source.channel, peer: peer, arrived: nil, logger: source.logger)
    }
}
