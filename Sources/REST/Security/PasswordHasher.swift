private import NIOPosix
public import ServiceLifecycle
private import Synchronization

/// Hashes and checks passwords with bcrypt, on threads of its own and never more at once than they can do soon.
///
/// Compatible with passlib: makes `$2b$`, checks `$2a$`, `$2b$` and `$2y$`. ``run()`` or ``shutdown()`` ends its threads; one of
/// the two must be called.
public final class PasswordHasher: Service {
    /// What can go wrong; a wrong password is none of these.
    public enum Failure: Error, Hashable, Sendable {
        /// Too many are waiting already; answer 503 and let the client come again.
        case overloaded
        /// A password that ``PasswordPolicy`` would refuse for what bcrypt does with it.
        case unhashable
        /// The hasher was shut down.
        case stopped
    }

    private let cost: Int
    private let capacity: Int
    private let pool: NIOThreadPool
    private let inFlight = Mutex(0)

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - cost: binary logarithm of bcrypt's rounds, 4...31; each step doubles the time.
    ///   - threads: how many passwords at once.
    ///   - queue: how many more may wait.
    public init(cost: Int = 12, threads: Int = 2, queue: Int = 64) {
        precondition(BCrypt.costs.contains(cost), "bcrypt knows costs from 4 to 31")
        self.cost = cost
        self.capacity = threads + queue
        self.pool = NIOThreadPool(numberOfThreads: threads)
        self.pool.start()
    }

    /// Waits until the server shuts down, then ends the threads.
    public func run() async throws {
        try? await gracefulShutdown()
        try await self.shutdown()
    }

    /// Ends the threads; what waits for one fails with ``Failure/stopped``.
    public func shutdown() async throws {
        try await self.pool.shutdownGracefully()
    }

    /// A new hash of a password, to be stored.
    ///
    /// - Throws: ``Failure``, or `CancellationError`.
    public func hash(_ password: String) async throws -> String {
        guard PasswordPolicy.isHashable(password) else { throw Failure.unhashable }
        let bytes = Array(password.utf8)
        let cost = self.cost
        guard let hash = try await self.onThread({ BCrypt.hash(bytes, cost: cost) }) else { throw Failure.unhashable }
        return hash
    }

    /// Whether a password belongs to a stored hash.
    ///
    /// Takes as long when there is no hash, or one that is not bcrypt's: so an unknown e-mail address cannot be told from a wrong
    /// password by the time it takes.
    ///
    /// - Parameters:
    ///   - password: what somebody typed.
    ///   - hash: what is stored; nil if there is no such user, or no password.
    /// - Throws: ``Failure/overloaded`` or ``Failure/stopped``, or `CancellationError`.
    public func verify(_ password: String, against hash: String?) async throws -> Bool {
        let cost = self.cost
        let isHashable = PasswordPolicy.isHashable(password)
        let bytes = isHashable ? Array(password.utf8) : []
        return try await self.onThread {
            guard let hash, BCrypt.cost(of: hash) != nil else {
                BCrypt.waste(bytes, cost: cost)
                return false
            }
            return BCrypt.verify(bytes, against: hash) && isHashable
        }
    }

    /// Whether a stored hash should be made anew at the next chance: it is of a lower cost, or of another kind.
    public func needsRehash(_ hash: String) -> Bool {
        BCrypt.cost(of: hash).map { $0 < self.cost } ?? true
    }

    /// How many are being worked on or waiting.
    var admitted: Int { self.inFlight.withLock { $0 } }

    /// Runs blocking work on one of the threads, if there is room.
    func onThread<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async throws -> Result {
        let isAdmitted = self.inFlight.withLock { count in
            guard count < self.capacity else { return false }
            count += 1
            return true
        }
        guard isAdmitted else { throw Failure.overloaded }
        defer { self.inFlight.withLock { $0 -= 1 } }
        do {
            return try await self.pool.runIfActive(work)
        } catch {
            // The work itself throws nothing, so it did not run: the caller gave up, or the pool was stopped.
            try Task.checkCancellation()
            throw Failure.stopped
        }
    }
}
