import Hub
import NIOCore
import ServiceLifecycle

/// The last service to start and so the first to stop: sockets are told to come back elsewhere before the server goes.
struct Drainer: Service {
    let hub: RealtimeHub
    let window: TimeAmount

    func run() async throws {
        try? await gracefulShutdown()
        self.hub.drain(within: self.window)
    }
}

/// Stands before the server and so stops behind it: no more connections are accepted, and the sockets that are still there
/// have the drain's window.
struct LastSockets: Service {
    let hub: RealtimeHub

    func run() async throws {
        try? await gracefulShutdown()
        await self.hub.drained()
    }
}
