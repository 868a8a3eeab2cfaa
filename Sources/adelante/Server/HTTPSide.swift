import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import REST

/// A connection of ordinary requests, on Hummingbird: it has a task for as long as it lives, which sockets have not.
struct HTTPSide: HTTPChannelHandler {
    typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    /// What a client deserves that breaks its request while the answer is on its way: no second answer.
    private struct BrokenWhileAnswering: Error {}

    private static let idleTimeout = Duration.seconds(75)

    let responder: HTTPChannelHandler.Responder
    private let isSecure: Bool

    /// - Parameters:
    ///   - desk: answers
    ///   - isSecure: whether TLS ends here
    ///   - logger: for what the connection itself has to tell
    init(desk: FrontDesk, isSecure: Bool, logger: Logger) {
        self.isSecure = isSecure
        self.responder = { request, writer, channel in
            let context = APIContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
            var response = try await desk.respond(to: request, context: context)
            response.headers[.date] = HTTPDate.now()
            do {
                try await writer.write(response: response.head, body: response.body)
            } catch is HTTPParserError {
                throw BrokenWhileAnswering()
            }
        }
    }

    /// Adds the handlers behind those that read HTTP.
    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: self.isSecure))
            try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: Self.idleTimeout, logger: logger))
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true)
            )
        }
    }

    func handle(value: Value, logger: Logger) async {
        await self.handleHTTP(asyncChannel: value, logger: logger)
    }
}
