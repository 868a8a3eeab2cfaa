public import ServiceLifecycle

/// Carries out what sockets ask for: each socket's jobs one after the other, in their order, and those of several beside each
/// other. There is a task for each lane and none for a socket.
public final class DeskLanes: Service {
    /// A piece of work, bounded by the deadlines of what it asks.
    public typealias Job = @Sendable () async -> Void

    private static let count = 16

    private let lanes = (0..<DeskLanes.count).map { _ in AsyncStream.makeStream(of: Job.self, bufferingPolicy: .unbounded) }

    /// Does nothing until ``run()``.
    public init() {}

    /// Adds a job behind the earlier ones of the same socket.
    ///
    /// - Parameter connection: the socket's id
    public func add(_ connection: String, _ job: @escaping Job) {
        // Not `hashValue`, which may be negative and has a price.
        let lane = connection.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % Self.count
        self.lanes[lane].continuation.yield(job)
    }

    /// Works until graceful shutdown, and finishes what was asked for before: sockets that have just been closed still leave.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                for lane in self.lanes {
                    group.addTask { for await job in lane.stream { await job() } }
                }
                await group.waitForAll()
            }
        } onGracefulShutdown: {
            for lane in self.lanes { lane.continuation.finish() }
        }
    }
}
