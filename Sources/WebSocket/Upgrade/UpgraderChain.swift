public import NIOCore
public import NIOHTTP1

/// Several endpoints on one listener: the first that claims a request has it.
public struct UpgraderChain: WebSocketUpgrader {
    private let upgraders: [any WebSocketUpgrader]

    /// - Parameter upgraders: In the order in which they are asked.
    public init(_ upgraders: [any WebSocketUpgrader]) {
        self.upgraders = upgraders
    }

    /// Whether one of them does.
    public func claims(_ head: HTTPRequestHead) -> Bool {
        self.upgraders.contains { $0.claims(head) }
    }

    /// The decision of the one that claims the request.
    public func upgrade(
        _ request: WebSocketHandshake.Request,
        channel: any Channel
    ) -> EventLoopFuture<WebSocketUpgradeDecision> {
        guard let upgrader = self.upgraders.first(where: { $0.claims(request.head) }) else {
            preconditionFailure("Only claimed requests are decided")
        }
        return upgrader.upgrade(request, channel: channel)
    }
}
