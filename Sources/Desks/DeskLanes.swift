public import ServiceLifecycle
import Synchronization

/// Carries out what sockets ask for: each socket's jobs one after the other, in their order, and those of several beside each
/// other. There is a task for each lane and none for a socket.
public final class DeskLanes: Service {
    /// A piece of work, bounded by the deadlines of what it asks.
    public typealias Job = @Sendable () async -> Void

    private static let count = 16
    /// Commands of one socket that may wait: after a reconnect it enters all of its rooms, and holds all of its slots, in one go.
    private static let maximumWaiting = 16

    private let lanes = (0..<DeskLanes.count).map { _ in AsyncStream.makeStream(of: Job.self, bufferingPolicy: .unbounded) }

    private let waiting = Mutex<[String: Int]>([:])

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

    /// As ``add(_:_:)``, for what a socket asks for: of that, only so much waits.
    ///
    /// - Parameters:
    ///   - connection: the socket's id
    ///   - make: the job; called at once if there is room for it, and else not
    /// - Returns: whether there was
    public func offer(_ connection: String, making make: () -> Job) -> Bool {
        let hasRoom = self.waiting.withLock { waiting in
            guard waiting[connection, default: 0] < Self.maximumWaiting else { return false }
            waiting[connection, default: 0] += 1
            return true
        }
        guard hasRoom else { return false }
        let job = make()
        self.add(connection) {
            await job()
            self.waiting.withLock { waiting in
                let left = waiting[connection, default: 0] - 1
                waiting[connection] = left > 0 ? left : nil
            }
        }
        return true
    }

    /// As ``offer(_:making:)``.
    public func offer(_ connection: String, _ job: @escaping Job) -> Bool {
        self.offer(connection, making: { job })
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
