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
