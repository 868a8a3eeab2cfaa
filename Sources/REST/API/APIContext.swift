public import Hummingbird
import NIOCore

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
    /// Whether the client is on this very machine.
    var isLocal = false
    /// Ties log lines and answers together.
    var requestID = ""
    /// What `Accept-Language` asks for.
    var acceptedLanguage: Language?
    /// What came of the request's body.
    var body = IncomingBody.whole(ByteBuffer())

    /// Made for each request.
    public init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.channel = source.channel
        self.peer = source.channel.remoteAddress?.ipAddress
    }
}
