import JSON
import ServiceLifecycle
import Synchronization

/// The world, shared by all connections, and whoever waits for something in it.
final class Sandbox: Sendable {
    /// `<number>:<secret>`, the only one that is good here.
    let token: String
    private let world: Mutex<World>
    private let signal = ChangeSignal()

    init(token: String, world: World) {
        self.token = token
        self.world = Mutex(world)
    }

    /// Seconds since 1970, for dates.
    static var now: Double { SystemTime.secondsSince1970() }

    /// The number of the last change.
    var version: Int { self.signal.version }

    /// Looks at the world.
    func read<Result: Sendable>(_ body: (World) -> Result) -> Result {
        self.world.withLock { body($0) }
    }

    /// Changes the world, and tells those who wait.
    func change<Result: Sendable, Failure: Error>(_ body: (inout World) throws(Failure) -> Result) throws(Failure) -> Result {
        let result = self.world.withLock { world -> Swift.Result<Result, Failure> in
            do throws(Failure) {
                return .success(try body(&world))
            } catch {
                return .failure(error)
            }
        }
        self.signal.fire()
        return try result.get()
    }

    /// Looks, and looks again after each change, until there is an answer.
    ///
    /// - Parameter limit: how long; for ever if nil.
    /// - Returns: nil when the time is up, or the sandbox stops.
    func wait<Result: Sendable, Failure: Error>(
        _ limit: Duration?,
        _ look: @Sendable (inout World) throws(Failure) -> Result?
    ) async throws(Failure) -> Result? {
        let deadline = limit.map { ContinuousClock.now + $0 }
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let version = self.signal.version
            let result = self.world.withLock { world -> Swift.Result<Result?, Failure> in
                do throws(Failure) {
                    return .success(try look(&world))
                } catch {
                    return .failure(error)
                }
            }
            if let answer = try result.get() { return answer }
            if let deadline, ContinuousClock.now >= deadline { return nil }
            await cancelWhenGracefulShutdown { await self.signal.wait(after: version, until: deadline) }
        }
        return nil
    }

    /// Waits until a version later than this one, at most `limit`.
    func waitForChange(after version: Int, _ limit: Duration) async {
        await cancelWhenGracefulShutdown {
            await self.signal.wait(after: version, until: ContinuousClock.now + limit)
        }
    }
}
